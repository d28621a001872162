# SPDX-License-Identifier: Apache-2.0
"""How long a cloud that asked for fewer requests gets none for one stack."""

import threading
import time

from heat_spreader import exception


class Pause:
    """The pause of one cloud, for any number of threads."""

    def __init__(self, cloud):
        self.cloud = cloud
        self._lock = threading.Lock()
        self._ends_at = 0.0

    def extend(self, seconds):
        """Let it end no earlier than in that many seconds."""
        ends_at = time.monotonic() + seconds
        with self._lock:
            self._ends_at = max(self._ends_at, ends_at)

    def check(self):
        """Return if there is none now.

        :raises CloudPaused: if it has not ended yet
        """
        left = self._ends_at - time.monotonic()
        if left > 0:
            raise exception.CloudPaused(
                f"The cloud '{self.cloud}' has asked for fewer requests: it "
                f'gets none for single stacks for {left:.0f} s.',
                left,
            )
