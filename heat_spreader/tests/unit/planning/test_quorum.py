# SPDX-License-Identifier: Apache-2.0
"""Which votes confirm an outage, and how the reason counts them."""

from oslotest import base

from heat_spreader.planning import quorum

# What an observer found: the suspect cairo, and another cloud.
REACHES = {'cairo': True, 'athens': True}
CANNOT = {'cairo': False, 'athens': True}
CUT_OFF = {'cairo': False, 'athens': False}
SILENT = {}


def decide(*found, **near):
    """The verdict about cairo; the engine's findings come first."""
    names = ['engine', 'valencia', 'office', 'lab', 'porto']
    return quorum.decide(
        'cairo',
        [
            quorum.Observer(name, reached, near=near.get(name, ()))
            for name, reached in zip(names, found, strict=False)
        ],
    )


class TestVote(base.BaseTestCase):
    def vote(self, reached, reference=None, near=()):
        observer = quorum.Observer('office', reached, reference, near)
        return observer.vote('cairo').name

    def test_cloud_that_is_not_reached_counts_beside_another_that_is(self):
        self.assertEqual('REACHES', self.vote(REACHES))
        self.assertEqual('CANNOT_REACH', self.vote(CANNOT))
        self.assertEqual('SILENT', self.vote({'athens': True}))
        self.assertEqual('SILENT', self.vote({'cairo': None}))

    def test_observer_that_reaches_nothing_has_no_vote(self):
        self.assertEqual('CUT_OFF', self.vote(CUT_OFF))
        self.assertEqual('CUT_OFF', self.vote({'cairo': False}))
        self.assertEqual('CUT_OFF', self.vote(CUT_OFF, reference=False))

    def test_reference_shows_that_the_network_works(self):
        self.assertEqual('CANNOT_REACH', self.vote(CUT_OFF, reference=True))

    def test_neighbour_does_not_show_that_the_network_works(self):
        self.assertEqual('CUT_OFF', self.vote(CANNOT, near=['athens']))


class TestDecide(base.BaseTestCase):
    def assert_result(self, result, *found, **near):
        self.assertEqual(result, decide(*found, **near).result.name)

    def test_majority_of_all_observers_confirms(self):
        self.assert_result('CONFIRMED', CANNOT, CANNOT, REACHES)
        self.assert_result('CONFIRMED', CUT_OFF, CANNOT, CANNOT)
        self.assert_result('DENIED', CANNOT, REACHES, REACHES)

    def test_silence_does_not_confirm(self):
        self.assert_result('NO_QUORUM', CANNOT, SILENT, SILENT)
        self.assert_result('NO_QUORUM', CANNOT, SILENT)
        self.assert_result('CONFIRMED', CANNOT, CANNOT, SILENT)

    def test_engine_without_a_network_confirms_nothing(self):
        self.assert_result('NO_QUORUM', CUT_OFF, CANNOT, REACHES)

    def test_half_of_an_even_number_is_not_enough(self):
        self.assert_result('NO_QUORUM', CANNOT, CANNOT, REACHES, REACHES)
        self.assert_result('CONFIRMED', CANNOT, CANNOT, CANNOT, REACHES)

    def test_witness_near_the_suspect_does_not_vote(self):
        found = decide(CANNOT, REACHES, CANNOT, valencia=['cairo'])

        self.assertEqual('CONFIRMED', found.result.name)
        self.assertEqual({'engine', 'office'}, set(found.votes))

    def test_engine_alone_decides_as_without_witnesses(self):
        self.assert_result('CONFIRMED', CANNOT, valencia=['cairo'])


class TestReason(base.BaseTestCase):
    def test_reason_counts_the_majority(self):
        self.assertEqual(
            '2 of 3 observers reach it: valencia, office.',
            decide(CANNOT, REACHES, REACHES).reason,
        )
        self.assertEqual(
            '2 of 3 observers cannot reach it: engine, office.',
            decide(CANNOT, REACHES, CANNOT).reason,
        )

    def test_reason_counts_every_vote_where_there_is_no_majority(self):
        self.assertEqual(
            'The observers do not agree, or too few have a vote: 1 of 4 '
            'observers reaches it: valencia; 1 of 4 observers cannot reach '
            'it: office; 1 of 4 observers reaches nothing else either: '
            'engine; 1 of 4 observers gives no answer: lab. 3 of 4 would '
            'have to confirm the outage.',
            decide(CUT_OFF, REACHES, CANNOT, SILENT).reason,
        )
