# SPDX-License-Identifier: Apache-2.0
"""The contract of the votes: random networks, 10,000 cases a property.

Each suspect is a cloud that the engine does not reach.
"""

import hypothesis
from oslotest import base

from heat_spreader.tests.unit.planning import partitions
from heat_spreader.tests.unit.planning import strategies

SURVEYS = 6


def suspects(network):
    """Each cloud that the engine does not reach, and its voters."""
    for cloud in network.clouds:
        if not network.reaches(partitions.ENGINE, cloud):
            yield cloud, network.voters(cloud)


def those_that_reach(network, suspect, voters):
    return [voter for voter in voters if network.reaches(voter, suspect)]


def healthy(network, suspect, voters):
    """The honest voters whose vote counts and gets to the engine."""
    return [
        voter
        for voter in voters
        if voter not in network.liars and network.can_vote(voter, suspect)
    ]


class TestPartitions(base.BaseTestCase):
    @strategies.CONTRACT
    @hypothesis.given(partitions.networks())
    def test_cloud_that_most_observers_reach_is_not_failed_over(self, network):
        for suspect, voters in suspects(network):
            well = healthy(network, suspect, voters)
            reach = those_that_reach(network, suspect, well)
            if len(reach) > len(well) / 2:
                states = list(network.states(suspect, SURVEYS))

                self.assertNotIn('DOWN', states)

    @strategies.CONTRACT
    @hypothesis.given(partitions.networks())
    def test_cloud_that_none_reaches_is_failed_over_in_time(self, network):
        for suspect, voters in suspects(network):
            well = healthy(network, suspect, voters)
            reach = those_that_reach(network, suspect, voters)
            if not reach and len(well) > len(voters) / 2:
                self.assertEqual(
                    ['SUSPECT', 'SUSPECT', 'DOWN'],
                    list(network.states(suspect, 3)),
                )

    @strategies.CONTRACT
    @hypothesis.given(partitions.networks())
    def test_failover_needs_a_majority_that_reaches_something_else(
        self, network
    ):
        for suspect, voters in suspects(network):
            if 'DOWN' in network.states(suspect, SURVEYS):
                well = healthy(network, suspect, voters)
                blind = set(well) - set(
                    those_that_reach(network, suspect, well)
                )
                self.assertGreater(len(blind), len(voters) / 2)


class TestLies(base.BaseTestCase):
    """One witness is wrong about everything, and the others are honest."""

    @strategies.CONTRACT
    @hypothesis.given(partitions.networks(witnesses=(3, 5), liars=1))
    def test_wrong_witness_causes_no_failover(self, network):
        for suspect, voters in suspects(network):
            if len(voters) < 4:
                continue
            well = healthy(network, suspect, voters)
            reach = those_that_reach(network, suspect, well)
            only_the_engine = set(well) - set(reach) == {partitions.ENGINE}
            if len(reach) > len(well) / 2 or only_the_engine:
                states = list(network.states(suspect, SURVEYS))

                self.assertNotIn('DOWN', states)

    @strategies.CONTRACT
    @hypothesis.given(partitions.networks(witnesses=(2, 5), liars=1))
    def test_wrong_witness_prevents_no_failover(self, network):
        for suspect, voters in suspects(network):
            honest = [v for v in voters if v not in network.liars]
            well = healthy(network, suspect, voters)
            reach = those_that_reach(network, suspect, honest)
            if not reach and well == honest and len(voters) >= 3:
                self.assertEqual('DOWN', [*network.states(suspect, 3)][-1])


class TestNumbers(base.BaseTestCase):
    """Why three witnesses are the smallest number that withstands a lie."""

    def network(self, number, **faults):
        names = tuple(f'witness-{i}' for i in range(number))
        return partitions.Network(('athens', 'cairo'), names, **faults)

    def is_failed_over(self, network):
        return 'DOWN' in network.states('cairo', SURVEYS)

    def test_two_witnesses_withstand_no_lie_while_a_link_is_cut(self):
        faults = {
            'cut': frozenset({('engine', 'cairo')}),
            'liars': {'witness-0': False},
        }

        self.assertTrue(self.is_failed_over(self.network(1, **faults)))
        self.assertTrue(self.is_failed_over(self.network(2, **faults)))
        self.assertFalse(self.is_failed_over(self.network(3, **faults)))

    def test_single_witness_that_lies_prevents_a_failover(self):
        faults = {
            'dead': frozenset({'cairo'}),
            'liars': {'witness-0': True},
        }

        self.assertFalse(self.is_failed_over(self.network(1, **faults)))
        self.assertTrue(self.is_failed_over(self.network(2, **faults)))

    def test_outage_is_confirmed_while_fewer_than_half_are_silent(self):
        for number, silent in ((1, 0), (2, 1), (3, 1), (4, 2), (5, 2)):
            names = [f'witness-{i}' for i in range(silent + 1)]
            dead = {'cairo', *names[:silent]}
            found = self.network(number, dead=frozenset(dead))
            self.assertTrue(self.is_failed_over(found))

            found = self.network(number, dead=frozenset({'cairo', *names}))
            self.assertFalse(self.is_failed_over(found))
