# SPDX-License-Identifier: Apache-2.0
"""Requests for single stacks, and waiting for them without a thread.

Each cloud has a lane: a limited number of requests at a time, and the others
wait for their turn, in which the projects and the surveys alternate. What a
cloud does not answer fills its own lane and no other. A Round is the requests
of one step of a pass over a stack: it is over when each has ended, or has no
answer that can be expected soon.
"""

import concurrent.futures
import contextlib
import functools
import threading
import time

from heat_spreader.engine import turns

# Seconds after which the pass over the stack no longer waits for a request.
PATIENCE = 2.0
# Seconds without the end of a request after which a full lane is stuck.
STUCK = 5.0


class Lane:
    """The requests to one cloud.

    :param size: how many there may be at the same time
    """

    def __init__(self, cloud, size):
        self.size = size
        self._pool = concurrent.futures.ThreadPoolExecutor(
            size, thread_name_prefix=f'request-{cloud}'
        )
        self._lock = threading.Lock()
        self._waiting = turns.Turns()
        self._running = 0
        self._moved_at = time.monotonic()
        self.closed = False

    @property
    def stuck(self):
        """Whether a request would wait for others that are not answered."""
        silent = time.monotonic() - self._moved_at
        return self._running == self.size and silent > STUCK

    def begin(self, project, function, *args):
        """Begin a request for a project, when it is its turn.

        :param project: None for a survey, which is like one more project
        :returns: the Request; it is cancelled if its turn will not come
        """
        request = Request(self, function, *args)
        with self._lock:
            if self.closed or self.stuck:
                request.future.cancel()
            else:
                self._waiting.put(project, request)
                self._pool.submit(self._run_next)
        return request

    def _run_next(self):
        # A thread that is free takes one: there is a call for each that waits.
        with self._lock:
            request = self._waiting.take()
        request.run()

    def move(self, step):
        """Count a request that begins or ends."""
        with self._lock:
            self._running += step
            self._moved_at = time.monotonic()

    def stop(self):
        """Cancel the requests that wait for their turn; let the others end."""
        with self._lock:
            self.closed = True
        self._pool.shutdown(wait=False, cancel_futures=True)
        with contextlib.suppress(LookupError):
            while True:
                with self._lock:
                    request = self._waiting.take()
                request.future.cancel()
        self._pool.shutdown(wait=True)


def make_all(conf, clouds):
    """The lanes of clouds, by their names."""
    size = conf.engine.max_updates_per_cloud
    return {name: Lane(name, size) for name in clouds}


class Request:
    """A request for one stack: a function that sends it."""

    def __init__(self, lane, function, *args):
        self.lane = lane
        self.future = concurrent.futures.Future()
        self.began_at = None
        self._function = functools.partial(function, *args)

    def run(self):
        """Send it in this thread, which is one of the lane."""
        if not self.future.set_running_or_notify_cancel():
            return
        self.began_at = time.monotonic()
        self.lane.move(+1)
        try:
            result = self._function()
        except BaseException as exc:
            self.lane.move(-1)
            self.future.set_exception(exc)
        else:
            self.lane.move(-1)
            self.future.set_result(result)

    @property
    def cancelled(self):
        """Whether it will never begin."""
        return self.future.cancelled()

    @property
    def ended(self):
        """Whether it has ended, or is cancelled."""
        return self.future.done()

    def result(self):
        """What the function returned; only of a request that has ended."""
        return self.future.result(0)

    def is_awaited(self):
        """Whether an answer can be expected soon.

        One that would wait for a stuck lane is cancelled.
        """
        if self.ended:
            return False
        if self.began_at is not None:
            return time.monotonic() - self.began_at < PATIENCE
        return not (self.lane.stuck and self.future.cancel())


class Round:
    """Requests that are waited for together.

    :param then: called once, when none of them is awaited any more, in the
        thread that finds that out
    """

    def __init__(self, requests, then):
        self.requests = requests
        self._then = then
        self._lock = threading.Lock()
        for request in requests:
            request.future.add_done_callback(self._check)

    def check(self):
        """End the round if no request is awaited any more."""
        if self._then and not any(r.is_awaited() for r in self.requests):
            with self._lock:
                then, self._then = self._then, None
            if then:
                then()

    def _check(self, _):
        self.check()
