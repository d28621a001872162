# SPDX-License-Identifier: Apache-2.0
"""Ends what the testbed started, however the testbed itself ends.

The module is also the script of a child in a session of its own. It gets
our process groups through a pipe; that pipe closes with us, even after a
kill -9, and then the child kills the groups that are left.
"""

import contextlib
import os
import signal
import subprocess
import sys


class Watchdog:
    """The near end of the pipe: reports which process groups are ours."""

    def __init__(self):
        self._child = subprocess.Popen(
            [sys.executable, '-I', __file__],
            stdin=subprocess.PIPE,
            start_new_session=True,
            bufsize=0,
        )

    def watch(self, group):
        """Have the process group killed when we end."""
        self._say(f'+{group}')

    def forget(self, group):
        """Forget the process group: its number may be reused soon."""
        self._say(f'-{group}')

    def close(self):
        """Kill every group that is still watched."""
        self._child.stdin.close()
        self._child.wait()

    def _say(self, line):
        # Unbuffered, so that the child knows before we can be killed.
        self._child.stdin.write(f'{line}\n'.encode())


def main():
    """Follow the pipe to its end, then kill what was not forgotten."""
    # A signal to every process must not end us before our work is done.
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    groups = set()
    for line in sys.stdin:
        group = int(line[1:])
        (groups.add if line.startswith('+') else groups.discard)(group)
    for group in groups:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)


if __name__ == '__main__':
    main()
