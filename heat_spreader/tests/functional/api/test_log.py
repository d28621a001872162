# SPDX-License-Identifier: Apache-2.0
"""The request and the stack in the log of a real API process."""

import json

from heat_spreader.tests.functional.api import base


class TestLog(base.ServerTestCase):
    def start_and_ask(self, **options):
        """Create a stack, read it, and return the lines of the log."""
        # The policy logs at DEBUG what it is asked.
        levels = 'root=INFO,oslo_policy=DEBUG'
        options |= {'debug': True, 'default_log_levels': levels}
        server, port = self.start(self.config_file({'DEFAULT': options}))
        _, body = self.request(port, 'POST', '/v1/stacks', base.STACK)
        self.stack_id = json.loads(body)['id']
        answer, _ = self.request(port, 'GET', f'/v1/stacks/{self.stack_id}')
        self.assertEqual(200, answer.status)
        weight = f'/v1/stacks/{self.stack_id}/weights/east'
        self.request(port, 'DELETE', weight)
        self.request_id = answer.headers['X-Openstack-Request-Id']
        self.stop(server)
        return server.text().splitlines()

    def test_a_line_has_the_request_the_caller_and_what_the_url_names(self):
        lines = self.start_and_ask()

        (line,) = [line for line in lines if '"multicloud:stacks:get"' in line]
        about = f'user=noauth project=default stack={self.stack_id}'
        self.assertIn(f'[{self.request_id} {about}]', line)
        (line,) = [
            line for line in lines if '"multicloud:weights:unset"' in line
        ]
        self.assertIn(f'{about} cloud=east]', line)
        (line,) = [
            line for line in lines if '"multicloud:stacks:create"' in line
        ]
        self.assertIn('user=noauth project=default]', line)
        self.assertIn(
            '[-]', next(line for line in lines if 'Stopping' in line)
        )

    def test_json_has_the_same_in_its_context(self):
        lines = self.start_and_ask(use_json=True)
        entries = [json.loads(line) for line in lines if line[0] == '{']

        (entry,) = [
            entry
            for entry in entries
            if '"multicloud:stacks:get"' in entry['message']
        ]
        self.assertEqual(self.stack_id, entry['context']['stack'])
        self.assertEqual(self.request_id, entry['context']['request_id'])
        self.assertEqual('default', entry['context']['project_id'])
