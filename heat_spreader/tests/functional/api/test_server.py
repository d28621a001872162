# SPDX-License-Identifier: Apache-2.0
"""The real process: heat-spreader-api and the module for web servers."""

import contextlib
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys

import fixtures as testing_fixtures
import sqlalchemy as sa
from oslotest import base

from heat_spreader.tests.functional import fixtures
from heat_spreader.tests.functional.api import test_auth

TIMEOUT = 60
MAIN = 'import sys; from heat_spreader.cmd import api; sys.exit(api.main())'
# A signal comes in the moment in which the main thread begins to wait, and
# holds the lock that it waits with, if it waits with one.
INTERRUPTED = """
import signal, sys, threading
from heat_spreader.cmd import api

def profile(frame, event, arg):
    if event == 'c_call':
        waits = frame.f_code is serve.__code__ and arg.__name__ == 'get'
    else:
        waits = (
            frame.f_code is threading.Condition.wait.__code__
            and frame.f_back.f_back.f_code is serve.__code__
        )
    if waits:
        sys.setprofile(None)
        signal.raise_signal(signal.SIGTERM)

serve = api.serve
api.serve = lambda *args: [sys.setprofile(profile), serve(*args)]
sys.exit(api.main())
"""
STACK = json.dumps({'name': 'a', 'count': 1, 'count_parameter': 'size'})


class ServerTestCase(base.BaseTestCase):
    """A process of heat-spreader-api over a database of its own."""

    def setUp(self):
        super().setUp()
        configuration = self.useFixture(fixtures.Configuration())
        self.database = self.useFixture(fixtures.Database(configuration))
        directory = self.useFixture(testing_fixtures.TempDir()).path
        self.directory = pathlib.Path(directory)

    def config_file(self, host='127.0.0.1', strategy='noauth', **options):
        users = self.directory / 'htpasswd'
        users.write_text(test_auth.entry('ann', 'secret'))
        more = ''.join(
            f'{name} = {value}\n' for name, value in options.items()
        )
        path = self.directory / 'heat-spreader.conf'
        path.write_text(
            f'[api]\nhost = {host}\nport = 0\nthreads = 2\n'
            f'auth_strategy = {strategy}\n'
            f'http_basic_auth_user_file = {users}\n{more}'
            f'[clouds]\nenabled = east\n'
            f'[database]\nconnection = {self.database.url}?timeout=3600\n'
        )
        return path

    def start(self, config_file, main=MAIN):
        """The process, and the port that it says it listens on."""
        process = subprocess.Popen(
            [sys.executable, '-c', main, '--config-file', str(config_file)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        said = []
        for line in process.stdout:
            said.append(line)
            listening = re.search(r'Listening on http://\S*:(\d+)', line)
            if listening:
                return process, int(listening[1])
        self.fail(f'It never listened: {"".join(said)}')

    def stop(self, process, number=signal.SIGTERM):
        process.send_signal(number)
        self.assertEqual(0, process.wait(TIMEOUT), process.stdout.read())

    def request(self, port, method, path, body=None, **headers):
        with contextlib.closing(
            http.client.HTTPConnection('127.0.0.1', port, timeout=TIMEOUT)
        ) as connection:
            headers = {'Content-Type': 'application/json', **headers}
            # What is too large is answered before all of it is sent.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer, answer.read()


class TestServer(ServerTestCase):
    def test_serves_until_sigterm(self):
        process, port = self.start(self.config_file())
        answer, body = self.request(port, 'POST', '/v1/stacks', STACK)
        self.assertEqual(201, answer.status, body)
        location = answer.headers['Location']
        self.assertTrue(location.startswith(f'http://127.0.0.1:{port}/v1/'))
        path = location.partition(str(port))[2]
        answer, body = self.request(port, 'GET', path)
        self.assertEqual('a', json.loads(body)['name'])
        answer, body = self.request(port, 'DELETE', path)
        self.assertEqual((204, b''), (answer.status, body))
        self.assertIsNone(answer.headers['Content-Type'])
        answer, body = self.request(port, 'HEAD', '/v1/stacks')
        self.assertEqual((405, b''), (answer.status, body))
        self.stop(process)

    def test_stops_with_sigint_too(self):
        process, _ = self.start(self.config_file())
        self.stop(process, signal.SIGINT)

    def test_a_signal_in_any_moment_ends_it(self):
        process, _ = self.start(self.config_file(), INTERRUPTED)

        self.assertEqual(0, process.wait(TIMEOUT))

    def test_asks_for_passwords_with_http_basic(self):
        process, port = self.start(self.config_file(strategy='http_basic'))
        answer, _ = self.request(port, 'GET', '/v1/clouds')
        self.assertEqual(401, answer.status)
        self.assertIn('Basic', answer.headers['WWW-Authenticate'])
        answer, body = self.request(
            port, 'GET', '/v1/clouds', **test_auth.basic('ann', 'secret')
        )
        self.assertEqual(200, answer.status)
        self.assertEqual('east', json.loads(body)['clouds'][0]['name'])
        self.stop(process)

    def test_a_request_in_flight_is_finished(self):
        process, port = self.start(self.config_file())
        with socket.create_connection(('127.0.0.1', port), TIMEOUT) as client:
            head = (
                f'POST /v1/stacks HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n'
                'Content-Type: application/json\r\nExpect: 100-continue\r\n'
                f'Content-Length: {len(STACK)}\r\n\r\n'
            )
            client.sendall(head.encode())
            # A thread is at work on it from here on.
            self.assertIn(b'100 Continue', client.recv(1024))
            process.send_signal(signal.SIGTERM)
            for line in process.stdout:
                if 'Stopping' in line:
                    break
            client.sendall(STACK.encode())
            answer = http.client.HTTPResponse(client)
            answer.begin()
            self.assertEqual(201, answer.status)
            self.assertEqual('a', json.loads(answer.read())['name'])
        self.assertEqual(0, process.wait(TIMEOUT))

    def test_a_body_without_a_length_is_read_and_limited(self):
        process, port = self.start(self.config_file())
        for chunks, status in (
            ([STACK[:10].encode(), STACK[10:].encode()], 201),
            ([b' ' * 60_000] * 4, 413),
        ):
            answer, body = self.request(port, 'POST', '/v1/stacks', chunks)
            self.assertEqual(status, answer.status, body)
        self.assertEqual(
            'multicloud.too_large', json.loads(body)['errors'][0]['code']
        )
        self.stop(process)

    def raw(self, port, data):
        """Send bytes and nothing more; the answer to them."""
        with socket.create_connection(('127.0.0.1', port), TIMEOUT) as client:
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
            answer = http.client.HTTPResponse(client)
            answer.begin()
            return answer, json.loads(answer.read())

    def test_broken_chunks_are_refused(self):
        process, port = self.start(self.config_file())
        for chunks in (
            b'zz\r\n{}\r\n0\r\n\r\n',
            b'2\r\n{}XX0\r\n\r\n',
            b'-2\r\n{}\r\n0\r\n\r\n',
            b'\r\n',
            b'ff\r\n{}',
            b'',
        ):
            answer, body = self.raw(
                port,
                b'POST /v1/stacks HTTP/1.1\r\nHost: x\r\n'
                b'Content-Type: application/json\r\n'
                b'Transfer-Encoding: chunked\r\n\r\n' + chunks,
            )
            self.assertEqual(400, answer.status, (chunks, body))
            self.assertEqual('multicloud.invalid', body['errors'][0]['code'])
        self.stop(process)

    def test_what_the_web_server_refuses_has_our_form(self):
        process, port = self.start(self.config_file())
        for data, status in (
            (b'nonsense\r\n\r\n', 400),
            (b'GET /v1 HTTP/1.1\r\nno header\r\n\r\n', 400),
            (b'GET /v1 HTTP/3.0\r\nHost: x\r\n\r\n', 505),
            (b'GET /v1#x HTTP/1.1\r\nHost: x\r\n\r\n', 400),
            (b'CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n', 405),
            (
                b'POST /v1 HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n',
                400,
            ),
        ):
            answer, body = self.raw(port, data)
            self.assertEqual(status, answer.status, (data, body))
            (error,) = body['errors']
            self.assertEqual(status, error['status'])
            self.assertEqual(
                {'status', 'code', 'title', 'detail', 'request_id'},
                set(error),
            )
            self.assertTrue(error['request_id'].startswith('req-'))
            self.assertIn('json', answer.headers['Content-Type'])
        self.stop(process)

    def test_sighup_reads_the_configuration_again(self):
        path = self.config_file()
        process, port = self.start(path)
        for more, text in (
            ('[DEFAULT]\ndebug = true\n', 'has been read again'),
            ('no option\n', 'stays as it is'),
        ):
            path.write_text(path.read_text() + more)
            process.send_signal(signal.SIGHUP)
            for line in process.stdout:
                if text in line:
                    break
            answer, _ = self.request(port, 'GET', '/v1/clouds')
            self.assertEqual(200, answer.status)
        self.stop(process)

    def test_sigterm_ends_it_although_a_request_never_ends(self):
        process, port = self.start(self.config_file(shutdown_timeout=1))
        engine = sa.create_engine(self.database.url)
        with engine.connect() as connection:
            connection.exec_driver_sql('BEGIN IMMEDIATE')
            with socket.create_connection(
                ('127.0.0.1', port), TIMEOUT
            ) as client:
                head = (
                    'POST /v1/stacks HTTP/1.1\r\nHost: x\r\n'
                    'Content-Type: application/json\r\n'
                    'Expect: 100-continue\r\n'
                    f'Content-Length: {len(STACK)}\r\n\r\n'
                )
                client.sendall(head.encode())
                self.assertIn(b'100 Continue', client.recv(1024))
                client.sendall(STACK.encode())
                process.send_signal(signal.SIGTERM)

                self.assertEqual(1, process.wait(TIMEOUT))
        engine.dispose()

    def run_briefly(self, *args):
        return subprocess.run(
            [sys.executable, '-c', MAIN, *args],
            # An oslo.log before 8.3 makes eventlet warn.
            env={**os.environ, 'PYTHONWARNINGS': 'ignore'},
            capture_output=True,
            check=False,
            text=True,
            timeout=TIMEOUT,
        )

    def test_does_not_let_everybody_in_from_everywhere(self):
        config_file = self.config_file(host='0.0.0.0')
        result = self.run_briefly('--config-file', str(config_file))
        self.assertEqual(1, result.returncode)
        (line,) = self.plain(result.stderr)
        self.assertIn('auth_strategy = noauth lets everybody in', line)
        self.assertIn('0.0.0.0', line)

    def test_says_in_a_line_what_is_wrong_with_its_configuration(self):
        with socket.create_server(('127.0.0.1', 0)) as taken:
            port = taken.getsockname()[1]
            for args, words in (
                (['--config-file', '/nowhere.conf'], '/nowhere.conf'),
                (['--config-file', str(self.config_file(threads=0))], '0'),
                (['--config-file', str(self.busy(port))], 'in use'),
            ):
                result = self.run_briefly(*args)
                self.assertEqual(1, result.returncode, result.stderr)
                (line,) = self.plain(result.stderr)
                self.assertTrue(line.startswith('heat-spreader-api: '), line)
                self.assertIn(words, line)

    def busy(self, port):
        path = self.config_file()
        path.write_text(path.read_text().replace('port = 0', f'port = {port}'))
        return path

    def plain(self, text):
        """The lines that no logger wrote."""
        return [
            line
            for line in text.splitlines()
            if not re.match(r'\d{4}-\d\d-\d\d ', line)
        ]

    def test_web_servers_find_the_application(self):
        other = self.directory / 'other.conf'
        other.write_text('[api]\nmax_limit = 7\n')
        script = (
            'import webob\n'
            'from heat_spreader.wsgi import api\n'
            'from oslo_config import cfg\n'
            'request = webob.Request.blank("/v1/clouds")\n'
            'answer = request.get_response(api.application)\n'
            'print(cfg.CONF.api.max_limit, answer.status_int, answer.text)\n'
            'from oslo_service import backend\n'
            'assert backend.get_backend_type() is None\n'
        )
        for separator in ':;':
            files = f'{self.config_file()}{separator}{other}'
            result = subprocess.run(
                [sys.executable, '-c', script],
                env={**os.environ, 'OS_HEAT_SPREADER_CONFIG_FILES': files},
                capture_output=True,
                check=False,
                text=True,
                timeout=TIMEOUT,
            )
            self.assertTrue(
                result.stdout.startswith('7 200 {"clouds": [{"name": "east"'),
                result.stdout + result.stderr,
            )
            self.assertEqual(0, result.returncode, result.stderr)
