# SPDX-License-Identifier: Apache-2.0
import json

from osc_lib import exceptions

from heat_spreader.osc import events
from heat_spreader.tests.unit.osc import base
from heat_spreader.tests.unit.sdk import fixtures

STACK_EVENTS = f'{fixtures.STACK}/events'


def event(number, time='10:00:00', **values):
    """An event as the API shows it."""
    return {
        'id': f'e{number}',
        'kind': 'CLOUD_STATE',
        'stack_id': None,
        'stack': None,
        'cloud': None,
        'message': f'It rained {number} times.',
        'details': {},
        'created_at': f'2026-11-22T{time}Z',
        'request_id': 'req-1',
    } | values


class EventTestCase(base.CommandTestCase):
    def answer(self, *listed, url=STACK_EVENTS):
        """Let each request have the next of these answers, newest first."""
        self.requests.get(url, [{'json': {'events': page}} for page in listed])


class TestList(EventTestCase):
    def test_newest_event_is_the_last_line(self):
        self.answer([event(2), event(1)])

        rows = self.take(events.ListEvent, 'web')

        self.assertEqual(
            ['It rained 1 times.', 'It rained 2 times.'],
            [row['Message'] for row in rows],
        )
        self.assertEqual({'Age', 'Message'}, set(rows[0]))

    def test_events_of_the_project_have_the_name_of_the_stack(self):
        self.answer([event(1, stack='web')], url=fixtures.EVENTS)

        (row,) = self.take(events.ListEvent)

        self.assertEqual('web', row['Stack'])

    def test_programs_get_every_field_and_full_times(self):
        self.answer([event(1)])

        for words in (('--long',), ('-f', 'json'), ('-c', 'Request ID')):
            (row,) = self.take(events.ListEvent, 'web', *words)

            self.assertEqual('req-1', row['Request ID'], words)
            self.assertEqual('2026-11-22T10:00:00Z', row['Created At'])
            self.assertIsNone(row['Cloud'].machine_readable())

    def test_filters_are_sent(self):
        self.answer([], url=fixtures.EVENTS)

        self.take(
            events.ListEvent,
            *('--cloud=athens', '--kind=cloud_state', '--limit=3'),
            *('--since=2026-12-01T08:00+02:00', '--all-projects'),
        )

        # requests-mock has them in small letters.
        self.assertEqual(
            {
                'cloud': ['athens'],
                'kind': ['cloud_state'],
                'limit': ['3'],
                'since': ['2026-12-01t06:00:00z'],
                'all_projects': ['true'],
            },
            self.service.last.qs,
        )

    def test_since_may_be_a_duration(self):
        self.answer([])

        self.take(events.ListEvent, 'web', '--since=2h')

        self.assertRegex(self.service.last.qs['since'][0], r'^20\d\d-.*z$')
        self.assertIn(
            'has no time zone',
            self.refused(events.ListEvent, '--since=2026-12-01T08:00'),
        )
        self.assertIn(
            "'2x' is not a time such as 2026-12-01T06:00Z; or give a duration",
            self.refused(events.ListEvent, '--since=2x'),
        )

    def test_all_projects_and_a_stack_are_refused(self):
        self.assertRaisesRegex(
            exceptions.CommandError,
            'not for the events of one stack',
            self.take,
            events.ListEvent,
            *('web', '--all-projects'),
        )


class TestFollow(EventTestCase):
    def setUp(self):
        super().setUp()
        self.clock = self.useFixture(fixtures.Clock())

    def follow(self, *listed, words=()):
        """Follow until all answers were given; return the lines."""
        self.answer(*listed)
        left = iter(listed[1:])

        def meanwhile():
            if next(left, None) is None:
                raise KeyboardInterrupt

        self.clock.meanwhile = meanwhile
        self.assertRaises(
            KeyboardInterrupt,
            self.run_command,
            events.ListEvent,
            *('web', '--follow', *words),
        )
        return self.app.stdout.getvalue().splitlines()

    def test_new_events_are_shown_once_and_newest_last(self):
        lines = self.follow(
            [event(2), event(1)],
            [event(4), event(3), event(2), event(1)],
            [event(4), event(3), event(2), event(1)],
        )

        self.assertEqual(
            [
                f'2026-11-22T10:00:00Z It rained {number} times.'
                for number in (1, 2, 3, 4)
            ],
            lines,
        )

    def test_event_that_appears_late_is_shown(self):
        lines = self.follow(
            [event(3, '10:00:09')],
            [event(3, '10:00:09'), event(2, '10:00:05')],
        )

        self.assertEqual(2, len(lines))
        self.assertIn('It rained 2', lines[-1])
        self.assertEqual(
            ['2026-11-22t09:58:09z'], self.service.last.qs['since']
        )

    def test_what_is_beyond_the_limit_is_not_shown_later(self):
        lines = self.follow(
            [event(3), event(2), event(1)],
            [event(3), event(2), event(1)],
            words=['--limit=1'],
        )

        self.assertEqual(1, len(lines))

    def test_first_event_of_all_is_shown(self):
        self.assertEqual(1, len(self.follow([], [event(1)])))

    def test_json_is_one_object_a_line(self):
        lines = self.follow([event(2), event(1)], words=['-f', 'json'])

        self.assertEqual(
            ['e1', 'e2'], [json.loads(line)['ID'] for line in lines]
        )

    def test_other_formats_are_refused(self):
        self.assertRaisesRegex(
            exceptions.CommandError,
            'one object a line',
            self.run_command,
            events.ListEvent,
            *('web', '--follow', '-f', 'csv'),
        )

    def test_service_that_is_away_for_a_while_is_asked_again(self):
        self.requests.get(
            STACK_EVENTS,
            [
                {'json': {'events': []}},
                fixtures.error('Away.', 503),
                {'json': {'events': [event(1)]}},
            ],
        )
        slept = iter('ab')
        self.clock.meanwhile = lambda: next(slept, None) or self.interrupt()

        self.assertRaises(
            KeyboardInterrupt,
            self.run_command,
            events.ListEvent,
            *('web', '--follow'),
        )
        self.assertIn('It rained 1', self.app.stdout.getvalue())

    def interrupt(self):
        raise KeyboardInterrupt
