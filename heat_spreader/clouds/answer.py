# SPDX-License-Identifier: Apache-2.0
"""What the answers of Heat say.

Each function reads the JSON of one kind of answer. What has another form is a
ValueError: a cloud is not trusted.
"""

import dataclasses
import re

from heat_spreader import states
from heat_spreader import suggest
from heat_spreader.clouds import failure

_ID = re.compile(r'[A-Za-z0-9-]{1,36}')
_STATUS = re.compile(r'[A-Z_]{1,64}')
_NUMBER = re.compile(r'-?[0-9]{1,18}(\.[0-9]*)?')
_HIDDEN = '******'
# So many parameters are named, and so much of each name.
_NAMED, _NAME = 4, 40


@dataclasses.dataclass(frozen=True)
class StackRow:
    """A stack in the list of a cloud; ``updated_at`` is Heat's text."""

    name: str
    heat_id: str
    status: str
    updated_at: str | None


@dataclasses.dataclass(frozen=True)
class StackRead:
    """A stack as Heat shows it.

    ``count`` is None if the stack has no such parameter, or if its value
    cannot be a count: text, or hidden. ``count_problem`` is why.
    """

    name: str
    heat_id: str
    status: str
    status_reason: str
    updated_at: str | None
    count: int | None
    count_problem: str = ''


def rows(body):
    """Return a StackRow for each stack of a list."""
    return [
        StackRow(
            _text(row, 'stack_name'),
            _text(row, 'id', _ID),
            _text(row, 'stack_status', _STATUS),
            _updated_at(row),
        )
        for row in _dicts(body, 'stacks')
    ]


def stack(body, parameter):
    """Return the StackRead of a stack, with the value of a parameter."""
    stack = _get(body, 'stack', dict)
    return StackRead(
        _text(stack, 'stack_name'),
        _text(stack, 'id', _ID),
        _text(stack, 'stack_status', _STATUS),
        failure.clean(stack.get('stack_status_reason')),
        _updated_at(stack),
        *_count(_get(stack, 'parameters', dict), parameter),
    )


def last_reason(body):
    """Return the reason of the first event of a list, '' without one."""
    reasons = [
        failure.clean(event.get('resource_status_reason'))
        for event in _dicts(body, 'events')
    ]
    return reasons[0] if reasons else ''


def _count(parameters, name):
    """The count that a parameter gives, or None and why it gives none."""
    if parameters.get(name) is None:
        return None, _missing(parameters, name)
    return _number(parameters[name])


def _missing(parameters, name):
    """What is so of a parameter that does not exist: which others do."""
    numbers = sorted(
        failure.clean(each)[:_NAME]
        for each, value in parameters.items()
        if not each.startswith('OS::') and _number(value)[0] is not None
    )
    if not numbers:
        return 'does not exist, and the stack has no number parameter'
    near = suggest.nearest(name, numbers)
    named = list(dict.fromkeys([*near, *numbers]))
    listed = ', '.join(f"'{each}'" for each in named[:_NAMED])
    if more := len(named[_NAMED:]):
        listed += f' and {more} more'
    are = 'parameters of the stack are' if named[1:] else 'parameter is'
    return f'does not exist; the number {are} {listed}'


def _number(value):
    """The count that a value is, or None and why it is none."""
    if value == _HIDDEN:
        return None, 'is hidden'
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None, 'is not a whole number'
    if value % 1 or not 0 <= value <= states.MAX_COUNT:
        return None, f'is not a whole number from 0 to {states.MAX_COUNT}'
    return int(value), ''


def _updated_at(stack):
    value = stack.get('updated_time')
    if value is not None:
        value = _text(stack, 'updated_time')[:64]
    return value


def _text(body, key, pattern=None):
    value = _get(body, key, str)
    if not value.isprintable() or (pattern and not pattern.fullmatch(value)):
        raise ValueError(f'its {key} is invalid')
    return value


def _dicts(body, key):
    values = _get(body, key, list)
    if not all(isinstance(value, dict) for value in values):
        raise ValueError(f'its {key} are not objects')
    return values


def _get(body, key, kind):
    value = body.get(key) if isinstance(body, dict) else None
    if not isinstance(value, kind):
        raise ValueError(f'it has no {key}')
    return value
