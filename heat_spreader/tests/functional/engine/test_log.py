# SPDX-License-Identifier: Apache-2.0
"""The stack and the cloud in the log of a real engine."""

import re

from heat_spreader.db import clouds
from heat_spreader.tests import process
from heat_spreader.tests.functional.engine import base

LINE = re.compile(r'\S+ \S+ \d+ (\w+) (\S+) \[(req-\S+|-)( [^]]*)?\] (.*)')
# With every request to a cloud.
REQUESTS = 'urllib3.connectionpool'
DEBUG = {'debug': True, 'default_log_levels': f'{REQUESTS}=DEBUG'}


class TestLog(base.ProcessTestCase):
    def setUp(self):
        super().setUp()
        engine = self.start(DEFAULT=DEBUG)
        self.wait_for(6, 2, 2)
        self.assertEqual(0, engine.stop())
        self.lines = [
            line.groups('')
            for line in map(LINE.match, engine.log.read_text().splitlines())
            if line
        ]

    def about(self, logger, words):
        """Return the context of the lines of a logger that match."""
        found = [
            (request_id, about.split(), text)
            for _, name, request_id, about, text in self.lines
            if name == logger and re.search(words, text)
        ]
        self.assertNotEqual([], found)
        return found

    def test_line_of_an_update_has_its_stack_cloud_and_request_id(
        self,
    ):
        passes = {
            event.cloud: event.request_id
            for event in self.events_of(self.stack_id, 'MEMBER_PATCHED')
        }
        self.assertEqual(set(base.NAMES), set(passes))
        for cloud, request_id in passes.items():
            ((logged_id, about, _),) = self.about(
                'heat_spreader.engine.act', f' in {cloud}: .*accepted by Heat'
            )
            self.assertEqual(request_id, logged_id)
            self.assertEqual(
                ['project=p', f'stack={self.stack_id}', f'cloud={cloud}'],
                about,
            )

    def test_line_of_a_request_has_its_cloud(self):
        for name, cloud in self.clouds.items():
            for url in (cloud.keystone.url, cloud.heat.url):
                for _, about, text in self.about(REQUESTS, url):
                    self.assertIn(f'cloud={name}', about, text)

    def test_line_of_a_read_or_update_has_its_stack(self):
        stack = f'stack={self.stack_id}'
        for words in ('"GET /v1/[^ ?]*/stacks/web/', '"PATCH '):
            for _, about, text in self.about(REQUESTS, words):
                self.assertIn(stack, about, text)

    def test_each_survey_has_a_request_id_of_its_own(self):
        surveys = self.about('heat_spreader.engine.survey', 'is UP')

        self.assertEqual(3, len({request_id for request_id, *_ in surveys}))
        for _, about, text in surveys:
            self.assertEqual(1, len(about), text)

    def test_line_outside_of_any_work_has_no_context(self):
        ((request_id, about, _),) = self.about(
            'heat_spreader.engine.service', 'Clouds: '
        )

        self.assertEqual(('-', []), (request_id, about))


class TestOutage(base.ProcessTestCase):
    def test_outage_is_logged_when_it_begins_and_not_in_every_survey(self):
        engine = self.start()
        self.wait_for(6, 2, 2)
        self.clouds['cairo'].stop()
        engine.wait_for('The cloud cairo is DOWN')
        failures = len(engine.text())
        # It goes on for some surveys.
        before = self.checked_at()
        process.wait_until(
            lambda: self.checked_at() > before, lambda: 'no more surveys'
        )

        self.assertNotIn('discover', engine.text())
        self.assertNotIn('cairo cannot', engine.text()[failures:])

    def checked_at(self):
        return clouds.get_all(self.ctx)['cairo'].checked_at
