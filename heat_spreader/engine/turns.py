# SPDX-License-Identifier: Apache-2.0
"""A queue that is fair to projects."""

import collections


class Turns:
    """What waits, by project: the projects take turns.

    Of one project what came first is taken first. It is for one thread at a
    time.
    """

    def __init__(self):
        # The project whose turn is next is the first one.
        self._waiting = collections.OrderedDict()

    def put(self, project, thing):
        """Let a thing of a project wait for its turn."""
        self._waiting.setdefault(project, collections.deque()).append(thing)

    def take(self):
        """The thing whose turn it is.

        :raises LookupError: if nothing waits
        """
        if not self._waiting:
            raise LookupError
        project, things = self._waiting.popitem(last=False)
        thing = things.popleft()
        if things:
            self._waiting[project] = things
        return thing
