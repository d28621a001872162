# SPDX-License-Identifier: Apache-2.0
"""The heartbeat of this engine, and the watch over the others.

An engine whose heartbeat does not change for heartbeat_timeout is taken for
dead, and its leases are free. An engine that could not write its own in time
sends nothing more until it can: the others may work on its stacks by then.
"""

import datetime
import hashlib
import socket
import threading
import time
import uuid

from oslo_log import log as logging

from heat_spreader import context
from heat_spreader import exception
from heat_spreader import version
from heat_spreader.db import engines
from heat_spreader.db import models
from heat_spreader.db import session

LOG = logging.getLogger(__name__)


class Heartbeat:
    """What makes this process an engine: its id and its heartbeat.

    ``id`` is a new one after the others took the engine for dead: it owns
    nothing then.

    :param options: the [engine] options
    :raises ConfigurationInvalid: if the timeout is too short
    """

    def __init__(self, options):
        self.interval = options.heartbeat_interval
        self.timeout = options.heartbeat_timeout
        if self.timeout < 3 * self.interval:
            raise exception.ConfigurationInvalid(
                f'heartbeat_timeout = {self.timeout:g} in [engine] must be at '
                f'least three times heartbeat_interval = {self.interval:g}: '
                'an engine would be taken for dead after one late heartbeat.'
            )
        self.id = None
        self._running = frozenset()
        self._seen = {}
        self._renewed_at = None
        self._offset = datetime.timedelta()
        self._late = threading.Event()

    def now(self):
        """The time that all engines agree on."""
        return models.utcnow() + self._offset

    def may_act(self, engine_id=None):
        """Whether the leases of this engine hold for certain.

        :param engine_id: the id under which they were taken, None for the
            present one
        """
        if engine_id not in (None, self.id) or self._renewed_at is None:
            return False
        # One interval less than after which the others take over.
        silent = time.monotonic() - self._renewed_at
        if silent < self.timeout - self.interval:
            return True
        if not self._late.is_set():
            self._late.set()
            LOG.warning(
                'The heartbeat of the engine is %.1f s old: nothing is sent '
                'to any cloud until it can be renewed.',
                silent,
            )
        return False

    @property
    def alive(self):
        """How many engines there are, with this one."""
        return max(1, len(self._running))

    def prefers(self, name):
        """Whether this engine, of all, is the first to take something."""
        others = self._running - {self.id}
        mine = _claim(self.id, name)
        return all(mine > _claim(other, name) for other in others)

    def beat(self):
        """Write a heartbeat, and look after the engines that have none.

        :raises DBError: if it cannot be written
        """
        begun = time.monotonic()
        with context.for_engine() as ctx:
            now = engines.beat(ctx, self.id) if self.id else None
            if now is None:
                now = self._register(ctx)
            self._offset = now - models.utcnow()
            self._renewed_at = begun
            if self._late.is_set():
                self._late.clear()
                LOG.info('The heartbeat of the engine is renewed again.')
            self._watch(ctx)

    def _register(self, ctx):
        before, engine_id = self.id, str(uuid.uuid4())
        now = engines.register(
            ctx, engine_id, socket.gethostname(), version.installed()
        )
        self.id = engine_id
        if before:
            LOG.warning(
                'The other engines took this one for dead, since its '
                'heartbeat was too old. It goes on as engine %s, without its '
                'leases.',
                engine_id,
            )
        else:
            LOG.info('This is engine %s.', engine_id)
        return now

    def _watch(self, ctx):
        # In this order: an engine that takes a lease has its row before.
        owners = engines.lease_owners(ctx)
        running = engines.running(ctx)
        begun = time.monotonic()
        self._seen = {
            engine_id: self._seen.get(engine_id, (None, begun))
            for engine_id in running
            if engine_id != self.id
        }
        alive = {self.id}
        for engine_id, (beats, since) in self._seen.items():
            if running[engine_id] != beats:
                self._seen[engine_id] = running[engine_id], begun
                alive.add(engine_id)
            elif begun - since < self.timeout:
                alive.add(engine_id)
            elif engines.stop(ctx, engine_id, beats):
                LOG.warning(
                    'Engine %s has had no heartbeat for %.1f s: its leases '
                    'are free.',
                    engine_id,
                    begun - since,
                )
                del running[engine_id]
        self._running = frozenset(alive)
        if owners - running.keys():
            engines.free(ctx, owners - running.keys())

    def stop(self):
        """Let the others take over at once."""
        if self.id is None:
            return
        try:
            with context.for_engine() as ctx:
                engines.stop(ctx, self.id)
                engines.free(ctx, {self.id})
        except session.ERRORS as exc:
            LOG.warning(
                'The end of the engine could not be recorded; its leases are '
                'free after heartbeat_timeout: %s',
                session.reason(exc),
            )


def _claim(engine_id, name):
    """Rendezvous hashing: the engine with the largest value is the first."""
    return hashlib.sha256(f'{engine_id}\0{name}'.encode()).digest()
