# SPDX-License-Identifier: Apache-2.0
"""A good client of the API beside many that never finish a request.

There are two servers, and the hostile clients occupy one of them. The good
client sends its requests to each in turn: what else happens on the machine
slows both.
"""

import contextlib
import http.client
import itertools
import statistics
import sys
import time
import urllib.parse

from benchmarks import emulation
from benchmarks import harness
from benchmarks import hostile
from benchmarks import report
from benchmarks import seed
from heat_spreader.tests import process

NAME = 'hostile'
_CONNECTIONS = 500
# All from one address, and from as many as none exceeds its limit.
_ADDRESSES = (1, 10)
_REQUESTS = 200
_BUDGET = 1.2


def measure(options):
    """Return the rows of all runs; the floor is the server without them."""
    kinds = list(itertools.product(hostile.KINDS, _ADDRESSES))
    found = {kind: [] for kind in (None, *kinds)}
    with harness.Bench(options, count=seed.SHARE) as bench:
        ports = [_port(bench.start_api(name)) for name in ('alone', 'beside')]
        _request(ports)
        for _ in range(options.runs):
            found[None].append(_request(ports))
            for kind in kinds:
                with _beside(bench, ports[1], *kind):
                    found[kind].append(_request(ports))
    return [_row(kind, pairs) for kind, pairs in found.items()]


def _row(kind, pairs):
    usual = statistics.median(alone for alone, _ in pairs)
    what = 'a request, no other client on either server'
    if kind:
        name, addresses = kind
        where = 'one address' if addresses == 1 else f'{addresses} addresses'
        what = f'a request beside {_CONNECTIONS} {name} from {where}'
    return report.Row(
        NAME,
        what,
        'ms',
        # Each run has its own usual time.
        [usual * beside / alone for alone, beside in pairs],
        usual,
        _BUDGET * usual,
    )


def _port(url):
    return urllib.parse.urlsplit(url).port


@contextlib.contextmanager
def _connections(ports):
    """A connection to each server, for all requests."""
    with contextlib.ExitStack() as stack:
        yield [
            stack.enter_context(
                contextlib.closing(
                    http.client.HTTPConnection('127.0.0.1', port)
                )
            )
            for port in ports
        ]


def _beside(bench, port, kind, addresses):
    """The hostile clients, in a context, when all have connected."""
    clients = process.Process(
        [
            *(sys.executable, '-m', 'benchmarks.hostile'),
            *(port, kind, _CONNECTIONS, addresses),
        ],
        bench.directory / f'{kind}{addresses}.log',
        cwd=emulation.TOP,
    )
    clients.start()
    clients.wait_for('connected')
    return clients


def _request(ports):
    """The milliseconds of a request to each server, the median of many."""
    [stack_id] = [seed.stack_id(name) for name in seed.stack_names(1)]
    taken = [[] for _ in ports]
    with _connections(ports) as connections:
        for _ in range(_REQUESTS):
            for connection, each in zip(connections, taken, strict=True):
                each.append(_send(connection, f'/v1/stacks/{stack_id}'))
    return [statistics.median(each) * 1000 for each in taken]


def _send(connection, path):
    """Send a request; return the seconds that it has taken."""
    begun = time.perf_counter()
    connection.request('GET', path)
    answer = connection.getresponse()
    text = answer.read()
    if answer.status != 200:
        raise AssertionError(f'{answer.status}: {text}')
    return time.perf_counter() - begun
