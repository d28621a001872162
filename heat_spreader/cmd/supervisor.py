# SPDX-License-Identifier: Apache-2.0
"""The API and the engine as two processes with one parent.

The parent is the launcher of oslo.service: it starts a process that died
again, waits a little if one dies at once, and ends both when it ends. If it
is killed, the processes notice that its pipe is closed, and end.
"""

from heat_spreader import threads

# Before the other imports.
threads.choose()

import os
import queue
import signal
import threading

from oslo_service import service as oslo_service

from heat_spreader.cmd import api


class Api(oslo_service.ServiceBase):
    """The API with its own web server.

    :raises ConfigurationInvalid: if the options do not allow it
    """

    def __init__(self, conf):
        self.conf = conf
        self.application = api.make_app(conf)
        self.signals = queue.SimpleQueue()
        self.stopped = threading.Event()

    def start(self):
        """Serve until stop(); a port that is in use ends the process."""
        api.serve(self.conf, self.application, self.signals.get)
        self.stopped.set()

    def stop(self):
        """Stop after the requests in flight."""
        self.signals.put(signal.SIGTERM)
        self.stopped.wait()

    def wait(self):
        """Do nothing: start() has waited already."""

    def reset(self):
        """Do nothing: no state depends on the configuration."""


def supervise(conf, api_service, engine_service):
    """Keep the services running until SIGTERM or SIGINT.

    :raises SystemExit: with the exit status, at the end
    """
    _end_gracefully_on_sigint()
    launcher = oslo_service.ProcessLauncher(conf, restart_method='mutate')
    launcher.launch_service(api_service)
    launcher.launch_service(engine_service, workers=conf.engine.workers)
    launcher.wait()


def _end_gracefully_on_sigint():
    """Turn each SIGINT to the process group into a SIGTERM to this process.

    On SIGINT the launcher and the services would drop their work. The signal
    is blocked here, and so in every process and thread that starts later.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})

    def wait():
        while signal.sigwait({signal.SIGINT}):
            os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()
