# SPDX-License-Identifier: Apache-2.0
"""Our own service before the clouds of a testbed."""

import pathlib
import sys

from heat_spreader.tests import process
from heat_spreader.tests.real.testbed import accounts
from heat_spreader.tests.real.testbed import machine


class HeatSpreader:
    """Heat Spreader as an operator installs it, but with short intervals.

    Each override is named as a group of heat-spreader.conf and is a mapping
    of options, as in HeatSpreader(bed, path, engine={'threads': 1}).
    """

    def __init__(self, testbed, directory, **overrides):
        self.testbed = testbed
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.config_file = self.directory / 'heat-spreader.conf'
        port = testbed.machine.reserve_port()
        self.url = f'http://{machine.ADDRESS}:{port}'
        groups = self._groups(port)
        for group, options in overrides.items():
            groups[group] = groups.get(group, {}) | options
        process.write_config(self.config_file, groups)
        self.api = self._process('heat-spreader-api', 'api', url=self.url)
        self.engine = self.engine_process('engine')

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *exc_info):
        self.close()

    def engine_process(self, name):
        """Describe an engine, whose log has the name; not started yet."""
        return self._process('heat-spreader-engine', name)

    def start(self):
        """Make the tables and the catalog entry, start API and engine."""
        self.create_tables()
        self.testbed.register_service(self.url)
        self.engine.launch()
        self.api.start()

    def create_tables(self):
        """Create the tables in the empty database."""
        self._process('heat-spreader-manage', 'manage', 'db', 'sync').run()

    def close(self):
        """Stop API and engine politely, as an operator would."""
        self.api.stop()
        self.engine.stop()

    def _process(self, script, name, *arguments, url=None):
        command = pathlib.Path(sys.executable).with_name(script)
        return self.testbed.machine.process(
            f'heat-spreader {name}',
            [command, '--config-file', self.config_file, *arguments],
            self.directory / f'{name}.log',
            url=url,
        )

    def _groups(self, port):
        auth_url = self.testbed.home.auth_url
        groups = {
            'database': {
                'connection': f'sqlite:///{self.directory / "spreader.sqlite"}'
            },
            'api': {
                'host': machine.ADDRESS,
                'port': port,
                'auth_strategy': 'keystone',
            },
            'keystone_authtoken': {
                'www_authenticate_uri': auth_url,
                'auth_type': 'password',
                **accounts.MULTICLOUD.auth(auth_url),
            },
            'clouds': {
                'enabled': ','.join(self.testbed.names),
                'config_files': self.testbed.clouds_yaml,
                'connect_timeout': 2,
                'read_timeout': 4,
            },
            'engine': {
                'survey_interval': 1,
                'settle_interval': 0.5,
                'reconcile_interval': 0.2,
            },
        }
        for name in self.testbed.names:
            groups[f'cloud_{name}'] = {'projects': '*'}
        return groups
