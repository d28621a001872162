# SPDX-License-Identifier: Apache-2.0
"""A good client of the API beside many that never finish a request."""

import sys
import urllib.parse

from benchmarks import emulation
from benchmarks import harness
from benchmarks import load
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
    """Return the rows of all runs; the floor is without hostile clients."""
    with harness.Bench(options, count=seed.SHARE) as bench:
        url = bench.start_api('api')
        _request(url)
        usual, beside = [], {addresses: [] for addresses in _ADDRESSES}
        for _ in range(options.runs):
            usual.append(_request(url))
            for addresses, found in beside.items():
                found.append(_beside(bench, url, addresses))
    floor = report.Row(NAME, 'a request, no other client', 'ms', usual)
    return [
        floor,
        *(
            report.Row(
                NAME,
                f'the same beside {_CONNECTIONS} hostile connections from '
                f'{addresses} addresses',
                'ms',
                found,
                floor.measured,
                _BUDGET * floor.measured,
            )
            for addresses, found in beside.items()
        ),
    ]


def _beside(bench, url, addresses):
    port = urllib.parse.urlsplit(url).port
    hostile = process.Process(
        [
            *(sys.executable, '-m', 'benchmarks.hostile'),
            *(port, _CONNECTIONS, addresses),
        ],
        bench.directory / f'hostile{addresses}.log',
        cwd=emulation.TOP,
    )
    with hostile:
        hostile.start()
        hostile.wait_for('connected')
        return _request(url)


def _request(url):
    """The milliseconds of a request, one after the other."""
    [stack_id] = [seed.stack_id(name) for name in seed.stack_names(1)]
    paths = [f'/v1/stacks/{stack_id}'] * _REQUESTS
    return load.send([url], 'GET', paths, connections=1).each
