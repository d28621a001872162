# SPDX-License-Identifier: Apache-2.0
"""The flavor that a template shows, and those that Nova has."""

from oslotest import base

from heat_spreader.clouds import flavor
from heat_spreader.planning import room
from heat_spreader.tests.unit.clouds import test_group

SIZE, FLAVOR = {'get_param': 'size'}, {'get_param': 'flavor'}
GROUP = 'OS::Heat::ResourceGroup'
part, template = test_group.part, test_group.template


def server(value):
    return part('OS::Nova::Server', flavor=value, image='debian')


def workers(value):
    return part(GROUP, count=SIZE, resource_def=server(value))


class TestOfGroup(base.BaseTestCase):
    def shown(self, body, **parameters):
        """What is shown in the template of a stack with these parameters."""
        shown = flavor.of_group(body, 'size')
        stack = {'stack': {'parameters': {'size': '3', **parameters}}}
        return flavor.of_stack(shown, stack)

    def test_flavor_in_the_template_is_shown(self):
        for kind, size, definition in (
            (GROUP, 'count', 'resource_def'),
            ('OS::Heat::AutoScalingGroup', 'desired_capacity', 'resource'),
        ):
            group = part(kind, **{size: SIZE, definition: server('m1.small')})
            self.assertEqual('m1.small', self.shown(template(group=group)))
        self.assertEqual('2', self.shown(template(group=workers(2))))

    def test_instance_of_ec2_has_a_flavor_too(self):
        instance = part('AWS::EC2::Instance', InstanceType='m1.large')
        group = part(GROUP, count=SIZE, resource_def=instance)
        self.assertEqual('m1.large', self.shown(template(group=group)))

    def test_parameter_of_the_stack_is_the_flavor(self):
        for value in (FLAVOR, {'get_param': ['flavor']}, {'Ref': 'flavor'}):
            body = template(group=workers(value))
            self.assertEqual('m1.tiny', self.shown(body, flavor='m1.tiny'))
            self.assertIsNone(self.shown(body))

    def test_default_is_the_flavor_where_the_stack_shows_no_parameter(self):
        for key, default in (
            ('parameters', 'default'),
            ('Parameters', 'Default'),
        ):
            body = template(group=workers(FLAVOR))
            body[key] = {'flavor': {'type': 'string', default: 'm1.small'}}
            self.assertEqual('m1.small', self.shown(body))
            self.assertEqual('m1.tiny', self.shown(body, flavor='m1.tiny'))
            # What is hidden is not the default.
            self.assertIsNone(self.shown(body, flavor='******'))

    def test_cloudformation_template_is_read_too(self):
        group = {
            'Type': GROUP,
            'Properties': {
                'count': {'Ref': 'size'},
                'resource_def': {
                    'Type': 'AWS::EC2::Instance',
                    'Properties': {'InstanceType': {'Ref': 'flavor'}},
                },
            },
        }
        body = {
            'Resources': {'group': group},
            'Parameters': {'flavor': {'Default': 'm1.small'}},
        }
        self.assertEqual('m1.small', self.shown(body))

    def test_only_the_group_that_the_parameter_sizes_is_read(self):
        other = part(GROUP, count=9, resource_def=server('m1.huge'))
        body = template(other=other, group=workers('m1.small'))
        self.assertEqual('m1.small', self.shown(body))
        both = template(a=workers('m1.small'), b=workers('m1.small'))
        self.assertIsNone(self.shown(both))
        self.assertIsNone(self.shown(template(other=other)))

    def test_what_is_not_in_the_template_is_not_shown(self):
        for definition in (
            part('server.yaml', flavor='m1.small'),
            part('OS::Heat::TestResource', flavor='m1.small'),
            part('OS::Nova::Server'),
            {'type': 'OS::Nova::Server'},
            {},
            'server.yaml',
        ):
            group = part(GROUP, count=SIZE, resource_def=definition)
            self.assertIsNone(self.shown(template(group=group)), definition)
        launch = part(
            'OS::Heat::InstanceGroup',
            Size=SIZE,
            LaunchConfigurationName={'Ref': 'launch'},
        )
        self.assertIsNone(self.shown(template(group=launch)))
        pool = part('pool.yaml', workers=SIZE, flavor='m1.small')
        self.assertIsNone(self.shown(template(pool=pool)))

    def test_other_values_are_not_followed(self):
        for value in (
            None,
            '',
            True,
            -1,
            10**5000,
            1.5,
            ['m1.small'],
            {},
            {'if': ['big', 'm1.large', 'm1.small']},
            {'get_param': None},
            {'get_param': []},
            {'get_param': ['flavor', 0]},
            {'get_param': {'get_param': 'flavor'}},
            {'get_param': 'flavor', 'Ref': 'flavor'},
            {'get_attr': ['flavor']},
            'm1\x1b[2J',
            'm1\nsmall',
            'm' * 256,
            '******',
        ):
            body = template(group=workers(value))
            self.assertIsNone(self.shown(body, flavor='m1.small'))

    def test_malicious_shapes_show_nothing(self):
        for group in (
            {'type': [], 'properties': {}},
            {'type': GROUP, 'properties': {'count': SIZE, 'resource_def': []}},
            part(GROUP, count=SIZE, resource_def={'type': {}}),
            part(
                GROUP,
                count=SIZE,
                resource_def={'type': 'OS::Nova::Server', 'properties': []},
            ),
            part('OS::Heat::InstanceGroup', Size=SIZE, **{'': server('x')}),
        ):
            self.assertIsNone(self.shown(template(group=group)), group)
        for declared in (
            None,
            [],
            {'flavor': []},
            {'flavor': {'default': {}}},
        ):
            body = {
                **template(group=workers(FLAVOR)),
                'parameters': declared,
            }
            self.assertIsNone(self.shown(body), declared)

    def test_stack_of_another_form_has_the_default(self):
        shown = flavor.Shown('m1.small', 'flavor')
        for body in (None, [], {}, {'stack': []}, {'stack': {}}):
            self.assertEqual('m1.small', flavor.of_stack(shown, body))

    def test_what_is_no_template_is_refused(self):
        for body in (None, [], {}, {'resources': []}):
            self.assertRaises(ValueError, flavor.of_group, body, 'size')


class TestParse(base.BaseTestCase):
    ROW = {'id': '1', 'name': 'm1.small', 'vcpus': 1, 'ram': 2048, 'disk': 20}

    def test_flavors_are_read_with_both_names(self):
        expected = ('m1.small', '1'), room.Flavor(1, 2048)
        body = {'flavors': [self.ROW]}
        self.assertEqual(([expected], None), flavor.parse(body))
        self.assertEqual(([], None), flavor.parse({'flavors': []}))

    def test_last_id_is_returned_where_there_are_more(self):
        body = {'flavors': [self.ROW], 'flavors_links': [{'rel': 'next'}]}
        self.assertEqual('1', flavor.parse(body)[1])
        for links in (None, {}, [None], [{'rel': 'previous'}]):
            body['flavors_links'] = links
            self.assertIsNone(flavor.parse(body)[1])
        empty = {'flavors': [], 'flavors_links': [{'rel': 'next'}]}
        self.assertIsNone(flavor.parse(empty)[1])

    def test_other_bodies_are_refused(self):
        for body in (
            None,
            [],
            {},
            {'flavors': {}},
            {'flavors': [None]},
            {'flavors': [{**self.ROW, 'name': None}]},
            {'flavors': [{**self.ROW, 'id': 1}]},
            {'flavors': [{**self.ROW, 'id': 'a\u202eb'}]},
            {'flavors': [{**self.ROW, 'name': 'a' * 256}]},
            {'flavors': [{**self.ROW, 'vcpus': '1'}]},
            {'flavors': [{**self.ROW, 'vcpus': True}]},
            {'flavors': [{**self.ROW, 'ram': -1}]},
            {'flavors': [{**self.ROW, 'ram': 2**31}]},
        ):
            self.assertRaises(ValueError, flavor.parse, body)
