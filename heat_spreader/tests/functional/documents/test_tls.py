# SPDX-License-Identifier: Apache-2.0
"""The samples for nginx and HAProxy, in front of the real API."""

import os
import pathlib
import re
import shutil

import fixtures
from oslotest import base

from heat_spreader.tests import process
from heat_spreader.tests.functional import fixtures as functional
from heat_spreader.tests.functional.documents import pages
from heat_spreader.tests.functional.emulator import tls
from heat_spreader.tests.functional.osc import fixtures as osc_fixtures

SAMPLES = pages.TOP / 'etc' / 'heat_spreader'
# What a client may send to make the API believe that it is elsewhere.
FORGED = {
    'Forwarded': 'host=evil.example.org;proto=http',
    'X-Forwarded-Host': 'evil.example.org',
    'X-Forwarded-Prefix': '/evil',
    'X-Forwarded-Proto': 'http',
}


class TestProxies(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        api = self.useFixture(
            functional.Api(
                api={'auth_strategy': 'noauth'},
                oslo_middleware={'enable_proxy_headers_parsing': True},
            )
        )
        served = self.useFixture(osc_fixtures.Http(api.application))
        self.backend = served.url.removeprefix('http://')
        self.folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.pem = tls.write_certificate(f'{self.folder}/tls.pem')
        self.port = self.useFixture(process.Port())
        self.host = f'{tls.HOST}:{self.port.number}'

    def sample(self, name, **values):
        """Write a sample with the values of this test; return its path.

        :param values: what takes the place of a text that is there
        """
        text = (SAMPLES / name).read_text()
        for old, new in values.items():
            self.assertIn(old, text)
            text = text.replace(old, new)
        path = self.folder / name
        path.write_text(text)
        return path

    def start(self, program, *words):
        """Check the configuration, and run the program with it."""
        # Where Debian has it may not be on the path of a user.
        found = shutil.which(program, path=f'{os.environ["PATH"]}:/usr/sbin')
        if not found:
            self.skipTest(f'{program} is not installed')
        check = {'nginx': '-t', 'haproxy': '-c'}[program]
        checked = process.run(found, check, *words)
        self.assertEqual(0, checked.returncode, checked.stderr)
        self.assertNotRegex(checked.stderr, r'(?i)\[?warn')
        proxy = self.useFixture(process.Process([found, *words]))
        proxy.launch()
        process.wait_until(self.port.is_open, proxy.log_tail)

    def check(self):
        """The links of the API have the address of the proxy."""
        for headers in ({}, FORGED):
            answer = process.request(
                'GET',
                f'https://{self.host}/',
                headers=headers,
                verify=self.pem,
            )

            (version,) = answer.json()['versions']
            self.assertEqual(
                f'https://{self.host}/v1', version['links'][0]['href']
            )

    def test_nginx(self):
        sample = self.sample(
            'nginx.conf',
            **{
                '127.0.0.1:8784': self.backend,
                'listen 443 ssl': f'listen {self.host} ssl',
                '/etc/ssl/spreader.example.org.pem': self.pem,
                '/etc/ssl/spreader.example.org.key': self.pem,
            },
        )
        paths = ''.join(
            f'{kind}_temp_path {self.folder}/{kind};\n'
            for kind in ('client_body', 'fastcgi', 'proxy', 'scgi', 'uwsgi')
        )
        main = self.folder / 'main.conf'
        main.write_text(
            f'daemon off;\nerror_log stderr;\npid {self.folder}/pid;\n'
            f'events {{}}\n'
            f'http {{\naccess_log off;\n{paths}include {sample};\n}}\n'
        )

        self.start('nginx', '-e', 'stderr', '-c', str(main))

        self.check()

    def test_haproxy(self):
        sample = self.sample(
            'haproxy.cfg',
            **{
                '10.0.0.11:8784': self.backend,
                'bind :443': f'bind {self.host}',
                '/etc/haproxy/spreader.example.org.pem': self.pem,
            },
        )
        # The second API does not exist here.
        text = re.sub(r'.*10\.0\.0\.12.*\n', '', sample.read_text())
        sample.write_text(text)

        self.start('haproxy', '-f', str(sample))

        self.check()
