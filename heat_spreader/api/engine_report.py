# SPDX-License-Identifier: Apache-2.0
"""Whether any engine works, as far as the database shows."""

import dataclasses
import datetime

from heat_spreader.db import engines
from heat_spreader.planning import text


@dataclasses.dataclass(frozen=True)
class Report:
    """When an engine last wrote a heartbeat, None for never.

    ``silent``: that is too long ago for any engine to be at work.
    """

    reported_at: datetime.datetime | None = None
    silent: bool = False

    @property
    def sentence(self):
        """What is wrong, for people."""
        if not self.silent:
            return 'OK'
        if self.reported_at is None:
            return 'No engine has reported yet.'
        return (
            f'No engine has reported since {text.time(self.reported_at)}: no '
            'cloud is surveyed and nothing is changed.'
        )


def read(ctx, conf):
    """Whether an engine has reported within twice the heartbeat timeout."""
    reported_at, now = engines.last_report(ctx)
    longest = datetime.timedelta(seconds=2 * conf.engine.heartbeat_timeout)
    return Report(
        reported_at, reported_at is None or now - reported_at > longest
    )
