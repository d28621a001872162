# SPDX-License-Identifier: Apache-2.0
"""heat-spreader-api: the API with its own web server."""

import os
import queue
import signal
import sys
import threading

from cheroot import wsgi
from oslo_config import cfg
from oslo_log import log as logging
from oslo_utils import netutils

from heat_spreader import exception
from heat_spreader import report
from heat_spreader import service
from heat_spreader.api import app
from heat_spreader.api import auth
from heat_spreader.api import metrics
from heat_spreader.api import webserver

LOG = logging.getLogger(__name__)
# Seconds after the shutdown timeout until the process ends regardless.
_GRACE = 5


def make_server(conf):
    """Make the web server with the application; it does not listen yet.

    :raises ConfigurationInvalid: if the options do not allow it
    """
    auth.check_noauth_address(conf)
    server = wsgi.Server(
        (str(conf.api.host), conf.api.port),
        app.make_app(conf),
        numthreads=conf.api.threads,
        server_name='heat-spreader',
        shutdown_timeout=conf.api.shutdown_timeout,
    )
    server.error_log = _log
    server.ConnectionClass = webserver.Connection
    return server


def _log(msg='', level=logging.INFO, traceback=False):
    LOG.log(level, msg, exc_info=traceback)


def serve(conf, server, wait):
    """Serve until a signal, then finish the requests in flight.

    :param wait: returns the number of the next signal; with SIGHUP the
        configuration is read again
    """
    server.prepare()
    host, port = server.bind_addr[:2]
    LOG.info('Listening on http://%s:%s', netutils.escape_ipv6(host), port)
    thread = threading.Thread(target=server.serve)
    thread.start()
    exposition = metrics.make_exposition(conf)
    exposition.start()
    while wait() == signal.SIGHUP:
        service.reload(conf)
    _end_in_time(conf.api.shutdown_timeout + _GRACE)
    LOG.info('Stopping after the requests in flight.')
    server.stop()
    thread.join()
    exposition.stop()


def _end_in_time(seconds):
    """End the process at the latest then, whatever a request waits for."""
    timer = threading.Timer(seconds, os._exit, [1])
    timer.daemon = True
    timer.start()


def main(argv=None):
    """Serve the API until SIGTERM or SIGINT, and return the exit code."""
    conf = service.make_conf()
    # Not an event: a signal that arrives while the interrupted thread holds
    # the lock of the event would wait for that lock forever.
    stop = queue.SimpleQueue()
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda received, _: stop.put(received))
    try:
        service.prepare(conf, sys.argv[1:] if argv is None else argv)
        service.check_tables(conf)
        report.setup(conf)
        serve(conf, make_server(conf), stop.get)
    except (cfg.Error, exception.HeatSpreaderException, OSError) as exc:
        # A mistake of the operator is reported in one line.
        print(f'heat-spreader-api: {exc}', file=sys.stderr)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
