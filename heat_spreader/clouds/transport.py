# SPDX-License-Identifier: Apache-2.0
"""The transport of requests: it ends with its call, and limits responses."""

import http.cookiejar
import urllib.parse

import requests
import urllib3
from keystoneauth1 import session

from heat_spreader.clouds import call
from heat_spreader.clouds import failure

# Connections that are kept open to one cloud. With more threads, the others
# make a new connection for each call.
POOL_SIZE = 32
# The largest response that is read, in bytes and in JSON values: a page of
# 1,000 stacks has about 1 MB and 30,000 values. An empty object has 2 bytes,
# and takes 30 times as much memory.
MAX_BODY = 8 * 2**20
MAX_VALUES = 250_000
# Whose settings are remembered: Keystone, Heat and Nova, and where they were.
_MAX_HOSTS = 32


class Transport(session.TCPKeepAliveAdapter):
    """A transport of keystoneauth for the calls to one cloud."""

    def __init__(self):
        super().__init__(pool_maxsize=POOL_SIZE)

    def init_poolmanager(self, *args, **kwargs):
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy, **kwargs):
        manager = super().proxy_manager_for(proxy, **kwargs)
        if not proxy.lower().startswith('socks'):
            manager.pool_classes_by_scheme = _POOLS
        return manager

    def build_response(self, req, resp):
        response = super().build_response(req, resp)
        # A method of the object itself would be a reference to itself: the
        # body would stay until the garbage collector runs.
        response.__class__ = _Response
        return response


class _Response(requests.Response):
    """A response whose size is limited."""

    # JSON is UTF-8. To guess from the bytes of another takes seconds of CPU.
    apparent_encoding = 'utf-8'

    def iter_content(self, *args, **kwargs):
        return _bounded(super().iter_content(*args, **kwargs))


class Session(requests.Session):
    """A session of requests without what no request to OpenStack needs.

    requests searches the environment for a proxy, and the disk for a netrc,
    with every request, and copies cookies, parameters and hooks, of which
    there are none: a third of what a request costs. No password of a netrc
    belongs to a Heat, which takes tokens. It keeps no cookies: a cloud could
    send others each time, and no service of OpenStack needs them.
    """

    def __init__(self):
        super().__init__()
        self._settings = {}
        self.cookies.set_policy(
            http.cookiejar.DefaultCookiePolicy(allowed_domains=[])
        )
        self.auth = _unchanged
        for prefix in list(self.adapters):
            self.mount(prefix, Transport())

    def prepare_request(self, request):
        headers = self.headers.copy()
        headers.update(request.headers)
        prepared = requests.PreparedRequest()
        prepared.prepare(
            method=request.method,
            url=request.url,
            headers=headers,
            data=request.data,
            json=request.json,
            params=request.params,
            auth=request.auth or self.auth,
            hooks=request.hooks,
        )
        return prepared

    def merge_environment_settings(self, url, proxies, stream, verify, cert):
        # What it depends on; whether a proxy is used depends on the host.
        host = urllib.parse.urlsplit(url)[:2]
        key = host, tuple(proxies.items()), stream, verify, cert
        if key not in self._settings:
            if len(self._settings) >= _MAX_HOSTS:
                # Each new catalog of a cloud may name other hosts.
                self._settings.clear()
            self._settings[key] = super().merge_environment_settings(
                url, proxies, stream, verify, cert
            )
        return self._settings[key]


def _unchanged(request):
    return request


class _Connection:
    """A connection that is cut when the call that uses it is given up."""

    def connect(self):
        call.use(self)
        super().connect()
        # It may have been given up while there was no socket to cut.
        call.use(self)

    def request(self, *args, **kwargs):
        call.use(self)
        return super().request(*args, **kwargs)


class _HTTPConnection(_Connection, urllib3.connection.HTTPConnection):
    pass


class _HTTPSConnection(_Connection, urllib3.connection.HTTPSConnection):
    pass


class _HTTPPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _HTTPConnection


class _HTTPSPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _HTTPSConnection


_POOLS = {'http': _HTTPPool, 'https': _HTTPSPool}


def _bounded(chunks):
    size = values = 0
    for chunk in chunks:
        size += len(chunk)
        # Each value follows one of these; in texts they count too.
        values += sum(map(chunk.count, (b',', b'[', b'{')))
        if size > MAX_BODY:
            raise failure.BodyTooLarge(
                f'the response is larger than {MAX_BODY} bytes'
            )
        if values > MAX_VALUES:
            raise failure.BodyTooLarge(
                f'the response has more than {MAX_VALUES} values'
            )
        yield chunk
