# SPDX-License-Identifier: Apache-2.0
"""Real faults of real clouds, and what the engine does."""

import yaml

from heat_spreader.tests import process
from heat_spreader.tests.functional.emulator import faults
from heat_spreader.tests.real import base
from heat_spreader.tests.real.testbed import accounts
from heat_spreader.tests.real.testbed import templates

FAILURE_THRESHOLD = 3
# What cloud check shows of an address that begins with http.
REACHED = ('ok', 'ok', 'not used')


class FaultTestCase(base.RealTestCase):
    """Ten in all, in three clouds that have their shares already."""

    counts = (6, 2, 2)

    def setUp(self):
        super().setUp()
        self.athens, self.berlin, self.cairo = self.clouds
        self.addCleanup(self.restore_all)
        self.create('0.6', '0.2', '0.2')

    def restore_all(self):
        self.site.proxy.fault = None
        self.site.write_clouds_yaml()
        for cloud in self.clouds:
            for part in (cloud.keystone, cloud.heat):
                part.resume()
                part.start()
        self.wait_until(
            lambda: set(self.cloud_states().values()) == {'UP'},
            'up again',
        )

    def patches_in_heat(self):
        return [cloud.patches(self.name) for cloud in self.clouds]

    def living(self):
        return [c.group_members(self.name) for c in self.clouds[:2]]

    def sampler(self):
        """Watch the two clouds that survive each fault."""
        return base.Sampler(self.name, self.clouds[:2])

    def check_outage(self, begin, end):
        """Cairo is lost and comes back; 7/3 meanwhile, then 6/2/2."""
        with self.sampler() as sampler:
            begin()
            self.wait_for_status('DEGRADED')
            self.assertEqual('UNREACHABLE', self.member('cairo')['state'])
            self.assertEqual([7, 3], self.living())
            end()
            self.wait_for_status('ACTIVE')
        self.assert_in_heat(6, 2, 2)
        self.assertGreaterEqual(min(sampler.samples), 8)
        self.assertEqual([2, 2, 0], self.patches_in_heat())

    def check_nothing_moves(self, begin, state, end):
        """Something is wrong in cairo, and the others do not change."""
        with self.sampler() as sampler:
            begin()
            self.wait_until(
                lambda: self.member('cairo')['state'] == state, state
            )
            end()
            self.wait_for_status('ACTIVE')
        self.assert_in_heat(6, 2, 2)
        self.assertEqual([0, 0], self.patches_in_heat()[:2])
        self.assertEqual({8}, set(sampler.samples))


class TestOutage(FaultTestCase):
    def test_killed_heat_is_an_outage(self):
        self.check_outage(self.cairo.heat.kill, self.cairo.heat.start)

    def test_suspended_heat_is_an_outage(self):
        self.check_outage(self.cairo.heat.suspend, self.cairo.heat.resume)

    def test_killed_keystone_and_heat_are_an_outage(self):
        def begin():
            self.cairo.keystone.kill()
            self.cairo.heat.kill()

        def end():
            self.cairo.keystone.start()
            self.cairo.heat.start()

        self.check_outage(begin, end)

    def test_suspended_keystone_is_an_outage_without_a_token(self):
        def begin():
            self.cairo.keystone.suspend()
            self.site.restart_engine()

        self.check_outage(begin, self.cairo.keystone.resume)

    def test_suspended_keystone_does_no_harm_while_tokens_are_cached(self):
        """Heat keeps answering, so the stack is not affected."""
        self.cairo.keystone.suspend()
        before = self.cloud_states()['cairo']
        self.set('--count', '11')

        self.assertEqual('UP', before)
        self.assertEqual('ACTIVE', self.show()['status'])
        self.assertEqual('UP', self.cloud_states()['cairo'])
        self.assertEqual(11, sum(self.counts_in_heat()))

    def test_heat_that_answers_503_is_an_outage(self):
        self.check_proxy_outage(faults.answer(503))

    def test_connections_that_are_reset_are_an_outage(self):
        self.check_proxy_outage(faults.RESET)

    def check_proxy_outage(self, fault):
        self.check_outage(
            lambda: setattr(self.site.proxy, 'fault', fault),
            lambda: setattr(self.site.proxy, 'fault', None),
        )

    def test_instances_of_two_lost_clouds_move_to_the_third(self):
        with base.Sampler(self.name, [self.athens]) as sampler:
            self.berlin.heat.kill()
            self.cairo.heat.kill()
            self.wait_for_status('DEGRADED')
            self.wait_until(
                lambda: self.athens.group_members(self.name) == 10,
                'all of it in athens',
            )
            self.berlin.heat.start()
            self.cairo.heat.start()
            self.wait_for_status('ACTIVE')
        self.assert_in_heat(6, 2, 2)
        self.assertGreaterEqual(min(sampler.samples), 6)
        self.assertEqual([0], self.patches_in_heat()[2:])

    def test_nothing_moves_while_all_clouds_are_lost(self):
        for cloud in self.clouds:
            cloud.heat.suspend()
        self.wait_for_status('FROZEN')
        for cloud in self.clouds:
            cloud.heat.resume()
        self.wait_for_status('ACTIVE')

        self.assert_in_heat(6, 2, 2)
        self.assertEqual([0, 0, 0], self.patches_in_heat())


class TestHeld(FaultTestCase):
    def test_nothing_moves_after_a_wrong_password(self):
        def begin():
            self.site.write_clouds_yaml(password='not-this-one')
            self.site.restart_engine()

        self.check_nothing_moves(
            begin, 'UNAUTHORIZED', self.site.write_clouds_yaml
        )

    def test_nothing_moves_while_a_stack_is_suspended(self):
        self.check_nothing_moves(
            lambda: self.cairo.act(self.name, 'suspend'),
            'REJECTED',
            lambda: self.cairo.act(self.name, 'resume'),
        )


class TestMisconfigured(FaultTestCase):
    """Cairo is well, and the engine's entry for it is not."""

    def test_nothing_moves_until_the_entry_is_corrected(self):
        self.check_held(
            'its password is missing or empty',
            ['failed', '-'],
            password='',
        )
        self.check_held(
            'answers, but is no Keystone: 404 Not Found',
            [*REACHED, 'failed', '-'],
            auth_url=f'{self.cairo.auth_url}/wrong',
        )
        # With an address in the entry, the catalog would not be used.
        self.check_held(
            'Correct region_name or interface of the entry',
            [*REACHED, 'ok', 'failed', '-'],
            {'region_name': 'Odd', 'orchestration_endpoint_override': None},
        )

    def check_held(self, reason, steps, entry=None, **auth):
        """Nothing moves in several surveys, and all say what to correct."""

        def begin():
            self.site.write_clouds_yaml(entry=entry, **auth)
            # One that is killed would keep its leases for a while.
            self.spreader.engine.stop()
            self.spreader.engine.launch()

        def end():
            self.wait_for_surveys(2 * FAILURE_THRESHOLD)
            self.assertEqual('MISCONFIGURED', self.cloud_states()['cairo'])
            self.assert_in_heat(6, 2, 2)
            self.assertIn(reason, self.member('cairo')['reason'])
            status, row, output = self.check_cloud('cairo')
            self.assertEqual(1, status)
            self.assertIn(' '.join(steps), ' '.join(row))
            self.assertIn(reason, output)
            self.assertIn(str(self.site.clouds_yaml), output)
            self.site.write_clouds_yaml()

        self.check_nothing_moves(begin, 'MISCONFIGURED', end)

    def wait_for_surveys(self, count):
        """Wait until the last cloud was surveyed that many times."""
        seen = set()

        def surveyed():
            seen.update(
                cloud.checked_at
                for cloud in self.client.clouds()
                if cloud.name == 'cairo'
            )
            return len(seen) > count

        self.wait_until(surveyed, f'surveyed {count} times')

    def check_cloud(self, name, clouds_yaml=None):
        """Run cloud check; return its status, the row and all output."""
        config = self.bed.directory / 'check.conf'
        process.write_config(
            config,
            {'clouds': {'config_files': clouds_yaml or self.site.clouds_yaml}},
        )
        done = process.run(
            process.SCRIPTS / 'heat-spreader-manage',
            *('--config-file', config, 'cloud', 'check', name),
        )
        row = done.stdout.splitlines()[3]
        cells = [cell.strip() for cell in row.split('|')[1:-1]]
        return done.returncode, cells, done.stdout

    def test_cloud_check_shows_whether_the_role_may_update(self):
        owner = self.cairo.clouds_yaml_entry()
        reader = owner | {'auth': accounts.RITA.auth(self.cairo.auth_url)}
        path = self.bed.directory / 'roles.yaml'
        path.write_text(
            yaml.safe_dump({'clouds': {'owner': owner, 'reader': reader}})
        )

        status, row, _ = self.check_cloud('owner', path)
        self.assertEqual(
            (0, ['owner', str(path), *REACHED, *['ok'] * 3, 'allowed']),
            (status, row),
        )
        status, row, output = self.check_cloud('reader', path)
        self.assertEqual(
            (1, ['reader', str(path), *REACHED, *['ok'] * 3, 'failed']),
            (status, row),
        )
        self.assertIn('not authorized to use stacks:update_patch', output)
        self.assert_in_heat(6, 2, 2)
        self.assertEqual(2, self.cairo.patches('heat-spreader-check'))


class TestExternalChanges(FaultTestCase):
    def test_weight_of_a_deleted_stack_is_spread(self):
        with self.sampler() as sampler:
            self.cairo.delete_stack(self.name)
            self.wait_for_status('DEGRADED')
            self.assertEqual('MISSING', self.member('cairo')['state'])
            self.assertEqual([7, 3], self.living())
            self.cairo.create_stack(self.name, 0)
            self.wait_for_status('ACTIVE')
        self.assert_in_heat(6, 2, 2)
        self.assertGreaterEqual(min(sampler.samples), 8)

    def test_manual_change_of_the_count_is_reverted(self):
        with self.sampler() as sampler:
            self.cairo.set_count(self.name, 5)
            self.wait_until(
                lambda: self.patches_in_heat()[2] == 2, 'changed back'
            )
            self.wait_for_status('ACTIVE')
        self.assert_in_heat(6, 2, 2)
        self.assertEqual({8}, set(sampler.samples))


class TestFailedUpdate(base.RealTestCase):
    """Instances cannot be created in cairo."""

    counts = (6, 4, None)

    def test_scale_down_does_not_follow_a_failed_scale_up(self):
        athens, berlin, cairo = self.clouds
        cairo.create_stack(self.name, 0, templates.group('count', fail=True))
        self.create('0.6', '0.4', '0')
        with base.Sampler(self.name, [athens, berlin]) as sampler:
            self.openstack(
                *('stack', 'set', self.name),
                *self.weights('0.4', '0.4', '0.2'),
            )
            self.wait_until(
                lambda: (
                    'cairo has 0 of 2 instances ready'
                    in self.reason('DEGRADED')
                ),
                'failed',
            )
            self.assertEqual(6, athens.count(self.name))
            self.set(*self.weights('0.6', '0.4', '0'))
        self.assert_in_heat(6, 4, 0)
        self.assertEqual({10}, set(sampler.samples))
        self.assertEqual(
            [0, 0], [c.patches(self.name) for c in (athens, berlin)]
        )
