# SPDX-License-Identifier: Apache-2.0
"""Updates and stacks that real Heat refuses, and what the engine does."""

import yaml

from heat_spreader.tests.real import base
from heat_spreader.tests.real.testbed import accounts
from heat_spreader.tests.real.testbed import templates

# An update of an instance takes long enough to be cancelled.
SLOW = templates.group('count', wait_secs=6)


class RefusalTestCase(base.RealTestCase):
    """Four in all, in three clouds that have their shares already."""

    counts = (2, 1, 1)

    def setUp(self):
        super().setUp()
        self.athens, self.berlin, self.cairo = self.clouds
        self.create('0.5', '0.25', '0.25', count=4)

    def change(self, *words):
        """Change the stack, and do not wait."""
        self.openstack('stack', 'set', self.name, *words)

    def wait_for_state(self, state, *texts):
        """Wait until cairo has a state and a reason with these texts."""

        found = []

        def is_there():
            shown = self.show()
            member = {m['cloud']: m for m in shown['members']}['cairo']
            found[:] = member, shown['status_reason']
            return member['state'] == state and all(
                text in member['reason'] for text in texts
            )

        self.wait_until(is_there, f'{state} {texts}')
        member, status_reason = found
        self.assertIn(member['reason'], status_reason)
        return member

    def events(self, *texts):
        """The messages with all of these texts."""
        stack = self.client.find_stack(self.name)
        return [
            event.message
            for event in self.client.events(stack)
            if all(text in event.message for text in texts)
        ]


class TestUndone(RefusalTestCase):
    """Updates that Heat accepts and does not finish."""

    def test_growth_that_is_rolled_back_is_a_failed_update(self):
        self.change('--no-weight', *self.weights('0.5', '0.5'))
        self.cairo.delete_stack(self.name)
        self.cairo.create_stack(
            self.name, 0, templates.group('count', fail=True), rollback=True
        )
        self.wait_for_status('ACTIVE')
        self.assertEqual((2, 2, 0), self.counts_in_heat())

        self.change(*self.weights('0.5', '0.25', '0.25'))
        member = self.wait_for_state(
            'FAILED',
            'Heat rolled the update of cairo from 0 to 1 back',
            'Test Resource failed',
            'The next attempt is at',
        )
        self.assertEqual(1, self.cairo.patches(self.name))
        self.assertEqual((2, 2, 0), self.counts_in_heat())

        before = self.events('cairo')
        self.wait_until(
            lambda: self.cairo.patches(self.name) == 2, 'tried again'
        )
        self.assertEqual(before, self.events('cairo'))
        self.assertEqual((2, 2), self.counts_in_heat()[:2])
        self.assertEqual('DEGRADED', self.show()['status'])
        self.assertEqual(member['since'], self.member('cairo')['since'])

    def check_cancelled(self, rollback, text):
        self.cairo.delete_stack(self.name)
        self.cairo.create_stack(self.name, 1, SLOW)
        self.wait_for_status('ACTIVE')
        self.change(*self.weights('0.25', '0.25', '0.5'))
        self.wait_until(
            lambda: self.cairo.status(self.name) == 'UPDATE_IN_PROGRESS',
            'growing',
        )
        self.cairo.cancel(self.name, rollback)

        self.wait_for_state('FAILED', text, 'Stack UPDATE cancelled')
        self.assertEqual(2, self.athens.count(self.name))
        self.assertEqual(1, self.cairo.patches(self.name))
        # Without a rollback Heat may finish what has begun.
        self.assertGreaterEqual(sum(self.members_in_heat()), 4)

        # The next attempt is not cancelled.
        self.wait_for_status('ACTIVE')
        self.assert_in_heat(1, 1, 2)
        self.assertEqual(2, self.cairo.patches(self.name))

    def test_cancelled_update_is_a_failed_update(self):
        self.check_cancelled(
            True, 'Heat rolled the update of cairo from 1 to 2 back'
        )

    def test_update_cancelled_without_rollback_is_a_failed_update(self):
        self.check_cancelled(False, 'of 2 instances ready: UPDATE_FAILED')


class TestCredentials(RefusalTestCase):
    """Credentials for cairo that may list stacks and not change them."""

    def use_credentials(self, **auth):
        """Have the engine use these credentials for cairo from now on."""
        self.site.write_clouds_yaml(**auth)
        self.site.restart_engine()

    def check_refused(self, state, answer, *texts):
        """Nothing changes in cairo, and one event says why."""
        texts = (answer, *texts)
        self.change('--count', '8')
        self.wait_for_state(state, *texts)
        self.wait_until(
            lambda: self.cloud_states()['cairo'] == 'UP', 'cairo is up'
        )
        before = self.cairo.patches(self.name)
        self.wait_until(
            lambda: self.cairo.patches(self.name) > before, 'tried again'
        )
        self.wait_for_state(state, *texts)
        self.assertEqual(1, len(self.events('cairo: 1 -> 2', answer)))
        self.assertEqual(1, self.cairo.count(self.name))

    def check_held(self, *texts):
        self.check_refused('UNAUTHORIZED', '403 Forbidden', *texts)
        self.wait_for_status('DEGRADED')
        self.assertEqual(8, sum(self.members_in_heat()))

    def check_goes_on(self):
        self.wait_for_status('ACTIVE')
        self.assert_in_heat(4, 2, 2)

    def exchange_roles(self, taken, given):
        """Take roles in cairo from the user of the engine, give others."""
        with accounts.ADMIN.connect(self.cairo.auth_url) as admin:
            accounts.exchange_roles(admin, accounts.SPREADER, taken, given)

    def test_reader_role_holds_the_member_until_it_may_change_the_stack(self):
        roles, reader = accounts.SPREADER.roles, ('reader',)
        self.addCleanup(self.exchange_roles, (), roles)
        self.exchange_roles(roles, reader)
        # Heat takes the token with the old roles as long as it lasts.
        self.site.restart_engine()
        self.check_held('stacks:update_patch')
        self.exchange_roles(reader, roles)
        self.check_goes_on()

    def test_application_credential_of_another_user_is_held(self):
        """It may not create the trust that Heat needs."""
        self.addCleanup(self.use_credentials)
        with accounts.DEPUTY.connect(self.cairo.auth_url) as deputy:
            made = deputy.identity.create_application_credential(
                deputy.current_user_id, self.name
            )
        self.use_credentials(
            auth_type='v3applicationcredential',
            auth_url=self.cairo.auth_url,
            application_credential_id=made.id,
            application_credential_secret=made.secret,
        )
        self.check_held()
        self.site.write_clouds_yaml()
        self.check_goes_on()

    def test_trust_that_heat_cannot_replace_is_a_failed_update(self):
        """Heat answers 500: its trustee may not delete the old trust."""
        self.addCleanup(self.use_credentials)
        deputy = accounts.DEPUTY
        self.use_credentials(username=deputy.name, password=deputy.password)
        self.check_refused(
            'FAILED',
            '500 Internal Server Error',
            'The update of cairo from 1 to 2 failed',
            'The next attempt is at',
        )
        self.use_credentials()
        self.check_goes_on()


class TestOneMaster(base.RealTestCase):
    """Two stacks, or two cloud entries, for one Heat stack."""

    counts = (2, 1, 1)

    def test_second_stack_for_a_heat_stack_is_refused(self):
        self.create('0.5', '0.25', '0.25', count=4)
        for parameter, user in (('count', 'bob'), ('size', 'alice')):
            refused = self.assertRaises(
                base.CommandFailed,
                self.openstack,
                *('stack', 'create', 'later', '--count=2'),
                *(f'--parameter={parameter}', f'--stack-name={self.name}'),
                '--weight=berlin=1',
                user=user,
            )
            self.assertIn("in the cloud 'berlin' is already", str(refused))
        self.assertEqual([], self.patches())

    def test_two_entries_for_one_heat_project_are_counted_once(self):
        self.addCleanup(self.site.restart_engine)
        self.addCleanup(self.site.write_clouds_yaml)
        entries = yaml.safe_load(self.site.clouds_yaml.read_text())
        entries['clouds']['cairo'] = entries['clouds']['athens']
        self.site.clouds_yaml.write_text(yaml.safe_dump(entries))
        self.site.restart_engine()
        self.create('0.5', '0.25', '0.25', count=4, wait=False)
        self.wait_for_status('DEGRADED')

        twins = {
            cloud: self.member(cloud)['state'] for cloud in ('athens', 'cairo')
        }
        self.assertEqual(['CONFLICT', 'OK'], sorted(twins.values()))
        later = min(twins, key=twins.get)
        self.assertIn(
            'two cloud entries lead to one Heat project',
            self.member(later)['reason'],
        )
        self.assertEqual(4, sum(self.members_in_heat()[:2]))
        self.assertEqual(4, sum(self.counts_in_heat()[:2]))
        self.assertNotIn(later, dict(self.patches()))
