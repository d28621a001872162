# SPDX-License-Identifier: Apache-2.0
"""Measure Heat Spreader on emulated clouds: python -m benchmarks."""

import argparse
import dataclasses
import itertools
import json
import logging
import re
import shlex
import signal
import sys

from benchmarks import cloud
from benchmarks import harness
from benchmarks import report
from benchmarks.scenarios import change
from benchmarks.scenarios import convergence
from benchmarks.scenarios import hostile
from benchmarks.scenarios import hung
from benchmarks.scenarios import killed
from benchmarks.scenarios import memory
from benchmarks.scenarios import outage
from benchmarks.scenarios import pages
from benchmarks.scenarios import planning
from benchmarks.scenarios import requests
from benchmarks.scenarios import returns
from benchmarks.scenarios import steady

SCENARIOS = {
    convergence.NAME: convergence.measure,
    change.USER: change.measure_user,
    steady.NAME: steady.measure,
    change.FEW: change.measure_few,
    change.ALL: change.measure_all,
    outage.NAME: outage.measure,
    returns.NAME: returns.measure,
    hung.NAME: hung.measure,
    killed.NAME: killed.measure,
    memory.NAME: memory.measure,
    pages.NAME: pages.measure,
    requests.NAME: requests.measure,
    hostile.NAME: hostile.measure,
    planning.NAME: planning.measure,
}
# The sizes that matter where not all do.
ONLY = {
    planning.NAME: ('stacks', 'clouds'),
    pages.NAME: ('stacks', 'clouds', 'database'),
    requests.NAME: ('stacks', 'clouds', 'database'),
    hostile.NAME: ('stacks', 'clouds', 'database'),
}
# Options that change what a row means.
CONDITIONS = ('latency', 'patch_latency', 'settle', 'updates', 'time_scale')
SQLITE = 'sqlite'


def make_parser():
    """The options of the command line."""
    parser = argparse.ArgumentParser(
        prog='python -m benchmarks',
        description=f'{__doc__} Options for sizes accept several values; each '
        'scenario runs with all combinations of them.',
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )

    def add(name, default, text, kind=int):
        parser.add_argument(name, default=default, type=kind, help=text)

    def add_sizes(name, default, text, kind=int):
        parser.add_argument(
            name, nargs='+', default=[default], type=kind, help=text
        )

    def add_words(name, words, text):
        parser.add_argument(
            name, nargs='+', choices=words, default=[*words], help=text
        )

    add_sizes('--stacks', 100, 'number of stacks')
    add_sizes('--clouds', 3, 'number of clouds; each has every stack')
    add_sizes('--engines', 1, 'number of engine processes')
    add_sizes(
        '--database',
        SQLITE,
        f'URL of an empty database; {SQLITE}: a new file for each run',
        str,
    )
    add('--updates', 8, 'max_updates_per_cloud of each engine')
    add('--latency', 0.02, 'seconds that a cloud takes for a request', float)
    add('--patch-latency', 0.02, 'seconds that it takes for a PATCH', float)
    add('--settle', 0.5, 'seconds until an update in a cloud is done', float)
    add(
        '--time-scale',
        0.2,
        'factor for all intervals and timeouts of the service in the '
        'scenarios that wait for them: steady, outage, returns, hung, killed; '
        '1 for the defaults',
        float,
    )
    add('--surveys', 2000, 'surveys of all clouds in the scenario memory')
    add('--runs', 3, 'runs of each scenario; a row has their median')
    add('--timeout', 600.0, 'seconds that a step of a run may take', float)
    add_words('--scenarios', SCENARIOS, 'what to measure')
    add_words('--faults', cloud.FAULTS, 'faults of clouds to measure')
    add('--json', None, 'file to write the results to', str)
    add(
        '--compare',
        None,
        'file with earlier results; what became slower '
        'is printed, and the exit status is then 1',
        str,
    )
    return parser


def main(argv=None):
    """Measure and report; return the exit status."""
    # With the cleanup of all that runs.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    parser = make_parser()
    options = parser.parse_args(argv)
    others = _load(parser, options.compare) if options.compare else None
    # What alembic and oslo.db say while the tables are made.
    logging.disable(logging.INFO)
    try:
        for url in options.database:
            harness.check_database(None if url == SQLITE else url)
    except harness.DatabaseRefused as exc:
        parser.error(str(exc))
    results = report.Results(
        report.conditions(
            {name: getattr(options, name) for name in CONDITIONS}
        ),
        [],
        _command(sys.argv[1:] if argv is None else argv),
    )
    if others:
        there = others.conditions
        for line in report.differences(results.conditions, there):
            print(f'Other conditions: {line}', file=sys.stderr)
    for rows in _measure(options):
        results.rows.extend(rows)
        if options.json:
            # After each one, so that a run that is aborted is not lost.
            report.save(options.json, results)
    print(json.dumps(results.conditions))
    print(report.table(results.rows))
    return _compare(results.rows, others.rows) if others else 0


def _load(parser, path):
    try:
        return report.load(path)
    except (OSError, ValueError) as exc:
        parser.error(f'{path} cannot be used: {exc}')


def _command(words):
    """The command with these arguments, without any password in a URL."""
    words = [re.sub(r'(://[^:/@]*):[^@]*@', r'\1:***@', w) for w in words]
    return shlex.join(['python', '-m', 'benchmarks', *words])


def _measure(options):
    """Yield the rows of each scenario with each combination of sizes."""
    for name in options.scenarios:
        sizes = ONLY.get(name, report.SIZES)
        for values in itertools.product(*(getattr(options, s) for s in sizes)):
            at = dict(zip(sizes, values, strict=True))
            one = argparse.Namespace(**{**vars(options), **at})
            if 'database' in at:
                at['database'] = re.match(r'\w+', one.database)[0]
                if at['database'] == SQLITE:
                    one.database = None
            print(f'Measuring: {name}, {at}', file=sys.stderr, flush=True)
            yield [
                dataclasses.replace(row, at=at) for row in SCENARIOS[name](one)
            ]


def _compare(rows, others):
    """Print what became slower; return the exit status."""
    if missing := report.new(rows, others):
        print(f'Not compared, because they are new: {len(missing)} rows.')
    lines = report.slower(rows, others)
    print('\n'.join(['Slower:', *lines] if lines else ['Nothing is slower.']))
    return 1 if lines else 0


if __name__ == '__main__':
    sys.exit(main())
