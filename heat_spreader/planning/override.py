# SPDX-License-Identifier: Apache-2.0
"""A count that something else changes: set back, but not in a fight.

Whatever changes the count again and again has reasons of its own, and each
round removes instances and creates others. So the first two changes are
undone at once, and from the third within ten minutes on with increasing
delay, until the count has stayed for ten minutes.
"""

import dataclasses
import datetime

from heat_spreader.planning import facts

WINDOW = datetime.timedelta(minutes=10)
LIMIT = 3
FIRST_DELAY = datetime.timedelta(minutes=1)
# The delay no longer increases with more of them.
KEPT = 6


@dataclasses.dataclass(frozen=True)
class Override:
    """What something else does to the count of a member.

    ``set_backs``: when it was set back, as far as that still matters.
    ``now``: whether it must be set back now.
    """

    set_backs: tuple[datetime.datetime, ...]
    now: bool

    @property
    def contested(self) -> bool:
        """Whether something else controls the Heat stack, too."""
        return len(self.set_backs) + self.now >= LIMIT

    @property
    def retry_at(self) -> datetime.datetime | None:
        """When the count may be set back, None for at once."""
        if not self.now or not self.contested:
            return None
        doublings = len(self.set_backs) - LIMIT + 1
        delay = FIRST_DELAY * (1 << doublings)
        return self.set_backs[-1] + min(delay, WINDOW)

    @property
    def ends_at(self) -> datetime.datetime | None:
        """When it ends without another change, None if it does not."""
        if self.now or not self.contested:
            return None
        return self.set_backs[-1] + WINDOW

    def after(self, now: datetime.datetime) -> tuple[datetime.datetime, ...]:
        """The same ``set_backs`` with one more."""
        return (*self.set_backs, now)[-KEPT:]


def of_member(
    member: facts.Member, target: int, now: datetime.datetime
) -> Override:
    """What something else does to the count of a member."""
    is_overridden = (
        member.sent_count == target
        and member.stack.count not in (None, target)
        and not member.stack.rolled_back
    )
    times = member.set_backs
    recent = tuple(time for time in times if abs(now - time) < WINDOW)
    if len(times) >= LIMIT and (recent or is_overridden):
        # Each delay is longer than the one before.
        recent = times
    return Override(recent, is_overridden)
