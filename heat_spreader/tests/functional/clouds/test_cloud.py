# SPDX-License-Identifier: Apache-2.0
"""Each call of Cloud, over HTTP and through openstacksdk."""

import concurrent.futures

import fixtures

from heat_spreader import exception
from heat_spreader.clouds import answer
from heat_spreader.clouds import nova
from heat_spreader.planning import room
from heat_spreader.tests.functional.clouds import base
from heat_spreader.tests.functional.emulator import layout


class TestCalls(base.CloudTestCase):
    def setUp(self):
        super().setUp()
        self.stack = self.remote.add_stack('web', 3, 'size')
        self.cloud.list_stacks([])
        self.forget()

    def test_authentication_needs_two_requests_to_keystone(self):
        self.make_cloud().list_stacks([])
        self.assertEqual(
            [('keystone', 'GET'), ('keystone', 'POST'), ('heat', 'GET')],
            self.asked(),
        )
        agent = self.remote.requests[-1].headers['User-Agent']
        self.assertTrue(agent.startswith('heat-spreader/'), agent)

    def test_a_connection_is_ready_when_threads_get_it(self):
        self.connect()
        self.assertEqual(
            [('keystone', 'GET'), ('keystone', 'POST')], self.asked()
        )

    def test_each_call_is_one_request(self):
        for call, arguments in (
            (self.cloud.list_stacks, (['web'],)),
            (self.cloud.list_stacks, ([],)),
            (self.cloud.read_stack, ('web', self.stack.id, 'size')),
            (self.cloud.set_parameter, ('web', self.stack.id, 'size', 4)),
        ):
            call(*arguments)
            self.assertEqual(1, len(self.remote.requests), call)
            self.forget()

    def test_an_update_can_be_followed_from_start_to_end(self):
        before = self.read()
        self.assertEqual(
            answer.StackRead(
                name='web',
                heat_id=self.stack.id,
                status='CREATE_COMPLETE',
                status_reason='Stack CREATE completed successfully',
                updated_at=None,
                count=3,
            ),
            before,
        )
        self.cloud.set_parameter('web', self.stack.id, 'size', 5)
        (row,) = self.cloud.list_stacks(['web'])
        self.assertEqual('UPDATE_IN_PROGRESS', row.status)
        self.assertRegex(row.updated_at, r'^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$')
        self.assertEqual(5, self.read().count)
        self.assertEqual(3, self.count_ready())
        self.remote.finish('web')
        self.assertEqual('UPDATE_COMPLETE', self.read().status)
        self.assertEqual(5, self.count_ready())

    def count_ready(self):
        return self.cloud.count_ready('web', self.stack.id, 'size')

    def read(self):
        return self.cloud.read_stack('web', self.stack.id, 'size')

    def test_a_failed_update_shows_how_many_are_ready(self):
        self.remote.fail_next('web', 4, 'No valid host')
        self.cloud.set_parameter('web', self.stack.id, 'size', 6)
        self.remote.finish('web')
        read = self.read()
        self.assertEqual(
            ('UPDATE_FAILED', 'No valid host', 6),
            (read.status, read.status_reason, read.count),
        )
        self.assertEqual(4, self.count_ready())

    def test_the_group_of_a_stack_takes_a_template_and_its_resources(self):
        path = f'/stacks/web/{self.stack.id}'
        self.assertEqual(3, self.count_ready())
        self.assertEqual(
            [f'{path}/template', f'{path}/resources'], self.paths()
        )

    def test_a_nested_group_takes_two_requests_more(self):
        self.remote.move_group('web', layout.Layout.NESTED)
        self.assertEqual(3, self.count_ready())
        name, pool_id = layout.pool_of(self.stack)
        self.assertEqual(
            [
                f'/stacks/{owner}/{end}'
                for owner in (f'web/{self.stack.id}', f'{name}/{pool_id}')
                for end in ('template', 'resources')
            ],
            self.paths(),
        )

    def test_a_group_with_another_size_is_not_counted(self):
        self.remote.move_group('web', layout.Layout.COMPUTED)
        error = self.assertRaises(
            exception.RemoteGroupUnknown, self.count_ready
        )
        self.assertIn("the parameter 'size'", str(error))
        self.assertEqual(1, len(self.remote.requests))

    def test_the_flavor_of_a_group_takes_its_template(self):
        self.assertIsNone(self.read_flavor())
        self.remote.set_flavor('web', 'm1.small')
        self.assertEqual('m1.small', self.read_flavor())
        path = f'/stacks/web/{self.stack.id}/template'
        self.assertEqual([path] * 2, self.paths())

    def test_a_flavor_that_is_a_parameter_takes_the_stack_too(self):
        new = self.remote.add_stack('web', 3, 'size', flavor='m1.tiny')
        self.remote.set_flavor('web', {'get_param': 'flavor'})
        self.stack = new
        self.assertEqual('m1.tiny', self.read_flavor())
        path = f'/stacks/web/{new.id}'
        self.assertEqual([f'{path}/template', path], self.paths())

    def read_flavor(self):
        return self.cloud.read_flavor('web', self.stack.id, 'size')

    def paths(self):
        """The paths of the requests, from /stacks on."""
        return [
            request.path[request.path.index('/stacks') :]
            for request in self.remote.requests
        ]

    def test_only_the_parameter_is_sent(self):
        self.cloud.set_parameter('web', self.stack.id, 'size', 5)
        (patch,) = self.remote.patches
        self.assertEqual({'parameters': {'size': 5}}, patch.body)
        self.assertEqual({}, patch.query)

    def test_a_missing_parameter_changes_nothing(self):
        self.cloud.set_parameter('web', self.stack.id, 'count', 5)
        self.remote.finish('web')
        stack = self.remote.stack('web')
        self.assertEqual({'size': '3'}, stack.parameters)
        self.assertEqual(('UPDATE_COMPLETE', 3), (stack.status, stack.ready))
        read = self.cloud.read_stack('web', self.stack.id, 'count')
        self.assertIsNone(read.count)

    def test_a_recreated_stack_is_found_under_its_new_id(self):
        self.remote.delete('web')
        self.assertEqual([], self.cloud.list_stacks(['web']))
        new = self.remote.add_stack('web', 1, 'size')
        (row,) = self.cloud.list_stacks(['web'])
        self.assertEqual(new.id, row.heat_id)
        for call in (self.read, self.patch_old):
            self.assertRaises(exception.RemoteStackNotFound, call)

    def patch_old(self):
        self.cloud.set_parameter('web', self.stack.id, 'size', 5)

    def test_many_threads_share_a_token_and_an_open_connection(self):
        self.remote.revoke_tokens()
        self.cloud = self.make_cloud()
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            rows = list(pool.map(self.cloud.list_stacks, [['web']] * 64))
        self.assertEqual(64, len([row for (row,) in rows]))
        self.assertEqual(1, self.asked().count(('keystone', 'POST')))
        self.assertEqual(64, self.asked().count(('heat', 'GET')))


class TestFlavors(base.CloudTestCase):
    SMALL, LARGE = (1, 2048), (8, 16384)

    def read(self):
        return self.cloud.read_flavors()

    def test_cloud_without_nova_has_no_flavors_and_no_limits(self):
        self.remote.set_flavors(small=self.SMALL)
        self.assertEqual({}, self.read())
        self.assertIsNone(self.cloud.read_limits())

    def test_flavors_have_their_names_and_their_ids(self):
        self.remote.set_limits()
        self.remote.set_flavors(small=self.SMALL, large=self.LARGE)
        small, large = room.Flavor(*self.SMALL), room.Flavor(*self.LARGE)
        self.assertEqual(
            {'small': small, '1': small, 'large': large, '2': large},
            self.read(),
        )
        self.assertEqual(('heat', 'GET'), self.asked()[-1])
        self.assertEqual(3, len(self.asked()))

    def test_id_comes_before_the_name_of_another(self):
        self.remote.set_limits()
        self.remote.set_flavors(**{'2': self.SMALL, 'large': self.LARGE})
        self.assertEqual(room.Flavor(*self.LARGE), self.read()['2'])

    def test_flavors_are_listed_in_a_limited_number_of_pages(self):
        self.remote.set_limits()
        self.remote.set_flavors(**{f'f{n}': self.SMALL for n in range(9)})
        self.useFixture(fixtures.MockPatchObject(nova, 'PAGE', 2))
        self.assertEqual(18, len(self.read()))
        self.useFixture(fixtures.MockPatchObject(nova, 'MAX_PAGES', 3))
        self.assertEqual(12, len(self.read()))

    def test_invalid_flavors_are_a_fault(self):
        self.remote.set_limits()
        self.remote.set_flavors(small=('one', 2048))
        self.assertRaises(exception.CloudFault, self.read)


class TestManyStacks(base.CloudTestCase):
    def test_many_stacks_are_listed_in_pages(self):
        names = [f'stack-{number:040d}' for number in range(1500)]
        for name in names:
            self.remote.add_stack(name, 1)
        self.remote.add_stack('not-ours', 1)
        found = [row.name for row in self.cloud.list_stacks(names)]
        self.assertEqual(names, sorted(found))
        queries = [r.query for r in self.remote.requests[2:]]
        self.assertEqual(
            [{'limit'}, {'limit', 'marker'}], [*map(set, queries)]
        )

    def test_many_stacks_are_filtered_while_the_names_fit(self):
        names = [f'stack-{number:03d}' for number in range(200)]
        for name in names:
            self.remote.add_stack(name, 1)
        found = self.cloud.list_stacks(names[:150])
        self.assertEqual(150, len(found))
        (request,) = self.remote.requests[2:]
        self.assertEqual(names[:150], request.query['name'])
