# SPDX-License-Identifier: Apache-2.0
"""The examples that readers of the documentation copy are valid."""

import configparser
import pathlib
import re
import tomllib

import yaml
from keystoneauth1 import loading
from keystonemiddleware import auth_token
from oslo_config import cfg
from oslo_db import options as db_options
from oslotest import base

import heat_spreader
from heat_spreader.clouds import entry
from heat_spreader.cmd import status
from heat_spreader.conf import clouds
from heat_spreader.conf import opts

TOP = pathlib.Path(heat_spreader.__file__).parents[1]
DOCUMENTS = TOP / 'doc' / 'source'
CONF = DOCUMENTS / 'configuration' / 'heat-spreader.conf'
CLOUDS = DOCUMENTS / 'configuration' / 'clouds.yaml'
UNITS = TOP / 'etc' / 'heat_spreader'


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
            region = entry.find(cloud, [str(CLOUDS)]).region
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


class TestPorts(base.BaseTestCase):
    def test_page_and_picture_of_the_network_have_the_default_ports(self):
        conf = cfg.ConfigOpts()
        opts.register_opts(conf)
        conf([], default_config_files=[])
        ports = conf.api.port, conf.metrics.api_port, conf.metrics.engine_port

        for name in ('admin/network.rst', 'images/network.svg'):
            text = (DOCUMENTS / name).read_text()
            for port in ports:
                self.assertIn(str(port), text, name)


class TestPrograms(base.BaseTestCase):
    def test_every_program_has_a_page_made_from_its_parsers(self):
        ours = tomllib.loads((TOP / 'pyproject.toml').read_text())
        made = [
            line
            for path in (DOCUMENTS / 'cli').glob('*.rst')
            for line in path.read_text().splitlines()
            if re.match(r'\.\. program-|   :application: ', line)
        ]

        self.assertGreater(len(ours['project']['scripts']), 4)
        for name in ours['project']['scripts']:
            self.assertIn(name, ' '.join(made).split())

    def test_page_of_status_has_every_check(self):
        page = (DOCUMENTS / 'cli' / 'heat-spreader-status.rst').read_text()
        table = page[: page.index('Exit codes')]

        self.assertEqual(
            ['Check', *(name for name, _ in status.Checks._upgrade_checks)],
            re.findall(r'(?m)^   \* - (.+)$', table),
        )
