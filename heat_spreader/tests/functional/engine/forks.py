# SPDX-License-Identifier: Apache-2.0
"""heat-spreader-engine as a process that starts in no time.

A new interpreter needs more than a second of the processor to import what the
engine consists of. These processes are forked from one that has imported it,
and are otherwise as those that a shell starts.
"""

import json
import os
import select
import signal
import subprocess
import sys
import threading

from heat_spreader.cmd import engine
from heat_spreader.tests import process


class Parent(process.Process):
    """The process that the engines are forked from."""

    def __init__(self):
        super().__init__(
            [sys.executable, '-m', __name__],
            name='parent',
            stdin=subprocess.PIPE,
            text=True,
        )
        self._lock = threading.Lock()

    def fork(self, command, log):
        """Start an engine; return its process id, which its group has too."""
        with self._lock:
            print(json.dumps([command, str(log)]), file=self._child.stdin)
            self._child.stdin.flush()
            return int(self.wait_for(r'forked (\d+)')[1])


class _Child:
    """What process.Process uses of a subprocess.Popen."""

    returncode = None

    def __init__(self, pid):
        self.pid = pid
        self._descriptor = os.pidfd_open(pid)

    def poll(self):
        return self._wait(0)

    def wait(self):
        return self._wait(None)

    def _wait(self, timeout):
        if self.returncode is None and any(
            select.select([self._descriptor], [], [], timeout)
        ):
            # Only its parent knows the status.
            self.returncode = 0
            os.close(self._descriptor)
        return self.returncode

    def send_signal(self, number):
        os.kill(self.pid, number)


class Engine(process.Program):
    """An engine; its start ends when it writes heartbeats."""

    def __init__(self, parent, directory, groups, name):
        super().__init__('heat-spreader-engine', directory, groups, name)
        self._parent = parent

    def _make_child(self):
        return _Child(self._parent.fork(self.command, self.log))

    def wait_until_ready(self, timeout=process.TIMEOUT):
        self.wait_for('This is engine', timeout)


def main():
    """Fork an engine for each line: its command and the file of its log."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        command, log = json.loads(line)
        # It is there as soon as the process is.
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        pid = os.fork()
        if not pid:
            break
        os.setpgid(pid, pid)
        os.close(descriptor)
        print(f'forked {pid}', flush=True)
    else:
        return
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    sys.argv = command
    engine.main()


if __name__ == '__main__':
    main()
