# SPDX-License-Identifier: Apache-2.0
"""Which project may use which cloud."""

from oslotest import base

from heat_spreader import access
from heat_spreader import exception
from heat_spreader.conf import clouds
from heat_spreader.tests.unit.conf import base as conf_base


class AccessTestCase(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.conf = conf_base.make_conf()
        self.conf.set_override('enabled', ['a', 'c', 'b'], 'clouds')
        clouds.register_cloud_opts(self.conf)
        self.conf.set_override('projects', ['p1', 'p2'], 'cloud_b')
        self.conf.set_override('projects', ['*'], 'cloud_c')


class TestUsable(AccessTestCase):
    def usable(self, project_id, as_admin=False):
        return access.usable(self.conf, project_id, as_admin)

    def test_project_may_use_the_clouds_it_was_given(self):
        self.assertEqual(['b', 'c'], self.usable('p1'))

    def test_star_allows_every_project(self):
        self.assertEqual(['c'], self.usable('p3'))

    def test_without_projects_only_an_administrator_may_use_a_cloud(self):
        self.assertNotIn('a', self.usable('p1'))
        self.assertEqual(['a', 'b', 'c'], self.usable('p1', as_admin=True))

    def test_cloud_that_is_not_enabled_may_not_be_used_at_all(self):
        self.conf.set_override('enabled', ['a'], 'clouds')

        for as_admin in (False, True):
            self.assertFalse(access.is_allowed(self.conf, 'p1', 'b', as_admin))


class TestCheck(AccessTestCase):
    def check(self, *clouds, as_admin=False):
        return access.check(self.conf, 'p1', clouds, as_admin)

    def test_clouds_of_the_project_need_no_administrator(self):
        self.assertEqual(set(), self.check('b', 'c'))

    def test_cloud_of_other_projects_does_not_exist(self):
        missing = self.assertRaises(exception.CloudUnknown, self.check, 'gone')
        exc = self.assertRaises(exception.CloudUnknown, self.check, 'a')
        self.assertEqual(str(missing), str(exc).replace("'a'", "'gone'"))

    def test_cloud_that_an_administrator_gives_is_returned(self):
        self.assertEqual({'a'}, self.check('a', 'b', as_admin=True))

    def test_unknown_cloud_is_refused_with_those_that_may_be_used(self):
        for as_admin, known in ((False, 'b, c'), (True, 'a, b, c')):
            exc = self.assertRaises(
                exception.CloudUnknown, self.check, 'gone', as_admin=as_admin
            )
            self.assertIn(f': {known}.', str(exc))
