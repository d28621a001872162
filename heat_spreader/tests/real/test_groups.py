# SPDX-License-Identifier: Apache-2.0
"""The templates of the user guide, each as a user copies it."""

import pathlib

import heat_spreader
from heat_spreader.tests.real import base

GUIDE = pathlib.Path(heat_spreader.__file__).parents[1] / 'doc/source/user'
COMPUTED = """
heat_template_version: 2021-04-16
parameters:
  size: {type: number}
resources:
  workers:
    type: OS::Heat::ResourceGroup
    properties:
      count: {yaql: {expression: int($.data), data: {get_param: size}}}
      resource_def: {type: OS::Nova::Server}
"""


class TestGroups(base.RealTestCase):
    """One cloud has 3 servers, and can make no more when 5 are wanted.

    Heat is real and so is each group; only the servers are not.
    """

    counts = (None, None, None)

    def setUp(self):
        super().setUp()
        self.athens = self.clouds[0]
        self.addCleanup(self.athens.make_room)

    def servers(self):
        return self.athens.servers(self.name, 'workers')

    def read(self, name):
        return (GUIDE / name).read_text()

    def start(self, template, *files):
        self.athens.create_stack(
            *(self.name, 3, template, 'size'),
            {name: self.read(name) for name in files},
        )
        self.create('1', count=3, parameter='size')
        self.assertEqual(3, self.servers())

    def fail_to_grow(self):
        """Return the member once its update has failed."""
        self.athens.limit_servers(0, 'image')
        self.openstack('stack', 'set', self.name, '--count=5')
        self.wait_until(
            lambda: self.member('athens')['state'] == 'FAILED', 'failed'
        )
        return self.member('athens')

    def finish_growing(self):
        self.athens.make_room()
        self.wait_for_status('ACTIVE')
        self.assertEqual(
            (5, 5), (self.member('athens')['ready'], self.servers())
        )

    def check(self, name, *files):
        self.start(self.read(name), *files)
        member = self.fail_to_grow()
        self.assertEqual((3, 3), (member['ready'], self.servers()))
        self.assertIn('athens has 3 of 5 instances ready', member['reason'])
        self.assertIn('The image is damaged', member['reason'])
        self.finish_growing()
        self.set('--count=0')
        self.assertEqual(0, self.servers())

    def test_a_resource_group(self):
        self.check('workers.yaml')

    def test_a_group_in_a_nested_stack(self):
        self.check('nested.yaml', 'workers.yaml')

    def test_an_autoscaling_group(self):
        self.check('autoscaling.yaml')

    def test_an_instance_group(self):
        self.check('instancegroup.yaml')

    def test_a_second_group_of_a_fixed_size(self):
        self.check('twogroups.yaml')
        self.assertEqual(2, self.athens.servers(self.name, 'queues'))

    def test_a_group_whose_size_is_computed_is_not_counted(self):
        self.start(COMPUTED)
        member = self.fail_to_grow()
        self.assertIsNone(member['ready'])
        self.assertIn('are ready is unknown', member['reason'])
        shown = self.openstack('stack', 'weight', 'list', self.name)
        self.assertRegex(shown, r'\| +5 \| +5 \| +\? ')
        self.assertIn('The image is damaged', member['reason'])
        self.finish_growing()
