# SPDX-License-Identifier: Apache-2.0
from oslotest import base

from heat_spreader import exception
from heat_spreader.conf import clouds
from heat_spreader.tests.unit.conf import base as conf_base


class TestNames(base.BaseTestCase):
    def test_name_that_the_api_has_a_url_for_is_refused(self):
        conf = conf_base.make_conf()
        conf.set_override('enabled', ['athens', 'readiness'], 'clouds')

        self.assertRaisesRegex(
            exception.ConfigurationInvalid,
            'A cloud cannot be named readiness',
            clouds.register_cloud_opts,
            conf,
        )
