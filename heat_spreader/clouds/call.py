# SPDX-License-Identifier: Apache-2.0
"""Calls to one cloud, each with one deadline for all that it does.

The timeouts of requests are for a connection and for a pause between two
bytes: a body that comes a byte a second never meets them, and no timeout ends
a name lookup. So each call runs in a thread of its own. The caller waits no
longer than until the deadline, and then cuts the connection of the call,
which ends the thread too.
"""

import concurrent.futures
import contextlib
import socket
import threading
import time
import traceback

from oslo_context import context as oslo_context

from heat_spreader import context
from heat_spreader import exception
from heat_spreader.clouds import failure

# Calls at the same time to one cloud. Those that were given up count until
# their thread has ended: a name lookup cannot be cut.
MAX_CALLS = 64

_running = threading.local()


class Calls:
    """The threads for the calls to one cloud.

    :param name: the name of the cloud
    :param seconds: until the deadline of a call
    """

    def __init__(self, name, seconds):
        self.name = name
        self.seconds = seconds
        self._pool = concurrent.futures.ThreadPoolExecutor(
            MAX_CALLS, thread_name_prefix=f'call-{name}'
        )

    def begin(self, function, *args, seconds=None):
        """Begin a call.

        :param seconds: until its deadline, if not as for the others
        :returns: the Call, whose result is that of the function
        """
        call = Call(self.name, seconds or self.seconds)
        run = call.run
        if oslo_context.get_current():
            # What is logged there has the stack and the cloud too.
            run = context.propagate(run)
        call.future = self._pool.submit(run, function, *args)
        return call


class Call:
    """A call to a cloud."""

    def __init__(self, cloud, seconds):
        self.cloud = cloud
        self.seconds = seconds
        self.future = None
        self._ends = time.monotonic() + seconds
        self._lock = threading.Lock()
        self.given_up = False
        self._connection = None

    def run(self, function, *args):
        """Call the function in this thread."""
        _running.call = self
        try:
            return function(*args)
        except exception.CloudError as exc:
            # Whoever keeps it must not keep the answers that led to it: the
            # garbage collector does not count what a large one has.
            exc.kinds = exc.kinds or tuple(map(type, failure.chain(exc)))
            exc.__cause__ = exc.__context__ = None
            traceback.clear_frames(exc.__traceback__)
            raise
        finally:
            _running.call = None
            with self._lock:
                self._connection = None

    def wait(self, seconds, *others):
        """Wait until this call or one of others ends, no longer than that.

        :returns: whether this call has ended
        """
        futures = [self.future, *(other.future for other in others)]
        concurrent.futures.wait(
            futures, seconds, concurrent.futures.FIRST_COMPLETED
        )
        return self.future.done()

    def result(self):
        """Wait until the deadline, and return what the function returned.

        :raises CloudUnreachable: if the call has not ended by then
        :raises CloudError: if it failed
        """
        while not self._ends_within(self._ends - time.monotonic()):
            # A list of stacks has a new deadline with each page.
            if time.monotonic() >= self._ends:
                self.give_up()
                raise failure.unanswered(self.cloud, self.seconds)
        return self.future.result()

    def _ends_within(self, seconds):
        # A fraction of what wait() costs, which can wait for several calls.
        try:
            self.future.exception(max(0.0, seconds))
        except TimeoutError:
            return False
        return True

    def renew(self):
        """Begin the time until the deadline again."""
        self._ends = time.monotonic() + self.seconds

    def give_up(self):
        """Cut the connection that the call uses, and let it make no other."""
        self.future.cancel()
        with self._lock:
            self.given_up = True
            sock = getattr(self._connection, 'sock', None)
            if sock is not None and self._connection.call is self:
                # As a method of an SSL socket it would wait for the other
                # side.
                with contextlib.suppress(OSError):
                    socket.socket.shutdown(sock, socket.SHUT_RDWR)

    def use(self, connection):
        """Note which connection of urllib3 the call uses.

        :raises TimeoutError: if the call was given up meanwhile
        """
        with self._lock:
            if self.given_up:
                raise TimeoutError('the call was given up')
            self._connection, connection.call = connection, self


def renew():
    """Begin the time of the call in this thread again, if it runs one."""
    call = getattr(_running, 'call', None)
    if call:
        call.renew()


def is_given_up():
    """Whether the call in this thread, if it runs one, has no time left."""
    call = getattr(_running, 'call', None)
    return bool(call and call.given_up)


def use(connection):
    """Note which connection the call in this thread uses, if it runs one.

    :raises TimeoutError: if the call was given up meanwhile
    """
    call = getattr(_running, 'call', None)
    if call:
        call.use(connection)
