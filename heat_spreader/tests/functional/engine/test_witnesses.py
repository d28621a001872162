# SPDX-License-Identifier: Apache-2.0
"""Witnesses confirm or deny what the engine takes for an outage."""

from concurrent import futures

import fixtures

from heat_spreader.db import clouds as clouds_db
from heat_spreader.db import events as events_db
from heat_spreader.db import witnesses as witnesses_db
from heat_spreader.tests import process
from heat_spreader.tests.functional.emulator import exporter
from heat_spreader.tests.functional.emulator import faults
from heat_spreader.tests.functional.engine import base

WITNESSES = ('lab', 'office', 'valencia')
FIRST, SECOND, THIRD = base.NAMES


class WitnessTestCase(base.FailoverTestCase):
    """Three witnesses; the engine's own link to cairo can be cut."""

    witnesses = WITNESSES
    options = {}
    probe_timeout = 2.0

    def setUp(self):
        self.exporters = {}
        for name in self.witnesses:
            self.exporters[name] = each = exporter.EmulatedExporter(name)
            self.addCleanup(each.stop)
            each.start()
        self.health = {
            'witnesses': list(self.witnesses),
            'probe_timeout': self.probe_timeout,
        }
        super().setUp()
        self.log = self.useFixture(fixtures.FakeLogger())

    def more_options(self):
        return {
            f'witness_{name}': each.options() | self.options.get(name, {})
            for name, each in self.exporters.items()
        }

    def cut_own_link(self, surveys=3):
        """Cairo answers the witnesses, and not the engine."""
        cairo = self.clouds[THIRD]
        # Heat without a token is what only the witnesses ask for.
        cairo.heat.fault = faults.answer(503).only(path='/v1/')
        self.survey(surveys)

    def survey(self, surveys=1):
        for _ in range(surveys):
            self.engine.survey(THIRD)

    def state(self):
        return self.cloud_states()[THIRD]

    def reason(self):
        return clouds_db.get_all(self.ctx)[THIRD].reason

    def answers(self):
        return {
            row.witness: row
            for row in witnesses_db.get_all(self.ctx)
            if row.cloud == THIRD
        }

    def votes(self):
        return {name: row.vote for name, row in self.answers().items()}

    def events_of_cairo(self):
        events = events_db.get_of_stack(self.ctx, self.stack(self.stack_id))
        return [event for event in events if event.cloud == THIRD]


class TestVotes(WitnessTestCase):
    def test_outage_that_the_witnesses_deny_moves_nothing(self):
        self.cut_own_link()

        self.assertEqual('UNSEEN', self.state())
        self.assertIn(
            '3 of 4 observers reach it: lab, office, valencia.', self.reason()
        )
        self.assertEqual((6, 2, 2), self.settled())
        stack = self.stack(self.stack_id)
        self.assertEqual('DEGRADED', stack.status)
        member = self.member(self.stack_id, THIRD)
        self.assertEqual(('UNSEEN', 2), (member.state, member.target))
        self.assertIn('3 of 4 observers reach it', stack.status_reason)

    def test_outage_that_the_witnesses_confirm_moves_the_weight(self):
        self.lose(THIRD)

        self.assertEqual('DOWN', self.state())
        self.assertEqual((7, 3, 2), self.settled())
        self.assertEqual({*self.votes().values()}, {'CANNOT_REACH'})

    def test_event_of_a_vote_has_every_vote_and_comes_once(self):
        self.cut_own_link(surveys=5)

        (event,) = (
            event
            for event in self.events_of_cairo()
            if 'to UNSEEN' in event.message
        )
        self.assertEqual(
            {
                'engine': 'CANNOT_REACH',
                'lab': 'REACHES',
                'office': 'REACHES',
                'valencia': 'REACHES',
            },
            event.details['votes'],
        )

    def test_unseen_cloud_is_down_as_soon_as_the_outage_is_confirmed(self):
        self.cut_own_link()
        self.assertEqual('UNSEEN', self.state())

        self.lose(THIRD, surveys=1)

        self.assertEqual('DOWN', self.state())

    def test_unseen_cloud_that_answers_is_up(self):
        self.cut_own_link()
        self.restore(THIRD, surveys=1)

        self.assertEqual('UP', self.state())
        self.assertEqual((6, 2, 2), self.settled())
        self.assertEqual(0, self.patches())

    def test_witnesses_are_asked_only_when_their_vote_decides(self):
        self.engine.survey()
        self.cut_own_link(surveys=2)
        self.assertEqual([], self.exporters['lab'].requests)

        self.survey()

        urls = {each.keystone.url for each in self.clouds.values()}
        wanted = {f'{url}/v3' for url in urls}
        wanted.add(f'{self.clouds[THIRD].heat.url}/')
        self.assertEqual(wanted, set(self.exporters['lab'].targets()))
        (header,) = {
            request.headers['X-Prometheus-Scrape-Timeout-Seconds']
            for request in self.exporters['lab'].requests
        }
        self.assertEqual('2', header)

    def test_engine_that_reaches_nothing_has_no_vote(self):
        self.cut_own_link(surveys=2)
        for name in (FIRST, SECOND):
            fault = faults.answer(503).only(path='/v1/')
            self.clouds[name].heat.fault = fault
        for each in self.exporters.values():
            each.cut_off(self.clouds[THIRD])
        self.exporters['lab'].cut_off()
        self.survey()

        self.assertEqual('UNSEEN', self.state())
        self.assertIn('reaches nothing else either: engine', self.reason())

    def test_engine_after_a_restart_knows_where_heat_is(self):
        self.cut_own_link()
        for each in self.exporters.values():
            each.requests.clear()
        self.engine = self.start_engine('test:2')
        self.clouds[THIRD].fault = faults.REFUSE
        self.survey()

        self.assertIn(
            f'{self.clouds[THIRD].heat.url}/',
            self.exporters['lab'].targets(),
        )
        self.assertEqual('DOWN', self.state())

    def test_long_stop_of_the_engines_forgets_an_unseen_cloud(self):
        self.cut_own_link()
        self.let_the_surveys_grow_old()
        self.engine = self.start_engine('test:2')
        self.assertEqual('UNKNOWN', self.state())

        self.lose(THIRD, surveys=2)
        self.assertEqual('UNKNOWN', self.state())
        self.survey()
        self.assertEqual('DOWN', self.state())


class TestNear(WitnessTestCase):
    options = {'valencia': {'near': [THIRD]}}

    def test_witness_near_the_cloud_is_not_asked_about_it(self):
        self.cut_own_link()

        self.assertEqual([], self.exporters['valencia'].requests)
        self.assertEqual({'lab', 'office'}, set(self.votes()))
        self.assertIn('2 of 3 observers reach it', self.reason())


class TestReference(WitnessTestCase):
    def test_reference_gives_a_vote_to_an_observer_that_reaches_no_cloud(self):
        for each in self.exporters.values():
            each.cut_off(*self.clouds.values())
        self.cut_own_link()
        self.assertEqual({*self.votes().values()}, {'CUT_OFF'})

        reference = exporter.EmulatedExporter('reference')
        self.addCleanup(reference.stop)
        reference.start()
        heat = self.clouds[FIRST].heat.url
        self.exporters['lab'].cut.discard(heat.removeprefix('http://'))
        self.configuration.override('witness_lab', reference=f'{heat}/')
        self.engine = self.start_engine('test:2')
        self.survey()

        self.assertEqual('CANNOT_REACH', self.votes()['lab'])


class TestFaults(WitnessTestCase):
    """One witness of three has a fault, and the others decide."""

    def check_silent(self, problem):
        """Cairo is up for the others, then down, and one stays silent."""
        self.cut_own_link()
        self.assertEqual('UNSEEN', self.state())
        answer = self.answers()['lab']
        self.assertEqual(('SILENT', None), (answer.vote, answer.answered_at))
        self.assertIn(problem, answer.problem)
        self.assertIn('gives no answer: lab', self.reason())
        self.survey()
        warnings = self.log.output.count('The witness lab is silent about')
        self.assertEqual(1, warnings)

        self.lose(THIRD, surveys=1)

        self.assertEqual('DOWN', self.state())
        self.assertEqual('SILENT', self.votes()['lab'])

    def fail(self, fault):
        self.exporters['lab'].fault = fault

    def test_witness_that_refuses_connections_is_silent(self):
        self.fail(faults.REFUSE)
        self.check_silent('no connection to it can be made')

    def test_witness_that_hangs_is_silent(self):
        self.fail(faults.HANG)
        self.check_silent('does not answer')

    def test_witness_that_sends_a_byte_at_a_time_is_silent(self):
        self.fail(faults.DRIP)
        self.check_silent('does not answer within 2 s')

    def test_unknown_module_is_silence_with_the_words_of_the_exporter(self):
        self.configuration.override('witness_lab', module='other')
        self.engine = self.start_engine()
        self.check_silent('it answers 400: Unknown module "other"')

    def test_answer_that_is_no_metric_is_silence(self):
        self.fail(faults.html(200))
        self.check_silent('not that of a blackbox exporter')

    def test_answer_without_end_is_silence(self):
        self.fail(faults.answer(200, b'# a comment\n' * 100_000))
        self.check_silent('larger than 65536 bytes')

    def test_verdict_that_is_no_verdict_is_silence(self):
        self.fail(faults.answer(200, exporter.metrics('NaN')))
        self.check_silent('not that of a blackbox exporter')

    def test_redirect_is_not_followed(self):
        elsewhere = self.exporters['office'].url
        self.fail(faults.answer(302, Location=f'{elsewhere}/elsewhere'))
        self.check_silent('it answers 302')
        self.assertNotIn(
            '/elsewhere', {r.path for r in self.exporters['office'].requests}
        )

    def test_text_of_a_witness_is_cleaned(self):
        self.fail(faults.answer(500, b'\x1b[31mred\r\nX: ' + b'y' * 9000))
        self.cut_own_link()

        problem = self.answers()['lab'].problem
        self.assertTrue(problem.isprintable(), problem)
        self.assertLess(len(problem), 200)

    def test_witness_that_answers_again_is_reported(self):
        self.fail(faults.REFUSE)
        self.cut_own_link()
        self.fail(None)
        self.survey()

        self.assertIn('The witness lab answers again', self.log.output)
        self.assertIsNotNone(self.answers()['lab'].answered_at)

    def test_lie_causes_no_failover(self):
        self.exporters['lab'].lie = False
        self.cut_own_link(surveys=5)

        self.assertEqual('UNSEEN', self.state())
        self.assertEqual((6, 2, 2), self.settled())

    def test_lie_prevents_no_failover(self):
        self.exporters['lab'].lie = True
        self.lose(THIRD)

        self.assertEqual('DOWN', self.state())


class TestSlow(WitnessTestCase):
    probe_timeout = 600.0

    def test_witnesses_that_hang_delay_no_other_cloud(self):
        self.lose(THIRD, surveys=2)
        witnesses = self.exporters.values()
        for each in witnesses:
            each.fault = faults.HANG
            self.addCleanup(setattr, each, 'fault', None)
        # Keystone and Heat of the cloud, and each other cloud.
        number = len(self.clouds) + 1
        with futures.ThreadPoolExecutor(1) as pool:
            asking = pool.submit(self.survey)
            process.wait_until(
                lambda: all(
                    len(each.requests) == number for each in witnesses
                ),
                lambda: [each.requests for each in witnesses],
            )
            self.engine.survey(FIRST, SECOND)
            self.assertFalse(asking.done())
            for each in witnesses:
                each.fault = None
            asking.result()

        self.assertEqual('UNSEEN', self.state())
        self.assertEqual({*self.votes().values()}, {'SILENT'})


class TestWithout(base.FailoverTestCase):
    def test_engine_decides_alone_without_witnesses(self):
        self.lose(THIRD)

        self.assertEqual('DOWN', self.cloud_states()[THIRD])
        (event,) = (
            event
            for event in self.events_of(self.stack_id, 'CLOUD_STATE')
            if 'to DOWN' in event.message
        )
        self.assertNotIn('votes', event.details)
        self.assertIsNone(clouds_db.get_all(self.ctx)[THIRD].heat_url)
