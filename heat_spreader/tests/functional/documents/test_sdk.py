# SPDX-License-Identifier: Apache-2.0
"""The program on the page of the SDK does what the page says."""

import openstack
from openstack import exceptions

from heat_spreader.sdk import multicloud
from heat_spreader.tests.functional.documents import pages
from heat_spreader.tests.functional.documents import terminal


class TestSdk(terminal.TerminalTestCase):
    def setUp(self):
        super().setUp()
        for each in self.clouds.values():
            each.add_stack('workers', 0, 'size')

    def test_program_prints_what_the_page_says(self):
        self.assertEqual(1, pages.play('user/sdk.rst', self))

        self.assertEqual((12, 4, 4), self.workers())

    def test_old_generation_is_a_conflict(self):
        client = multicloud.connect(openstack.connect(cloud='home'))
        stack = client.create_stack(
            name='workers', count=10, count_parameter='size'
        )

        client.update_stack(stack.id, count=20, generation=stack.generation)

        self.assertRaises(
            exceptions.ConflictException,
            client.update_stack,
            stack.id,
            count=30,
            generation=stack.generation,
        )
