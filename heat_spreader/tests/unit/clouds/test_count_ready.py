# SPDX-License-Identifier: Apache-2.0
"""How Cloud follows a parameter to the group that it sizes."""

from oslotest import base

from heat_spreader import exception
from heat_spreader.clouds import cloud
from heat_spreader.tests.unit.clouds import test_cloud

GROUP = 'OS::Heat::ResourceGroup'


class TestCountReady(base.BaseTestCase):
    """Stacks inside each other, with their numbers as ids."""

    def setUp(self):
        super().setUp()
        self.asked, self.bodies = [], {}

    def answer(self, path, method, **kwargs):
        self.asked.append(path)
        body = self.bodies.get(path.split('?')[0])
        if body is None:
            missing = {'error': {'type': 'EntityNotFound'}}
            return test_cloud.FakeHeat(missing, 404).request(path, method)
        return test_cloud.FakeHeat(body).request(path, method)

    def add(self, number, types, *rows):
        """Add a stack in which these resources get the parameter."""
        path = f'/stacks/{"nested" if number else "web"}/{number}'
        self.bodies[f'{path}/template'] = {
            'resources': {
                name: {
                    'type': kind,
                    'properties': {'count': {'get_param': 'count'}},
                }
                for name, kind in types.items()
            }
        }
        self.bodies[f'{path}/resources'] = {
            'resources': [self.row(*row) for row in rows]
        }

    def row(self, name, number, nested=None):
        """A resource of a stack; it may be a nested stack itself."""
        numbers = {'stack': number, 'nested': nested}
        return {
            'resource_name': name,
            'resource_status': 'CREATE_COMPLETE',
            'links': [
                {'rel': rel, 'href': f'http://heat/stacks/nested/{each}'}
                for rel, each in numbers.items()
                if each is not None
            ],
        }

    def add_nested(self, depth):
        """Add a chain of nested stacks, and a group in the last one."""
        for number in range(depth):
            self.add(number, {'a': 'b.yaml'}, ('a', number, number + 1))
        self.add(
            depth,
            {'a': GROUP},
            ('a', depth, depth + 1),
            ('0', depth + 1),
            ('1', depth + 1),
        )

    def count(self):
        heat = test_cloud.FakeHeat({})
        heat.request = self.answer
        east = cloud.Cloud('east', lambda: heat, 60)
        return east.count_ready('web', '0', 'count')

    def test_a_group_of_the_stack_takes_two_requests(self):
        self.add_nested(0)
        self.assertEqual(2, self.count())
        self.assertEqual(
            [
                '/stacks/web/0/template',
                '/stacks/web/0/resources?nested_depth=1',
            ],
            self.asked,
        )

    def test_a_group_of_a_nested_stack_is_followed_to(self):
        self.add_nested(3)
        self.assertEqual(2, self.count())
        self.assertEqual(8, len(self.asked))

    def test_nested_stacks_are_not_followed_endlessly(self):
        self.add_nested(cloud.MAX_STACKS - 1)
        self.assertEqual(2, self.count())
        self.asked.clear()
        self.add_nested(cloud.MAX_STACKS)
        self.assertRaises(exception.RemoteGroupUnknown, self.count)
        self.assertEqual(2 * cloud.MAX_STACKS, len(self.asked))

    def test_a_stack_without_such_a_group_is_unknown(self):
        self.add(0, {'server': 'OS::Nova::Server'}, ('server', 0))
        error = self.assertRaises(exception.RemoteGroupUnknown, self.count)
        self.assertIn("whose size is the parameter 'count'", str(error))

    def test_a_nested_stack_that_is_gone_is_not_the_stack_itself(self):
        self.assertRaises(exception.RemoteStackNotFound, self.count)
        self.add(0, {'a': 'b.yaml'}, ('a', 0, 1))
        self.assertRaises(exception.RemoteGroupUnknown, self.count)

    def test_the_smallest_of_several_groups_counts(self):
        self.add(
            0,
            {'servers': GROUP, 'volumes': GROUP},
            ('servers', 0, 1),
            ('volumes', 0, 2),
            ('0', 1),
            ('1', 1),
            ('0', 2),
        )
        self.assertEqual(1, self.count())
