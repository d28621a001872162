# SPDX-License-Identifier: Apache-2.0
"""The templates that readers of the user guide copy are valid."""

import pathlib

import yaml
from oslotest import base

import heat_spreader
from heat_spreader.clouds import group

GUIDE = pathlib.Path(heat_spreader.__file__).parents[1] / 'doc/source/user'
PARAMETER = 'size'


class TestTemplates(base.BaseTestCase):
    """Each template of the user guide."""

    def setUp(self):
        super().setUp()
        self.templates = {
            path.name: yaml.safe_load(path.read_text())
            for path in GUIDE.glob('*.yaml')
        }
        self.assertNotEqual({}, self.templates)

    def test_the_size_of_its_group_is_a_number_that_may_be_0(self):
        for name, template in self.templates.items():
            found = group.uses(template, PARAMETER)
            self.assertEqual(1, len(found.groups + found.passed), name)
            size = template['parameters'][PARAMETER]
            self.assertEqual('number', size['type'], name)
            self.assertEqual(0, size['default'], name)
            self.assertEqual([{'range': {'min': 0}}], size['constraints'])

    def test_the_size_is_the_parameter_that_the_quick_start_names(self):
        quick_start = (GUIDE / 'quickstart.rst').read_text()

        self.assertIn(f'--parameter {PARAMETER} ', quick_start)

    def test_every_parameter_is_used_and_every_used_parameter_exists(self):
        for name, template in self.templates.items():
            self.assertEqual(
                set(template['parameters']), _used(template), name
            )

    def test_template_has_no_outputs(self):
        for name, template in self.templates.items():
            self.assertNotIn('outputs', template, name)

    def test_every_template_is_shown(self):
        guide = (GUIDE / 'template.rst').read_text()

        for name in self.templates:
            self.assertIn(f'.. literalinclude:: {name}\n', guide)


def _used(value):
    """The parameters that a part of a template gets."""
    if isinstance(value, list):
        return set().union(*map(_used, value))
    if not isinstance(value, dict):
        return set()
    if set(value) == {'get_param'}:
        return {value['get_param']}
    return _used([*value.values()])
