# SPDX-License-Identifier: Apache-2.0
"""The examples that readers of the documentation copy are valid."""

import configparser
import pathlib

import yaml
from keystoneauth1 import loading
from keystonemiddleware import auth_token
from oslo_config import cfg
from oslo_db import options as db_options
from oslotest import base

import heat_spreader
from heat_spreader.clouds import connection
from heat_spreader.clouds import group
from heat_spreader.conf import clouds
from heat_spreader.conf import opts

TOP = pathlib.Path(heat_spreader.__file__).parents[1]
DOCUMENTS = TOP / 'doc' / 'source'
CONF = DOCUMENTS / 'configuration' / 'heat-spreader.conf'
CLOUDS = DOCUMENTS / 'configuration' / 'clouds.yaml'
TEMPLATES = DOCUMENTS / 'user'
PARAMETER = 'size'
UNITS = TOP / 'etc' / 'heat_spreader'


class TestTemplates(base.BaseTestCase):
    """Each template of the user guide."""

    def setUp(self):
        super().setUp()
        self.templates = {
            path.name: yaml.safe_load(path.read_text())
            for path in TEMPLATES.glob('*.yaml')
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
        quick_start = (DOCUMENTS / 'user' / 'quickstart.rst').read_text()

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
        guide = (TEMPLATES / 'template.rst').read_text()

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


class TestConfiguration(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.conf = cfg.ConfigOpts()
        opts.register_opts(self.conf)
        db_options.set_defaults(self.conf)
        for group, options in auth_token.list_opts():
            self.conf.register_opts(options, group=group)
        self.conf([], default_config_files=[str(CONF)])
        clouds.register_cloud_opts(self.conf)
        loading.register_auth_conf_options(self.conf, 'keystone_authtoken')
        loading.load_auth_from_conf_options(self.conf, 'keystone_authtoken')

    def test_every_configured_option_exists_and_has_a_value(self):
        parser = configparser.RawConfigParser()
        parser.read(CONF)

        for group in parser.sections():
            for option in parser[group]:
                self.assertIsNotNone(self.conf[group][option])

    def test_every_cloud_is_given_to_a_project(self):
        for cloud in self.conf.clouds.enabled:
            self.assertNotEqual(
                [], self.conf[clouds.cloud_group(cloud)].projects
            )

    def test_clouds_yaml_has_the_enabled_clouds_and_can_be_used(self):
        named = yaml.safe_load(CLOUDS.read_text())['clouds']

        self.assertEqual(self.conf.clouds.enabled, list(named))
        for cloud in named:
            region = connection.find_entry(cloud, [str(CLOUDS)]).region
            self.assertEqual('RegionOne', region.get_region_name())


class TestUnits(base.BaseTestCase):
    def test_every_unit_starts_an_existing_program(self):
        ours = (TOP / 'pyproject.toml').read_text()
        units = sorted(UNITS.glob('*.service'))

        self.assertNotEqual([], units)
        for unit in units:
            parser = configparser.RawConfigParser(strict=False)
            parser.read(unit)
            path = pathlib.Path(parser['Service']['ExecStart'].split()[0])
            if path.name != 'uwsgi':
                self.assertIn(f'{path.name} = "', ours)
