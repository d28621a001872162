# SPDX-License-Identifier: Apache-2.0
"""The API and the engine as the two halves of one process tree.

The parent is the launcher of oslo.service: it starts a half again that has
died, waits a little where one dies at once, and ends both with itself. Were
it killed, the halves see its pipe close and end on their own.
"""

from oslo_service import backend

# Before anything else of oslo.service, which takes eventlet otherwise.
backend.init_backend(backend.BackendType.THREADING)

import os
import signal
import threading

from oslo_service import service as oslo_service

from heat_spreader.cmd import api


class Api(oslo_service.ServiceBase):
    """The API under its own web server.

    :raises ConfigurationInvalid: if the application cannot be served so
    """

    def __init__(self, conf):
        self.conf = conf
        self.server = api.make_server(conf)
        self.stopping = threading.Event()
        self.stopped = threading.Event()

    def start(self):
        """Serve until stop(); a port that is taken ends the process."""
        api.serve(self.conf, self.server, self.stopping.wait)
        self.stopped.set()

    def stop(self):
        """Stop after the requests in flight."""
        self.stopping.set()
        self.stopped.wait()

    def wait(self):
        """There is nothing left to wait for: start() has done so."""

    def reset(self):
        """Nothing is kept that a new configuration could change."""


def supervise(conf, api_half, engine_half):
    """Keep the halves running until SIGTERM or SIGINT.

    :raises SystemExit: with the exit status, when they have ended
    """
    _end_gracefully_on_sigint()
    launcher = oslo_service.ProcessLauncher(conf, restart_method='mutate')
    launcher.launch_service(api_half)
    launcher.launch_service(engine_half, workers=conf.engine.workers)
    launcher.wait()


def _end_gracefully_on_sigint():
    """Make a SIGTERM to this process of each SIGINT to its group.

    The launcher and the halves would let go of everything at once. Blocked
    here, the signal is blocked in every process and thread made later.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})

    def wait():
        while signal.sigwait({signal.SIGINT}):
            os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()
