# SPDX-License-Identifier: Apache-2.0
"""The real process: heat-spreader-api and the module for web servers."""

import http.client
import json
import re
import signal
import socket
import sys

import sqlalchemy as sa

from heat_spreader.tests import process
from heat_spreader.tests.functional import fixtures
from heat_spreader.tests.functional.api import base

TIMEOUT = process.TIMEOUT
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


class TestServer(base.ServerTestCase):
    def test_serves_until_sigterm(self):
        server, port = self.start(self.config_file())
        answer, body = self.request(port, 'POST', '/v1/stacks', base.STACK)
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
        self.stop(server)

    def test_stops_with_sigint_too(self):
        server, _ = self.start(self.config_file())
        self.stop(server, signal.SIGINT)

    def test_a_signal_at_any_moment_ends_the_process(self):
        server, _ = self.start(self.config_file(), INTERRUPTED)

        self.assertEqual(0, server.wait())

    def test_asks_for_passwords_with_http_basic(self):
        server, port = self.start(self.config_file(auth_strategy='http_basic'))
        answer, _ = self.request(port, 'GET', '/v1/clouds')
        self.assertEqual(401, answer.status)
        self.assertIn('Basic', answer.headers['WWW-Authenticate'])
        answer, body = self.request(
            port, 'GET', '/v1/clouds', **fixtures.basic('ann', 'secret')
        )
        self.assertEqual(200, answer.status)
        self.assertEqual('east', json.loads(body)['clouds'][0]['name'])
        self.stop(server)

    def test_a_request_in_flight_is_finished(self):
        server, port = self.start(self.config_file())
        with socket.create_connection(
            ('127.0.0.1', port), process.TIMEOUT
        ) as client:
            head = (
                f'POST /v1/stacks HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n'
                'Content-Type: application/json\r\nExpect: 100-continue\r\n'
                f'Content-Length: {len(base.STACK)}\r\n\r\n'
            )
            client.sendall(head.encode())
            # A thread is processing it from here on.
            self.assertIn(b'100 Continue', client.recv(1024))
            server.send_signal(signal.SIGTERM)
            server.wait_for('Stopping')
            client.sendall(base.STACK.encode())
            answer = http.client.HTTPResponse(client)
            answer.begin()
            self.assertEqual(201, answer.status)
            self.assertEqual('a', json.loads(answer.read())['name'])
        self.assertEqual(0, server.wait())

    def test_a_body_without_a_length_is_read_and_limited(self):
        server, port = self.start(self.config_file())
        for chunks, status in (
            ([base.STACK[:10].encode(), base.STACK[10:].encode()], 201),
            ([b' ' * 60_000] * 4, 413),
        ):
            answer, body = self.request(port, 'POST', '/v1/stacks', chunks)
            self.assertEqual(status, answer.status, body)
        self.assertEqual(
            'multicloud.too_large', json.loads(body)['errors'][0]['code']
        )
        self.stop(server)

    def raw(self, port, data):
        """Send bytes and nothing more; the answer to them."""
        with socket.create_connection(('127.0.0.1', port), TIMEOUT) as client:
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
            answer = http.client.HTTPResponse(client)
            answer.begin()
            return answer, json.loads(answer.read())

    def test_broken_chunks_are_refused(self):
        server, port = self.start(self.config_file())
        for chunks in (
            b'zz\r\n{}\r\n0\r\n\r\n',
            b'2\r\n{}XX0\r\n\r\n',
            b'-2\r\n{}\r\n0\r\n\r\n',
        ):
            answer, body = self.raw(
                port,
                b'POST /v1/stacks HTTP/1.1\r\nHost: x\r\n'
                b'Content-Type: application/json\r\n'
                b'Transfer-Encoding: chunked\r\n\r\n' + chunks,
            )
            self.assertEqual(400, answer.status, (chunks, body))
            self.assertEqual('multicloud.invalid', body['errors'][0]['code'])
        self.stop(server)

    def test_a_body_that_ends_too_early_is_no_request(self):
        server, port = self.start(self.config_file())
        whole = base.STACK.encode()
        head = (
            b'POST /v1/stacks HTTP/1.1\r\nHost: x\r\n'
            b'Content-Type: application/json\r\n'
        )
        chunked = b'Transfer-Encoding: chunked\r\n\r\n'
        for rest in (
            *(chunked, chunked + b'\r\n'),
            chunked + b'%x\r\n%b\r\n' % (len(whole), whole),
            b'Content-Length: %d\r\n\r\n%b' % (len(whole) + 1, whole),
        ):
            with socket.create_connection(
                ('127.0.0.1', port), TIMEOUT
            ) as client:
                client.sendall(head + rest)
                client.shutdown(socket.SHUT_WR)
                self.assertEqual(b'', client.recv(1), rest)
        _, body = self.request(port, 'GET', '/v1/stacks')
        self.assertEqual([], json.loads(body)['stacks'])
        self.stop(server)

    def test_what_the_web_server_refuses_has_our_form(self):
        server, port = self.start(self.config_file())
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
        self.stop(server)

    def test_sighup_reads_the_configuration_again(self):
        path = self.config_file()
        server, port = self.start(path)
        for more, text in (
            ('[DEFAULT]\ndebug = true\n', 'has been read again'),
            ('no option\n', 'stays as it is'),
        ):
            path.write_text(path.read_text() + more)
            server.send_signal(signal.SIGHUP)
            server.wait_for(text)
            answer, _ = self.request(port, 'GET', '/v1/clouds')
            self.assertEqual(200, answer.status)
        self.stop(server)

    def test_sigterm_ends_it_although_a_request_never_ends(self):
        server, port = self.start(
            self.config_file(
                {
                    'database': {
                        'connection': f'{self.database.url}?timeout=3600'
                    }
                },
                shutdown_timeout=1,
            )
        )
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
                    f'Content-Length: {len(base.STACK)}\r\n\r\n'
                )
                client.sendall(head.encode())
                self.assertIn(b'100 Continue', client.recv(1024))
                client.sendall(base.STACK.encode())
                server.send_signal(signal.SIGTERM)

                self.assertEqual(1, server.wait())
        engine.dispose()

    def run_briefly(self, *args):
        return process.run(
            *(sys.executable, '-c', base.MAIN, *args),
            # An oslo.log before 8.3 makes eventlet warn.
            env=process.environ(PYTHONWARNINGS='ignore'),
        )

    def test_refuses_noauth_on_a_public_address(self):
        config_file = self.config_file(host='0.0.0.0')
        result = self.run_briefly('--config-file', str(config_file))
        self.assertEqual(1, result.returncode)
        (line,) = self.plain(result.stderr)
        self.assertIn('auth_strategy = noauth would make everyone', line)
        self.assertIn('0.0.0.0', line)

    def test_reports_an_invalid_configuration_in_one_line(self):
        with socket.create_server(('127.0.0.1', 0)) as taken:
            port = taken.getsockname()[1]
            for options, words in (
                ({'auth_strategy': 'nothing'}, 'nothing'),
                ({'threads': 0}, 'threads'),
                ({'port': port}, 'in use'),
            ):
                path = self.config_file(**options)
                result = self.run_briefly('--config-file', path)
                self.assertEqual(1, result.returncode, result.stderr)
                (line,) = self.plain(result.stderr)
                self.assertTrue(line.startswith('heat-spreader-api: '), line)
                self.assertIn(words, line)

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
        other.chmod(0o600)
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
            result = process.run(
                *(sys.executable, '-c', script),
                env=process.environ(OS_HEAT_SPREADER_CONFIG_FILES=files),
            )
            self.assertTrue(
                result.stdout.startswith('7 200 {"clouds": [{"name": "east"'),
                result.stdout + result.stderr,
            )
            self.assertEqual(0, result.returncode, result.stderr)
