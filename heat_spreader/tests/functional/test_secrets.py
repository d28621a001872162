# SPDX-License-Identifier: Apache-2.0
"""Secrets in all that is configured or sent, and in nothing that is shown."""

import pathlib

import requests
import yaml

from heat_spreader.tests import process
from heat_spreader.tests.functional import test_report
from heat_spreader.tests.functional.engine import base

# In every place that has a secret.
SECRET = 'geheimnis'
# Every logger of every library writes all that it has to say.
DEBUG = {'debug': True, 'default_log_levels': ''}


class TestSecrets(base.ProcessTestCase):
    """An engine and an API over an update, an outage and a wrong password."""

    def make_cloud(self, name):
        cloud = super().make_cloud(name)
        cloud.password = SECRET
        return cloud

    def setUp(self):
        super().setUp()
        self.hide_a_password()
        for cloud in self.clouds.values():
            # A read of the stack has it, as that of any other parameter.
            count = cloud.stack('web').count
            cloud.add_stack('web', count, database_password=SECRET)
        self.reports = self.useFixture(test_report.Reports())
        self.metrics = self.useFixture(process.Port())
        options = {
            'DEFAULT': {
                **DEBUG,
                'transport_url': f'rabbit://user:{SECRET}@127.0.0.1/',
            },
            'oslo_messaging_notifications': {'driver': 'log'},
            'metrics': {'enabled': True, 'engine_port': self.metrics.number},
            **self.reports.options(),
        }
        self.engine_worker = self.start(**options)
        self.api = self.start_api(DEFAULT=DEBUG)

    def hide_a_password(self):
        """Move the password of the first cloud to secure.yaml."""
        path = pathlib.Path(self.clouds_yaml)
        entries = yaml.safe_load(path.read_text())
        auth = entries['clouds'][base.NAMES[0]]['auth']
        secure = {
            'clouds': {
                base.NAMES[0]: {'auth': {'password': auth.pop('password')}}
            }
        }
        path.write_text(yaml.safe_dump(entries))
        hidden = path.with_name('secure.yaml')
        hidden.touch(0o600)
        hidden.write_text(yaml.safe_dump(secure))

    def ask(self, method, path, **options):
        """The text of a response to a request with credentials."""
        headers = {'X-Auth-Token': SECRET, 'X-Service-Token': SECRET}
        answer = requests.request(
            *(method, f'{self.api.root}{path}'),
            headers=headers,
            auth=('user', SECRET),
            timeout=process.TIMEOUT,
            **options,
        )
        return answer.text

    def fail_and_recover(self):
        """Change the stack; then lose a cloud, and the password of another."""
        self.wait_for(6, 2, 2)
        stack = f'/v1/stacks/{self.stack_id}'
        yield self.ask('PATCH', stack, json={'count': 20})
        self.wait_for(12, 4, 4)
        self.clouds['cairo'].password = 'another'
        self.wait_for(12, 4, 4, status='DEGRADED')
        for path in (stack, '/v1/clouds', '/v1/events', '/v1/engines'):
            yield self.ask('GET', path)
        # Bodies that are no valid ones, with a secret in each.
        yield self.ask('POST', '/v1/stacks', json={'password': SECRET})
        yield self.ask('POST', '/v1/stacks', data=f'{{"{SECRET}')

    def test_no_secret_is_logged_shown_or_reported(self):
        texts = list(self.fail_and_recover())
        worker = self.engine_worker.wait_for(
            r'(\d+) INFO heat_spreader\.engine\.service'
        )
        texts.append(self.reports.ask(int(worker[1]), 'Stacks in progress'))
        url = f'http://127.0.0.1:{self.metrics.number}/metrics'
        texts.append(requests.get(url, timeout=process.TIMEOUT).text)
        for pid in (self.engine_worker.pid, int(worker[1]), self.api.pid):
            texts.append(pathlib.Path(f'/proc/{pid}/cmdline').read_text())
        for program in (self.engine_worker, self.api):
            self.assertEqual(0, program.stop())
            texts.append(program.log.read_text())
            # The log is as detailed as it can be.
            self.assertIn(' DEBUG ', texts[-1])

        tokens = {
            token
            for cloud in self.clouds.values()
            for request in cloud.requests
            if (token := request.headers.get('X-Auth-Token'))
        }
        self.assertLessEqual(len(self.clouds), len(tokens))
        for text in texts:
            for secret in (SECRET, *tokens):
                self.assertNotIn(secret, text)


class TestDatabase(base.ProcessTestCase):
    def test_password_of_a_database_that_does_not_answer_is_not_shown(self):
        url = f'postgresql+psycopg2://user:{SECRET}@127.0.0.1:9/db'
        engine = self.start(DEFAULT=DEBUG, database={'connection': url})

        engine.wait_for('127.0.0.1')
        engine.kill()

        self.assertNotIn(SECRET, engine.log.read_text())
