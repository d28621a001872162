# SPDX-License-Identifier: Apache-2.0
"""What happened, in few sentences: events that belong together are one.

An outage of a cloud is the loss, what the others took over, the return, and
what went back: four things, of however many events. Pure.
"""

import dataclasses
import re

# In these a cloud is only on its way to the next state.
_PASSING = ('SUSPECT', 'RECOVERING')
_CHANGING = 'SCALING'
_BECAUSE = ' because '
# A reason with such a word is that of one cloud alone.
_OF_ONE = re.compile(r'\bits?\b')


@dataclasses.dataclass
class Happening:
    """One thing that happened to a stack or a cloud.

    ``status``: that of the stack afterwards, None if it did not change.
    ``state``: that of the cloud, for an event of a cloud itself.
    """

    created_at: str
    stack_id: str | None
    cloud: str | None
    request_id: str | None
    messages: list
    status: str | None = None
    state: str | None = None

    @property
    def message(self):
        """All of it, as sentences."""
        return ' '.join(self.messages)


def summarize(events):
    """What happened, from events of a stack and of its clouds.

    :param events: the oldest first
    """
    kept, later = [], set()
    for event in reversed(events):
        state = _state(event)
        if state in _PASSING and event.cloud in later:
            # The next event of the cloud begins with this state.
            continue
        if state:
            later.add(event.cloud)
        kept.append(event)
    happenings = []
    for event in reversed(kept):
        if happenings and _belongs(event, happenings[-1]):
            _append(happenings[-1], event)
        else:
            happenings.append(_happening(event))
    return happenings


def _state(event):
    """The new state of a cloud, if that is the event."""
    return _new(event, 'state') if event.kind == 'CLOUD_STATE' else None


def _new(event, name):
    _, new = event.details.get('changes', {}).get(name) or (None, None)
    return new


def _happening(event):
    return Happening(
        created_at=event.created_at,
        stack_id=event.stack_id,
        cloud=event.cloud,
        request_id=event.request_id,
        messages=[event.message],
        status=_new(event, 'status'),
        state=_state(event),
    )


def _belongs(event, happening):
    """Whether an event is of the same pass, or of the same change.

    A change goes on until the stack is no longer SCALING.
    """
    if event.stack_id is None or event.stack_id != happening.stack_id:
        return False
    if event.request_id == happening.request_id:
        return True
    by_engine = event.kind in ('MEMBER_PATCHED', 'STACK_STATUS')
    return by_engine and happening.status == _CHANGING


def _append(happening, event):
    happening.status = _new(event, 'status') or happening.status
    *before, last = happening.messages
    joined = _join(last, event) if event.kind == 'MEMBER_PATCHED' else None
    if joined:
        happening.messages = [*before, joined]
    else:
        happening.messages.append(event.message)


def _join(message, event):
    """Two updates with one reason as one sentence; None for two reasons."""
    what, _, why = _of_each(message).partition(_BECAUSE)
    also, _, reason = _of_each(event.message).partition(_BECAUSE)
    if not why or not reason.startswith(why) or _OF_ONE.search(why):
        return None
    return f'{what}, {also}{_BECAUSE}{reason}'


def _of_each(message):
    return message.replace(
        f'{_BECAUSE}its share ', f'{_BECAUSE}the share of each '
    )
