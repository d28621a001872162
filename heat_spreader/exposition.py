# SPDX-License-Identifier: Apache-2.0
"""Serves the metrics of a process to Prometheus, if they are enabled.

A failure here is a line in the log, and the process continues.
"""

import functools
import os
import socket
import socketserver
import sys
import threading
from wsgiref import simple_server

import prometheus_client
from oslo_log import log as logging
from oslo_utils import netutils
from prometheus_client import multiprocess

LOG = logging.getLogger(__name__)

# If it names a directory, the processes share their counts in files there, and
# each of them can serve those of all.
SHARED = 'PROMETHEUS_MULTIPROC_DIR'
# Seconds after which an idle connection is closed.
TIMEOUT = 10


class Exposition:
    """Answers scrapes in its own thread, if the options enable it.

    :param conf: the group [metrics]
    :param registry: the metrics of this process
    :param shared: whether several processes listen on the port, and serve the
        counts of all where the environment has SHARED
    :param collectors: those of the registry that any process can answer for
    """

    def __init__(self, conf, port, registry, shared=False, collectors=()):
        self.conf = conf
        self.port = port
        self.registry = registry
        self.collectors = collectors
        self.shared = shared and SHARED in os.environ
        self._lock = threading.Lock()
        self._tried_by = None
        self._server = None

    def start(self):
        """Start to listen, unless this process has tried that already.

        A fork has to do it again, since it does not have the thread. A
        failure is logged once.
        """
        with self._lock:
            if not self.conf.enabled or self._tried_by == os.getpid():
                return
            self._tried_by = os.getpid()
            self._server = self._listen()

    def _listen(self):
        # The time at which each series was created is of no use here.
        prometheus_client.disable_created_metrics()
        host = str(self.conf.host)
        try:
            application = _application(self._registry())
            server = _Server(host, self.port, self.shared)
        except (OSError, ValueError) as exc:
            LOG.error(
                'The metrics of this process cannot be served at port '
                '%(port)s of %(host)s: %(reason)s',
                {'port': self.port, 'host': host, 'reason': exc},
            )
            return None
        server.set_app(application)
        LOG.info(
            'Metrics are at http://%s:%s/metrics',
            netutils.escape_ipv6(host),
            server.server_port,
        )
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server

    def _registry(self):
        if not self.shared:
            return self.registry
        registry = prometheus_client.CollectorRegistry()
        multiprocess.MultiProcessCollector(registry, os.environ[SHARED])
        for collector in self.collectors:
            registry.register(collector)
        return registry

    def stop(self):
        """Close the port."""
        with self._lock:
            if self._server:
                self._server.shutdown()
                self._server.server_close()
                self._server = None


class _Handler(simple_server.WSGIRequestHandler):
    timeout = TIMEOUT

    def log_message(self, *args):
        """Scrapes are not logged."""


class _Server(socketserver.ThreadingMixIn, simple_server.WSGIServer):
    daemon_threads = True

    def __init__(self, host, port, reuse_port):
        self.allow_reuse_port = reuse_port
        self.address_family = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        )[0][0]
        super().__init__((host, port), _Handler)

    def server_bind(self):
        # That of HTTPServer would wait for a name server.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]
        self.setup_environ()

    def handle_error(self, *args):
        LOG.debug('A scrape was interrupted: %s', sys.exception())


def _application(registry):
    answer = prometheus_client.make_wsgi_app(registry)

    def call(environ, start_response):
        try:
            return answer(environ, start_response)
        except Exception as exc:
            LOG.error('The metrics cannot be collected: %s', exc)
            start_response(
                '500 Internal Server Error', [('Content-Type', 'text/plain')]
            )
            return [b'The metrics cannot be collected; see the log.\n']

    return call


def log_errors(function):
    """Log the first error of a function that counts, and raise none."""
    logged = threading.Event()

    @functools.wraps(function)
    def call(*args):
        try:
            function(*args)
        except Exception as exc:
            if not logged.is_set():
                logged.set()
                LOG.error(
                    'The metrics are incomplete from now on: %(function)s '
                    'failed: %(reason)s',
                    {'function': function.__name__, 'reason': exc},
                )

    return call
