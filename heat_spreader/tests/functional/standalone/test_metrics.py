# SPDX-License-Identifier: Apache-2.0
"""Both halves of ``heat-spreader run``, each with its metrics."""

from heat_spreader.tests.functional import scrape
from heat_spreader.tests.functional.standalone import base


class TestMetrics(base.RunTestCase):
    def test_each_half_has_its_own_port(self):
        config_file = self.service.config_file(
            metrics={'enabled': True, 'api_port': 0, 'engine_port': 0}
        )
        self.service.start('--config-file', str(config_file))
        wait_for = self.service.process.wait_for
        urls = [wait_for(scrape.LISTENING)[1] for _ in range(2)]
        self.list()

        output = ''.join(scrape.text(url) for url in urls)
        self.assertIn('heat_spreader_cloud_state{cloud="cairo"', output)
        self.assertIn('route="/v1/stacks"', output)
        self.assertEqual(0, self.service.stop())
