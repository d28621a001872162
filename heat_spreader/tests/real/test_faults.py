# SPDX-License-Identifier: Apache-2.0
"""Real faults of real clouds, and what the engine does."""

from heat_spreader.tests.functional.emulator import faults
from heat_spreader.tests.real import base
from heat_spreader.tests.real.testbed import templates


class FaultTestCase(base.RealTestCase):
    """Ten in all, in three clouds that have their shares already."""

    counts = (6, 2, 2)

    def setUp(self):
        super().setUp()
        self.athens, self.berlin, self.cairo = self.clouds
        self.addCleanup(self.restore_all)
        self.create('0.6', '0.2', '0.2')

    def restore_all(self):
        self.site.proxy.fault = None
        self.site.write_clouds_yaml()
        for cloud in self.clouds:
            for part in (cloud.keystone, cloud.heat):
                part.resume()
                part.start()
        self.wait_until(
            lambda: set(self.cloud_states().values()) == {'UP'},
            'up again',
        )

    def patches_in_heat(self):
        return [cloud.patches(self.name) for cloud in self.clouds]

    def living(self):
        return [c.group_members(self.name) for c in self.clouds[:2]]

    def sampler(self):
        """Watch the two clouds that survive each fault."""
        return base.Sampler(self.name, self.clouds[:2])

    def check_outage(self, begin, end):
        """Cairo is lost and comes back; 7/3 meanwhile, then 6/2/2."""
        with self.sampler() as sampler:
            begin()
            self.wait_for_status('DEGRADED')
            self.assertEqual('UNREACHABLE', self.member('cairo')['state'])
            self.assertEqual([7, 3], self.living())
            end()
            self.wait_for_status('ACTIVE')
        self.assert_in_heat(6, 2, 2)
        self.assertGreaterEqual(min(sampler.samples), 8)
        self.assertEqual([2, 2, 0], self.patches_in_heat())

    def check_nothing_moves(self, begin, state, end):
        """Something is wrong in cairo, and the others do not change."""
        with self.sampler() as sampler:
            begin()
            self.wait_until(
                lambda: self.member('cairo')['state'] == state, state
            )
            end()
            self.wait_for_status('ACTIVE')
        self.assert_in_heat(6, 2, 2)
        self.assertEqual([0, 0], self.patches_in_heat()[:2])
        self.assertEqual({8}, set(sampler.samples))


class TestOutage(FaultTestCase):
    def test_killed_heat_is_an_outage(self):
        self.check_outage(self.cairo.heat.kill, self.cairo.heat.start)

    def test_suspended_heat_is_an_outage(self):
        self.check_outage(self.cairo.heat.suspend, self.cairo.heat.resume)

    def test_killed_keystone_and_heat_are_an_outage(self):
        def begin():
            self.cairo.keystone.kill()
            self.cairo.heat.kill()

        def end():
            self.cairo.keystone.start()
            self.cairo.heat.start()

        self.check_outage(begin, end)

    def test_suspended_keystone_is_an_outage_without_a_token(self):
        def begin():
            self.cairo.keystone.suspend()
            self.site.restart_engine()

        self.check_outage(begin, self.cairo.keystone.resume)

    def test_suspended_keystone_does_no_harm_while_tokens_are_cached(self):
        """Heat keeps answering, so the stack is not affected."""
        self.cairo.keystone.suspend()
        before = self.cloud_states()['cairo']
        self.set('--count', '11')

        self.assertEqual('UP', before)
        self.assertEqual('ACTIVE', self.show()['status'])
        self.assertEqual('UP', self.cloud_states()['cairo'])
        self.assertEqual(11, sum(self.counts_in_heat()))

    def test_heat_that_answers_503_is_an_outage(self):
        self.check_proxy_outage(faults.answer(503))

    def test_connections_that_are_reset_are_an_outage(self):
        self.check_proxy_outage(faults.RESET)

    def check_proxy_outage(self, fault):
        self.check_outage(
            lambda: setattr(self.site.proxy, 'fault', fault),
            lambda: setattr(self.site.proxy, 'fault', None),
        )

    def test_instances_of_two_lost_clouds_move_to_the_third(self):
        with base.Sampler(self.name, [self.athens]) as sampler:
            self.berlin.heat.kill()
            self.cairo.heat.kill()
            self.wait_for_status('DEGRADED')
            self.wait_until(
                lambda: self.athens.group_members(self.name) == 10,
                'all of it in athens',
            )
            self.berlin.heat.start()
            self.cairo.heat.start()
            self.wait_for_status('ACTIVE')
        self.assert_in_heat(6, 2, 2)
        self.assertGreaterEqual(min(sampler.samples), 6)
        self.assertEqual([0], self.patches_in_heat()[2:])

    def test_nothing_moves_while_all_clouds_are_lost(self):
        for cloud in self.clouds:
            cloud.heat.suspend()
        self.wait_for_status('FROZEN')
        for cloud in self.clouds:
            cloud.heat.resume()
        self.wait_for_status('ACTIVE')

        self.assert_in_heat(6, 2, 2)
        self.assertEqual([0, 0, 0], self.patches_in_heat())


class TestHeld(FaultTestCase):
    def test_nothing_moves_after_a_wrong_password(self):
        def begin():
            self.site.write_clouds_yaml(password='not-this-one')
            self.site.restart_engine()

        self.check_nothing_moves(
            begin, 'UNAUTHORIZED', self.site.write_clouds_yaml
        )

    def test_nothing_moves_while_a_stack_is_suspended(self):
        self.check_nothing_moves(
            lambda: self.cairo.act(self.name, 'suspend'),
            'REJECTED',
            lambda: self.cairo.act(self.name, 'resume'),
        )


class TestExternalChanges(FaultTestCase):
    def test_weight_of_a_deleted_stack_is_spread(self):
        with self.sampler() as sampler:
            self.cairo.delete_stack(self.name)
            self.wait_for_status('DEGRADED')
            self.assertEqual('MISSING', self.member('cairo')['state'])
            self.assertEqual([7, 3], self.living())
            self.cairo.create_stack(self.name, 0)
            self.wait_for_status('ACTIVE')
        self.assert_in_heat(6, 2, 2)
        self.assertGreaterEqual(min(sampler.samples), 8)

    def test_manual_change_of_the_count_is_reverted(self):
        with self.sampler() as sampler:
            self.cairo.set_count(self.name, 5)
            self.wait_until(
                lambda: self.patches_in_heat()[2] == 2, 'changed back'
            )
            self.wait_for_status('ACTIVE')
        self.assert_in_heat(6, 2, 2)
        self.assertEqual({8}, set(sampler.samples))


class TestFailedUpdate(base.RealTestCase):
    """Instances cannot be created in cairo."""

    counts = (6, 4, None)

    def test_scale_down_does_not_follow_a_failed_scale_up(self):
        athens, berlin, cairo = self.clouds
        cairo.create_stack(self.name, 0, templates.group('count', fail=True))
        self.create('0.6', '0.4', '0')
        with base.Sampler(self.name, [athens, berlin]) as sampler:
            self.openstack(
                *('stack', 'set', self.name),
                *self.weights('0.4', '0.4', '0.2'),
            )
            self.wait_until(
                lambda: (
                    'cairo has 0 of 2 instances ready'
                    in self.reason('DEGRADED')
                ),
                'failed',
            )
            self.assertEqual(6, athens.count(self.name))
            self.set(*self.weights('0.6', '0.4', '0'))
        self.assert_in_heat(6, 4, 0)
        self.assertEqual({10}, set(sampler.samples))
        self.assertEqual(
            [0, 0], [c.patches(self.name) for c in (athens, berlin)]
        )
