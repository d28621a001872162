# SPDX-License-Identifier: Apache-2.0
"""heat-spreader-api: the API with its own web server."""

import os
import queue
import signal
import sys
import threading

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


def make_app(conf):
    """Make the application for heat-spreader-api.

    :raises ConfigurationInvalid: if the options do not allow it
    """
    auth.check_noauth_address(conf)
    return app.make_app(conf)


def serve(conf, application, wait):
    """Serve until a signal, then finish the requests in flight.

    :param wait: returns the number of the next signal; with SIGHUP the
        configuration is read again
    :returns: whether the requests in flight have ended in time
    :raises OSError: if the port is in use
    """
    server = webserver.Server(
        application, conf.api, conf.oslo_middleware.max_request_body_size
    )
    LOG.info(
        'Listening on http://%s:%s',
        netutils.escape_ipv6(server.effective_host),
        server.effective_port,
    )
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
    return not server.aborted


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
        finished = serve(conf, make_app(conf), stop.get)
    except (cfg.Error, exception.HeatSpreaderException, OSError) as exc:
        # A mistake of the operator is reported in one line.
        print(f'heat-spreader-api: {exc}', file=sys.stderr)
        return 1
    return 0 if finished else 1


if __name__ == '__main__':
    sys.exit(main())
