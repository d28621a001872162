#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Run a real Prometheus against Heat Spreader while its clouds fail.

    PYTHONPATH=. python tools/monitoring.py

Heat Spreader runs on emulated clouds, and Prometheus with the sample alerts
and every query of the dashboard. Each step breaks something and waits for the
alerts that are for it. It takes about four minutes, and needs the Debian
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
        self.began = self.outage_ended = time.time()
        self.variables = {}

    def run(self):
        """Make every step."""
        say('The stack has its shares: 6, 2 and 2')
        self.multicloud(
            *('add', STACK, '--count=10', '--parameter=count', '--wait'),
            *('--weight=athens=0.6', '--weight=berlin=0.2'),
            '--weight=cairo=0.2',
        )
        self.quiet()
        self.rest()
        self.lose_cloud()
        self.reject_credentials()
        self.cut_link()
        self.break_files()
        self.fill_clouds()
        self.lose_all_clouds()
        self.break_database()
        say('Both programs are stopped')
        self.service.stop()
        self.expect('EngineAbsent', 'ApiAbsent')

    def lose_cloud(self):
        with self.broken('cairo'):
            say('Cairo refuses connections, and the witness confirms it')
            self.expect('CloudDown', 'StacksNotN1Safe')
            self.rest()
            self.check_dashboard()
            self.show('cloud', 'list')
            self.show('list')
        self.quiet()
        self.rest()
        self.outage_ended = time.time()

    def reject_credentials(self):
        with self.broken('cairo', faults.answer(401)):
            say('Cairo rejects the credentials')
            self.expect('CloudUnauthorized')
            self.show_reason()

    def cut_link(self):
        self.witness.lie = True
        with self.broken('cairo'):
            say('The engine does not reach Cairo, and the witness does')
            self.expect('CloudUnseen')
            self.show_reason()
            say('The witness gives no answer')
            self.witness.fault = faults.REFUSE
            self.expect('WitnessSilent')
            self.show('witness', 'list')
            self.witness.fault = None
            # It is asked only while a cloud cannot be reached.
            self.quiet('HeatSpreaderCloudUnseen')
        self.witness.lie = None

    def fill_clouds(self):
        say('The other clouds have no room for what athens had')
        with self.broken('athens'):
            self.multicloud('update', STACK, '--max=berlin=2', '--max=cairo=2')
            self.expect('UnplacedInstances', 'StacksInError')
            self.show('list')
            self.show('show', STACK)
            self.multicloud(
                *('update', STACK, '--max=berlin=none', '--max=cairo=none')
            )
        self.quiet()

    def lose_all_clouds(self):
        say('No cloud can be reached')
        with contextlib.ExitStack() as stack:
            for name in self.service.clouds:
                stack.enter_context(self.broken(name))
            self.expect('StacksFrozen')
            self.show('cloud', 'list')
            self.show('list')
        self.quiet()

    def break_files(self):
        say('clouds.yaml has lost the entry of Cairo')
        path = self.service.clouds_yaml
        content = path.read_text()
        entries = yaml.safe_load(content)
        del entries['clouds']['cairo']
        path.write_text(yaml.safe_dump(entries))
        self.expect('CloudMisconfigured')
        self.show_reason()
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

    def quiet(self, *names):
        """Wait until no alert is active but those with these names."""

        def active():
            return self.server.active().difference(names)

        wait(lambda: not active(), lambda: f'the end of {active()}')

    def rest(self):
        """Let updates end and some scrapes pass."""
        time.sleep(2 * UPDATE)

    def check_dashboard(self):
        """Every query of the dashboard returns something."""
        self.variables = variables = self.find_variables()
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

    def find_variables(self):
        """Values of the variables of the dashboard."""
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

    def show_reason(self):
        self.show('cloud', 'show', 'cairo', '-c', 'state', '-c', 'reason')

    def show(self, *words):
        """Print a command and what it prints."""
        done = self.service.run(*words)
        print(f'$ heat-spreader {" ".join(words)}')
        print(done.stdout + done.stderr, end='', flush=True)


def draw(tour, path):
    """Draw the panels of the stack, with the outage, from Prometheus."""
    start, end = tour.began, tour.outage_ended
    panels = [p for p in files.PANELS if '$stack' in p['title']]
    outages = tour.server.series(files.ANNOTATIONS[0]['expr'], start, end)
    style = {'svg.hashsalt': 'monitoring', 'svg.fonttype': 'none'}
    with mpl.rc_context(style):
        drawn = figure.Figure(figsize=(7.5, 5.5), layout='constrained')
        plots = drawn.subplots(len(panels), sharex=True)
        for axes, panel in zip(plots, panels, strict=True):
            axes.set_title(panel['title'].replace('$stack', STACK))
            for target in panel['targets']:
                query = files.filled_in(target['expr'], **tour.variables)
                found = tour.server.series(query, start, end)
                draw_series(axes, target['legendFormat'], found, start)
            for cloud, points in outages.items():
                first, last = points[0][0] - start, points[-1][0] - start
                axes.axvspan(first, last, color='red', alpha=0.15, zorder=0)
                axes.annotate(f'{cloud} is DOWN', (first + 0.5, 13))
            axes.set_ylim(0, 14)
            axes.set_ylabel('instances')
            axes.grid(alpha=0.4)
            axes.legend(loc='lower left', ncols=4)
        axes.set_xlabel('seconds')
        drawn.savefig(path, metadata={'Date': None, 'Creator': None})


def draw_series(axes, legend, found, start):
    """Stack what there is for each cloud; draw a line for anything else."""
    if legend != '{{cloud}}':
        for points in found.values():
            axes.step(
                [at - start for at, _ in points],
                [value for _, value in points],
                where='post',
                label=legend,
                linestyle='dashed' if legend == 'total' else 'solid',
            )
        return
    times = sorted({at for points in found.values() for at, _ in points})
    # A series without a value at a time has none there.
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
        tour.run()
        alerts = {rule['alert'] for rule in files.RULES}
        missing = alerts - tour.seen - NOT_CAUSED
        if missing:
            raise prometheus.Wrong(
                f'these alerts were never active: {missing}'
            )
        say(f'{len(tour.seen)} of {len(alerts)} alerts were active.')
        if path:
            draw(tour, path)


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
