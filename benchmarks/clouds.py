# SPDX-License-Identifier: Apache-2.0
"""Serve emulated clouds, all of them in one thread of this process.

``python -m benchmarks.clouds`` prints the port of each cloud and, first, the
one on which the benchmark sets faults and reads what was requested. Each cloud
has one port, with Keystone below /identity and Heat below /heat.
"""

import argparse
import asyncio
import contextlib
import json
import socket
import time
import uuid

from aiohttp import web
from keystoneauth1 import fixture as ksa_fixture

from benchmarks import cloud as emulated

HOST = '127.0.0.1'
PROJECT = 'f0e1d2c3b4a5968778695a4b3c2d1e0f'
USER, PASSWORD, REGION = 'spreader', 'secret', 'RegionOne'
STACKS = f'/heat/v1/{PROJECT}/stacks'
# Seconds between two bytes of an answer that drips.
DRIP = 0.5
_NO_STACK = json.dumps(
    {
        'code': 404,
        'title': 'Not Found',
        'explanation': 'The resource could not be found.',
        'error': {
            'type': 'EntityNotFound',
            'message': 'The Stack could not be found.',
            'traceback': None,
        },
    }
)
_UNAUTHORIZED = json.dumps(
    {'error': {'code': 401, 'title': 'Unauthorized', 'message': ''}}
)

_TOO_MANY = json.dumps(
    {'code': 429, 'title': 'Too Many Requests', 'explanation': ''}
)


def _json(body, status=200, **headers):
    if isinstance(body, str):
        body = body.encode()
    return web.Response(
        status=status,
        body=body,
        headers=headers,
        content_type='application/json',
    )


class Server:
    """Serves one cloud.

    :param latency: seconds that each request takes
    :param patch_latency: seconds that a PATCH takes
    """

    def __init__(self, cloud, latency, patch_latency):
        self.cloud = cloud
        self.latency = latency
        self.patch_latency = patch_latency
        self._runner = self._site = None
        self._token_id = uuid.uuid4().hex
        self._over = asyncio.Event()
        self._limit = asyncio.Semaphore(emulated.PARALLEL)
        # Bound and never listening, the port stays ours while the cloud
        # refuses connections.
        self._reserved = socket.socket()
        self._reserved.bind((HOST, 0))
        self._reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.port = self._reserved.getsockname()[1]
        url = f'http://{HOST}:{self.port}'
        version = ksa_fixture.V3Discovery(f'{url}/identity/v3')
        self._version = json.dumps({'version': version})
        token = ksa_fixture.V3Token(
            user_name=USER, project_id=PROJECT, project_name=USER
        )
        token.add_service('orchestration', 'heat').add_endpoint(
            'public', f'{url}/heat/v1/{PROJECT}', REGION
        )
        self._token = json.dumps(token)

    async def start(self):
        """Accept connections."""
        self._runner = web.ServerRunner(
            web.Server(self._handle, access_log=None), shutdown_timeout=0.01
        )
        await self._runner.setup()
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((HOST, self.port))
        self._site = web.SockSite(self._runner, listening, backlog=1024)
        await self._site.start()

    async def set_fault(self, fault):
        """Begin a fault, or end it: None."""
        was, self.cloud.fault = self.cloud.fault, fault
        self._over.set()
        self._over = asyncio.Event()
        if fault == 'hang-auth':
            # Otherwise no one would ask Keystone for hours.
            self._token_id = uuid.uuid4().hex
        if fault == 'refuse':
            await self._runner.cleanup()
        elif was == 'refuse':
            await self.start()

    async def _handle(self, request):
        kind = _kind(request)
        self.cloud.requests[kind] += 1
        with self.cloud.counted(kind):
            return await self._take(request, kind)

    async def _take(self, request, kind):
        """Answer after a while, or do what the fault is."""
        fault = self.cloud.fault if kind in emulated.SINGLE else None
        if fault == 'throttle' and self.cloud.is_too_fast():
            return _json(_TOO_MANY, 429, **{'Retry-After': '1'})
        if kind == 'patch':
            name = request.path.split('/')[-2]
            self.cloud.patches.append((time.monotonic(), name))
        if self.cloud.is_hit(kind):
            if self.cloud.fault == 'drip':
                return await self._drip(request)
            await self._over.wait()
            request.transport.abort()
            return web.Response()
        limit = self._limit if fault == 'limit' else contextlib.nullcontext()
        async with limit:
            wait = self.patch_latency if kind == 'patch' else self.latency
            await asyncio.sleep(wait)
            return await self._answer(request, kind)

    async def _answer(self, request, kind):
        if kind == 'auth':
            if request.method == 'POST':
                token = {'X-Subject-Token': self._token_id}
                return _json(self._token, 201, **token)
            return _json(self._version)
        if request.headers.get('X-Auth-Token') != self._token_id:
            return _json(_UNAUTHORIZED, 401)
        if kind in ('list', 'find'):
            query = request.query
            names = query.getall('name', None)
            limit = int(query.get('limit', 0))
            return _json(self.cloud.list(names, limit, query.get('marker')))
        which = request.path[len(STACKS) + 1 :].split('/')
        if kind == 'read':
            body = self.cloud.show(*which)
        else:
            parameters = (await request.json())['parameters']
            body = self.cloud.patch(*which, parameters) and b''
        if body is None or body is False:
            return _json(_NO_STACK, 404)
        return _json(body, 202 if kind == 'patch' else 200)

    async def _drip(self, request):
        answer = web.StreamResponse(headers={'Content-Length': '1000'})
        over = self._over
        # The client may have gone.
        with contextlib.suppress(ConnectionError):
            await answer.prepare(request)
            while not over.is_set():
                await answer.write(b' ')
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(over.wait(), DRIP)
        if request.transport:
            request.transport.abort()
        return answer


def _kind(request):
    """What a request is for: auth, list, find (one by name), read, patch."""
    if request.method == 'PATCH':
        return 'patch'
    path = request.path
    if path.startswith('/identity'):
        return 'auth'
    if path != STACKS:
        return 'read'
    return 'find' if request.query_string.count('name=') == 1 else 'list'


class Control:
    """What the benchmark asks of the process, on a port of its own."""

    def __init__(self, servers):
        self.servers = {each.cloud.name: each for each in servers}

    def app(self):
        """The aiohttp application."""
        app = web.Application(client_max_size=2**26)
        app.add_routes(
            [
                web.post('/fill', self.fill),
                web.post('/fault', self.set_fault),
                web.get('/state', self.state),
                web.get('/patches', self.patches),
            ]
        )
        return app

    async def fill(self, request):
        """Give every cloud new stacks, each with one count."""
        body = await request.json()
        for server in self.servers.values():
            server.cloud.fill(body['names'], body['count'])
        return web.json_response({})

    async def set_fault(self, request):
        """Begin or end a fault of one cloud."""
        body = await request.json()
        await self.servers[body['cloud']].set_fault(body['fault'])
        return web.json_response({'at': time.monotonic()})

    async def state(self, request):
        """Numbers, of which the cost does not grow with the stacks."""
        clouds = [server.cloud for server in self.servers.values()]
        return web.json_response(
            {
                'requests': {c.name: c.requests for c in clouds},
                'violations': sum(c.violations for c in clouds),
                'highest': {c.name: c.highest for c in clouds},
                'throttled': {c.name: c.throttled for c in clouds},
            }
        )

    async def patches(self, request):
        """When each PATCH arrived, by cloud."""
        return web.json_response(
            {name: s.cloud.patches for name, s in self.servers.items()}
        )


async def _serve(options):
    servers = [
        Server(
            emulated.Cloud(name, options.settle),
            options.latency,
            options.patch_latency,
        )
        for name in options.names
    ]
    for server in servers:
        await server.start()
    runner = web.AppRunner(Control(servers).app(), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, HOST, 0)
    await site.start()
    port = runner.addresses[0][1]
    print('Ports:', port, *(server.port for server in servers), flush=True)
    await asyncio.Event().wait()


def main():
    """Serve until the process is killed."""
    parser = argparse.ArgumentParser(prog='benchmarks.clouds')
    for name in ('latency', 'patch-latency', 'settle'):
        parser.add_argument(f'--{name}', type=float, required=True)
    parser.add_argument('names', nargs='+')
    asyncio.run(_serve(parser.parse_args()))


if __name__ == '__main__':
    main()
