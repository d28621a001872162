# SPDX-License-Identifier: Apache-2.0
"""What the DevStack plugin requests from DevStack, and what it writes."""

from openstack import config
from oslotest import base

from heat_spreader.tests.functional.devstack import plugin

CLOUDS = 'athens,berlin::alt_demo,cairo:RegionTwo'


class PluginTestCase(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.plugin = self.useFixture(plugin.Plugin())
        # Most tests do not need the database.
        self.plugin.program('heat-spreader-manage')

    def run_phases(self, *phases, **variables):
        """Run phases that must succeed; their output."""
        self.plugin.variables.update(variables)
        done = self.plugin.run(*phases)
        self.assertEqual(
            (0, ''), (done.returncode, self.plugin.refused), done.stdout
        )
        return done.stdout

    def assert_dies(self, words, *phases, **variables):
        self.plugin.variables.update(variables)
        done = self.plugin.run(*phases)
        self.assertEqual('', self.plugin.refused, done.stdout)
        self.assertEqual(1, done.returncode, done.stdout)
        self.assertIn(words, done.stdout)

    def calls(self, *names):
        """The calls of some functions, in their order."""
        return [call for call in self.plugin.calls if call[0] in names]


class TestPhases(PluginTestCase):
    def test_pre_install_installs_and_writes_nothing(self):
        self.run_phases('stack pre-install')

        self.assertEqual({}, self.plugin.files())
        self.assertEqual(
            [['define_plugin', 'heat-spreader']],
            [call for call in self.plugin.calls if 'requires' not in call[0]],
        )

    def test_install_installs_the_checkout_and_what_bindep_names(self):
        self.run_phases('stack install')

        self.assertEqual(
            [
                [
                    'setup_develop',
                    '-bindep',
                    str(plugin.DEVSTACK.parent),
                    'server',
                ]
            ],
            self.calls('setup_develop'),
        )

    def test_post_config_makes_the_accounts(self):
        self.run_phases('stack post-config')

        url = 'http://192.0.2.1/multicloud'
        self.assertEqual(
            [
                ['create_service_user', 'heat-spreader'],
                [
                    'get_or_create_service',
                    'heat-spreader',
                    'multicloud',
                    'Heat stacks over several clouds',
                ],
                ['get_or_create_endpoint', 'multicloud', 'RegionOne', url],
                ['get_or_create_project', 'demo', 'default'],
                [
                    'get_or_add_user_project_role',
                    'member',
                    'demo',
                    'demo',
                    'default',
                    'default',
                ],
            ],
            [
                call
                for call in self.plugin.calls
                if call[0].startswith(('create_', 'get_or_'))
            ],
        )

    def test_extra_makes_the_database_before_it_starts_anything(self):
        self.run_phases('stack post-config')
        self.run_phases('stack extra')

        programs = self.plugin.place / 'bin'
        conf = str(self.plugin.conf)
        health = 'http://192.0.2.1/multicloud/healthcheck'
        self.assertEqual(
            [
                ['recreate_database', 'heat_spreader'],
                [
                    'mysql',
                    '-uroot',
                    f'-p{plugin.DATABASE_PASSWORD}',
                    '-h127.0.0.1',
                    '-e',
                    'ALTER DATABASE heat_spreader CHARACTER SET utf8mb4',
                ],
                ['heat-spreader-manage', '--config-file', conf, 'db', 'sync'],
                [
                    'run_process',
                    'hs-api',
                    f'{programs}/uwsgi --procname-prefix hs-api '
                    f'--ini {self.plugin.uwsgi}',
                ],
                ['wait_for_service', '60', health],
                [
                    'run_process',
                    'hs-engine',
                    f'{programs}/heat-spreader-engine --config-file {conf}',
                ],
            ],
            self.calls(
                'recreate_database',
                'mysql',
                'heat-spreader-manage',
                'run_process',
                'wait_for_service',
            ),
        )

    def test_nothing_is_started_where_the_tables_cannot_be_made(self):
        self.plugin.program('heat-spreader-manage', 'exit 3')
        done = self.plugin.run('stack post-config', 'stack extra')

        self.assertEqual(3, done.returncode, done.stdout)
        self.assertEqual([], self.calls('run_process'))

    def test_a_database_on_another_host_is_left_unchanged(self):
        self.run_phases(
            'stack post-config', 'stack extra', ENABLED_SERVICES='h-eng,h-api'
        )

        self.assertEqual(
            [],
            self.calls('recreate_database', 'mysql', 'heat-spreader-manage'),
        )
        self.assertEqual(2, len(self.calls('run_process')))

    def test_stack_fails_if_the_api_is_not_healthy(self):
        self.plugin.program('curl', 'exit 22')
        self.assert_dies(
            'hs-api did not start: http://192.0.2.1/multicloud/healthcheck',
            'stack post-config',
            'stack extra',
        )
        self.assertEqual(['hs-api'], self.started())

    def started(self):
        return [call[1] for call in self.calls('run_process')]

    def test_unstack_stops_both(self):
        self.run_phases('unstack')

        self.assertEqual(
            [['stop_process', 'hs-api'], ['stop_process', 'hs-engine']],
            self.calls('stop_process'),
        )

    def test_stack_after_unstack_writes_the_same_again(self):
        self.run_phases(*plugin.STACK, HEAT_SPREADER_CLOUDS=CLOUDS)
        self.run_phases('unstack')
        self.run_phases(*plugin.STACK, HEAT_SPREADER_CLOUDS='devstack')
        files = self.plugin.files()
        mine = self.plugin.etc / 'policy.d' / 'mine.yaml'
        mine.write_text('{}')
        self.run_phases('unstack')
        self.run_phases(*plugin.STACK)

        self.assertEqual({**files, mine: '{}'}, self.plugin.files())
        self.assertNotIn('athens', ''.join(files.values()))

    def test_clean_leaves_no_file(self):
        self.run_phases(*plugin.STACK)
        self.assertEqual(
            {
                self.plugin.conf,
                self.plugin.clouds,
                self.plugin.uwsgi,
                self.plugin.site,
            },
            set(self.plugin.files()),
        )
        self.run_phases('unstack')
        self.run_phases('clean')

        self.assertEqual(
            [['remove_uwsgi_config', str(self.plugin.uwsgi), 'hs-api']],
            self.calls('remove_uwsgi_config'),
        )
        self.assertEqual({}, self.plugin.files())
        self.assertFalse(self.plugin.etc.exists())

    def test_clean_works_where_nothing_was_installed(self):
        self.run_phases('unstack')
        self.run_phases('clean')


class TestServices(PluginTestCase):
    def test_nothing_is_done_while_both_services_are_disabled(self):
        self.run_phases(
            *plugin.STACK,
            'unstack',
            'clean',
            DISABLED_SERVICES='hs-api,hs-engine',
        )

        self.assertEqual(
            ['define_plugin', 'plugin_requires'],
            [call[0] for call in self.plugin.calls],
        )

    def test_an_engine_alone_has_no_web_server_and_no_endpoint(self):
        self.run_phases(*plugin.STACK, DISABLED_SERVICES='hs-api')

        self.assertFalse(self.plugin.uwsgi.exists())
        self.assertEqual(
            [], self.calls('get_or_create_endpoint', 'wait_for_service')
        )
        self.assertEqual(
            ['hs-engine'], [call[1] for call in self.calls('run_process')][-1:]
        )

    def test_an_api_alone_has_no_credentials_of_clouds_and_needs_no_heat(self):
        self.run_phases(
            *plugin.STACK,
            DISABLED_SERVICES='hs-engine',
            ENABLED_SERVICES='key,mysql',
        )

        self.assertFalse(self.plugin.clouds.exists())
        self.assertEqual([], self.calls('get_or_create_project'))
        self.assertIn('cloud_devstack', self.plugin.ini(self.plugin.conf))

    def test_an_engine_without_heat_is_refused_at_the_start(self):
        for services in ('key,mysql', 'key,mysql,h-api', 'key,mysql,h-eng'):
            self.assert_dies(
                'Heat Spreader needs Heat (h-api and h-eng) for the cloud '
                'devstack in region RegionOne: put',
                'stack pre-install',
                ENABLED_SERVICES=services,
            )

    def test_clouds_of_other_regions_need_no_heat_here(self):
        self.run_phases(
            'stack pre-install',
            ENABLED_SERVICES='key,mysql',
            HEAT_SPREADER_CLOUDS='cairo:RegionTwo,delhi:RegionThree',
        )

    def test_the_endpoint_is_https_behind_tls_proxy(self):
        self.run_phases(
            *plugin.STACK,
            ENABLED_SERVICES='key,mysql,h-eng,h-api,tls-proxy',
        )

        urls = [
            self.calls('get_or_create_endpoint')[0][-1],
            self.calls('wait_for_service')[0][-1],
        ]
        self.assertEqual(
            [
                'https://192.0.2.1/multicloud',
                'https://192.0.2.1/multicloud/healthcheck',
            ],
            urls,
        )


class TestClouds(PluginTestCase):
    def region(self, cloud):
        """A cloud, as openstacksdk reads it from the file."""
        return config.OpenStackConfig(
            config_files=[str(self.plugin.clouds)],
            secure_files=[],
            vendor_files=[],
            load_envvars=False,
        ).get_one(cloud=cloud)

    def test_each_cloud_is_a_project_of_a_region_that_demo_owns(self):
        self.run_phases('stack post-config', HEAT_SPREADER_CLOUDS=CLOUDS)

        self.assertEqual(
            [
                ('RegionOne', 'demo'),
                ('RegionOne', 'alt_demo'),
                ('RegionTwo', 'demo'),
            ],
            [
                (region.region_name, region.auth['project_name'])
                for region in map(self.region, ('athens', 'berlin', 'cairo'))
            ],
        )
        self.assertEqual(
            [['alt_demo', 'default'], ['demo', 'default']],
            [call[1:] for call in self.calls('get_or_create_project')],
        )
        conf = self.plugin.ini(self.plugin.conf)
        self.assertEqual(
            {
                'enabled': 'athens,berlin,cairo',
                'config_files': str(self.plugin.clouds),
            },
            conf['clouds'],
        )
        for cloud in ('athens', 'berlin', 'cairo'):
            self.assertEqual({'projects': '*'}, conf[f'cloud_{cloud}'])

    def test_names_and_passwords_are_written_unchanged(self):
        self.run_phases('stack post-config', HEAT_SPREADER_CLOUDS='no,7')

        for cloud in ('no', '7'):
            auth = self.region(cloud).auth
            self.assertEqual(plugin.ADMIN_PASSWORD, auth['password'])
            self.assertEqual('demo', auth['username'])
            self.assertEqual('http://192.0.2.1/identity/v3', auth['auth_url'])

    def test_certificates_are_verified_with_the_bundle_of_devstack(self):
        self.run_phases('stack post-config')
        self.assertIsNone(self.region('devstack').config['cacert'])
        bundle = self.plugin.place / 'ca-bundle.pem'
        bundle.touch()
        self.run_phases('stack post-config')
        self.assertEqual(str(bundle), self.region('devstack').config['cacert'])

    def test_only_the_user_of_devstack_can_read_passwords(self):
        self.run_phases('stack post-config')
        for path in (self.plugin.clouds, self.plugin.conf):
            path.chmod(0o644)
        self.run_phases('stack post-config')

        for path in (self.plugin.clouds, self.plugin.conf):
            self.assertEqual(0o600, path.stat().st_mode & 0o777, path)

    def test_two_entries_for_the_same_heat_project_are_refused(self):
        for clouds, words in (
            (
                'athens,berlin',
                'two clouds in project demo of region RegionOne',
            ),
            ('athens,berlin:RegionOne:demo', 'two clouds in project demo'),
            ('athens,athens::alt_demo', 'names the cloud athens twice'),
            ('athens:a:b:c', 'must be NAME[:REGION[:PROJECT]],...'),
            (':RegionOne', 'must be NAME[:REGION[:PROJECT]],...'),
            ('at[hens]', 'must be NAME[:REGION[:PROJECT]],...'),
        ):
            self.assert_dies(
                words, 'stack pre-install', HEAT_SPREADER_CLOUDS=clouds
            )


class TestTrace(PluginTestCase):
    def test_trace_has_no_passwords_but_everything_else(self):
        self.plugin.variables['DATABASE_URL'] = (
            f'mysql+pymysql://root:{plugin.DATABASE_PASSWORD}@127.0.0.1/'
            'heat_spreader?charset=utf8'
        )
        done = self.plugin.run(*plugin.STACK, trace=True)

        self.assertEqual(0, done.returncode, done.stdout)
        for call in ('recreate_database', 'iniset', 'run_process'):
            self.assertRegex(done.stdout, rf'(?m)^\++ {call} ')
        self.assertNotIn(plugin.DATABASE_PASSWORD, done.stdout)
        for word in ("it's", r'it\'s', "it''s", '$secret'):
            self.assertNotIn(word, done.stdout)
