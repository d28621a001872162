# SPDX-License-Identifier: Apache-2.0
"""Measure Heat Spreader on emulated clouds: python -m benchmarks."""

import argparse
import json
import logging
import signal
import sys

from benchmarks import cloud
from benchmarks import harness
from benchmarks import report
from benchmarks.scenarios import change
from benchmarks.scenarios import convergence
from benchmarks.scenarios import hung
from benchmarks.scenarios import killed
from benchmarks.scenarios import outage
from benchmarks.scenarios import pages
from benchmarks.scenarios import requests
from benchmarks.scenarios import steady

SCENARIOS = {
    convergence.NAME: convergence.measure,
    change.USER: change.measure_user,
    steady.NAME: steady.measure,
    change.FEW: change.measure_few,
    change.ALL: change.measure_all,
    outage.NAME: outage.measure,
    hung.NAME: hung.measure,
    killed.NAME: killed.measure,
    pages.NAME: pages.measure,
    requests.NAME: requests.measure,
}
# Options that change what a row means.
CONDITIONS = (
    *('stacks', 'clouds', 'engines', 'latency', 'patch_latency', 'settle'),
    *('updates', 'time_scale'),
)


def make_parser():
    """The options of the command line."""
    parser = argparse.ArgumentParser(
        prog='python -m benchmarks',
        description=__doc__,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )

    def add(name, default, text, kind=int):
        parser.add_argument(name, default=default, type=kind, help=text)

    def add_words(name, words, text):
        parser.add_argument(
            name, nargs='+', choices=words, default=[*words], help=text
        )

    add('--stacks', 100, 'number of stacks')
    add('--clouds', 3, 'number of clouds; each has every stack')
    add('--engines', 1, 'number of engine processes')
    add('--updates', 8, 'max_updates_per_cloud of each engine')
    add('--latency', 0.02, 'seconds that a cloud takes for a request', float)
    add('--patch-latency', 0.02, 'seconds that it takes for a PATCH', float)
    add('--settle', 0.5, 'seconds until an update in a cloud is done', float)
    add(
        '--time-scale',
        0.2,
        'factor for all intervals and timeouts of the service in the '
        'scenarios that wait for them: steady, outage, hung, killed; 1 for '
        'the defaults',
        float,
    )
    add('--runs', 3, 'runs of each scenario; a row has their median')
    add('--timeout', 600.0, 'seconds that a step of a run may take', float)
    add('--database', None, 'URL of an empty database; SQLite if none', str)
    add_words('--scenarios', SCENARIOS, 'what to measure')
    add_words('--faults', cloud.FAULTS, 'what a cloud does in outage and hung')
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
    measured_with = report.conditions(
        {name: getattr(options, name) for name in CONDITIONS}
        | {'database': (options.database or 'sqlite').partition(':')[0]}
    )
    others = None
    if options.compare:
        try:
            there, others = report.load(options.compare)
        except (OSError, ValueError) as exc:
            parser.error(f'{options.compare} cannot be used: {exc}')
        for line in report.differences(measured_with, there):
            print(f'Other conditions: {line}', file=sys.stderr)
    # What alembic and oslo.db say while the tables are made.
    logging.disable(logging.INFO)
    try:
        harness.check_database(options.database)
    except harness.DatabaseRefused as exc:
        parser.error(str(exc))
    rows = []
    for name in options.scenarios:
        print(f'Measuring: {name}', file=sys.stderr, flush=True)
        rows += SCENARIOS[name](options)
        if options.json:
            # After each one, so that a run that is aborted is not lost.
            report.save(options.json, measured_with, rows)
    print(json.dumps(measured_with))
    print(report.table(rows))
    return _compare(rows, others) if others is not None else 0


def _compare(rows, others):
    """Print what became slower; return the exit status."""
    lines = report.slower(rows, others)
    print('\n'.join(['Slower:', *lines] if lines else ['Nothing is slower.']))
    return 1 if lines else 0


if __name__ == '__main__':
    sys.exit(main())
