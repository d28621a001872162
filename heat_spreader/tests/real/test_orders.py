# SPDX-License-Identifier: Apache-2.0
"""What administrators and owners order for real clouds."""

import datetime

from oslo_utils import timeutils

from heat_spreader.tests.real import base
from heat_spreader.tests.real import test_faults


class OrderTestCase(test_faults.FaultTestCase):
    def restore_all(self):
        super().restore_all()
        self.order('--enable')
        self.openstack('cloud', 'unset', 'cairo', '--declare', user='admin')

    def order(self, *words, cloud='cairo'):
        """Order something for a cloud, as an administrator."""
        self.openstack('cloud', 'set', cloud, *words, user='admin')

    def sample_all(self):
        return base.Sampler(self.name, self.clouds)

    def wait_for_member(self, state, cloud='cairo'):
        self.wait_until(lambda: self.member(cloud)['state'] == state, state)

    def wait_in_heat(self, *counts):
        """Wait until the parameters and the groups have these counts.

        An instance that Heat is updating does not count for a moment.
        """
        self.wait_until(
            lambda: self.counts_in_heat() == self.members_in_heat() == counts,
            counts,
        )

    def messages(self, kind):
        listed = self.openstack('event', 'list', self.name, '-f', 'json')
        return [e['Message'] for e in listed if e['Kind'] == kind]


class TestDrains(OrderTestCase):
    def test_drain_moves_all_before_anything_is_removed(self):
        with self.sample_all() as sampler:
            self.order('--drain', '--reason=new kernel', '--wait')
            self.assert_in_heat(7, 3, 0)
            self.assertEqual('DRAINED', self.member('cairo')['state'])
            self.assertIn('new kernel', self.member('cairo')['reason'])
            # Nothing is there that an outage could take away.
            before = self.patches_in_heat()
            self.cairo.heat.kill()
            self.wait_until(
                lambda: self.cloud_states()['cairo'] == 'DOWN', 'down'
            )
            self.assert_others_unchanged(before)
            self.cairo.heat.start()
            self.wait_until(
                lambda: self.cloud_states()['cairo'] == 'UP', 'up again'
            )
            self.assert_others_unchanged(before)
            self.order('--enable')
            self.wait_for_status('ACTIVE')
            self.wait_in_heat(6, 2, 2)
        self.assertGreaterEqual(min(sampler.samples), 10)

    def assert_others_unchanged(self, before):
        self.assertEqual([7, 3], self.living())
        self.assertEqual(before[:2], self.patches_in_heat()[:2])

    def test_drain_ends_by_itself(self):
        self.order('--drain', '--for=20s')
        self.wait_in_heat(7, 3, 0)
        self.wait_in_heat(6, 2, 2)
        shown = self.client.find_cloud('cairo')
        self.assertEqual('ENABLED', shown.admin_state)

    def test_planned_drill_begins_and_ends_by_itself_and_is_reported(self):
        begin = timeutils.utcnow(True) + datetime.timedelta(seconds=10)
        self.order(
            *('--drain', '--drill', f'--from={begin.isoformat()}', '--for=25s')
        )
        planned = self.client.find_cloud('cairo').planned
        self.assertEqual('DRAINING', planned['admin_state'])
        self.assert_in_heat(6, 2, 2)
        self.wait_in_heat(7, 3, 0)
        self.wait_in_heat(6, 2, 2)

        listed = self.openstack(
            *('event', 'list', '--cloud=cairo', '-f', 'json'), user='admin'
        )
        reports = [e['Message'] for e in listed if 'drill' in e['Message']]
        self.assertIn(
            'nothing was unplaced, and ready capacity never went below the '
            'total.',
            reports[-1],
        )

    def test_drain_that_leaves_instances_unplaced_is_refused(self):
        self.set('--max=athens=6', '--max=berlin=2')
        refused = self.assertRaises(
            base.CommandFailed, self.order, '--drain', '--wait'
        )
        self.assertIn(self.name, str(refused))
        self.assert_in_heat(6, 2, 2)

        self.order('--drain', '--force')
        self.wait_for_member('DRAINED')
        # It keeps what nothing else can take.
        self.assert_in_heat(6, 2, 2)

    def test_owner_drains_one_stack_alone(self):
        self.openstack(
            *('stack', 'weight', 'set', self.name, 'cairo'),
            *('--drain', '--reason=tests'),
        )
        self.wait_for_member('DRAINED')
        self.assert_in_heat(7, 3, 0)
        self.assertEqual(
            'ENABLED', self.client.find_cloud('cairo').admin_state
        )
        self.openstack(
            'stack', 'weight', 'set', self.name, 'cairo', '--enable'
        )
        self.wait_in_heat(6, 2, 2)


class TestCordons(OrderTestCase):
    def test_cordoned_cloud_gets_nothing_in_a_failover(self):
        self.order('--cordon')
        self.berlin.heat.kill()
        self.wait_until(
            lambda: self.member('berlin')['state'] == 'UNREACHABLE', 'down'
        )
        self.wait_until(
            lambda: self.athens.group_members(self.name) == 8, '8 in athens'
        )
        self.assertEqual(2, self.cairo.group_members(self.name))
        self.assertEqual(0, self.patches_in_heat()[2])


class TestDeclarations(OrderTestCase):
    def test_cloud_that_is_declared_down_is_replaced_at_once(self):
        self.order('--declare=down', '--reason=fire')
        self.wait_for_member('UNREACHABLE')
        self.wait_until(lambda: self.living() == [7, 3], '7/3')
        self.assertEqual(0, self.patches_in_heat()[2])
        self.assertEqual('UP', self.cloud_states()['cairo'])

        self.openstack('cloud', 'unset', 'cairo', '--declare', user='admin')
        self.wait_in_heat(6, 2, 2)

    def test_cloud_that_is_declared_up_is_not_replaced(self):
        self.order('--declare=up', '--reason=our link')
        self.cairo.heat.kill()
        self.wait_until(lambda: self.cloud_states()['cairo'] == 'DOWN', 'down')
        self.assertEqual([6, 2], self.living())
        self.assertEqual([0, 0], self.patches_in_heat()[:2])

        self.openstack('cloud', 'unset', 'cairo', '--declare', user='admin')
        self.wait_until(lambda: self.living() == [7, 3], '7/3')
