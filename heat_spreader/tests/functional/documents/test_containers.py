# SPDX-License-Identifier: Apache-2.0
"""The recipe of the images: what hadolint does not check."""

import configparser
import json
import pathlib
import re

import yaml
from oslotest import base

import heat_spreader
from heat_spreader import routes
from heat_spreader.conf import api

TOP = pathlib.Path(heat_spreader.__file__).parents[1]
RECIPE = TOP / 'containers' / 'Containerfile'
COMPOSE = TOP / 'containers' / 'compose.yaml'
GUIDE = TOP / 'doc' / 'source' / 'install' / 'containers.rst'
# The systemd units are for the same programs.
UNITS = TOP / 'etc' / 'heat_spreader'
PROGRAMS = ('api', 'engine')


def stages():
    """The instructions of each stage by its name, as pairs."""
    text = RECIPE.read_text().replace('\\\n', '')
    lines = [
        line.partition(' ')
        for line in text.splitlines()
        if line and not line.startswith('#')
    ]
    found, current = {}, None
    for word, _, rest in lines:
        if word == 'FROM':
            source, _, name = rest.partition(' AS ')
            current = found[name] = [*found.get(source, [])]
        elif current is not None:
            current.append((word, rest))
    return found


class TestImages(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.images = {name: dict(stages()[name]) for name in PROGRAMS}

    def test_each_program_has_an_image_that_starts_it(self):
        for name, image in self.images.items():
            self.assertEqual(
                [f'heat-spreader-{name}'], json.loads(image['CMD'])
            )

    def test_no_image_runs_as_root(self):
        for image in self.images.values():
            self.assertRegex(image['USER'], r'^[1-9]\d*$')

    def test_each_image_has_the_health_check_of_its_program(self):
        checks = {
            name: json.loads(image['HEALTHCHECK'].partition('CMD')[2])
            for name, image in self.images.items()
        }
        (port,) = [opt.default for opt in api.OPTS if opt.name == 'port']

        self.assertIn(f':{port}{routes.HEALTHCHECK}', checks['api'][-1])
        self.assertEqual(
            ['heat-spreader-manage', 'engine', 'check'], checks['engine']
        )

    def test_guide_names_the_user_of_the_images(self):
        for image in self.images.values():
            self.assertIn(f'user ID {image["USER"]}', GUIDE.read_text())


class TestCompose(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.services = yaml.safe_load(COMPOSE.read_text())['services']

    def test_each_program_gets_the_time_to_stop_of_its_unit(self):
        for name in PROGRAMS:
            unit = configparser.ConfigParser(strict=False, delimiters='=')
            unit.read(UNITS / f'heat-spreader-{name}.service')

            self.assertEqual(
                f'{unit["Service"]["TimeoutStopSec"]}s',
                self.services[name]['stop_grace_period'],
            )

    def test_services_use_the_images_of_the_recipe(self):
        for name in PROGRAMS:
            self.assertEqual(name, self.services[name]['build']['target'])
            self.assertEqual(
                f'heat-spreader-{name}', self.services[name]['image']
            )

    def test_only_the_engine_gets_the_credentials_of_the_clouds(self):
        holders = [
            name
            for name, service in self.services.items()
            if re.search('clouds.yaml', str(service.get('volumes')))
        ]

        self.assertEqual(['engine'], holders)
