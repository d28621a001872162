# SPDX-License-Identifier: Apache-2.0
"""The pages of a list of all stacks: the last ones beside the first ones."""

import statistics
import time

import requests

from benchmarks import harness
from benchmarks import report
from benchmarks import seed

NAME = 'pages'
_PAGES = 100
# At each end of the list.
_COMPARED = 20
_KEYS = ('created_at', 'name', 'status')
# How much longer a page may take than one of the first.
_BUDGET = 1.1


def measure(options):
    """Return the rows for each order of the list."""
    with harness.Bench(options, count=seed.SHARE) as bench:
        url = bench.start_api()
        limit = max(1, options.stacks // _PAGES)
        rows = []
        for key in _KEYS:
            first = f'{url}/v1/stacks?limit={limit}&sort_key={key}'
            walks = [_walk(first) for _ in range(options.runs)]
            rows += _rows(f'{limit} stacks by {key}', walks)
    return rows


def _rows(what, walks):
    firsts = [statistics.median(walk[:_COMPARED]) for walk in walks]
    lasts = [statistics.median(walk[-_COMPARED:]) for walk in walks]
    ratios = [last / first for first, last in zip(firsts, lasts, strict=True)]
    return [
        report.Row(NAME, f'{what}: one of the first pages', 'ms', firsts),
        report.Row(NAME, f'{what}: one of the last pages', 'ms', lasts),
        report.Row(
            NAME,
            f'{what}: the last pages by the first',
            'ratio',
            ratios,
            budget=_BUDGET,
        ),
    ]


def _walk(url):
    """Read all pages, one after the other; return the ms of each."""
    taken = []
    with requests.Session() as session:
        session.trust_env = False
        session.get(url).raise_for_status()
        while url:
            at = time.perf_counter()
            answer = session.get(url)
            taken.append((time.perf_counter() - at) * 1000)
            answer.raise_for_status()
            links = answer.json()['stacks_links']
            url = links[0]['href'] if links else None
    return taken
