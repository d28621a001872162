# SPDX-License-Identifier: Apache-2.0
"""Which group a parameter sizes, and how many of its instances are there."""

import itertools

from oslotest import base

from heat_spreader.clouds import group

SIZE = {'get_param': 'size'}
ROOT, POOL, WORKERS = 'id-of-root', 'id-of-pool', 'id-of-workers'


def template(**resources):
    return {'heat_template_version': '2021-04-16', 'resources': resources}


def part(kind, **properties):
    return {'type': kind, 'properties': properties}


def row(name, status, stack, nested=None):
    links = [
        {'rel': 'self', 'href': 'http://heat/v1/p/stacks/a/b/resources/c'}
    ]
    for rel, stack_id in (('stack', stack), ('nested', nested)):
        if stack_id:
            href = f'https://heat/v1/p/stacks/stack%2B{stack_id}/{stack_id}'
            links.append({'rel': rel, 'href': href})
    return {
        'resource_name': name,
        'resource_status': status,
        'resource_type': 'OS::Nova::Server',
        'links': links,
    }


class TestUses(base.BaseTestCase):
    def groups(self, **resources):
        return group.uses(template(**resources), 'size').groups

    def test_each_kind_of_group_is_sized_by_its_own_property(self):
        for kind, name in (
            ('OS::Heat::ResourceGroup', 'count'),
            ('OS::Heat::AutoScalingGroup', 'desired_capacity'),
            ('OS::Heat::InstanceGroup', 'Size'),
            ('AWS::AutoScaling::AutoScalingGroup', 'DesiredCapacity'),
        ):
            workers = part(kind, **{name: SIZE})
            self.assertEqual(('workers',), self.groups(workers=workers), kind)
            other = part(kind, **{name: 3, 'other': SIZE})
            self.assertEqual((), self.groups(workers=other), kind)

    def test_limits_of_an_autoscaling_group_size_it_together(self):
        for kind, low, high in (
            ('OS::Heat::AutoScalingGroup', 'min_size', 'max_size'),
            ('AWS::AutoScaling::AutoScalingGroup', 'MinSize', 'MaxSize'),
        ):
            both = part(kind, **{low: SIZE, high: SIZE})
            self.assertEqual(('workers',), self.groups(workers=both))
            for one, other in ((low, high), (high, low)):
                alone = part(kind, **{one: SIZE, other: 9})
                self.assertEqual((), self.groups(workers=alone))

    def test_only_the_groups_that_the_parameter_sizes_are_found(self):
        kind = 'OS::Heat::ResourceGroup'
        self.assertEqual(
            ('workers', 'volumes'),
            self.groups(
                queues=part(kind, count=2),
                workers=part(kind, count=SIZE),
                databases=part(kind, count={'get_param': 'databases'}),
                volumes=part(kind, count={'get_param': ['size']}),
                server=part('OS::Nova::Server', name='web'),
            ),
        )

    def test_a_condition_may_choose_the_parameter(self):
        for value in ({'if': ['on', SIZE, 0]}, {'if': ['on', 0, SIZE]}):
            workers = part('OS::Heat::ResourceGroup', count=value)
            self.assertEqual(('workers',), self.groups(workers=workers))

    def test_a_computed_size_is_not_followed(self):
        for value in (
            {'yaql': {'expression': '$.data', 'data': SIZE}},
            {'str_replace': {'template': 'n', 'params': {'n': SIZE}}},
            {'get_param': ['size', 'of', 'workers']},
            {'get_param': 'other'},
            {'if': SIZE},
            {'if': [SIZE, 1, 2]},
            {'get_param': 'size', 'more': 1},
            [SIZE],
            'size',
            None,
        ):
            workers = part('OS::Heat::ResourceGroup', count=value)
            self.assertEqual((), self.groups(workers=workers), value)

    def test_a_cloudformation_template_is_read_too(self):
        workers = {
            'Type': 'AWS::AutoScaling::AutoScalingGroup',
            'Properties': {
                'MinSize': {'Ref': 'size'},
                'MaxSize': {'Ref': 'size'},
            },
        }
        body = {'Resources': {'workers': workers}}
        self.assertEqual(('workers',), group.uses(body, 'size').groups)

    def test_other_resources_that_get_the_parameter_are_remembered(self):
        found = group.uses(
            template(
                pool=part('pool.yaml', workers=SIZE, spare=SIZE, name='x'),
                other=part('other.yaml', workers=3),
            ),
            'size',
        )
        self.assertEqual((), found.groups)
        self.assertEqual(
            (('pool', 'workers'), ('pool', 'spare')), found.passed
        )

    def test_odd_parts_size_nothing(self):
        odd = (
            None,
            [],
            'text',
            7,
            {},
            {'type': []},
            {'type': 'a', 'properties': 1},
        )
        for value in odd:
            self.assertEqual((), self.groups(workers=value))
        kind = 'OS::Heat::ResourceGroup'
        for properties in odd[:4]:
            workers = {'type': kind, 'properties': properties}
            self.assertEqual((), self.groups(workers=workers))

    def test_other_bodies_than_a_template_are_invalid(self):
        for body in (
            None,
            [],
            'text',
            {},
            {'resources': []},
            {'Resources': 1},
        ):
            self.assertRaises(ValueError, group.uses, body, 'size')


class TestResources(base.BaseTestCase):
    def test_other_bodies_than_a_list_of_resources_are_invalid(self):
        good = row('0', 'CREATE_COMPLETE', WORKERS)
        self.assertEqual(1, len(group.resources({'resources': [good]})))
        odd_links = (None, [], {}, [7], [{'rel': 'stack'}])
        odd_stacks = (
            'http://heat/', 'http://heat/stacks/a/b/c', 7, 'http://heat/stacks/a/b?c',
        )  # fmt: skip
        bad = [
            *({**good, 'links': links} for links in odd_links),
            *(
                {**good, 'links': [{'rel': rel, 'href': href}]}
                for rel in ('stack', 'nested')
                for href in odd_stacks
            ),
            *(
                {**good, name: 7}
                for name in ('resource_name', 'resource_status')
            ),
            7,
        ]
        for body in (
            None,
            [],
            {},
            {'resources': {}},
            *({'resources': [b]} for b in bad),
        ):
            self.assertRaises(ValueError, group.resources, body)


class TestCountComplete(base.BaseTestCase):
    def count(self, *rows, name='workers'):
        found = group.resources({'resources': list(rows)})
        return group.count_complete(found, ROOT, name)

    def group(self, name='workers', stack=ROOT, nested=WORKERS):
        return row(name, 'UPDATE_FAILED', stack, nested)

    def test_only_complete_instances_of_the_group_are_counted(self):
        found = self.count(
            self.group(),
            row('net', 'CREATE_COMPLETE', ROOT),
            row('0', 'CREATE_COMPLETE', WORKERS),
            row('1', 'UPDATE_COMPLETE', WORKERS),
            row('2', 'CREATE_FAILED', WORKERS),
            row('3', 'CREATE_IN_PROGRESS', WORKERS),
        )
        self.assertEqual(2, found)

    def test_resources_that_do_not_exist_are_not_counted(self):
        instances = [
            row(action, f'{action}_COMPLETE', WORKERS)
            for action in ('INIT', 'DELETE', 'SUSPEND')
        ]
        self.assertEqual(0, self.count(self.group(), *instances))

    def test_an_instance_is_counted_once_while_it_is_replaced(self):
        instance = row('0', 'CREATE_COMPLETE', WORKERS)
        self.assertEqual(1, self.count(self.group(), instance, instance))

    def test_a_group_of_the_same_name_in_another_stack_is_not_counted(self):
        """Its name is that in the other template."""
        rows = [
            self.group(),
            self.group(stack=POOL, nested='id-of-others'),
            row('0', 'CREATE_COMPLETE', WORKERS),
            row('1', 'CREATE_COMPLETE', 'id-of-others'),
            row('2', 'CREATE_COMPLETE', 'id-of-others'),
        ]
        for order in itertools.permutations(rows):
            self.assertEqual(1, self.count(*order))

    def test_a_group_that_was_never_created_has_no_instances(self):
        self.assertEqual(0, self.count(self.group(nested=None)))
        self.assertEqual(0, self.count())

    def test_a_nested_stack_has_a_name_and_an_id(self):
        found = group.resources({'resources': [self.group()]})
        self.assertEqual(
            [(f'stack+{WORKERS}', WORKERS)],
            group.find_nested(found, ROOT, 'workers'),
        )
        self.assertEqual([], group.find_nested(found, POOL, 'workers'))
