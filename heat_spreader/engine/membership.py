# SPDX-License-Identifier: Apache-2.0
"""Which engine looks after which cloud and stack, where there are several."""

import os
import socket

from oslo_log import log as logging
from tooz import coordination

LOG = logging.getLogger(__name__)

GROUP = b'heat-spreader-engines'


def engine_name():
    """The name of this engine: its host and its process."""
    return f'{socket.gethostname()}:{os.getpid()}'


class Membership:
    """The engines that share the work; alone where no backend is set."""

    def __init__(self, conf):
        self.url = conf.coordination.backend_url
        self.coordinator = None
        self.partitioner = None

    def start(self):
        """Join the other engines."""
        if self.url:
            self.coordinator = coordination.get_coordinator(
                self.url, engine_name().encode()
            )
            self.coordinator.start(start_heart=True)
            self.partitioner = self.coordinator.join_partitioned_group(GROUP)

    def refresh(self):
        """Notice engines that came or went."""
        if self.coordinator:
            self.coordinator.run_watchers()

    def owns(self, kind, name):
        """Whether this engine looks after a thing."""
        if not self.partitioner:
            return True
        return self.partitioner.belongs_to_self(f'{kind}/{name}'.encode())

    def stop(self):
        """Leave, so that the others take over at once."""
        if self.coordinator:
            self.coordinator.leave_group(GROUP).get()
            self.coordinator.stop()
            self.coordinator = self.partitioner = None
