#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Run a real Prometheus against Heat Spreader while its clouds fail.

    PYTHONPATH=. python tools/monitoring.py

Heat Spreader runs on emulated clouds, and Prometheus with the sample alerts
and every query of the dashboard. Each step breaks something and waits for the
alerts that are for it. It takes about two minutes, and needs the Debian
package "prometheus". The exit status is 1 if an alert does not come, or if a
query of the dashboard returns nothing during an outage.
"""

import argparse
import collections
import contextlib
import pathlib
import sys
import time

import matplotlib as mpl
import yaml
from matplotlib import figure

from heat_spreader.tests import process
from heat_spreader.tests.functional import prometheus
from heat_spreader.tests.functional.documents import monitoring_files as files
from heat_spreader.tests.functional.emulator import exporter
from heat_spreader.tests.functional.emulator import faults
from heat_spreader.tests.functional.standalone import fixtures as standalone

STACK = 'web'
# Seconds that an alert may take.
DEADLINE = 90
# Seconds that an update takes in a cloud, so that it can be seen.
UPDATE = 5
# What takes too long to bring about, or needs several engines.
NOT_CAUSED = {'HeatSpreaderReconcileLag'}


class Tour:
    """The steps: what breaks, and which alerts are for it."""

    def __init__(self, service, server, witness):
        self.service = service
        self.server = server
        self.witness = witness
        self.seen = set()
        self.began = time.time()

    def run(self):
        """Make every step; return the time when the first outage ended."""
        clouds = self.service.clouds
        say('The stack has its shares: 6, 2 and 2')
        self.multicloud(
            *('add', STACK, '--count=10', '--parameter=count', '--wait'),
            *('--weight=athens=0.6', '--weight=berlin=0.2'),
            '--weight=cairo=0.2',
        )
        self.quiet()
        self.rest()
        with self.broken('cairo'):
            say('Cairo refuses connections, and the witness confirms it')
            self.expect('CloudDown', 'StacksNotN1Safe')
            self.rest()
            self.check_dashboard()
            self.show('cloud', 'list')
            self.show('list')
        self.quiet()
        self.rest()
        ended = time.time()
        with self.broken('cairo', faults.answer(401)):
            say('Cairo rejects the credentials')
            self.expect('CloudUnauthorized')
            self.show('cloud', 'show', 'cairo', '-c', 'state', '-c', 'reason')
        self.witness.lie = True
        with self.broken('cairo'):
            say('The engine does not reach Cairo, and the witness does')
            self.expect('CloudUnseen')
            self.show('cloud', 'show', 'cairo', '-c', 'state', '-c', 'reason')
            say('The witness gives no answer')
            self.witness.fault = faults.REFUSE
            self.expect('WitnessSilent')
            self.show('witness', 'list')
            self.witness.fault = self.witness.lie = None
        self.break_files()
        say('The other clouds have no room for what athens had')
        with self.broken('athens'):
            self.multicloud('update', STACK, '--max=berlin=2', '--max=cairo=2')
            self.expect('UnplacedInstances', 'StacksInError')
            self.show('list')
            self.multicloud(
                'update', STACK, '--max=berlin=none', '--max=cairo=none'
            )
        self.quiet()
        say('No cloud can be reached')
        with contextlib.ExitStack() as stack:
            for name in clouds:
                stack.enter_context(self.broken(name))
            self.expect('StacksFrozen')
            self.show('cloud', 'list')
            self.show('list')
        self.quiet()
        self.break_database()
        say('Both programs are stopped')
        self.service.stop()
        self.expect('EngineAbsent', 'ApiAbsent')
        return ended

    def break_files(self):
        say('clouds.yaml has lost the entry of Cairo')
        path = self.service.clouds_yaml
        content = path.read_text()
        entries = yaml.safe_load(content)
        del entries['clouds']['cairo']
        path.write_text(yaml.safe_dump(entries))
        self.expect('CloudMisconfigured')
        self.show('cloud', 'show', 'cairo', '-c', 'state', '-c', 'reason')
        path.write_text(content)
        self.quiet()

    def break_database(self):
        say('The database is gone')
        place = self.service.database.parent
        place.rename(f'{place}-gone')
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            self.service.run('list')
        self.expect('DatabaseAway', 'ApiErrors', 'NoSurveys')
        self.show('list')
        pathlib.Path(f'{place}-gone').rename(place)
        self.quiet()

    @contextlib.contextmanager
    def broken(self, name, fault=faults.REFUSE):
        """A cloud with a fault."""
        self.service.clouds[name].fault = fault
        yield
        self.service.clouds[name].fault = None

    def expect(self, *names):
        """Wait until the alerts with these names are active."""
        wanted = {f'HeatSpreader{name}' for name in names}

        def are_active():
            active = self.server.active()
            self.seen |= active
            return wanted <= active

        wait(are_active, lambda: f'{wanted - self.server.active()}')
        print(f'Active: {", ".join(sorted(self.server.active()))}')

    def quiet(self):
        """Wait until no alert is active."""
        wait(
            lambda: not self.server.active(),
            lambda: f'the end of {self.server.active()}',
        )

    def rest(self):
        """Let updates end and some scrapes pass."""
        time.sleep(2 * UPDATE)

    def check_dashboard(self):
        """Every query of the dashboard returns something."""
        variables = self.variables()
        numbers = collections.Counter()
        for title, query, _ in files.dashboard_queries():
            found = self.server.query(files.filled_in(query, **variables))
            numbers[bool(found)] += 1
            if not found and title not in ('Held clouds', 'Frozen'):
                raise prometheus.Wrong(f'"{title}" shows nothing: {query}')
        print(
            f'{numbers[True]} queries of the dashboard return data; '
            f'{numbers[False]} show other faults than this one.'
        )

    def variables(self):
        (found,) = self.server.query('heat_spreader_stack_total_instances')
        labels = found['metric']
        return {
            'cloud': '.*',
            'project': labels['project'],
            'stack': labels['stack'],
        }

    def multicloud(self, *words):
        done = self.service.run(*words)
        if done.returncode:
            raise prometheus.Wrong(f'{" ".join(words)}: {done.stderr}')
        return done.stdout

    def show(self, *words):
        """Print a command and what it prints."""
        done = self.service.run(*words)
        print(f'$ heat-spreader {" ".join(words)}')
        print(done.stdout + done.stderr, end='', flush=True)


def draw(server, variables, start, end, path):
    """Draw the panels of the stack, with the outages, from Prometheus."""
    of_stack = [p for p in files.PANELS if '$stack' in p['title']]
    outages = server.series(files.ANNOTATIONS[0]['expr'], start, end)
    style = {'svg.hashsalt': 'monitoring', 'svg.fonttype': 'none'}
    with mpl.rc_context(style):
        drawn = figure.Figure(figsize=(7.5, 5.5), layout='constrained')
        for axes, panel in zip(
            drawn.subplots(len(of_stack), sharex=True), of_stack, strict=True
        ):
            draw_panel(axes, panel, server, variables, start, end)
            for cloud, points in outages.items():
                first, last = points[0][0] - start, points[-1][0] - start
                axes.axvspan(*(first, last), color='red', alpha=0.15, zorder=0)
                axes.annotate(
                    f'{cloud} is DOWN', (first, axes.get_ylim()[1] * 0.93)
                )
        axes.set_xlabel('seconds')
        drawn.savefig(path, metadata={'Date': None, 'Creator': None})


def draw_panel(axes, panel, server, variables, start, end):
    stacked = panel['fieldConfig']['defaults']['custom'].get('stacking')
    for target in panel['targets']:
        query = files.filled_in(target['expr'], **variables)
        found = server.series(query, start, end)
        if stacked and target['legendFormat'] == '{{cloud}}':
            # A series without a value at a time has none there.
            times = sorted({at for each in found.values() for at, _ in each})
            values = [
                [dict(found[cloud]).get(at, 0) for at in times]
                for cloud in sorted(found)
            ]
            axes.stackplot(
                [at - start for at in times],
                values,
                labels=sorted(found),
                step='post',
                alpha=0.6,
            )
            continue
        for points in found.values():
            axes.step(
                [at - start for at, _ in points],
                [value for _, value in points],
                where='post',
                label=target['legendFormat'],
                linestyle='dashed'
                if target['legendFormat'] == 'total'
                else 'solid',
            )
    axes.set_title(panel['title'].replace('$stack', variables['stack']))
    axes.set_ylim(0, 13)
    axes.grid(alpha=0.4)
    axes.legend(loc='lower left', ncols=4)


def wait(condition, missing):
    try:
        process.wait_until(
            condition,
            lambda: f'{DEADLINE} s were not enough for {missing()}',
            DEADLINE,
            0.5,
        )
    except AssertionError as exc:
        raise prometheus.Wrong(str(exc)) from None


def say(text):
    print(f'\n=== {text}', flush=True)


def show(path):
    """Run the whole tour."""
    prometheus.promtool('check', 'rules', files.ALERTS)
    ports = [process.Port(), process.Port()]
    witness = exporter.EmulatedExporter('office')
    with contextlib.ExitStack() as stack:
        service = stack.enter_context(standalone.Service())
        for port in ports:
            stack.enter_context(port)
        witness.start()
        stack.callback(witness.stop)
        for cloud in service.clouds.values():
            cloud.update_seconds = UPDATE
        config = service.config_file(
            metrics={
                'enabled': True,
                'api_port': ports[0].number,
                'engine_port': ports[1].number,
                'projects': '*',
            },
            engine={'survey_interval': 1, 'settle_interval': 0.5},
            health={'witnesses': 'office', 'flap_window': 0},
            witness_office=witness.options(),
        )
        service.start('--config-file', str(config))
        service.wait_for_halves()
        jobs = dict(
            zip(
                ('heat-spreader-api', 'heat-spreader-engine'),
                [port.number for port in ports],
                strict=True,
            )
        )
        server = stack.enter_context(prometheus.Prometheus(jobs))
        tour = Tour(service, server, witness)
        began = time.time()
        ended = tour.run()
        alerts = {rule['alert'] for rule in files.RULES}
        missing = alerts - tour.seen - NOT_CAUSED
        if missing:
            raise prometheus.Wrong(
                f'these alerts were never active: {missing}'
            )
        say(f'{len(tour.seen)} of {len(alerts)} alerts were active.')
        if path:
            variables = {'cloud': '.*', 'stack': STACK, 'project': '.*'}
            draw(server, variables, began, ended, path)


def main():
    parser = argparse.ArgumentParser(
        prog='tools/monitoring.py',
        description='Run a real Prometheus while clouds fail.',
    )
    parser.add_argument(
        '--draw',
        metavar='FILE.svg',
        help='draw the panels of the stack from what Prometheus recorded',
    )
    arguments = parser.parse_args()
    try:
        show(arguments.draw)
    except (prometheus.Wrong, process.ProcessFailure) as exc:
        print(f'\nThis is wrong: {exc}.', file=sys.stderr)
        sys.exit(1)


if __name__ == '__main__':
    main()
