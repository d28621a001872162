# SPDX-License-Identifier: Apache-2.0
"""The only module that sends requests to a remote cloud: to its Heat.

Those to its Nova are in nova.py.

Whatever the cloud does, a call returns a value or raises a CloudError, at the
latest at its deadline, which authentication and name lookup do not extend. It
sends one request; a long list of stacks takes one for each page, and the group
of a stack two for each stack that leads to it, each with a deadline of its
own. No request is repeated, except once with a new token after a 401.

A cloud that asks for fewer requests gets none for a single stack until the
time that it asks for is over. The list and the probe of a survey do not wait.
"""

import contextlib
import functools
import urllib.parse
import uuid

from keystoneauth1 import exceptions as ksa_exc

from heat_spreader import exception
from heat_spreader.clouds import answer
from heat_spreader.clouds import call
from heat_spreader.clouds import connection
from heat_spreader.clouds import failure
from heat_spreader.clouds import flavor
from heat_spreader.clouds import group
from heat_spreader.clouds import nova
from heat_spreader.clouds import pause

# Of the 4 KB of a URL; the rest is for the endpoint and the path.
MAX_QUERY = 3584
PAGE = 1000
MAX_PAGES = 100
# Of one stack and those nested in it, to find a group.
MAX_STACKS = 10

# After these, the next call reads clouds.yaml again and gets a new token.
_RECONNECT = (
    exception.CloudMisconfigured,
    exception.CloudUnauthorized,
    exception.CloudUnreachable,
)


class Cloud:
    """One remote cloud, for any number of threads.

    :param connect: makes a connection. It is called in the thread that
        needs one, and again after the cloud was unreachable or misconfigured
        or rejected the credentials, so that a corrected clouds.yaml, password
        or catalog is used.
    :param seconds: the time that a call may take in all
    """

    def __init__(self, name, connect, seconds):
        self.name = name
        self._calls = call.Calls(name, seconds)
        self._make_connection = connect
        self._connection = connection.Shared(self._connect)
        self._pause = pause.Pause(name)
        # Its Heat in the last catalog, None before the first.
        self.catalog_address = None

    def list_stacks(self, names):
        """Return a StackRow for each stack of the cloud with these names.

        Without names it still sends a request to the cloud.

        :raises CloudPaused: while the cloud wants no request for a few stacks
        :raises CloudError: if the call failed in another way
        """
        self._pause.check()
        return self.begin_list(names).result()

    def begin_list(self, names):
        """Begin to list stacks, paused or not; return the call.Call."""
        return self._calls.begin(self._list, set(names))

    def begin_probe(self, seconds):
        """Begin the lightest call that needs all of Heat and Keystone.

        :param seconds: the time that it may take in all
        :returns: the call.Call
        """
        return self._calls.begin(self._list, set(), seconds=seconds)

    def _list(self, names):
        query = urllib.parse.urlencode([('name', n) for n in sorted(names)])
        if not names:
            rows = self._get('/stacks?limit=1', answer.rows)
        elif len(query) <= MAX_QUERY:
            rows = self._get(f'/stacks?{query}', answer.rows)
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
        stack = self._call(
            self._get_one, path, lambda found: answer.stack(found, parameter)
        )
        if stack.heat_id != heat_id:
            raise failure.invalid(self.name, 'it shows another stack')
        if stack.status == 'DELETE_COMPLETE':
            # Heat shows a stack by its id long after its deletion.
            raise exception.RemoteStackNotFound(
                f"The stack '{name}' of the cloud '{self.name}' was deleted."
            )
        return stack

    def count_ready(self, name, heat_id, parameter):
        """Return how many instances of the group of a stack are complete.

        It is the group that the parameter sizes, which may be in a nested
        stack: two requests for each stack on the way there. Of several
        groups the smallest number counts.

        :raises RemoteGroupUnknown: if no such group can be found
        :raises CloudError: if a call failed
        """
        return self._call(self._count_ready, name, heat_id, parameter)

    def _count_ready(self, name, heat_id, parameter):
        ready, stacks = [], [(name, heat_id, parameter)]
        for stack in stacks:
            if len(stacks) > MAX_STACKS:
                raise exception.RemoteGroupUnknown(
                    f"The parameter '{parameter}' of the stack goes to more "
                    f'than {MAX_STACKS - 1} nested stacks.'
                )
            try:
                counts, nested = self._count_in(*stack)
            except exception.RemoteStackNotFound as exc:
                if stack is stacks[0]:
                    raise
                raise exception.RemoteGroupUnknown(str(exc)) from exc
            ready += counts
            stacks += nested
        if not ready:
            raise exception.RemoteGroupUnknown(
                'The template of the stack has no group whose size is the '
                f"parameter '{parameter}'."
            )
        return min(ready)

    def _count_in(self, name, heat_id, parameter):
        """The numbers of one stack, and what gets the parameter from it."""
        path = _path(name, heat_id)
        call.renew()
        found = self._get_one(
            f'{path}/template', lambda found: group.uses(found, parameter)
        )
        if not found.groups and not found.passed:
            return [], []
        call.renew()
        resources = self._get_one(
            f'{path}/resources?nested_depth=1', group.resources
        )
        counts = [
            group.count_complete(resources, heat_id, each)
            for each in found.groups
        ]
        nested = [
            (*stack, inner)
            for each, inner in found.passed
            for stack in group.find_nested(resources, heat_id, each)
        ]
        return counts, nested

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
        return self._call(
            self._get_one,
            f'{_path(name, heat_id)}/events?{query}',
            answer.last_reason,
        )

    def set_parameter(self, name, heat_id, parameter, value):
        """Request an update of one parameter; the others keep their values.

        When it returns, Heat has accepted the update and not finished it.
        After a CloudUnreachable it may have accepted it too.

        :raises RemoteRejected: if Heat rejects the value
        :raises CloudError: if the call failed in another way
        """
        self._pause.check()
        self._call(
            self._request,
            'PATCH',
            _path(name, heat_id),
            202,
            {'parameters': {parameter: value}},
        )

    def read_flavor(self, name, heat_id, parameter):
        """Return the flavor of the group that the parameter sizes in a stack.

        It takes a request for the template, and one more where a parameter of
        the stack is the flavor.

        :returns: its name or its id, None if the template does not show it
        :raises CloudError: if a call failed
        """
        return self._call(self._read_flavor, name, heat_id, parameter)

    def _read_flavor(self, name, heat_id, parameter):
        path = _path(name, heat_id)
        shown = self._get_one(
            f'{path}/template', lambda body: flavor.of_group(body, parameter)
        )
        if shown.parameter is None:
            return shown.name
        call.renew()
        return self._get_one(
            f'{path}?resolve_outputs=False',
            lambda body: flavor.of_stack(shown, body),
        )

    def read_limits(self):
        """Return the limits of Nova, as limits.parse() does; None for no Nova.

        :raises CloudError: if the call failed
        """
        return self._call(self._ask_nova, nova.read_limits)

    def read_flavors(self):
        """Return each room.Flavor of Nova by its name and by its id.

        :raises CloudError: if the call failed
        """
        return self._call(self._ask_nova, nova.read_flavors)

    def _ask_nova(self, read):
        self._pause.check()
        return read(self.name, self._connection.get())

    def authenticate(self):
        """Get a token, if there is none yet; return the client of its Heat.

        :raises CloudError: if the cloud gives none
        """
        return self._call(self._connection.get)

    def find_heat(self):
        """Return the address of its Heat.

        :raises CloudMisconfigured: if neither the catalog nor the entry has it
        """
        heat = self.authenticate()
        with failure.classified(self.name, heat.session):
            address = heat.get_endpoint()
            if not address:
                raise ksa_exc.EndpointNotFound('its address there is empty')
            if not address.isprintable() or len(address) > 1024:
                raise ksa_exc.EndpointNotFound('its address there is invalid')
            return address

    def check_update(self):
        """Request an update of a stack that does not exist.

        Heat checks whether the role allows updates before it searches the
        stack, and nothing is changed.

        :raises CloudUnauthorized: if Heat allows no update
        :raises CloudError: if the answer does not show it
        """
        with contextlib.suppress(exception.RemoteStackNotFound):
            self.set_parameter(
                'heat-spreader-check', str(uuid.uuid4()), 'count', 0
            )

    def _call(self, function, *args):
        return self._calls.begin(function, *args).result()

    def _list_pages(self):
        rows, marker = {}, ''
        for _ in range(MAX_PAGES):
            page = self._get(f'/stacks?limit={PAGE}{marker}', answer.rows)
            known = len(rows)
            rows.update((row.heat_id, row) for row in page)
            if len(page) < PAGE:
                return rows.values()
            if len(rows) == known:
                break
            marker = f'&marker={page[-1].heat_id}'
            call.renew()
        raise failure.invalid(self.name, 'its list of stacks does not end')

    def _get(self, path, parse):
        response = self._request('GET', path, 200)
        try:
            return parse(failure.json_of(response))
        except ValueError as exc:
            raise failure.invalid(self.name, exc) from exc

    def _get_one(self, path, parse):
        """The same for a single stack, if the cloud takes such requests."""
        self._pause.check()
        return self._get(path, parse)

    def _request(self, method, path, expected, json=None):
        """Send a request once; every failure becomes a CloudError."""
        heat = None
        try:
            heat = self._connection.get()
            with failure.classified(self.name, heat.session):
                # keystoneauth would log whole stacks with their parameters.
                response = heat.request(path, method, log=False, json=json)
            if response.status_code != expected:
                raise failure.of_response(self.name, response, heat.session)
        except _RECONNECT:
            self._connection.drop(heat)
            raise
        except exception.CloudThrottled as exc:
            self._pause.extend(exc.retry_after)
            raise
        return response

    def _connect(self):
        with failure.classified(self.name):
            heat = self._make_connection()
        self.catalog_address = heat.catalog_address
        return heat


def enabled(options):
    """Return the enabled clouds, by name; no request is sent yet.

    :param options: the [clouds] options
    """
    return {name: make(name, options) for name in options.enabled}


def make(name, options):
    """Return a cloud that has an entry, enabled or not.

    :param options: the [clouds] options
    """
    return Cloud(
        name,
        functools.partial(
            connection.connect,
            name,
            options.config_files,
            options.connect_timeout,
            options.read_timeout,
        ),
        options.connect_timeout + options.read_timeout,
    )


def _path(name, heat_id):
    return f'/stacks/{urllib.parse.quote(name, safe="")}/{heat_id}'
