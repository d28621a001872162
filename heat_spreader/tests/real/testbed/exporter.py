# SPDX-License-Identifier: Apache-2.0
"""Real Prometheus blackbox exporters, which are not of the clouds."""

import shutil

import yaml

from heat_spreader.tests.real.testbed import machine

# The name of the Debian package, too.
PROGRAM = 'prometheus-blackbox-exporter'
# The module that watchdog.rst shows.
MODULE = {
    'prober': 'http',
    'timeout': '5s',
    'http': {
        'valid_status_codes': [200, 300],
        'follow_redirects': False,
        'preferred_ip_protocol': 'ip4',
    },
}


def is_installed():
    """Whether this machine has the program."""
    return shutil.which(PROGRAM) is not None


class Exporter:
    """An exporter on a port of its own: ``process``."""

    def __init__(self, name, testbed):
        self.name = name
        directory = testbed.directory / f'exporter-{name}'
        directory.mkdir(exist_ok=True)
        config = directory / 'blackbox.yml'
        config.write_text(yaml.safe_dump({'modules': {'heat': MODULE}}))
        port = testbed.machine.reserve_port()
        self._url = f'http://{machine.ADDRESS}:{port}'
        self.process = testbed.machine.process(
            f'exporter {name}',
            [
                shutil.which(PROGRAM),
                f'--config.file={config}',
                f'--web.listen-address={machine.ADDRESS}:{port}',
            ],
            directory / 'exporter.log',
            url=self._url,
        )

    def groups(self):
        """The section of heat-spreader.conf, as a mapping of options."""
        return {f'witness_{self.name}': {'url': f'{self._url}/probe'}}

    def section(self):
        """The same as text."""
        ((group, options),) = self.groups().items()
        lines = [f'{name} = {value}\n' for name, value in options.items()]
        return f'[{group}]\n{"".join(lines)}'
