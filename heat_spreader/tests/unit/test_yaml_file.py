# SPDX-License-Identifier: Apache-2.0
import pathlib

import fixtures
from oslotest import base

from heat_spreader import yaml_file


class TestLoad(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.useFixture(fixtures.TempDir()).path

    def load(self, content):
        path = pathlib.Path(self.folder, 'some.yaml')
        path.write_bytes(content)
        return yaml_file.load(str(path))

    def refused(self, content):
        exc = self.assertRaises(ValueError, self.load, content)
        return str(exc)

    def test_returns_the_content(self):
        self.assertEqual({'a': ['b', 1]}, self.load(b'a: [b, 1]'))
        self.assertIsNone(self.load(b''))

    def test_missing_file_is_not_a_broken_one(self):
        self.assertRaises(
            FileNotFoundError, yaml_file.load, f'{self.folder}/other.yaml'
        )

    def test_file_that_cannot_be_opened_is_reported_with_the_reason(self):
        exc = self.assertRaises(ValueError, yaml_file.load, self.folder)

        self.assertEqual('Is a directory', str(exc))

    def test_broken_yaml_is_reported_by_its_line_and_never_quoted(self):
        self.assertEqual(
            'it is not YAML (line 2)', self.refused(b'a: 1\nb: "x" secret\n')
        )
        self.assertEqual('it is not YAML', self.refused(b'\x07'))
        self.assertEqual('it is not YAML', self.refused(b'a: \xff'))
