# SPDX-License-Identifier: Apache-2.0
"""The time of a 404: for a stack of another project, and for none.

Someone who measures many requests must not learn which of two IDs is that of
a stack. The requests alternate, so that what else happens on the machine
happens to both.
"""

import bisect
import http.client
import json
import statistics
import time
import urllib.parse

from oslo_utils import uuidutils

from benchmarks import harness
from benchmarks import report
from benchmarks import seed

NAME = 'tenancy'
_PAIRS = 2000
# What a server does for the first time takes longer.
_FIRST = 50
_METHODS = {
    'GET': None,
    'PATCH': json.dumps({'count': 3}),
    'DELETE': None,
}
# Without them the caller of noauth would be an administrator.
_RULES = {
    f'multicloud:stacks:{name}': 'project_id:%(project_id)s'
    for name in ('get', 'update', 'delete')
}
_OWNER = 'another-project'
_BUDGET = 1.05
# Half of all guesses are right without any difference. With that many pairs
# the rate is beyond this limit in one of a thousand runs by chance alone.
_GUESSES = 0.53


def measure(options):
    """Return the rows of all runs; the floor is the time for no stack."""
    with harness.Bench(options, count=seed.SHARE) as bench:
        rules = bench.directory / 'policy.json'
        rules.write_text(json.dumps(_RULES))
        bench.groups['oslo_policy'] = {'policy_file': rules}
        name, *_ = seed.stack_names(1)
        seed.give(name, _OWNER)
        stack_id = seed.stack_id(name)
        url = urllib.parse.urlsplit(bench.start_api('api'))
        client = http.client.HTTPConnection(url.hostname, url.port)
        rows = []
        for method in _METHODS:
            _times(client, method, stack_id, _FIRST)
            runs = [
                _times(client, method, stack_id, _PAIRS)
                for _ in range(options.runs)
            ]
            rows += _rows(method, runs)
        client.close()
    return rows


def _times(client, method, stack_id, pairs):
    """Milliseconds of each request, for the stack and for none."""
    taken = {True: [], False: []}
    for number in range(pairs):
        # Each is as often the first of the two.
        for exists in (number % 2 == 0, number % 2 == 1):
            each = stack_id if exists else uuidutils.generate_uuid()
            taken[exists].append(_time(client, method, each))
    return taken[True], taken[False]


def _time(client, method, stack_id):
    headers = {'Content-Type': 'application/json'}
    body = _METHODS[method]
    begun = time.perf_counter()
    client.request(method, f'/v1/stacks/{stack_id}', body, headers)
    with client.getresponse() as answer:
        answer.read()
    taken = time.perf_counter() - begun
    if answer.status != http.client.NOT_FOUND:
        raise AssertionError(f'{method} of {stack_id}: {answer.status}')
    return taken * 1000


def _rows(method, runs):
    none = report.Row(
        NAME,
        f'{method}: no such stack, median',
        'ms',
        [statistics.median(missing) for _, missing in runs],
    )
    return [
        none,
        report.Row(
            NAME,
            f'{method}: a stack of another project, median',
            'ms',
            [statistics.median(found) for found, _ in runs],
            floor=none.measured,
            budget=_BUDGET * none.measured,
        ),
        report.Row(
            NAME,
            f'{method}: guesses from two times that are right',
            'ratio',
            [guesses(found, missing) for found, missing in runs],
            floor=0.5,
            budget=_GUESSES,
        ),
    ]


def guesses(some, others):
    """How often a comparison of two values says which list each is from.

    That is the statistic of Mann and Whitney, divided by the number of pairs:
    0.5 for two lists that do not differ, 1 for two that do not overlap.
    """
    ordered = sorted(others)
    less = sum(
        bisect.bisect_left(ordered, each) + bisect.bisect_right(ordered, each)
        for each in some
    )
    rate = less / 2 / len(some) / len(ordered)
    return max(rate, 1 - rate)
