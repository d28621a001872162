# SPDX-License-Identifier: Apache-2.0
"""A list, one stack and a change in the API, by the number of processes.

The floor of each is the same web server with an application that answers a
constant.
"""

import sys

from benchmarks import emulation
from benchmarks import harness
from benchmarks import load
from benchmarks import report
from benchmarks import seed
from heat_spreader.tests import process

NAME = 'requests'
_WORKERS = (1, 2, 4)
_LIMIT = 100
# Method, body and number of the requests.
_KINDS = {
    'constant': ('GET', None, 2000),
    'list': ('GET', None, 100),
    'show': ('GET', None, 600),
    'PATCH': ('PATCH', {'count_parameter': 'size'}, 200),
}
# The client must not be what is measured.
_SHARE_OF_CLIENT = 0.5


def measure(options):
    """Return the rows of all runs, of all numbers of processes."""
    with harness.Bench(options, count=seed.SHARE) as bench:
        ids = [
            seed.stack_id(name)
            for name in seed.stack_names(min(options.stacks, _LIMIT))
        ]
        servers = {
            'constant': [_start_constant(bench) for _ in range(max(_WORKERS))],
            'API': [
                bench.start_api(f'api{number}')
                for number in range(max(_WORKERS))
            ],
        }
        rows = []
        for workers in _WORKERS:
            runs = [
                {kind: _send(kind, servers, workers, ids) for kind in _KINDS}
                for _ in range(options.runs)
            ]
            rows += _rows(workers, runs)
    return rows


def _start_constant(bench):
    port = bench.useFixture(process.Port()).number
    url = f'http://127.0.0.1:{port}'
    program = process.Process(
        [sys.executable, '-m', 'benchmarks.constant', port],
        url=url,
        cwd=emulation.TOP,
    )
    bench.useFixture(program).start()
    return url


def _send(kind, servers, workers, ids):
    method, body, number = _KINDS[kind]
    used = servers['constant' if kind == 'constant' else 'API'][:workers]
    paths = [
        f'/v1/stacks?limit={_LIMIT}'
        if kind == 'list'
        else f'/v1/stacks/{ids[n % len(ids)]}'
        for n in range(number)
    ]
    # What a server does for the first time takes longer.
    load.send(used, method, paths[: 20 * workers], body)
    return load.send(used, method, paths, body)


def _rows(workers, runs):
    floor = report.Row('', '', '', [run['constant'].each for run in runs])
    rows = []
    for kind in _KINDS:
        what = f'{kind}, {workers} processes'
        sent = [run[kind] for run in runs]
        each = report.Row(
            NAME,
            f'{what}: a request',
            'ms',
            [each.each for each in sent],
            floor=None if kind == 'constant' else floor.measured,
        )
        print(
            f'{what}: {1000 / each.measured:.0f} requests a second',
            file=sys.stderr,
        )
        rows += [
            each,
            report.Row(NAME, f'{what}: p99', 'ms', [s.p99 for s in sent]),
            report.Row(
                NAME, f'{what}: 503', 'answers', [s.refused for s in sent]
            ),
            report.Row(
                NAME,
                f'{what}: CPU of the client by the time',
                'ratio',
                [s.cpu / s.seconds for s in sent],
                budget=None if kind == 'constant' else _SHARE_OF_CLIENT,
            ),
        ]
    return rows
