# SPDX-License-Identifier: Apache-2.0
import datetime
import re
import urllib.parse

import fixtures as testing_fixtures
from osc_lib import exceptions

from heat_spreader.osc import clouds
from heat_spreader.tests.unit.osc import base
from heat_spreader.tests.unit.sdk import fixtures

ATHENS = {
    'name': 'athens',
    'state': 'UP',
    'reason': '',
    'since': '2026-11-22T10:00:00Z',
    'checked_at': None,
    'answered_at': '2026-11-22T10:00:00Z',
    'failures': 0,
    'failures_needed': 3,
    'successes': 3,
    'successes_needed': 2,
    'engine_reported_at': '2026-11-22T10:00:00Z',
    'engine_silent': False,
    'stacks': 2,
    'limits': None,
    'admin_state': 'CORDONED',
    'admin_since': '2026-11-22T10:00:00Z',
    'admin_until': None,
    'admin_reason': '',
    'admin_by': 'u1',
    'drill': False,
    'planned': {
        'admin_state': 'DRAINING',
        'from': '2026-12-01T06:00:00Z',
        'until': '2026-12-01T08:00:00Z',
        'reason': 'new switches',
        'by': 'u1',
        'drill': True,
    },
    'declared': 'DOWN',
    'declared_since': '2026-11-22T11:00:00Z',
    'declared_until': None,
    'declared_reason': 'the link is cut',
    'declared_by': 'u2',
    'full_since': '2026-11-22T11:30:00Z',
    'full_until': '2026-11-22T11:35:00Z',
    'full_reason': 'quota: instances',
}
URL = f'{fixtures.CLOUDS}/athens'
NOW = datetime.datetime(2026, 12, 1, 6, tzinfo=datetime.UTC)


class TestClouds(base.CommandTestCase):
    def setUp(self):
        super().setUp()
        self.requests.get(fixtures.CLOUDS, json={'clouds': [ATHENS]})

    def test_lists_the_health_of_each(self):
        (row,) = self.take(clouds.ListCloud)

        self.assertEqual(('athens', 'UP'), (row['Name'], row['State']))
        self.assertEqual(2, row['Stacks'])

    def test_reason_in_the_list_is_short_and_has_no_address(self):
        reason = (
            "The cloud 'athens' cannot be reached: https://keystone.athens."
            'example.org:5000: [Errno 111] Connection refused. ' + 'Why? ' * 20
        )
        self.requests.get(
            fixtures.CLOUDS, json={'clouds': [ATHENS | {'reason': reason}]}
        )

        (row,) = self.take(clouds.ListCloud)
        self.assertEqual(
            'cannot be reached: [Errno 111] Connection refused. Why? ...',
            row['Reason'],
        )
        (row,) = self.take(clouds.ListCloud, '--long')
        self.assertEqual(reason, row['Reason'])

    def test_lists_what_is_ordered_and_declared(self):
        (row,) = self.take(clouds.ListCloud, '--long')

        self.assertEqual(
            ('CORDONED', 'DOWN', '2026-11-22T11:00:00Z', 'u2'),
            (
                row['Admin State'],
                row['Declared'],
                row['Declared Since'],
                row['Declared By'],
            ),
        )

    def test_shows_what_is_planned_in_a_line(self):
        planned = self.take(clouds.ShowCloud, 'athens')['planned']

        self.assertEqual(
            'DRAINING from 2026-12-01T06:00:00Z until 2026-12-01T08:00:00Z, '
            'a drill, by u1: new switches',
            planned.human_readable(),
        )
        self.assertEqual(ATHENS['planned'], planned.machine_readable())

    def test_shows_one(self):
        shown = self.take(clouds.ShowCloud, 'athens')

        self.assertEqual(ATHENS.keys(), shown.keys())
        self.assertIsNone(shown['checked_at'].machine_readable())

    def test_unknown_cloud_is_reported(self):
        self.assertRaisesRegex(
            exceptions.CommandError,
            "There is no cloud 'sparta'",
            self.run_command,
            clouds.ShowCloud,
            'sparta',
        )


class TestOrders(base.CommandTestCase):
    def setUp(self):
        super().setUp()
        self.requests.patch(URL, json=ATHENS)
        self.useFixture(
            testing_fixtures.MonkeyPatch(
                'heat_spreader.osc.orders._now', lambda: NOW
            )
        )

    def order(self, *words, command=clouds.SetCloud):
        """The request that a command sends."""
        self.run_command(command, 'athens', *words)
        self.assertEqual('PATCH', self.service.last.method)
        return self.service.last.json()

    def test_each_order_is_one_change(self):
        for words, body in (
            (('--cordon',), {'admin_state': 'CORDONED'}),
            (('--drain',), {'admin_state': 'DRAINING'}),
            (('--enable',), {'admin_state': 'ENABLED'}),
            (('--declare=up',), {'declared': 'UP'}),
            (
                ('--drain', '--force'),
                {'admin_state': 'DRAINING', 'force': True},
            ),
            (
                ('--declare=down', '--for=1h30m', '--reason=the link is cut'),
                {
                    'declared': 'DOWN',
                    'until': '2026-12-01T07:30:00Z',
                    'reason': 'the link is cut',
                },
            ),
            (
                ('--cordon', '--until=2026-12-02T00:00+01:00'),
                {'admin_state': 'CORDONED', 'until': '2026-12-01T23:00:00Z'},
            ),
            (
                ('--drain', '--drill', '--from=2026-12-02T06:00Z', '--for=4h'),
                {
                    'admin_state': 'DRAINING',
                    'drill': True,
                    'from': '2026-12-02T06:00:00Z',
                    'until': '2026-12-02T10:00:00Z',
                },
            ),
        ):
            self.assertEqual(body, self.order(*words))

    def test_what_is_declared_or_planned_is_unset(self):
        for option, body in (
            ('--declare', {'declared': None}),
            ('--planned', {'planned': None}),
        ):
            self.assertEqual(
                body, self.order(option, command=clouds.UnsetCloud)
            )

    def test_exactly_one_change_is_needed(self):
        for command, words in (
            (clouds.SetCloud, ()),
            (clouds.SetCloud, ('--cordon', '--drain')),
            (clouds.SetCloud, ('--enable', '--declare=up')),
            (clouds.UnsetCloud, ()),
            (clouds.UnsetCloud, ('--declare', '--planned')),
        ):
            self.refused(command, 'athens', *words)

    def test_one_end_is_enough(self):
        refusal = self.refused(
            *(clouds.SetCloud, 'athens', '--cordon', '--for=4h'),
            '--until=2999-01-01T00:00Z',
        )

        self.assertIn('--until: not allowed with argument --for', refusal)

    def test_only_a_drain_that_begins_now_is_waited_for(self):
        for words in (
            ('--cordon',),
            ('--declare=down',),
            ('--drain', '--from=2026-12-02T06:00Z'),
        ):
            self.assertRaisesRegex(
                exceptions.CommandError,
                '--wait is only for a --drain that begins now',
                self.run_command,
                *(clouds.SetCloud, 'athens', *words, '--wait'),
            )
        self.assertNotIn(
            'PATCH', [each.method for each in self.requests.request_history]
        )

    def test_a_name_is_quoted(self):
        for name in ('a/b', 'a?b#c', '%2e%2e', 'délai'):
            quoted = urllib.parse.quote(name, '')
            url = f'{fixtures.CLOUDS}/{quoted}'
            self.requests.patch(url, json={**ATHENS, 'name': name})

            self.run_command(clouds.SetCloud, name, '--enable')

            self.assertEqual(url.lower(), self.service.last.url.lower())

    def test_a_name_that_leads_elsewhere_is_refused(self):
        for name in ('.', '..', ''):
            self.assertRaisesRegex(
                exceptions.CommandError,
                'cannot be the name of a cloud',
                self.run_command,
                *(clouds.SetCloud, name, '--enable'),
            )

    def test_a_refusal_has_the_message_of_the_service(self):
        self.requests.patch(URL, **fixtures.error('No: web 3.', 409))

        self.assertRaisesRegex(
            exceptions.CommandError,
            r'^No: web 3. \(HTTP 409, request req-1\)$',
            self.run_command,
            *(clouds.SetCloud, 'athens', '--drain'),
        )


class TestWaiting(base.CommandTestCase):
    def setUp(self):
        super().setUp()
        self.requests.patch(URL, json={**ATHENS, 'admin_state': 'DRAINING'})
        self.useFixture(fixtures.Clock())

    def drain(self, *steps):
        """Drain, with the state of the cloud and the counts there each time.

        :returns: the exit status or the error, and the lines of progress
        """
        self.requests.get(
            fixtures.CLOUDS,
            [
                {'json': {'clouds': [{**ATHENS, 'admin_state': state}]}}
                for state, _ in steps
            ],
        )
        self.requests.get(
            fixtures.STACKS,
            [
                {'json': {'stacks': [self.stack(*pair) for pair in counts]}}
                for _, counts in steps
            ],
        )
        try:
            result = self.run_command(
                *(clouds.SetCloud, 'athens', '--drain', '--wait'),
                '--timeout=60',
            )
        except exceptions.CommandError as exc:
            result = str(exc)
        # Without the time that has passed.
        text = re.sub(r'(?m) \(\d+s\)$', '', self.app.stderr.getvalue())
        return result, text.splitlines()

    def stack(self, name, count):
        return fixtures.stack(
            name=name,
            members=[
                fixtures.member(count=count),
                fixtures.member('berlin', count=4),
            ],
        )

    def test_shows_what_is_left_by_stack_until_nothing_is(self):
        result, lines = self.drain(
            ('DRAINING', [('web', 6), ('shop', 20)]),
            ('DRAINING', [('web', 6), ('shop', 20)]),
            ('DRAINING', [('web', 2), ('shop', 0)]),
            ('DRAINED', [('web', 0), ('shop', None)]),
        )

        self.assertEqual(0, result)
        self.assertEqual(
            [
                'athens: DRAINING, 26 instances are there: shop 20, web 6',
                'athens: DRAINING, 2 instances are there: web 2',
                'athens: DRAINED, nothing is left there',
            ],
            lines,
        )

    def test_what_cannot_move_is_shown_at_the_end(self):
        result, lines = self.drain(('DRAINED', [('web', 1), ('web', 2)]))

        self.assertEqual(
            (0, ['athens: DRAINED, 3 instances are there: web 3']),
            (result, lines),
        )

    def test_ten_stacks_are_named(self):
        names = [(f's{number:02}', 1) for number in range(12)]

        _, (line,) = self.drain(('DRAINED', names))

        self.assertRegex(line, '12 instances .* s09 1 and 2 more stacks$')

    def test_fails_if_the_drain_is_ended(self):
        result, _ = self.drain(('DRAINING', []), ('ENABLED', []))

        self.assertEqual(
            "The cloud 'athens' is ENABLED: the drain was ended.", result
        )

    def test_gives_up_after_the_timeout(self):
        result, _ = self.drain(('DRAINING', [('web', 6)]))

        self.assertIn("'athens' is not drained after 60 seconds", result)
