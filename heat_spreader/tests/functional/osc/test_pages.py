# SPDX-License-Identifier: Apache-2.0
"""What people see at 80 columns, from real answers of engine and API."""

import datetime
import os
import pathlib
import re

import fixtures as testing_fixtures
import requests
import sqlalchemy as sa

from heat_spreader import context
from heat_spreader.api import app
from heat_spreader.db import clouds
from heat_spreader.db import engines
from heat_spreader.db import models
from heat_spreader.db import session
from heat_spreader.db import stacks
from heat_spreader.tests.functional.emulator import faults
from heat_spreader.tests.functional.engine import base
from heat_spreader.tests.functional.osc import fixtures

FIRST, SECOND, THIRD = base.NAMES
WIDTH = 80
# Where a developer who changes the pages can read them all.
KEPT = os.environ.get('HEAT_SPREADER_PAGES')


class PageTestCase(base.FailoverTestCase):
    """A stack at its shares, and the shell on a terminal of 80 columns."""

    def setUp(self):
        super().setUp()
        engines.register(self.ctx, 'one', 'host', '1')
        application = app.make_app(self.configuration.conf)
        self.url = self.useFixture(fixtures.Http(application)).url
        self.shell = self.useFixture(
            fixtures.Shell('--os-auth-type=none', f'--os-endpoint={self.url}')
        )
        self.useFixture(
            testing_fixtures.EnvironmentVariable('COLUMNS', str(WIDTH))
        )

    def more_options(self):
        return {'api': {'auth_strategy': 'noauth'}}

    def create(self, weights, **wanted):
        self.ctx = context.RequestContext(
            project_id='default', user_id='u', overwrite=False
        )
        return super().create(weights, **wanted)

    def page(self, *words):
        """The output of a command, no line of which is too long."""
        result = self.shell.run('multicloud', *words)
        self.assertEqual((0, ''), (result.status, result.err))
        for line in result.out.splitlines():
            self.assertLessEqual(len(line), WIDTH, result.out)
        if KEPT:
            name = f'{self.id().rpartition(".")[2]}-{"-".join(words)}'
            pathlib.Path(KEPT, name).write_text(result.out)
        return result.out

    def show(self):
        """The page of the stack; no sentence is there twice."""
        out = self.page('stack', 'show', 'web')
        head = ' '.join(out.partition('Last events:')[0].split())
        for sentence in head.split('. '):
            if len(sentence) > len('Nothing.'):
                self.assertEqual(1, head.count(sentence), out)
        self.assertNotRegex(head, 'unreachable since .* cannot be reached')
        self.assertNotRegex(head, 'rejected the update: .* rejected')
        return out, head

    @staticmethod
    def last_events(out):
        """The last events of a page, each as one line."""
        _, _, events = out.partition('Last events:')
        # Each begins with its age.
        return [
            ' '.join(event.split())
            for event in re.split(r'(?m)^ +\d+[smhd]  ', events)[1:]
        ]


class TestPages(PageTestCase):
    def test_all_is_well(self):
        out, head = self.show()

        self.assertIn('web: ACTIVE, 10 of 10 instances are ready.', head)
        self.assertIn('What is wrong: Nothing.', head)
        self.assertIn('Cloud Weight Target Count Ready State Reason', head)
        self.assertIn(f'{FIRST} 0.6 6 6 6 OK', head)
        self.assertIn('Last events:', out)
        listed = self.page('stack', 'list')
        self.assertRegex(listed, r'\| web +\| ACTIVE \| 10/10 ')

    def test_cloud_that_does_not_answer_is_visible_in_its_stacks(self):
        self.lose(THIRD, surveys=2)
        self.engine.reconcile()

        _, head = self.show()

        self.assertIn(
            f'{THIRD} does not answer (2 of 3); at the third its 0.2 goes to '
            f'{FIRST} and {SECOND}.',
            head,
        )
        self.assertIn('OK no answer (2 of 3)', head)
        for words in (('stack', 'list'), ('cloud', 'list')):
            self.assertIn('no answer (2 of 3)', self.page(*words))

    def test_outage_can_be_understood_from_the_page_alone(self):
        before = clouds.get_all(self.ctx)[THIRD]
        self.lose(THIRD)
        self.settle(self.stack_id)

        # A survey that fails is a check, too.
        after = clouds.get_all(self.ctx)[THIRD]
        self.assertGreater(after.checked_at, before.checked_at)
        self.assertEqual(after.answered_at, before.answered_at)
        out, head = self.show()

        for part in (
            # Is it well, what is wrong since when and why, what was done.
            r'web: DEGRADED, 10 of 10 instances are ready\.',
            rf'What is wrong: {THIRD} has been unreachable since .* UTC: '
            r'http.*refused.*\. Its weight 0\.2 is spread over',
            'What is being done: Nothing',
            f'What comes next: When {THIRD} has answered 2 surveys in a row '
            r'\(0 now\), its 0.2 goes back to it\.',
            f'{FIRST} 0.6 -> 0.7 7 7 7 OK',
            rf'{THIRD} 0.2 -> 0 - \(2\) \(2\) UNREACHABLE for',
            rf'\( \): last known, in {THIRD} at \d\d:',
        ):
            self.assertRegex(head, part)
        # The cause, too, is there once.
        self.assertEqual(1, out.count('refused'), out)
        lost, moved = self.last_events(out)[-2:]
        self.assertRegex(lost, f'The cloud {THIRD} went from .* to DOWN.$')
        self.assertRegex(
            moved,
            f'{FIRST}: 6 -> 7, {SECOND}: 2 -> 3 because {THIRD} is DOWN. '
            'web: ACTIVE -> SCALING. web: SCALING -> DEGRADED.$',
        )
        self.assertRegex(
            self.page('stack', 'list'),
            rf'DEGRADED \| 10/10 \| {THIRD} UNREACHABLE for \d+s',
        )
        self.assertIn('DOWN', self.page('cloud', 'list'))
        self.assertRegex(
            self.page('stack', 'weight', 'list', 'web'),
            rf'{THIRD} +\| 0.2 .* - \| +\(2\) \| +\(2\) +\| UNREACHABLE',
        )

    def test_outage_is_at_most_five_events_on_the_page(self):
        self.lose(THIRD)
        self.settle(self.stack_id)
        self.restore(THIRD)
        self.settle(self.stack_id)

        out, head = self.show()

        self.assertIn('web: ACTIVE, 10 of 10 instances are ready.', head)
        self.assertEqual(1, out.count('refused'), out)
        found = self.last_events(out)
        self.assertLessEqual(len(found), 5)
        for event, part in zip(
            found[-4:],
            (
                f'{THIRD} went from SUSPECT to DOWN: it cannot be reached: ',
                f'{FIRST}: 6 -> 7, {SECOND}: 2 -> 3 because {THIRD} is DOWN.',
                f'{THIRD} went from RECOVERING to UP: it was lost for ',
                f'web: SCALING -> ACTIVE. {FIRST} 6, {SECOND} 2, {THIRD} 2.',
            ),
            strict=True,
        ):
            self.assertIn(part, event)

        # The list of all events, at the same width.
        listed = self.page('event', 'list', 'web').splitlines()
        self.assertLess(len(listed), 40)

    def test_events_say_who_changed_what_and_only_what_changed(self):
        for _ in range(2):
            self.page('stack', 'set', 'web', '--count=12', '--failover=none')

        found = self.last_events(self.show()[0])

        self.assertRegex(
            found[-1],
            r'^Changed by (the user \S+|a user): count 10 -> 12, failover '
            r'even -> none\.$',
        )
        self.assertEqual(1, sum('Changed by' in event for event in found))

    def test_cloud_that_rejects_the_engine_is_held_at_what_was_known(self):
        self.clouds[THIRD].fault = faults.answer(401)
        self.engine.survey(THIRD)
        self.settle(self.stack_id)

        _, head = self.show()

        self.assertRegex(
            head, rf'{THIRD} 0.2 - \(2\) \(2\) UNAUTHORIZED held at 2'
        )
        self.assertRegex(head, rf'\( \): last known, in {THIRD} at \d\d:')
        for words in (('stack', 'list'), ('stack', 'list', '--all-projects')):
            self.assertRegex(
                self.page(*words),
                rf'web +\| DEGRADED \| 10/10 \| {THIRD} UNAUTHORIZED held',
            )

    def test_scaling_shows_what_is_being_done(self):
        stacks.update(self.ctx, self.stack_id, {'count': 20})
        self.engine.reconcile()

        _, head = self.show()

        self.assertIn('web: SCALING, 10 of 20 instances are ready.', head)
        self.assertRegex(head, f'What is being done: .*{FIRST}: 6 -> 12.')

    def test_member_that_heat_rejects_is_held(self):
        refusal = faults.heat_error(400, 'StackValidationFailed', 'No more.')
        self.clouds[FIRST].heat.fault = refusal.only(method='PATCH')
        stacks.update(self.ctx, self.stack_id, {'count': 20})
        self.engine.reconcile()
        self.settle(self.stack_id)

        _, head = self.show()

        self.assertIn('REJECTED held at 6', head)
        self.assertRegex(head, f'{FIRST} is tried again (in [0-9]+s|now)')

    def test_suspended_stack_is_held(self):
        self.clouds[FIRST].suspend('web')
        self.settle(self.stack_id)

        _, head = self.show()

        self.assertIn('The stack in', head)
        self.assertIn('REJECTED held at 6', head)


class TestSilence(PageTestCase):
    def test_commands_say_that_no_engine_has_reported(self):
        with session.get_engine().begin() as connection:
            connection.execute(
                sa.update(models.Engine).values(
                    heartbeat_at=models.utcnow()
                    - datetime.timedelta(seconds=40)
                )
            )

        for words in (
            ('stack', 'list'),
            ('stack', 'show', 'web'),
            ('cloud', 'list'),
            ('stack', 'list', '-f', 'json'),
        ):
            result = self.shell.run('multicloud', *words)

            self.assertEqual(0, result.status)
            self.assertRegex(
                result.err,
                r'^No engine has reported since [0-9:]{8} UTC \(4\ds ago\): ',
            )
            self.assertEqual(1, len(result.err.splitlines()))

        health = requests.get(f'{self.url}/healthcheck').json()
        self.assertRegex(
            ' '.join(health['reasons']), 'No engine has reported since .* UTC:'
        )
