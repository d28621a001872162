# SPDX-License-Identifier: Apache-2.0
"""What the body of a request orders for a cloud or for a member."""

from heat_spreader import exception
from heat_spreader import states
from heat_spreader.api import request
from heat_spreader.planning import facts

ENABLED = states.AdminState.ENABLED
DRAINING = states.AdminState.DRAINING

# What a change of a cloud may have with it, by the field that it changes.
_WITH = {
    'admin_state': {'from', 'until', 'reason', 'drill', 'force'},
    'declared': {'until', 'reason'},
    'planned': set(),
}


def check(body):
    """Check that the body of a change of a cloud has one change.

    :raises Invalid: if it has none or several, or what does not belong to it
    """
    changes = [name for name in _WITH if name in body]
    if len(changes) != 1:
        raise exception.Invalid(
            'The body must include exactly one of admin_state, declared and '
            'planned.'
        )
    [change] = changes
    _refuse(body, body.keys() - {change} - _WITH[change], f'with {change}')


def _refuse(body, names, why):
    """Refuse fields that would mean nothing.

    :raises Invalid: if it has one of them, other than as false
    """
    given = sorted(
        name for name in names if body.get(name, False) is not False
    )
    if given:
        raise exception.Invalid(
            f'The body must not include {", ".join(given)} {why}.'
        )


def use(body, now, user_id):
    """How a cloud is to be used, from the body of a change.

    :returns: facts.Use; its order begins now or later
    :raises Invalid: if its values do not fit together
    """
    state = states.AdminState(body['admin_state'])
    if state != DRAINING:
        _refuse(body, ['drill', 'force'], f'with the admin_state {state}')
    drill = body.get('drill', False)
    if drill and 'until' not in body:
        raise exception.Invalid('A drill must have an end: until.')
    begin, until = _window(body, state, now)
    order = facts.Order(begin, until, body.get('reason', ''), user_id)
    return facts.Use(state, order, drill)


def declaration(body, now, user_id):
    """The state that a body declares, None for none, and its order.

    :raises Invalid: if its values do not fit together
    """
    declared = body['declared']
    if declared is None:
        _refuse(body, ['until'], 'with nothing declared')
    until = _until(body, now)
    order = facts.Order(now, until, body.get('reason', ''), user_id)
    return declared and states.Declared(declared), order


def members(body, now):
    """The members of the body of a stack, as the database takes them.

    :raises Invalid: if the values of an order do not fit together, or if
        there is no drain that ``force`` is for
    """
    found = body.get('members', {})
    if 'force' in body and not drained(found):
        raise exception.Invalid(
            f'force is only for a member with the admin_state {DRAINING}.'
        )
    return {
        cloud: {**_limits(values), **_member_order(cloud, values, now)}
        for cloud, values in found.items()
    }


def drained(values_by_cloud):
    """The clouds with a member that is to be drained."""
    return [
        cloud
        for cloud, values in values_by_cloud.items()
        if values.get('admin_state') == DRAINING
    ]


def _limits(values):
    return {
        name: values[name]
        for name in ('min_count', 'max_count')
        if name in values
    }


def _member_order(cloud, values, now):
    if 'admin_state' not in values:
        _refuse(
            values,
            ['from', 'until', 'reason'],
            f'for the cloud {cloud} without an admin_state',
        )
        return {}
    state = states.AdminState(values['admin_state'])
    begin, until = _window(values, state, now)
    return {
        'admin_state': state,
        'admin_from': None if state == ENABLED else begin,
        'admin_until': until,
        'admin_reason': values.get('reason', ''),
    }


def _window(body, state, now):
    """When an order begins, now or later, and when it ends, None for never."""
    if state == ENABLED:
        _refuse(body, ['from', 'until'], f'with the admin_state {state}')
    begin = max(now, request.time(body['from'])) if 'from' in body else now
    until = _until(body, now)
    if until is not None and until <= begin:
        raise exception.Invalid(
            f'until must be later than from, and {body["until"]} is not later '
            f'than {body["from"]}.'
        )
    return begin, until


def _until(body, now):
    if 'until' not in body:
        return None
    until = request.time(body['until'])
    if until <= now:
        raise exception.Invalid(
            f'until must be in the future, and {body["until"]} is not: it is '
            f'{now:%Y-%m-%dT%H:%M:%SZ} now.'
        )
    return until
