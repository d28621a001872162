# SPDX-License-Identifier: Apache-2.0
"""A child process that tests start, stop, kill, suspend and resume."""

import contextlib
import http.client
import logging
import os
import signal
import subprocess
import time
import urllib.parse

LOG = logging.getLogger(__name__)

POLL_INTERVAL = 0.1


class ProcessFault(Exception):
    """A process did not do what it was started for."""

    def __init__(self, process, problem):
        super().__init__(
            f'{process.name} {problem}; the end of its log:\n'
            f'{process.log_tail()}'
        )


class Process:
    """A command in a process group of its own, its output in a file."""

    def __init__(self, name, command, log, watchdog, url=None, environ=None):
        self.name = name
        self.log = log
        self.url = url
        self._command = [str(word) for word in command]
        self._environ = environ
        self._watchdog = watchdog
        self._child = None

    @property
    def pid(self):
        """The process id, None before the start and after the end."""
        return self._child.pid if self._child else None

    def is_running(self):
        """Say whether the process is there, suspended or not."""
        return self._child is not None and self._child.poll() is None

    def launch(self):
        """Start the process and do not wait for its first answer."""
        if self.is_running():
            return
        self._bury()
        with open(self.log, 'ab') as log:
            self._child = subprocess.Popen(
                self._command,
                env=self._environ,
                process_group=0,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._watchdog.watch(self.pid)

    def start(self):
        """Start the process and wait until it answers."""
        self.launch()
        self.wait_until_ready()

    def run(self):
        """Run the process to its end; anything but success is a fault."""
        self.launch()
        status = self._child.wait()
        self._bury()
        if status:
            raise ProcessFault(self, f'ended with status {status}')

    def wait_until_ready(self, timeout=120):
        """Wait for the first HTTP answer, if any can be expected."""
        if self.url is None:
            return
        started = time.monotonic()
        while not self.answers():
            if not self.is_running():
                raise ProcessFault(self, 'died before it answered')
            if time.monotonic() > started + timeout:
                raise ProcessFault(self, f'was silent for {timeout} s')
            time.sleep(POLL_INTERVAL)
        waited = time.monotonic() - started
        LOG.info('%s answers; waited %.1f s for it', self.name, waited)

    def answers(self, timeout=2):
        """Say whether an HTTP request is answered within the timeout."""
        place = urllib.parse.urlsplit(self.url)
        # Not urllib.request or requests: those would ask a proxy.
        connection = http.client.HTTPConnection(place.netloc, timeout=timeout)
        with contextlib.closing(connection):
            try:
                connection.request('GET', place.path or '/')
                connection.getresponse()
            except (OSError, http.client.HTTPException):
                return False
        return True

    def stop(self, timeout=20):
        """End the process politely, and by force after the timeout."""
        if self.is_running():
            # Only the leader is told, it tells its workers; SIGCONT for all,
            # as who is suspended would not hear it.
            os.kill(self.pid, signal.SIGTERM)
            self.resume()
            try:
                self._child.wait(timeout)
            except subprocess.TimeoutExpired:
                LOG.warning('%s did not stop in %s s', self.name, timeout)
        self._bury()

    def kill(self):
        """End the process and its workers at once, as a power cut would."""
        self._bury()

    def suspend(self):
        """Freeze the process and its workers: connected, never answering."""
        self._signal(signal.SIGSTOP)
        # The signal is sent, not yet obeyed; do not let one answer slip out.
        os.waitid(os.P_PID, self.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)

    def resume(self):
        """Let the process go on if it is there and suspended."""
        self._signal(signal.SIGCONT)

    def log_tail(self, lines=20):
        """Give the end of the process's log."""
        if not self.log.exists():
            return ''
        text = self.log.read_text(errors='replace')
        return '\n'.join(text.splitlines()[-lines:])

    def _bury(self):
        self._signal(signal.SIGKILL)
        if self._child:
            self._child.wait()
            self._watchdog.forget(self.pid)
            self._child = None

    def _signal(self, number):
        if self._child:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, number)
