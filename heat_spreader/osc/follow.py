# SPDX-License-Identifier: Apache-2.0
"""New events as they happen.

The order of events is that in which they are numbered, which is not the order
in which their transactions end: an event may appear before one that was read
already. So each request lists what is newer than the newest event less an
overlap, and what is known is left out.
"""

import datetime
import itertools

from openstack import utils

from heat_spreader.osc import when

# How many events are shown first.
FIRST = 10
# No transaction of the service takes as long as this.
OVERLAP = datetime.timedelta(minutes=2)
INTERVAL = 2


class Follower:
    """Finds the events that were not shown yet.

    :param list_events: lists events, newest first; the argument ``since`` is
        the time from which on
    """

    def __init__(self, list_events):
        self._list = list_events
        self._known = {}

    def first(self, limit):
        """The newest events, oldest first."""
        found = []
        for event in self._list():
            # Those that are too old to be shown, but within the overlap, must
            # not be new in the next request.
            if len(found) >= limit and self._is_old(event):
                break
            self._known[event.id] = when.parse(event.created_at)
            found.append(event)
        return found[:limit][::-1]

    def more(self):
        """Those that are new, oldest first."""
        if not self._known:
            return self._new(self._list())
        found = self._new(self._list(since=self._newest - OVERLAP))
        for event_id, moment in list(self._known.items()):
            if moment < self._newest - 2 * OVERLAP:
                del self._known[event_id]
        return found

    @property
    def _newest(self):
        return max(self._known.values())

    def _is_old(self, event):
        return when.parse(event.created_at) < self._newest - OVERLAP

    def _new(self, events):
        found = [event for event in events if event.id not in self._known]
        for event in found:
            self._known[event.id] = when.parse(event.created_at)
        return found[::-1]


def follow(list_events, client, limit=None):
    """Yield the newest events, then each new one, without end.

    A service that does not answer for a while is asked again.
    """
    follower = Follower(list_events)
    yield from follower.first(limit or FIRST)
    for _ in itertools.islice(
        utils.iterate_timeout(None, '', INTERVAL), 1, None
    ):
        yield from client.poll(follower.more) or ()
