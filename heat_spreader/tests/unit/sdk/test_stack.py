# SPDX-License-Identifier: Apache-2.0
from openstack import exceptions
from oslotest import base

from heat_spreader.tests.unit.sdk import fixtures


class StackTestCase(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.service = self.useFixture(fixtures.Service())
        self.client = self.service.client
        self.requests = self.service.requests

    def sent(self):
        """The body of the last request."""
        return self.service.last.json()


class TestReading(StackTestCase):
    def test_lists_with_the_filters_of_the_query(self):
        self.requests.get(fixtures.STACKS, json={'stacks': [fixtures.stack()]})

        (stack,) = self.client.stacks(status='ACTIVE', sort_key='name')

        self.assertEqual('web', stack.name)
        self.assertEqual({'athens': 0.6, 'berlin': 0.4}, stack.weights)
        self.assertEqual(
            {'status': ['active'], 'sort_key': ['name']}, self.service.last.qs
        )

    def test_follows_the_links_from_page_to_page(self):
        self.requests.get(
            fixtures.STACKS,
            json={
                'stacks': [fixtures.stack(name='one')],
                'stacks_links': [
                    {'rel': 'next', 'href': f'{fixtures.STACKS}?marker=1'}
                ],
            },
        )
        self.requests.get(
            f'{fixtures.STACKS}?marker=1',
            json={'stacks': [fixtures.stack(name='two')]},
        )

        names = [stack.name for stack in self.client.stacks()]

        self.assertEqual(['one', 'two'], names)

    def test_reads_a_stack_by_its_id(self):
        self.requests.get(fixtures.STACK, json=fixtures.stack())

        stack = self.client.get_stack(fixtures.STACK_ID)

        self.assertEqual(6, stack.members[0]['ready'])


class TestFinding(StackTestCase):
    def setUp(self):
        super().setUp()
        self.requests.get(fixtures.STACKS, json={'stacks': []})
        self.requests.get(fixtures.STACK, **fixtures.error('None.', 404))

    def has(self, *stacks):
        self.requests.get(fixtures.STACKS, json={'stacks': list(stacks)})

    def test_id_is_looked_up_first(self):
        self.requests.get(fixtures.STACK, json=fixtures.stack(name='web'))
        self.has(fixtures.stack(id='2', name=fixtures.STACK_ID))

        self.assertEqual('web', self.client.find_stack(fixtures.STACK_ID).name)

    def test_name_that_looks_like_an_id_is_found(self):
        self.has(fixtures.stack(id='2', name=fixtures.STACK_ID))

        self.assertEqual('2', self.client.find_stack(fixtures.STACK_ID).id)

    def test_only_the_exact_name_is_found(self):
        self.has(fixtures.stack(name='Web'), fixtures.stack(id='2'))

        self.assertEqual('2', self.client.find_stack('web').id)

    def test_a_name_is_only_used_in_the_query(self):
        for name in (
            '..',
            '.',
            'a/b',
            'a?b',
            'a#b',
            'détail',
            '🔥',
            '%2e',
            '',
        ):
            self.has(fixtures.stack(name=name))

            self.assertEqual(name, self.client.find_stack(name).name)
            self.assertEqual('/v1/stacks', self.service.last.path)

    def test_refuses_to_choose_between_two(self):
        self.has(fixtures.stack(), fixtures.stack(id='2'))

        self.assertRaisesRegex(
            exceptions.DuplicateResource,
            "More than one Stack exists with the name 'web'",
            self.client.find_stack,
            'web',
        )

    def test_missing_stack_is_reported(self):
        self.assertRaisesRegex(
            exceptions.NotFoundException,
            "There is no stack 'web'",
            self.client.find_stack,
            'web',
        )

    def test_missing_stack_is_none_where_that_is_allowed(self):
        self.assertIsNone(self.client.find_stack('web', ignore_missing=True))


class TestChanging(StackTestCase):
    def test_creates_with_the_given_values(self):
        self.requests.post(
            fixtures.STACKS, status_code=201, json=fixtures.stack()
        )

        stack = self.client.create_stack(
            name='web',
            count=10,
            count_parameter='size',
            weights={'athens': 0.6},
            members={'athens': {'min_count': 1}},
        )

        self.assertEqual(
            {
                'name': 'web',
                'count': 10,
                'count_parameter': 'size',
                'weights': {'athens': 0.6},
                'members': {'athens': {'min_count': 1}},
            },
            self.sent(),
        )
        self.assertEqual(fixtures.STACK_ID, stack.id)
        self.assertEqual('athens', stack.members[0]['cloud'])

    def test_updates_only_the_given_values(self):
        self.requests.patch(fixtures.STACK, json=fixtures.stack(generation=2))

        stack = self.client.update_stack(fixtures.STACK_ID, count=12)

        self.assertEqual({'count': 12}, self.sent())
        self.assertEqual(2, stack.generation)

    def test_updates_on_condition_of_a_generation(self):
        self.requests.patch(fixtures.STACK, json=fixtures.stack(generation=2))

        self.client.update_stack(fixtures.STACK_ID, count=12, generation=1)

        self.assertEqual({'count': 12, 'generation': 1}, self.sent())

    def test_same_order_can_be_given_again(self):
        self.requests.patch(fixtures.STACK, json=fixtures.stack())
        for order in ({'failback_now': True}, {'retry_capacity': True}):
            stack = self.client.update_stack(fixtures.STACK_ID, **order)
            self.client.update_stack(stack, count=12)
            self.assertEqual({'count': 12}, self.service.last.json())

            self.client.update_stack(stack, **order)

            self.assertEqual(order, self.service.last.json())

    def test_deletes(self):
        self.requests.delete(fixtures.STACK, status_code=204)

        self.client.delete_stack(fixtures.STACK_ID)

        self.assertEqual('DELETE', self.service.last.method)

    def test_deleting_a_missing_stack_fails_unless_ignored(self):
        self.requests.delete(fixtures.STACK, **fixtures.error('None.', 404))

        self.client.delete_stack(fixtures.STACK_ID)
        self.assertRaises(
            exceptions.NotFoundException,
            self.client.delete_stack,
            fixtures.STACK_ID,
            ignore_missing=False,
        )


class TestWeights(StackTestCase):
    def test_sets_the_weight_of_one_cloud(self):
        url = f'{fixtures.STACK}/weights/athens'
        self.requests.put(url, json=fixtures.stack(generation=2))

        stack = self.client.set_weight(fixtures.STACK_ID, 'athens', 0.25)

        self.assertEqual({'weight': 0.25}, self.sent())
        self.assertEqual(2, stack.generation)
        self.assertEqual(
            'multicloud 1.0',
            self.service.last.headers['OpenStack-API-Version'],
        )

    def test_unsets_the_weight_of_one_cloud(self):
        url = f'{fixtures.STACK}/weights/athens'
        self.requests.delete(url, status_code=204)

        self.client.unset_weight(fixtures.STACK_ID, 'athens')

        self.assertEqual('DELETE', self.service.last.method)

    def test_quotes_the_name_of_the_cloud(self):
        url = f'{fixtures.STACK}/weights/a%2Fb%3Fc%20%C3%A9'
        self.requests.put(url, json=fixtures.stack())

        self.client.set_weight(fixtures.STACK_ID, 'a/b?c é', 1)

        self.assertEqual(url, self.service.last.url)

    def test_refuses_names_that_would_delete_the_stack_itself(self):
        self.requests.delete(fixtures.STACK, status_code=204)

        for cloud in ('', '.', '..'):
            self.assertRaisesRegex(
                exceptions.InvalidRequest,
                'cannot be the name of a cloud',
                self.client.unset_weight,
                fixtures.STACK_ID,
                cloud,
            )
        methods = {sent.method for sent in self.requests.request_history}
        self.assertNotIn('DELETE', methods)


class TestEventsAndClouds(StackTestCase):
    def test_lists_the_events_of_a_stack(self):
        self.requests.get(
            f'{fixtures.STACK}/events',
            json={'events': [{'id': 'e7', 'kind': 'STACK_CREATED'}]},
        )

        event = next(self.client.events(fixtures.STACK_ID, limit=1))

        self.assertEqual(('e7', 'STACK_CREATED'), (event.id, event.kind))
        self.assertEqual({'limit': ['1']}, self.service.last.qs)

    def test_lists_the_events_of_the_project(self):
        self.requests.get(
            fixtures.EVENTS, json={'events': [{'id': 'e7', 'stack_id': 's'}]}
        )

        event = next(self.client.events(since='2026-11-22T10:00Z', kind='k'))

        self.assertEqual(('e7', 's'), (event.id, event.stack_id))
        self.assertEqual(
            {'since': ['2026-11-22t10:00z'], 'kind': ['k']},
            self.service.last.qs,
        )

    def test_lists_clouds(self):
        self.requests.get(fixtures.CLOUDS, json={'clouds': [{'name': 'a'}]})

        (cloud,) = self.client.clouds()

        self.assertEqual(('a', 'a'), (cloud.id, cloud.name))

    def test_finds_a_cloud_by_any_name(self):
        for name in ('athens', '..', 'a/b'):
            self.requests.get(
                fixtures.CLOUDS, json={'clouds': [{'name': name}]}
            )

            self.assertEqual(name, self.client.find_cloud(name).name)

    def test_missing_cloud_is_reported(self):
        self.requests.get(fixtures.CLOUDS, json={'clouds': [{'name': 'a'}]})

        self.assertRaisesRegex(
            exceptions.NotFoundException,
            "There is no cloud 'b'",
            self.client.find_cloud,
            'b',
        )
