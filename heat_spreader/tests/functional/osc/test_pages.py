# SPDX-License-Identifier: Apache-2.0
"""What people see at 80 columns, from real answers of engine and API."""

import datetime
import os
import pathlib

import fixtures as testing_fixtures
import sqlalchemy as sa

from heat_spreader import context
from heat_spreader.api import app
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
        url = self.useFixture(fixtures.Http(application)).url
        self.shell = self.useFixture(
            fixtures.Shell('--os-auth-type=none', f'--os-endpoint={url}')
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

    def test_outage_shows_what_was_last_known_and_what_comes_next(self):
        self.lose(THIRD)
        self.engine.reconcile()
        self.settle(self.stack_id)

        _, head = self.show()

        self.assertIn('web: DEGRADED, 10 of 10 instances are ready.', head)
        self.assertIn(f'What is wrong: {THIRD} has been unreachable', head)
        self.assertRegex(head, rf'{THIRD} 0.2 -> 0 - \(2\) \(2\) UNREACHABLE')
        self.assertRegex(head, rf'\( \): last known, in {THIRD} at \d\d:')
        self.assertIn(
            f'When {THIRD} has answered 2 surveys in a row (0 now), its 0.2 '
            'goes back to it.',
            head,
        )
        self.assertRegex(
            self.page('stack', 'list'),
            rf'DEGRADED \| 10/10 \| {THIRD} UNREACHABLE for \d+s',
        )
        self.assertIn('DOWN', self.page('cloud', 'list'))

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
