# SPDX-License-Identifier: Apache-2.0
"""Orders for clouds and members, as an administrator types them."""

import re

from heat_spreader import context
from heat_spreader import states
from heat_spreader.db import clouds
from heat_spreader.db import drains
from heat_spreader.db import models
from heat_spreader.db import session
from heat_spreader.planning import facts
from heat_spreader.tests.functional.osc import base
from heat_spreader.tests.unit.sdk import fixtures

WEIGHTS = ('--weight=east=0.6', '--weight=west=0.4')
UNTIL = '2999-12-01T08:00+02:00'


def survey(*names):
    """Leave clouds as a good survey would have left them."""
    with context.for_engine() as ctx:
        for name in names:
            found = facts.Cloud(name, states.CloudState.UP, models.utcnow())
            clouds.save(ctx, found, checked_at=models.utcnow())


@session.writer
def leave(ctx, count):
    """Leave that many instances in the cloud east."""
    for member in ctx.session.query(models.Member).filter_by(cloud='east'):
        member.count = count


class TestClouds(base.ShellTestCase):
    def shown(self, name='east'):
        return self.ask('cloud', 'show', name)

    def test_a_cloud_is_cordoned_and_enabled(self):
        self.run_command(
            *('cloud', 'set', 'east', '--cordon', f'--until={UNTIL}'),
            '--reason=new switches',
        )

        shown = self.shown()
        self.assertEqual(
            ('CORDONED', '2999-12-01T06:00:00Z', 'new switches'),
            tuple(
                shown[f'admin_{name}'] for name in ('state', 'until', 'reason')
            ),
        )
        (row,) = (
            row
            for row in self.ask('cloud', 'list')
            if row['Admin State'] != 'ENABLED'
        )
        self.assertEqual(
            ('east', 'CORDONED', '2999-12-01T06:00:00Z'),
            (row['Name'], row['Admin State'], row['Admin Until']),
        )

        self.run_command('cloud', 'set', 'east', '--enable')
        self.assertEqual('ENABLED', self.shown()['admin_state'])

    def test_a_state_is_declared_and_unset(self):
        self.run_command('cloud', 'set', 'east', '--declare=down', '--for=2h')
        shown = self.shown()
        self.assertEqual('DOWN', shown['declared'])
        self.assertLess(shown['declared_since'], shown['declared_until'])

        self.run_command('cloud', 'unset', 'east', '--declare')
        self.assertIsNone(self.shown()['declared'])

    def test_the_events_of_a_cloud_are_listed(self):
        for words in (('--cordon',), ('--declare=up',), ('--enable',)):
            self.run_command('cloud', 'set', 'east', *words)
        self.run_command('cloud', 'set', 'west', '--cordon')

        events = self.ask('event', 'list', '--cloud=east')

        self.assertEqual(
            [('CLOUD_ADMIN', 'east')] * 3,
            [(event['Kind'], event['Cloud']) for event in events],
        )
        self.assertIn('declared UP', events[1]['Message'])
        self.assertEqual(
            events[2:], self.ask('event', 'list', '--cloud=east', '--limit=1')
        )

    def test_a_drill_is_planned_and_cancelled(self):
        self.run_command(
            *('cloud', 'set', 'east', '--drain', '--drill'),
            *('--from=2999-12-01T06:00Z', '--for=30m'),
        )
        shown = self.shown()
        self.assertEqual('ENABLED', shown['admin_state'])
        self.assertEqual(
            ('DRAINING', '2999-12-01T06:30:00Z', True),
            tuple(
                shown['planned'][name]
                for name in ('admin_state', 'until', 'drill')
            ),
        )

        self.run_command('cloud', 'unset', 'east', '--planned')
        self.assertIsNone(self.shown()['planned'])

    def test_a_drain_is_refused_with_numbers_and_forced(self):
        survey('east', 'west')
        self.create('web', *WEIGHTS, '--max=west=7')

        error = self.fails('cloud', 'set', 'east', '--drain')
        self.assertIn('No other cloud could take 3 instances: web (', error)
        self.assertIn('(HTTP 409, ', error)

        self.run_command('cloud', 'set', 'east', '--drain', '--force')
        self.assertEqual('DRAINING', self.shown()['admin_state'])

    def test_a_drain_is_waited_for(self):
        survey('east', 'west')
        self.create('web', *WEIGHTS)
        steps = [6, 2, 0]

        def engine():
            with context.for_engine() as ctx:
                if steps:
                    leave(ctx, steps.pop(0))
                else:
                    drains.end(ctx, 'east', models.utcnow(), None, 0)

        self.useFixture(fixtures.Clock(engine))

        result = self.shell.run(
            'multicloud', 'cloud', 'set', 'east', '--drain', '--wait'
        )

        self.assertEqual((0, ''), (result.status, result.out))
        self.assertEqual(
            [
                'east: DRAINING, nothing is left there',
                'east: DRAINING, 6 instances are there: web 6',
                'east: DRAINING, 2 instances are there: web 2',
                'east: DRAINING, nothing is left there',
                'east: DRAINED, nothing is left there',
            ],
            # Without the time that has passed.
            re.sub(r'(?m) \(\d+s\)$', '', result.err).splitlines(),
        )

    def test_an_unknown_cloud_is_reported(self):
        for words in (
            ('set', 'the moon', '--cordon'),
            ('unset', 'the moon', '--planned'),
        ):
            self.assertIn(
                "There is no cloud 'the moon'.", self.fails('cloud', *words)
            )

    def test_what_does_not_fit_together_is_reported(self):
        for words, message in (
            (
                ('--drain', '--drill'),
                'A drill must have an end: until.',
            ),
            (
                ('--cordon', '--force'),
                'The body must not include force with the admin_state '
                'CORDONED.',
            ),
            (
                ('--cordon', '--until=2020-01-01T00:00Z'),
                'until must be in the future',
            ),
        ):
            self.assertIn(message, self.fails('cloud', 'set', 'east', *words))
        self.assertEqual('ENABLED', self.shown()['admin_state'])

    def test_a_time_without_a_zone_is_refused_before_anything_is_sent(self):
        result = self.shell.run(
            *('multicloud', 'cloud', 'set', 'east', '--cordon'),
            '--until=2999-12-01T06:00',
        )

        self.assertEqual(2, result.status)
        self.assertIn('has no time zone: add Z for UTC', result.err)


class TestMembers(base.ShellTestCase):
    def member(self):
        return self.ask('stack', 'show', 'web')['members'][0]

    def test_the_member_of_a_stack_is_cordoned_and_enabled(self):
        self.create('web', *WEIGHTS)
        words = ('stack', 'weight', 'set', 'web', 'east')

        self.run_command(*words, '--cordon', f'--until={UNTIL}')
        self.assertEqual(
            ('CORDONED', '2999-12-01T06:00:00Z', 0.6),
            tuple(
                self.member()[name]
                for name in ('admin_state', 'admin_until', 'weight')
            ),
        )
        rows = self.ask('stack', 'weight', 'list', 'web')
        self.assertEqual(
            ['CORDONED', 'ENABLED'], [row['Admin State'] for row in rows]
        )
        self.assertIn(
            'east is CORDONED for this stack until 2999-12-01 06:00 UTC.',
            self.run_command('stack', 'show', 'web'),
        )

        self.run_command(*words, '--enable')
        self.assertEqual('ENABLED', self.member()['admin_state'])

    def test_a_drain_is_refused_with_numbers_and_forced(self):
        survey('east', 'west')
        self.create('web', *WEIGHTS, '--max=west=7')
        words = ('stack', 'weight', 'set', 'web', 'east', '--drain')

        self.assertIn('could take 3 instances: web (', self.fails(*words))
        self.assertEqual('ENABLED', self.member()['admin_state'])

        self.run_command(*words, '--force')
        self.assertEqual('DRAINING', self.member()['admin_state'])
