# SPDX-License-Identifier: Apache-2.0
"""One stack over three real clouds, by the real client."""

from heat_spreader.tests.real import base


class TestSpreading(base.RealTestCase):
    def test_new_stack_reaches_its_shares(self):
        self.create('0.6', '0.2', '0.2')

        self.assert_in_heat(6, 2, 2)
        shown = self.show()
        self.assertEqual('ACTIVE', shown['status'])
        self.assertEqual(
            [('OK', 6, 6), ('OK', 2, 2), ('OK', 2, 2)],
            [(m['state'], m['count'], m['ready']) for m in shown['members']],
        )

    def test_weights_set_one_by_one_reach_the_shares(self):
        self.create()
        for cloud, weight in zip(
            self.clouds, ('0.6', '0.2', '0.2'), strict=True
        ):
            self.openstack(
                *('stack', 'weight', 'set', self.name, cloud.name),
                *('--weight', weight, '--wait'),
            )

        self.assert_in_heat(6, 2, 2)

    def test_five_instances_at_thirds_sum_to_five(self):
        self.create('0.333333', '0.333333', '0.333333', count=5)

        self.assertEqual(5, sum(self.counts_in_heat()))
        self.assertEqual(5, sum(self.members_in_heat()))

    def test_eleventh_instance_changes_one_cloud(self):
        self.create('0.6', '0.2', '0.2')
        before, sent = self.counts_in_heat(), len(self.patches())

        self.set('--count', '11')

        after = self.counts_in_heat()
        self.assertEqual(
            [0, 0, 1],
            sorted(b - a for a, b in zip(before, after, strict=True)),
        )
        self.assertEqual(1, len(self.patches()) - sent)

    def test_delete_leaves_heat_unchanged(self):
        self.create('0.6', '0.2', '0.2')
        self.openstack('stack', 'delete', self.name)

        listed = self.openstack('stack', 'list', '-f', 'json')
        self.assertNotIn(self.name, [row['Name'] for row in listed])
        self.assert_in_heat(6, 2, 2)

    def test_wrong_parameter_is_reported_and_nothing_is_sent(self):
        self.create('0.6', '0.2', '0.2', parameter='size', wait=False)
        self.wait_for_status('ERROR')

        self.assertEqual('PARAMETER_MISSING', self.member('athens')['state'])
        self.assertEqual([], self.patches())
        self.assert_in_heat(1, 1, 1)


class TestMakeBeforeBreak(base.RealTestCase):
    counts = (6, 4, None)

    def test_change_of_weights_grows_before_it_shrinks(self):
        self.create('0.6', '0.4')
        pair = self.clouds[:2]
        with base.Sampler(self.name, pair) as sampler:
            self.set(*self.weights('0.4', '0.6'))

        self.assertEqual(
            [4, 6], [cloud.group_members(self.name) for cloud in pair]
        )
        self.assertGreater(len(sampler.samples), 5)
        self.assertEqual(10, min(sampler.samples), sampler.samples)
        self.assertEqual(
            ['berlin', 'athens'], [cloud for cloud, _ in self.patches()]
        )


class TestMissing(base.RealTestCase):
    counts = (6, 2, None)

    def test_weight_of_a_missing_stack_is_spread(self):
        self.create('0.6', '0.2', '0.2')

        self.assertEqual('MISSING', self.member('cairo')['state'])
        self.assertEqual('DEGRADED', self.show()['status'])
        self.assertEqual(
            [7, 3], [c.group_members(self.name) for c in self.clouds[:2]]
        )

        self.clouds[2].create_stack(self.name, 1)
        self.wait_for_status('ACTIVE')
        self.assert_in_heat(6, 2, 2)


class TestKilledEngine(base.RealTestCase):
    def test_engine_killed_during_a_change_finishes_it_after_a_restart(self):
        """It ends at the right counts, and no busy stack gets a PATCH."""
        self.create('0.6', '0.2', '0.2')
        self.openstack('stack', 'set', self.name, '--count', '20')
        self.wait_until(
            lambda: (
                'UPDATE_IN_PROGRESS'
                in [cloud.status(self.name) for cloud in self.clouds]
            ),
            'in the middle of the change',
        )
        self.spreader.engine.kill()
        self.addCleanup(self.spreader.engine.launch)
        self.spreader.engine.launch()
        self.wait_for_status('ACTIVE')

        self.assert_in_heat(12, 4, 4)
        for cloud in self.clouds:
            self.assertEqual('UPDATE_COMPLETE', cloud.status(self.name))
            self.assertEqual(2, cloud.patches(self.name), cloud.name)


class TestProjects(base.RealTestCase):
    def test_other_projects_see_nothing(self):
        self.create('0.6', '0.2', '0.2')

        self.assertEqual(
            [], self.openstack('stack', 'list', '-f', 'json', user='bob')
        )
        self.assertRaisesRegex(
            base.CommandFailed,
            f'{self.name}',
            self.openstack,
            *('stack', 'show', self.name),
            user='bob',
        )

    def test_reader_may_read_and_not_change(self):
        self.create('0.6', '0.2', '0.2')

        self.openstack('stack', 'show', self.name, user='rita')
        self.assertRaisesRegex(
            base.CommandFailed,
            'stacks:update',
            self.openstack,
            *('stack', 'set', self.name, '--count', '3'),
            user='rita',
        )
        self.assert_in_heat(6, 2, 2)
