# SPDX-License-Identifier: Apache-2.0
import datetime
import json
import logging

from oslo_log import formatters
from oslo_log import log as oslo_log
from oslotest import base

from heat_spreader import context
from heat_spreader import json_log
from heat_spreader import version


class Kept(logging.Handler):
    """Keeps the lines as JSON."""

    def __init__(self):
        super().__init__()
        self.entries = []

    def emit(self, record):
        self.entries.append(json.loads(self.format(record)))


class TestFormatter(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.handler = Kept()
        self.handler.setFormatter(formatters.JSONFormatter())
        root = logging.getLogger()
        root.addHandler(self.handler)
        self.addCleanup(root.removeHandler, self.handler)
        json_log.install()

    def test_lines_of_ours_and_of_libraries_have_the_project_and_version(self):
        oslo_log.getLogger('heat_spreader.x').warning('%(n)s.', {'n': 1})
        with context.for_engine(cloud='athens'):
            logging.getLogger('library').warning('Two.')

        for entry, message in zip(
            self.handler.entries, ('1.', 'Two.'), strict=True
        ):
            self.assertEqual(message, entry['message'])
            self.assertEqual(
                {
                    'project': 'heat-spreader',
                    'version': version.installed(),
                },
                {
                    name: entry['extra'][name]
                    for name in ('project', 'version')
                },
            )

    def test_time_has_its_zone(self):
        logging.getLogger('library').warning('One.')

        (entry,) = self.handler.entries
        moment = datetime.datetime.fromisoformat(entry['asctime'])
        self.assertIsNotNone(moment.utcoffset())
        self.assertAlmostEqual(entry['created'], moment.timestamp(), 2)

    def test_other_handlers_keep_their_form(self):
        plain = logging.StreamHandler()
        plain.setFormatter(logging.Formatter('%(message)s'))
        root = logging.getLogger()
        root.addHandler(plain)
        self.addCleanup(root.removeHandler, plain)
        before = plain.formatter
        json_log.install()

        self.assertIs(before, plain.formatter)
