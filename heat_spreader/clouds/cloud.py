# SPDX-License-Identifier: Apache-2.0
"""The only module that sends requests to a remote cloud: to its Heat.

Whatever the cloud does, a call returns a value or raises a CloudError. It
sends one request, and a long list of stacks one for each page. No request is
repeated, except once with a new token after a 401.
"""

import dataclasses
import functools
import re
import urllib.parse

from heat_spreader import exception
from heat_spreader import states
from heat_spreader.clouds import connection
from heat_spreader.clouds import failure

# Of the 4 KB of a URL; the rest is for the endpoint and the path.
MAX_QUERY = 3584
PAGE = 1000
MAX_PAGES = 100

_ID = re.compile(r'[A-Za-z0-9-]{1,36}')
_STATUS = re.compile(r'[A-Z_]{1,64}')
_NUMBER = re.compile(r'-?[0-9]{1,18}(\.[0-9]*)?')
_HIDDEN = '******'
_GROUP = 'OS::Heat::ResourceGroup'
# After these, the next call reads clouds.yaml again and gets a new token.
_RECONNECT = (
    exception.CloudMisconfigured,
    exception.CloudUnauthorized,
    exception.CloudUnreachable,
)
_READY = re.compile(r'(?!DELETE|INIT|SUSPEND)[A-Z]+_COMPLETE')


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
    cannot be a count: text, or hidden.
    """

    name: str
    heat_id: str
    status: str
    status_reason: str
    updated_at: str | None
    count: int | None
    count_problem: str = ''


class Cloud:
    """One remote cloud, for any number of threads.

    :param connect: makes a connection. It is called in the thread that
        needs one, and again after the cloud was unreachable or misconfigured
        or rejected the credentials, so that a corrected clouds.yaml, password
        or catalog is used.
    """

    def __init__(self, name, connect):
        self.name = name
        self._make_connection = connect
        self._connection = connection.Shared(self._connect)

    def list_stacks(self, names):
        """Return a StackRow for each stack of the cloud with these names.

        Without names it still sends a request to the cloud.

        :raises CloudError: if the call failed
        """
        names = set(names)
        query = urllib.parse.urlencode([('name', n) for n in sorted(names)])
        if not names:
            rows = self._get('/stacks?limit=1', _rows)
        elif len(query) <= MAX_QUERY:
            rows = self._get(f'/stacks?{query}', _rows)
        else:
            rows = self._list_pages()
        return [row for row in rows if row.name in names]

    def read_stack(self, name, heat_id, parameter):
        """Return a stack with the value of its count parameter.

        :raises RemoteStackNotFound: if the stack does not exist any more
        :raises CloudError: if the call failed in another way
        """
        # Resolving outputs is expensive, and can fail during an update.
        path = f'{_path(name, heat_id)}?resolve_outputs=False'
        stack = self._get(path, lambda body: _stack(body, parameter))
        if stack.heat_id != heat_id:
            raise failure.invalid(self.name, 'it shows another stack')
        if stack.status == 'DELETE_COMPLETE':
            # Heat shows a stack by its id long after its deletion.
            raise exception.RemoteStackNotFound(
                f"The stack '{name}' of the cloud '{self.name}' was deleted."
            )
        return stack

    def count_ready(self, name, heat_id):
        """Return how many instances in the resource group are complete.

        With several groups it is the smallest number, since nothing shows
        which of them the count parameter sizes.

        :raises CloudError: if the call failed
        """
        path = f'{_path(name, heat_id)}/resources?nested_depth=1'
        return self._get(path, _ready)

    def last_failure(self, name, heat_id):
        """Return why an update of the stack failed last, '' if it is lost.

        After a rollback the stack itself says only that this succeeded.

        :raises CloudError: if the call failed
        """
        query = urllib.parse.urlencode(
            {
                'resource_name': name,
                'resource_status': 'FAILED',
                'sort_dir': 'desc',
                'limit': 1,
            }
        )
        return self._get(f'{_path(name, heat_id)}/events?{query}', _reason)

    def set_parameter(self, name, heat_id, parameter, value):
        """Request an update of one parameter; the others keep their values.

        When it returns, Heat has accepted the update and not finished it.
        After a CloudUnreachable it may have accepted it too.

        :raises RemoteRejected: if Heat rejects the value
        :raises CloudError: if the call failed in another way
        """
        self._request(
            'PATCH',
            _path(name, heat_id),
            expected=202,
            json={'parameters': {parameter: value}},
        )

    def _list_pages(self):
        rows, marker = {}, ''
        for _ in range(MAX_PAGES):
            page = self._get(f'/stacks?limit={PAGE}{marker}', _rows)
            known = len(rows)
            rows.update((row.heat_id, row) for row in page)
            if len(page) < PAGE:
                return rows.values()
            if len(rows) == known:
                break
            marker = f'&marker={page[-1].heat_id}'
        raise failure.invalid(self.name, 'its list of stacks does not end')

    def _get(self, path, parse):
        response = self._request('GET', path, expected=200)
        try:
            return parse(failure.json_of(response))
        except ValueError as exc:
            raise failure.invalid(self.name, exc) from exc

    def _request(self, method, path, expected, **kwargs):
        """Send a request once; every failure becomes a CloudError."""
        heat = None
        try:
            heat = self._connection.get()
            with failure.classified(self.name, heat.session):
                # keystoneauth would log whole stacks with their parameters.
                response = heat.request(path, method, log=False, **kwargs)
            if response.status_code != expected:
                raise failure.of_response(self.name, response, heat.session)
        except _RECONNECT:
            self._connection.drop(heat)
            raise
        return response

    def _connect(self):
        with failure.classified(self.name):
            return self._make_connection()


def enabled(options):
    """Return the enabled clouds, by name; no request is sent yet.

    :param options: the [clouds] options
    """
    return {
        name: Cloud(
            name,
            functools.partial(
                connection.connect,
                name,
                options.config_files,
                options.connect_timeout,
                options.read_timeout,
            ),
        )
        for name in options.enabled
    }


def _path(name, heat_id):
    return f'/stacks/{urllib.parse.quote(name, safe="")}/{heat_id}'


def _rows(body):
    return [
        StackRow(
            _text(row, 'stack_name'),
            _text(row, 'id', _ID),
            _text(row, 'stack_status', _STATUS),
            _updated_at(row),
        )
        for row in _dicts(body, 'stacks')
    ]


def _stack(body, parameter):
    stack = _get(body, 'stack', dict)
    return StackRead(
        _text(stack, 'stack_name'),
        _text(stack, 'id', _ID),
        _text(stack, 'stack_status', _STATUS),
        failure.clean(stack.get('stack_status_reason')),
        _updated_at(stack),
        *_count(_get(stack, 'parameters', dict).get(parameter)),
    )


def _ready(body):
    resources = _dicts(body, 'resources')
    groups = {
        _text(resource, 'resource_name'): set()
        for resource in resources
        if resource.get('resource_type') == _GROUP
        and not resource.get('parent_resource')
    }
    for resource in resources:
        parent = resource.get('parent_resource')
        status = _text(resource, 'resource_status')
        if parent and _READY.fullmatch(status):
            instances = groups.get(_text(resource, 'parent_resource'), set())
            instances.add(_text(resource, 'resource_name'))
    return min(map(len, groups.values()), default=0)


def _reason(body):
    reasons = [
        failure.clean(event.get('resource_status_reason'))
        for event in _dicts(body, 'events')
    ]
    return reasons[0] if reasons else ''


def _count(value):
    """The count that a parameter gives, or None and why it gives none."""
    if value is None:
        return None, ''
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
