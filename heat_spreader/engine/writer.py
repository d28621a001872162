# SPDX-License-Identifier: Apache-2.0
"""Write for many passes at once.

While one transaction is under way, what other passes have to write waits, and
goes into the next one. A stack that another client has locked, or that makes
a transaction fail, is written in a transaction of its own: it delays no other.
"""

import collections
import concurrent.futures
import threading

from oslo_log import log as logging

from heat_spreader import context
from heat_spreader.db import leases
from heat_spreader.db import session

LOG = logging.getLogger(__name__)

# The largest number of stacks that are written in one transaction.
AT_ONCE = 50


class Write:
    """What a pass waits for, as it does for a lane.Request.

    ``work``: what is written: a leases.Settlement, or a _Claim.
    """

    def __init__(self, work):
        self.work = work
        self.future = concurrent.futures.Future()

    def is_awaited(self):
        """Whether it has not ended yet."""
        return not self.future.done()

    def result(self):
        """Whether it was written; only of one that has ended.

        :raises Exception: what the transaction raised
        """
        return self.future.result(0)


_Claim = collections.namedtuple('_Claim', 'stack owner')


class Writer:
    """Writes what passes have to write, in the order in which it comes.

    :param pool: the threads that it may use, one at a time but for what is
        written alone
    """

    def __init__(self, pool):
        self._pool = pool
        self._lock = threading.Lock()
        self._waiting = collections.deque()
        self._busy = False

    def claim(self, stack, owner):
        """Claim the lease of a stack as it was loaded; return the Write."""
        return self._add(_Claim(stack, owner))

    def settle(self, settlement):
        """Write a leases.Settlement; return the Write."""
        return self._add(settlement)

    def _add(self, work):
        write = Write(work)
        with self._lock:
            self._waiting.append(write)
            begins, self._busy = not self._busy, True
        if begins:
            self._pool.submit(self._run)
        return write

    def _run(self):
        while writes := self._take():
            kinds = collections.defaultdict(list)
            for each in writes:
                kinds[type(each.work), each.work.owner].append(each)
            for (kind, owner), same in kinds.items():
                self._write(same, kind is _Claim, owner)

    def _take(self):
        with self._lock:
            number = min(len(self._waiting), AT_ONCE)
            self._busy = bool(number)
            return [self._waiting.popleft() for _ in range(number)]

    def _write(self, writes, are_claims, owner):
        """Write all of one kind, in one transaction."""
        done, left = set(), {each.work.stack.id for each in writes}
        works = [each.work for each in writes]
        try:
            with context.for_engine() as ctx:
                if are_claims:
                    stacks = [work.stack for work in works]
                    done, left = leases.claim_all(ctx, stacks, owner)
                else:
                    done, left = leases.settle_all(ctx, works)
        except session.UNAVAILABLE as exc:
            if are_claims or owner is None:
                # It may be written all the same, which no one can know now.
                for each in writes:
                    each.future.set_exception(exc)
                return
        except Exception as exc:
            # Each is written alone, and the pass fails if it is that stack.
            LOG.debug('Stacks could not be written together: %s', exc)
        for each in writes:
            if each.work.stack.id in left:
                self._pool.submit(_write_alone, each)
            else:
                each.future.set_result(each.work.stack.id in done)


def _write_alone(write):
    work = write.work
    try:
        with context.for_engine(stack=work.stack.id) as ctx:
            if isinstance(work, _Claim):
                written = leases.claim(ctx, *work)
            else:
                written = leases.settle(ctx, work)
    except Exception as exc:
        write.future.set_exception(exc)
    else:
        write.future.set_result(written)
