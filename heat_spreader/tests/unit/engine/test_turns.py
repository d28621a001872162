# SPDX-License-Identifier: Apache-2.0
"""A queue in which the projects take turns."""

from oslotest import base

from heat_spreader.engine import turns


def taken(queue):
    """All that waits, in the order in which it is taken."""
    found = []
    while True:
        try:
            found.append(queue.take())
        except LookupError:
            return ' '.join(found)


class TestTurns(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.queue = turns.Turns()

    def put(self, *things):
        for thing in things:
            self.queue.put(thing[0], thing)

    def test_one_project_is_served_in_the_order_of_arrival(self):
        self.put('a1', 'a2', 'a3')
        self.assertEqual('a1 a2 a3', taken(self.queue))

    def test_projects_take_turns(self):
        self.put('a1', 'a2', 'a3', 'a4', 'b1', 'c1', 'c2')
        self.assertEqual('a1 b1 c1 a2 c2 a3 a4', taken(self.queue))

    def test_thing_of_a_new_project_waits_for_one_of_each_other(self):
        self.put('a1', 'a2', 'a3', 'b1', 'b2')
        self.assertEqual('a1', self.queue.take())
        self.put('c1')
        self.assertEqual('b1 a2 c1 b2 a3', taken(self.queue))
