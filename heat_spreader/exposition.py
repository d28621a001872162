# SPDX-License-Identifier: Apache-2.0
"""Serves the metrics of a process to Prometheus, if they are enabled.

A failure here is a line in the log, and the process continues.
"""

import functools
import os
import socket
import threading

import prometheus_client
from oslo_log import log as logging
from oslo_utils import netutils
from prometheus_client import multiprocess
from waitress import adjustments
from waitress import channel
from waitress import server

LOG = logging.getLogger(__name__)

# If it names a directory, the processes share their counts in files there, and
# each of them can serve those of all.
SHARED = 'PROMETHEUS_MULTIPROC_DIR'
# Seconds after which an idle connection is closed.
TIMEOUT = 10
# With one more connection, the oldest that waits for its client is closed.
CONNECTIONS = 50
# Scrapes that are answered at the same time; the others wait.
_THREADS = 2
# Bytes of the head of a request, and of a body that no scrape has.
_MAX_REQUEST = 16 * 1024
# More than there can be, since waitress would not accept any more.
_NO_LIMIT = 2 * CONNECTIONS + 10


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
            scraped = _Server(application, _bind(host, self.port, self.shared))
        except (OSError, ValueError) as exc:
            LOG.error(
                'The metrics of this process cannot be served at port '
                '%(port)s of %(host)s: %(reason)s',
                {'port': self.port, 'host': host, 'reason': exc},
            )
            return None
        LOG.info(
            'Metrics are at http://%s:%s/metrics',
            netutils.escape_ipv6(host),
            scraped.effective_port,
        )
        scraped.start()
        return scraped

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
                self._server.stop()
                self._server = None


class _Channel(channel.HTTPChannel):
    """The connection of a client, which may be idle or slow."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        others = self.server.active_channels.values()
        if len(others) > CONNECTIONS:
            waiting = [each for each in others if not each.requests]
            min(waiting, key=lambda each: each.last_activity).handle_close()


class _Server(server.TcpWSGIServer):
    """One thread for all connections, and a few for whole requests.

    However many clients are idle or slow, there are no more threads, and a
    good client is answered.
    """

    channel_class = _Channel

    def __init__(self, application, listening):
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        super().__init__(
            application,
            _sock=listening,
            bind_socket=False,
            sockinfo=(
                *(listening.family, listening.type, listening.proto),
                listening.getsockname(),
            ),
            adj=adjustments.Adjustments(
                threads=_THREADS,
                ident=None,
                max_request_header_size=_MAX_REQUEST,
                max_request_body_size=_MAX_REQUEST,
                connection_limit=_NO_LIMIT,
                channel_timeout=TIMEOUT,
                cleanup_interval=1,
                log_socket_errors=False,
            ),
        )

    def start(self):
        self._thread.start()

    def stop(self):
        """Close the port and every connection."""
        with self._lock:
            self._stopping.set()
            self.pull_trigger()
        self._thread.join()

    def _serve(self):
        while not self._stopping.is_set():
            # select() knows no more than 1,024 files.
            self.asyncore.loop(1, use_poll=True, map=self._map, count=1)
        for each in (*self.active_channels.values(), self):
            self.asyncore.dispatcher.close(each)
        self.task_dispatcher.shutdown(timeout=TIMEOUT)
        if not self.task_dispatcher.threads:
            # Else the thread that is left would write to another file.
            with self._lock:
                self.trigger.close()


def _bind(host, port, shared):
    family, _, _, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM
    )[0]
    return socket.create_server(address[:2], family=family, reuse_port=shared)


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
