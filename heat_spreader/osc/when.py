# SPDX-License-Identifier: Apache-2.0
"""Times for people: how long ago something was, or how long until it is."""

import datetime

from cliff import columns


def now():
    """The time now, aware."""
    return datetime.datetime.now(datetime.UTC)


def parse(text):
    """The time of a text of the API; None for none."""
    return text and datetime.datetime.fromisoformat(text)


def text(moment):
    """A time as the API takes it."""
    utc = moment.astimezone(datetime.UTC).replace(tzinfo=None)
    return f'{utc.isoformat(timespec="seconds")}Z'


def clock(time):
    """A time of the API without its date if that is today: 12:00:05 UTC."""
    moment = parse(time)
    form = '%H:%M:%S' if moment.date() == now().date() else '%Y-%m-%d %H:%M'
    return f'{moment:{form}} UTC'


def age(time):
    """How long ago a time of the API was, in one unit: 42s, 5m, 3h, 2d."""
    seconds = int((now() - parse(time)).total_seconds())
    return short(max(0, seconds))


def until(time):
    """How long it is until a time of the API; None if it is over."""
    seconds = int((parse(time) - now()).total_seconds())
    return short(seconds) if seconds > 0 else None


def short(seconds):
    """Seconds in one unit: 42s, 5m, 3h, 2d."""
    for size, unit in ((86400, 'd'), (3600, 'h'), (60, 'm')):
        # Two of a unit are exact enough, one is not.
        if seconds >= 2 * size:
            return f'{seconds // size}{unit}'
    return f'{seconds}s'


class Age(columns.FormattableColumn):
    """A time: its age for people, ISO 8601 for programs."""

    def human_readable(self):
        return age(self._value) if self._value else ''
