# SPDX-License-Identifier: Apache-2.0
"""A real Prometheus with the sample alerts, for tools/monitoring.py."""

import pathlib
import re
import shutil

import fixtures
import yaml

from heat_spreader.tests import process
from heat_spreader.tests.functional.documents import monitoring_files as files

# An outage of five minutes must not take five minutes here.
FASTER = (
    (r'\bfor: \w+', 'for: 0s'),
    (r'\[5m\]', '[10s]'),
)


class Wrong(Exception):
    """Prometheus does not show what it should."""


def program(name):
    """The path of a program of the Debian package."""
    found = shutil.which(name)
    if not found:
        raise Wrong(f'{name} is not installed: apt install prometheus')
    return found


def promtool(*words):
    """Run promtool and print what it says."""
    done = process.run(program('promtool'), *words)
    print(done.stdout.strip())
    if done.returncode:
        raise Wrong(f'promtool failed: {done.stderr}')


class Prometheus(fixtures.Fixture):
    """A real Prometheus on loopback, with the sample alerts.

    :param ports: those of the metrics by the name of the job
    """

    def __init__(self, ports):
        self.ports = ports

    def _setUp(self):
        directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        config = directory / 'prometheus.yml'
        config.write_text(yaml.safe_dump(self._config(directory)))
        promtool('check', 'config', config)
        port = self.useFixture(process.Port()).number
        self.url = f'http://127.0.0.1:{port}'
        self.useFixture(
            process.Process(
                [
                    program('prometheus'),
                    f'--config.file={config}',
                    f'--storage.tsdb.path={directory / "data"}',
                    f'--web.listen-address=127.0.0.1:{port}',
                    '--log.level=warn',
                ],
                directory / 'log',
                url=f'{self.url}/-/ready',
            )
        ).start()

    def _config(self, directory):
        rules = files.ALERTS.read_text()
        for pattern, text in FASTER:
            rules, changed = re.subn(pattern, text, rules)
            if not changed:
                raise Wrong(f'the alerts no longer have {pattern}')
        (directory / 'rules.yaml').write_text(rules)
        return {
            'global': {'scrape_interval': '1s', 'evaluation_interval': '1s'},
            'rule_files': [str(directory / 'rules.yaml')],
            'scrape_configs': [
                {
                    'job_name': job,
                    'static_configs': [{'targets': [f'127.0.0.1:{port}']}],
                }
                for job, port in self.ports.items()
            ],
        }

    def ask(self, path, **parameters):
        """Ask its HTTP API."""
        answer = process.request(
            'GET', f'{self.url}/api/v1/{path}', params=parameters
        ).json()
        if answer['status'] != 'success':
            raise Wrong(f'{path} {parameters}: {answer["error"]}')
        return answer['data']

    def query(self, query):
        """The result of a query now."""
        return self.ask('query', query=query)['result']

    def series(self, query, start, end):
        """Values over time by the name of the cloud, or ''."""
        found = self.ask(
            'query_range', query=query, start=start, end=end, step=1
        )['result']
        return {
            each['metric'].get('cloud', ''): [
                (float(at), float(value)) for at, value in each['values']
            ]
            for each in found
        }

    def active(self):
        """The names of the alerts that are active."""
        return {
            each['labels']['alertname']
            for each in self.ask('alerts')['alerts']
        }
