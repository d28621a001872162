#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Show Heat Spreader on three real clouds: tools/demo.sh runs this.

Each step is a command that a user would type, followed by a line with what
Heat really has in each cloud. The first wrong count stops the demo.
"""

import argparse
import concurrent.futures
import contextlib
import logging
import os
import pathlib
import shlex
import signal
import subprocess
import sys
import textwrap
import time

import demo_parts

from heat_spreader.tests.functional.emulator import faults
from heat_spreader.tests.real.testbed import exporter
from heat_spreader.tests.real.testbed import service
from heat_spreader.tests.real.testbed import testbed

OPENSTACK = pathlib.Path(sys.executable).with_name('openstack')
STACK = 'web'
# Its instances are servers, of which a cloud can have too many.
SHOP = 'shop'
TEMPLATE = pathlib.Path(__file__).parents[1] / 'doc/source/user/workers.yaml'
USER = 'alice'
CLOUDS = ('athens', 'berlin', 'cairo')
# Seconds to wait for a status.
DEADLINE = 180
WIDTH = 80
INTRODUCTION = """\
Athens, Berlin and Cairo are three separate clouds on this machine. Each has a
real Keystone and a real Heat, with a stack "web" whose template has a group of
small instances. Heat Spreader treats the three stacks as one with one total.
Lines with a dollar sign are commands that you could type; "In Heat" is what
the Heat of each cloud itself reports.
"""


class Wrong(Exception):
    """A step did not have the expected result."""


class Demo:
    """Three clouds, Heat Spreader in front of them, and the steps to show.

    :param link: the proxy.Proxy through which the engine reaches cairo
    :param witnesses: the exporter.Exporter that run
    """

    def __init__(self, bed, spreader, link, witnesses):
        self.bed = bed
        self.spreader = spreader
        self.link = link
        self.witnesses = witnesses
        # Nothing of the shell's own cloud.
        self.environment = {
            k: v for k, v in os.environ.items() if not k.startswith('OS_')
        }

    def prepare(self):
        """Create small Heat stacks in the clouds, as their owner would."""
        template = TEMPLATE.read_text()
        with concurrent.futures.ThreadPoolExecutor() as pool:
            made = [
                pool.submit(cloud.create_stack, STACK, 1)
                for cloud in self.bed.clouds.values()
            ]
            made += [
                pool.submit(
                    self.bed.clouds[name].create_stack,
                    *(SHOP, 3, template, 'size'),
                )
                for name in CLOUDS[:2]
            ]
            for future in made:
                future.result()

    def run(self):
        """Show every step."""
        up = '\n'.join(['UP'] * len(CLOUDS))
        say('Heat Spreader has to reach all three clouds')
        self.wait_for(up, 'cloud list -f value -c State')
        self.show_spreading()
        self.show_preview()
        self.show_full_cloud()
        if self.witnesses:
            self.show_cut_link()
        else:
            say(
                'No outage is confirmed by witnesses: the Debian package '
                f'{exporter.PROGRAM} is not installed.'
            )
        self.show_outage()

    def show_spreading(self):
        say(
            'Each stack has one instance. Make it ten in all: 60 % in athens, '
            '20 % in each of the others.'
        )
        self.multicloud(
            'stack create web --count 10 --parameter count '
            '--weight athens=0.6 --weight berlin=0.2 '
            '--weight cairo=0.2 --wait'
        )
        self.expect(6, 2, 2)
        say('A cloud gets a smaller weight, another one a larger.')
        self.multicloud('stack weight set web athens --weight 0.4 --wait')
        self.expect(4, 2, 2)
        self.multicloud('stack weight set web cairo --weight 0.4 --wait')
        self.expect(4, 2, 4)
        say(
            'Or all at once. Athens grows first, and cairo shrinks when the '
            'new instances are ready: there are never fewer than ten.'
        )
        self.multicloud(
            'stack set web --weight athens=0.6 --weight berlin=0.2 '
            '--weight cairo=0.2 --wait'
        )
        self.expect(6, 2, 2)
        say('An eleventh instance is one update in one cloud.')
        self.multicloud('stack set web --count 11 --wait')
        self.expect(7, 2, 2)
        self.multicloud('stack set web --count 10 --wait')
        self.expect(6, 2, 2)

    def show_preview(self):
        say('What would 20 instances mean, and what the loss of berlin?')
        self.multicloud('stack set web --count 20 --dry-run -c waves')
        self.multicloud('stack preview web --down berlin -c waves -c status')
        say('And why has athens 6?')
        self.multicloud('stack explain web athens')
        say('These were only questions. Nothing has changed:')
        self.expect(6, 2, 2)

    def show_full_cloud(self):
        athens = self.bed.clouds['athens']
        say(
            'The stack "shop" is to have 12 servers. The quota in athens is 4.'
        )
        athens.limit_servers(4, 'quota')
        self.multicloud(
            'stack create shop --count 12 --parameter size '
            '--weight athens=0.5 --weight berlin=0.5'
        )
        self.wait_for('DEGRADED', 'stack show shop -f value -c status')
        self.multicloud('stack show shop')
        self.expect_servers(12)
        say('The quota is raised.')
        athens.make_room()
        self.multicloud('stack set shop --retry-capacity')
        self.wait_for('ACTIVE', 'stack show shop -f value -c status')
        self.expect_servers(12, athens=6, berlin=6)
        self.multicloud('stack delete shop --yes')

    def show_cut_link(self):
        say('The link of the engine to cairo is cut. The witnesses reach it.')
        self.link.fault = faults.REFUSE
        self.wait_for('UNSEEN', 'cloud show cairo -f value -c state')
        self.multicloud('cloud show cairo -f value -c reason')
        say(
            'So this is no outage of cairo. Nothing is started elsewhere, and '
            'cairo keeps its instances:'
        )
        self.expect(6, 2, 2)
        self.link.fault = None
        self.wait_for('UP', 'cloud show cairo -f value -c state')
        self.wait_for('ACTIVE')

    def show_outage(self):
        lost = self.bed.clouds['cairo']
        say('Would the stack survive the loss of any one cloud?')
        self.multicloud('stack show web -c readiness')
        say('And what would the loss of each cloud do to all stacks?')
        self.multicloud('cloud readiness', user='admin')
        say(
            'Now cairo is lost: its Keystone and its Heat are killed. No one '
            'types anything.'
        )
        begin = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())
        lost.keystone.kill()
        lost.heat.kill()
        self.wait_for('DEGRADED')
        self.expect(7, 3, None)
        say('One page explains it to the person who is called at night:')
        self.multicloud('stack show web')
        say(
            'Cairo comes back, and still runs its 2 instances. It is not '
            'changed; the others give back what they had taken over.'
        )
        lost.keystone.start()
        lost.heat.start()
        self.wait_for('ACTIVE')
        self.expect(6, 2, 2)
        say('This is what happened:')
        self.multicloud(f'event list web --since {begin}')

    def multicloud(self, line, user=USER):
        """Run a command of the real openstack client."""
        print(f'\n{wrapped(line)}', flush=True)
        done = self.openstack(line, user)
        if done.returncode:
            raise Wrong(f'the command exited with status {done.returncode}')

    def openstack(self, line, user=USER, **options):
        """Run openstack multicloud as a user."""
        return subprocess.run(
            [OPENSTACK, 'multicloud', *shlex.split(line)],
            env={**self.environment, **self.bed.openrc(user)},
            check=False,
            **options,
        )

    def status(self, line):
        """What the client shows as the status of something."""
        done = self.openstack(line, capture_output=True, text=True)
        if done.returncode:
            raise Wrong(f'the status cannot be read: {done.stderr.strip()}')
        return done.stdout.strip()

    def wait_for(self, wanted, line='stack show web -f value -c status'):
        """Wait for a status, and print each one on the way.

        :param line: the command that shows it, the status of the stack if none
        """
        begin = time.monotonic()
        last = None
        while last != wanted:
            status = self.status(line)
            passed = time.monotonic() - begin
            if status != last:
                words = ', '.join(status.split())
                print(f'Status after {passed:.0f} s: {words}', flush=True)
            last = status
            if passed > DEADLINE:
                raise Wrong(f'the status is still {last}, not {wanted}')

    def expect(self, *counts):
        """Show and check the counts in Heat; None is a cloud that is down."""
        seen, parts = [], []
        for cloud, count in zip(self.bed.clouds.values(), counts, strict=True):
            if count is None:
                seen.append((None, None))
                parts.append(f'{cloud.name} is down')
                continue
            seen.append((cloud.count(STACK), cloud.group_members(STACK)))
            parts.append(
                f'{cloud.name} {seen[-1][0]} ({seen[-1][1]} complete)'
            )
        print(f'In Heat: {", ".join(parts)}', flush=True)
        wanted = [(count, count) for count in counts]
        if seen != wanted:
            raise Wrong(
                'Heat should have '
                f'{"/".join("-" if c is None else str(c) for c in counts)} '
                'in these clouds'
            )

    def expect_servers(self, total, **counts):
        """Show and check how many servers of the shop there are.

        :param counts: those that a cloud must have
        """
        found = {
            name: self.bed.clouds[name].servers(SHOP, 'workers')
            for name in CLOUDS[:2]
        }
        servers = ', '.join(f'{name} {n}' for name, n in found.items())
        print(f'In Heat: {servers} servers', flush=True)
        if sum(found.values()) != total or found | counts != found:
            raise Wrong(f'there should be {total} servers, {counts}')

    def usage(self):
        """The lines to paste to use the clouds and the service."""
        lines = [
            f'export {name}={shlex.quote(value)}'
            for name, value in self.bed.openrc(USER).items()
        ]
        return '\n'.join(
            [
                *lines,
                f'{OPENSTACK} multicloud stack show {STACK}',
                '# As the owner of the stacks in the clouds, in a new shell:',
                f'export OS_CLIENT_CONFIG_FILE={self.bed.clouds_yaml}',
                f'{OPENSTACK} --os-cloud athens stack show {STACK}',
            ]
        )


def say(text):
    print('\n' + textwrap.fill(f'=== {text}', WIDTH), flush=True)


def wrapped(line):
    """A command as one types it, on lines that fit a terminal."""
    text = f'$ openstack multicloud {line}'.replace(' --', '\n--')
    lines = []
    for part in text.split('\n'):
        if lines and len(lines[-1]) + len(part) < WIDTH - 3:
            lines[-1] += f' {part}'
        else:
            lines.append(part if not lines else f'    {part}')
    return ' \\\n'.join(lines)


def hold(pipe):
    """Report to the parent that everything runs, and wait for a signal."""
    os.write(pipe, b'1')
    os.close(pipe)
    quiet = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(quiet, stream)
    signal.pause()


def show(keep, pipe=None):
    """Boot, show, stop; return the exit status."""
    try:
        print(f'\n{INTRODUCTION}', end='', flush=True)
        say('Booting the clouds; the first time takes a few minutes')
        begin = time.monotonic()
        with testbed.Testbed(CLOUDS) as bed, contextlib.ExitStack() as stack:
            link = demo_parts.proxied(bed, stack)
            witnesses = demo_parts.start_witnesses(bed, stack)
            directory = bed.directory / 'heat-spreader'
            groups = demo_parts.configuration(bed, link, witnesses)
            with service.HeatSpreader(bed, directory, **groups) as spreader:
                demo = Demo(bed, spreader, link, witnesses)
                say('Creating a small Heat stack in each of them')
                demo.prepare()
                demo.run()
                minutes = (time.monotonic() - begin) / 60
                say(f'All counts are correct. It took {minutes:.0f} minutes.')
                if keep:
                    say('Everything stays running. To use it, paste:')
                    print(demo.usage())
                    print(f'# To stop it:\nkill {os.getpid()}', flush=True)
                    hold(pipe)
    except Wrong as exc:
        print(f'\nThe demo failed: {exc}.', file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def show_and_keep():
    """Show in a child that stays running; return when the demo is over."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.setsid()
        os.close(reader)
        os._exit(show(True, writer))
    os.close(writer)
    if os.read(reader, 1):
        return 0
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main():
    parser = argparse.ArgumentParser(
        prog='tools/demo.sh', description='Show Heat Spreader on real clouds.'
    )
    parser.add_argument(
        '--keep',
        action='store_true',
        help='leave everything running and print the lines to use it',
    )
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format='    %(message)s')
    logging.getLogger('heat_spreader').setLevel(logging.INFO)
    # A cloud that is booting answers 503 for a moment.
    logging.getLogger('keystoneauth').setLevel(logging.ERROR)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    sys.exit(show_and_keep() if arguments.keep else show(False))


if __name__ == '__main__':
    main()
