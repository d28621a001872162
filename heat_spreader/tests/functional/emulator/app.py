# SPDX-License-Identifier: Apache-2.0
"""Keystone and Heat as far as Heat Spreader needs them: request to Answer."""

import re
import uuid

from keystoneauth1 import fixture as ksa_fixture

from heat_spreader.tests.functional.emulator import faults
from heat_spreader.tests.functional.emulator import layout
from heat_spreader.tests.functional.emulator import world

PROJECT = 'f0e1d2c3b4a5968778695a4b3c2d1e0f'
USER = 'spreader'
REGION = 'RegionOne'
# Nova answers at the address of Heat.
NOVA = '/compute/v2.1'
_UNAUTHORIZED = faults.Answer(
    401,
    {
        'error': {
            'code': 401,
            'title': 'Unauthorized',
            'message': 'The request you have made requires authentication.',
        }
    },
)


class Keystone:
    """Passwords to tokens; ``url`` and ``heat_url`` are set by the cloud."""

    def __init__(self):
        self.url = self.heat_url = None
        self.password = 'secret'
        self.tokens = set()
        # Whether there is a Nova in the catalog.
        self.has_nova = False

    def __call__(self, request):
        path = request.path.rstrip('/')
        if request.method == 'POST' and path == '/v3/auth/tokens':
            return self._token(request.body)
        version = ksa_fixture.V3Discovery(f'{self.url}/v3')
        if path == '/v3':
            return faults.Answer(200, {'version': version})
        if path == '':
            return faults.Answer(300, {'versions': {'values': [version]}})
        return faults.Answer(404, {'error': {'code': 404}})

    def _token(self, body):
        user = body['auth']['identity']['password']['user']
        if (user['name'], user['password']) != (USER, self.password):
            return _UNAUTHORIZED
        token = ksa_fixture.V3Token(
            user_name=USER, project_id=PROJECT, project_name=USER
        )
        token.add_service('orchestration', 'heat').add_endpoint(
            'public', f'{self.heat_url}/v1/{PROJECT}', REGION
        )
        if self.has_nova:
            token.add_service('compute', 'nova').add_endpoint(
                'public', f'{self.heat_url}{NOVA}', REGION
            )
        token_id = uuid.uuid4().hex
        self.tokens.add(token_id)
        return faults.Answer(201, token, {'X-Subject-Token': token_id})


class Heat:
    """The part of Heat's API for stacks that exist.

    :param tokens: those that Keystone has given out
    :param patched: called with each PATCH that was accepted or refused
    """

    def __init__(self, stacks, tokens, patched):
        self.world = stacks
        self.tokens = tokens
        self.patched = patched
        self.url = None
        # The limits of Nova as it shows them.
        self.limits = {}
        # The flavors of Nova: cores and MiB of RAM by name.
        self.flavors = {}

    def __call__(self, request):
        if request.path == '/':
            return faults.Answer(300, {'versions': []})
        if request.headers.get('X-Auth-Token') not in self.tokens:
            return _UNAUTHORIZED
        if request.path == f'{NOVA}/limits':
            body = {'limits': {'rate': [], 'absolute': self.limits}}
            return faults.Answer(200, body)
        if request.path == f'{NOVA}/flavors/detail':
            return self._flavors(request.query)
        try:
            answer = self._route(request)
        except world.Refused as exc:
            answer = faults.Answer(
                exc.status,
                faults.heat_body(exc.status, exc.error_type, exc.message),
            )
        if request.method == 'PATCH':
            request.status = answer.status
            self.patched(request)
        return answer

    def _route(self, request):
        routes = {
            ('GET', ''): self._list,
            ('POST', ''): self._create,
            ('GET', '/([^/]+)'): self._redirect,
            ('GET', '/([^/]+)/([^/]+)'): self._show,
            ('GET', '/([^/]+)/([^/]+)/template'): self._template,
            ('GET', '/([^/]+)/([^/]+)/resources'): self._resources,
            ('GET', '/([^/]+)/([^/]+)/events'): self._failures,
            ('PATCH', '/([^/]+)/([^/]+)'): self._patch,
        }
        for (method, pattern), handle in routes.items():
            full = f'/v1/{PROJECT}/stacks{pattern}'
            match = re.fullmatch(full, request.path)
            if match and method == request.method:
                return handle(request, *match.groups())
        raise world.Refused(404, 'HTTPNotFound', 'No such path')

    def _list(self, request):
        query, stacks = request.query, self.world.stacks()
        if 'name' in query:
            stacks = [s for s in stacks if s.name in query['name']]
        if 'marker' in query:
            ids = [stack.id for stack in stacks]
            stacks = stacks[ids.index(query['marker'][0]) + 1 :]
        limit = int(query['limit'][0]) if 'limit' in query else None
        rows = [_row(stack) for stack in stacks[:limit]]
        return faults.Answer(200, {'stacks': rows})

    def _create(self, request):
        """Create a stack from a template with one group."""
        name, template = request.body['stack_name'], request.body['template']
        (group,) = [
            each
            for each in template['resources'].values()
            if each['type'] == layout.GROUP
        ]
        parameter = group['properties']['count']['get_param']
        default = template['parameters'][parameter]['default']
        size = request.body['parameters'].get(parameter, default)
        stack = self.world.add_stack(name, int(size), parameter)
        return faults.Answer(201, {'stack': {'id': stack.id, 'links': []}})

    def _redirect(self, request, name_or_id):
        stacks = self.world.stacks()
        stack = next(s for s in stacks if name_or_id in (s.name, s.id))
        path = request.path.removesuffix(name_or_id)
        where = f'{self.url}{path}{stack.name}/{stack.id}'
        return faults.Answer(302, headers={'Location': where})

    def _show(self, request, name, stack_id):
        stack = self.world.get(name, stack_id, show_deleted=True)
        own = {'OS::stack_id': stack.id, 'OS::stack_name': name}
        parameters = {**stack.parameters, **own}
        body = {**_row(stack), 'parameters': parameters}
        return faults.Answer(200, {'stack': body})

    def _template(self, request, name, stack_id):
        body = layout.template(*self._find(name, stack_id))
        return faults.Answer(200, body)

    def _resources(self, request, name, stack_id):
        depth = int(request.query.get('nested_depth', ['0'])[0])
        url = f'{self.url}/v1/{PROJECT}/stacks'
        rows = layout.resources(*self._find(name, stack_id), depth, url)
        return faults.Answer(200, {'resources': rows})

    def _failures(self, request, name, stack_id):
        stack = self.world.get(name, stack_id)
        wanted = {
            'resource_name': [name],
            'resource_status': ['FAILED'],
            'sort_dir': ['desc'],
            'limit': ['1'],
        }
        if request.query != wanted:
            raise world.Refused(400, 'HTTPBadRequest', 'Not emulated')
        event = {'resource_status_reason': stack.last_failure}
        events = [event] if stack.last_failure else []
        return faults.Answer(200, {'events': events})

    def _flavors(self, query):
        """A page of the flavors, by the ids 1, 2, and so on."""
        limit, after = int(query['limit'][0]), query.get('marker', ['0'])[0]
        rows = [
            {'id': str(number), 'name': name, 'vcpus': cores, 'ram': ram}
            for number, (name, (cores, ram)) in enumerate(
                self.flavors.items(), start=1
            )
        ][int(after) :]
        body = {'flavors': rows[:limit]}
        if len(rows) > limit:
            href = f'{self.url}{NOVA}/flavors/detail'
            body['flavors_links'] = [{'rel': 'next', 'href': href}]
        return faults.Answer(200, body)

    def _find(self, name, stack_id):
        """A stack, and whether the one nested in it is asked for."""
        for stack in self.world.stacks():
            if layout.pool_of(stack) == (name, stack_id):
                return stack, True
        return self.world.get(name, stack_id), False

    def _patch(self, request, name, stack_id):
        # Without a body: the client was killed in the middle of it.
        parameters = (request.body or {}).get('parameters', {})
        self.world.patch(name, stack_id, parameters)
        return faults.Answer(202)


def _row(stack):
    return {
        'id': stack.id,
        'stack_name': stack.name,
        'stack_status': stack.status,
        'stack_status_reason': stack.status_reason,
        'updated_time': stack.updated_at,
    }
