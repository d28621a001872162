# SPDX-License-Identifier: Apache-2.0
"""What the engine may cost, in requests, statements and transactions.

These are counts, which are the same on every machine. Where the engine costs
less than a limit here, lower the limit.
"""

from benchmarks import counters
from heat_spreader.db import session
from heat_spreader.tests.functional.engine import base

STACKS = 20
MEMBERS = STACKS * len(base.NAMES)
SHARE = 4
# For each changed member, from the user's change to the stack ACTIVE.
CHANGE = {
    'requests': 3,
    # How many stacks are in one transaction depends on the moment.
    'statements': 4,
    'transactions': 2,
    'write_transactions': 0.7,
}
# For each survey of a cloud in which nothing has changed.
SURVEY = {
    'requests': 1,
    'statements': 4,
    'writes': 0,
    'beats': 1,
    'transactions': 4,
}


class TestCosts(base.EngineTestCase):
    counts = (SHARE, SHARE, SHARE)

    def setUp(self):
        super().setUp()
        self.names = [f'web{n}' for n in range(STACKS)]
        for each in self.clouds.values():
            for name in self.names:
                each.add_stack(name, SHARE)
        weights = ['0.333333', '0.333333', '0.333334']
        self.ids = [
            self.create(
                weights, name=n, stack_name=n, count=SHARE * len(self.clouds)
            )
            for n in self.names
        ]
        self.work()
        self.counters = counters.Counters()
        self.counters.listen(session.get_engine())
        self.addCleanup(self.counters.remove, session.get_engine())

    def work(self):
        """Let the engine do all that there is to do."""
        for _ in range(3):
            self.engine.turn()
            self.finish()
        self.engine.turn()

    def requests(self, wanted=lambda request: True):
        return sum(
            wanted(request)
            for each in self.clouds.values()
            for request in each.requests
        )

    def assert_within(self, limits, counted, number):
        """Each count, for each of a number, is within its limit."""
        found = {name: counted[name] / number for name in limits}
        self.assertEqual(
            {}, {n: v for n, v in found.items() if v > limits[n]}, found
        )

    def test_survey_without_news_costs_one_list_and_writes_no_member(self):
        requests = self.requests()
        self.engine.survey()

        counted = self.counters.read()
        counted['requests'] = self.requests() - requests
        self.assert_within(SURVEY, counted, len(self.clouds))

    def test_changed_member_costs_no_more_than_the_limits(self):
        def is_single(request):
            return '/stacks/' in request.path

        before, patched = self.requests(is_single), self.patches()
        for stack_id in self.ids:
            base.stacks_db.update(
                self.ctx, stack_id, {'count': (SHARE + 1) * len(self.clouds)}
            )
        by_users = self.counters.read()
        self.work()

        self.assertEqual(MEMBERS, self.patches() - patched)
        self.assertEqual({'ACTIVE'}, {self.stack(i).status for i in self.ids})
        counted = {
            name: value - by_users[name]
            for name, value in self.counters.read().items()
        }
        counted['requests'] = self.requests(is_single) - before
        self.assert_within(CHANGE, counted, MEMBERS)
