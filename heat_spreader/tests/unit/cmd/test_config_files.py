# SPDX-License-Identifier: Apache-2.0
"""Options in configuration files that are unknown or deprecated."""

import pathlib

import fixtures
from oslo_config import cfg
from oslo_log import log as logging
from oslotest import base

import heat_spreader
from heat_spreader.cmd import config_files
from heat_spreader.conf import clouds
from heat_spreader.conf import opts

GENERATOR = pathlib.Path(
    heat_spreader.__file__, '../../etc/heat_spreader/config-generator.conf'
)


class TestConfigFiles(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)

    def unknown_or_deprecated(self, text, **more):
        """Return the warnings for a file, and for others in a --config-dir."""
        file = self.directory / 'main.conf'
        file.write_text(text)
        args = [f'--config-file={file}']
        for name, content in more.items():
            folder = self.directory / 'conf.d'
            folder.mkdir(exist_ok=True)
            (folder / f'{name}.conf').write_text(content)
            args.append(f'--config-dir={folder}')
        conf = cfg.ConfigOpts()
        logging.register_options(conf)
        opts.register_opts(conf)
        conf(args, project='heat-spreader')
        clouds.register_cloud_opts(conf)
        return config_files.unknown_or_deprecated(conf)

    def assert_said(self, words, text, **more):
        (sentence,) = self.unknown_or_deprecated(text, **more)
        self.assertIn(words, sentence)

    def test_options_that_are_read_are_not_reported(self):
        self.assertEqual(
            [],
            self.unknown_or_deprecated(
                '[DEFAULT]\ndebug = true\n'
                '[api]\nmax_limit = 5\n'
                '[clouds]\nenabled = east\n'
                '[cloud_east]\nprojects = *\n'
                '[cors]\nallowed_origin = x\n'
                '[database]\nconnection = x\n'
                '[oslo_middleware]\nmax_request_body_size = 1\n'
                '[oslo_policy]\npolicy_file = x\n'
                '[keystone_authtoken]\nauth_type = password\n'
                'auth_url = x\nusername = x\npassword = x\n'
                'memcached_servers = x\n'
            ),
        )

    def test_an_option_that_is_misspelled_is_named(self):
        for option, group in (
            ('max_limits', 'api'),
            # oslo.config reads it on the command line only.
            ('max-limit', 'api'),
            ('survey_interval', 'health'),
            ('debugg', 'DEFAULT'),
        ):
            self.assert_said(
                'main.conf is unknown and has no effect: it is misspelled or '
                'was removed.',
                f'[{group}]\n{option} = 1\n',
            )
            self.assert_said(
                f'The option {option} in [{group}] of ',
                f'[{group}]\n{option} = 1\n',
            )

    def test_an_option_of_a_group_that_does_not_exist_is_named(self):
        self.assert_said('x in [wsgi]', '[wsgi]\nx = 1\n')
        self.assert_said(
            'projects in [cloud_west]',
            '[clouds]\nenabled = east\n[cloud_west]\nprojects = *\n',
        )

    def test_an_option_of_another_auth_type_is_named(self):
        self.assert_said(
            'token in [keystone_authtoken]',
            '[keystone_authtoken]\nauth_type = password\ntoken = x\n',
        )

    def test_the_options_of_a_directory_are_checked_too(self):
        self.assert_said('more.conf', '', more='[api]\nx = 1\n')

    def test_an_old_name_is_reported_with_the_new_one(self):
        old = cfg.DeprecatedOpt('old', group='past')
        known = {'past': {}, 'api': {}}
        config_files._add(
            known, 'api', cfg.StrOpt('new', deprecated_opts=[old])
        )

        self.assertEqual(
            'The option old in [past] of f was renamed to new in [api].',
            config_files._sentence(known, 'f', 'past', 'old'),
        )

    def test_an_option_that_is_deprecated_is_named_with_the_reason(self):
        known = {'api': {}}
        config_files._add(
            known,
            'api',
            cfg.StrOpt(
                'fading',
                deprecated_for_removal=True,
                deprecated_reason='It has no use.',
            ),
        )

        self.assertEqual(
            'The option fading in [api] of f is deprecated. It has no use.',
            config_files._sentence(known, 'f', 'api', 'fading'),
        )

    def test_every_group_of_the_sample_is_known(self):
        lines = GENERATOR.resolve().read_text().splitlines()

        self.assertEqual(
            [
                line.partition(' = ')[2]
                for line in lines
                if line.startswith('namespace')
            ],
            list(config_files.NAMESPACES),
        )
