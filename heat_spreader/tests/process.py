# SPDX-License-Identifier: Apache-2.0
"""Programs as real processes, with configuration files and ports."""

import contextlib
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import time

import fixtures
import requests

# Where the programs are that were installed with this Python.
SCRIPTS = pathlib.Path(sys.executable).parent
TIMEOUT = 60
POLL_INTERVAL = 0.02


def environ(**variables):
    """Return the environment without what configures a service or client.

    An openrc in the shell, or OS_GROUP__OPTION, would change what runs.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(('OS_', 'HEAT_SPREADER_'))
    }
    return kept | variables


def run(*command, **options):
    """Run a command to its end; return its status and output as text.

    :param options: those of subprocess.run
    """
    options = {
        'env': environ(),
        'stdout': subprocess.PIPE,
        'stderr': subprocess.PIPE,
        'text': True,
        'timeout': TIMEOUT,
        **options,
    }
    if 'input' not in options:
        options.setdefault('stdin', subprocess.DEVNULL)
    return subprocess.run(command, check=False, **options)


@contextlib.contextmanager
def interruptible():
    """Let processes that start here be interrupted.

    A shell has what it runs in the background ignore SIGINT, and so do the
    children of that.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def write_config(path, groups):
    """Write a configuration file: options and values by group."""
    lines = []
    for group, options in groups.items():
        lines.append(f'[{group}]')
        lines += [f'{name} = {value}' for name, value in options.items()]
    path.write_text('\n'.join([*lines, '']))
    # As an operator would: the programs warn of what everyone can read.
    path.chmod(0o600)
    return path


def wait_until(condition, problem, timeout=TIMEOUT, interval=POLL_INTERVAL):
    """Wait until a condition is true; return its value.

    :param problem: returns what to fail with when the time is over
    """
    deadline = time.monotonic() + timeout
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(problem())
        time.sleep(interval)
    return value


def thread_states(pid, group=None):
    """The states of the threads of a process, as /proc names them.

    :param group: if given, only of a process that is in this group
    """
    states = set()
    for path in pathlib.Path(f'/proc/{pid}/task').glob('[0-9]*/stat'):
        # A process may end at any time.
        with contextlib.suppress(OSError):
            fields = path.read_text().rpartition(')')[2].split()
            if group in (None, int(fields[2])):
                states.add(fields[0])
    return states


def request(method, url, **options):
    """Send an HTTP request and not to a proxy; return the response."""
    with requests.Session() as session:
        session.trust_env = False
        return session.request(method, url, **{'timeout': TIMEOUT, **options})


class Port(fixtures.Fixture):
    """A reserved port on loopback: ``number``.

    It is bound and never listens: connections are refused, and the kernel
    gives it to no one else; a server that sets SO_REUSEADDR may use it.
    """

    def _setUp(self):
        reserved = socket.socket()
        self.addCleanup(reserved.close)
        reserved.bind(('127.0.0.1', 0))
        # After the bind: set before it, the port could be one that another
        # process has reserved in the same way.
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.number = reserved.getsockname()[1]

    def is_open(self):
        """Return whether a server listens there."""
        with socket.socket() as client:
            return client.connect_ex(('127.0.0.1', self.number)) == 0


class ProcessFailure(AssertionError):
    """A process did not do what it was started for."""

    def __init__(self, process, problem):
        super().__init__(
            f'{process.name} {problem}; the end of its log:\n'
            f'{process.log_tail()}'
        )


class Process(fixtures.Fixture):
    """A command in a process group of its own, with its output in a file.

    It is killed with all that it started when the fixture ends.

    :param log: the file; one in a temporary directory by default
    :param url: answers HTTP requests when the process is ready
    :param options: those of subprocess.Popen
    """

    def __init__(self, command, log=None, name=None, url=None, **options):
        super().__init__()
        self.command = [str(word) for word in command]
        self.log = log
        self.name = name or pathlib.Path(self.command[0]).name
        self.url = url
        self._options = options
        self._child = None
        self._read = 0

    def _setUp(self):
        if self.log is None:
            directory = self.useFixture(fixtures.TempDir()).path
            self.log = pathlib.Path(directory, 'log')
        self.addCleanup(self.kill)

    @property
    def pid(self):
        """The process id; None before the start and after the end."""
        return self._child.pid if self._child else None

    def is_running(self):
        """Return whether the process exists, suspended or not."""
        return self._child is not None and self._child.poll() is None

    def launch(self):
        """Start the process and do not wait until it is ready."""
        if self.is_running():
            return
        self.kill()
        self._child = self._make_child()

    def _make_child(self):
        options = {
            'env': environ(),
            'stdin': subprocess.DEVNULL,
            'stderr': subprocess.STDOUT,
            **self._options,
        }
        with open(self.log, 'ab') as log:
            return subprocess.Popen(
                self.command, stdout=log, process_group=0, **options
            )

    def start(self):
        """Start the process and wait until it answers."""
        self.launch()
        self.wait_until_ready()

    def run(self, timeout=float('inf')):
        """Run the process to its end; it must succeed."""
        self.launch()
        status = self.wait(timeout)
        if status:
            raise ProcessFailure(self, f'ended with status {status}')

    def wait_until_ready(self, timeout=120):
        """Wait until the URL answers, if there is one."""

        def is_ready():
            if not self.is_running():
                raise ProcessFailure(self, 'ended before it answered')
            return self.url is None or self.answers()

        wait_until(
            is_ready,
            lambda: str(ProcessFailure(self, f'was silent for {timeout} s')),
            timeout,
        )

    def answers(self, timeout=2):
        """Return whether an HTTP request is answered within the timeout."""
        try:
            request('GET', self.url, timeout=timeout, allow_redirects=False)
        except requests.RequestException:
            return False
        return True

    def text(self):
        """Return the whole log."""
        return self.log.read_text(errors='replace')

    def log_tail(self, lines=40):
        """Return the end of the log."""
        text = self.text() if self.log.exists() else ''
        return '\n'.join(text.splitlines()[-lines:])

    def wait_for(self, pattern, timeout=TIMEOUT):
        """Wait for a line after the last one waited for; return the match."""

        def find():
            # Asked before the read, which might miss the last lines.
            ended = not self.is_running()
            text = self.text()
            complete = text.rfind('\n') + 1
            found = re.compile(pattern).search(text, self._read, complete)
            if not found and ended:
                raise ProcessFailure(self, f'ended without {pattern}')
            return found

        found = wait_until(
            find,
            lambda: str(ProcessFailure(self, f'did not log {pattern}')),
            timeout,
        )
        self._read = found.string.index('\n', found.end()) + 1
        return found

    def send_signal(self, number):
        """Send a signal to the process, and not to those that it started."""
        self._child.send_signal(number)

    def stop(self, number=signal.SIGTERM, timeout=TIMEOUT):
        """End the process with a signal; return its exit status."""
        if self._child is None:
            return None
        self.send_signal(number)
        # Suspended, it would not act on the signal.
        self.resume()
        return self.wait(timeout)

    def wait(self, timeout=TIMEOUT):
        """Wait until the whole group has ended; return the exit status."""
        wait_until(
            lambda: not self.is_running() and self._states() <= {'Z'},
            lambda: str(ProcessFailure(self, 'did not end')),
            timeout,
        )
        status = self._child.returncode
        self.kill()
        return status

    def kill(self):
        """End the whole group at once, as a power cut would."""
        if self._child:
            self._signal_group(signal.SIGKILL)
            self._child.wait()
            self._child = None

    def suspend(self):
        """Suspend the whole group: connected, and never answering."""
        self._signal_group(signal.SIGSTOP)
        # Sent is not done; it must not answer once more.
        wait_until(
            lambda: self._states() <= {'T', 'Z'},
            lambda: str(ProcessFailure(self, 'was not suspended')),
        )

    def resume(self):
        """Let the whole group continue if it is suspended."""
        self._signal_group(signal.SIGCONT)

    def _signal_group(self, number):
        if self._child:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, number)

    def _states(self):
        """The states of the processes of the group, as /proc names them."""
        states = set()
        for path in pathlib.Path('/proc').glob('[0-9]*'):
            states |= thread_states(path.name, self.pid)
        return states


class Program(Process):
    """One of our programs, with a configuration file of its own."""

    def __init__(self, program, directory, groups, name=None, **options):
        name = name or program
        directory = pathlib.Path(directory)
        self.config_file = directory / f'{name}.conf'
        write_config(self.config_file, groups)
        super().__init__(
            [SCRIPTS / program, '--config-file', self.config_file],
            directory / f'{name}.log',
            name,
            **options,
        )
