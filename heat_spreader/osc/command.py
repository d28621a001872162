# SPDX-License-Identifier: Apache-2.0
"""Shared by the commands: plain errors, and waiting for the engine."""

import contextlib
import functools
import os
import sys
import time

from openstack import exceptions as sdk_exceptions
from osc_lib import exceptions
from osc_lib.command import command

from heat_spreader.osc import columns
from heat_spreader.osc import options
from heat_spreader.osc import parsing
from heat_spreader.osc import terminal
from heat_spreader.osc import when
from heat_spreader.sdk import _proxy
from heat_spreader.sdk import wait

# How many stacks a line of progress names.
_NAMED = 10


def sentence(exc):
    """The error message for the user: that of the service, if there is one."""
    response = getattr(exc, 'response', None)
    message = None if response is None else _proxy.detail(response)
    if not message:
        return str(exc)
    request_id = response.headers.get('x-openstack-request-id', 'none')
    return f'{message} (HTTP {response.status_code}, request {request_id})'


class Plain(parsing.Suggesting):
    """A command of the multicloud service, with plain errors."""

    @property
    def client(self):
        """The proxy of the service."""
        return self.app.client_manager.multicloud

    def run(self, parsed_args):
        """Run the command, as the framework asks."""
        with self.plain_errors():
            return super().run(parsed_args)

    @contextlib.contextmanager
    def plain_errors(self):
        """Turn exceptions into errors that people understand."""
        try:
            yield
            # What cannot be written must fail here, and not at the exit.
            self.app.stdout.flush()
        except sdk_exceptions.SDKException as exc:
            raise exceptions.CommandError(sentence(exc)) from exc
        except BrokenPipeError:
            # What reads the output, such as head, has enough of it.
            _discard_output()


def _discard_output():
    """Have the interpreter flush to nowhere when it exits."""
    with open(os.devnull, 'w') as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


class Silence:
    """A command that says so when no engine works."""

    def warn_of_silence(self, clouds=None):
        """Say on stderr that no engine has reported, if so.

        :param clouds: what the service said of them, to be read if None
        """
        if clouds is None:
            clouds = self.client.poll(lambda: list(self.client.clouds()))
        for name, line in silence_line(clouds or ()).items():
            self.app.stderr.write(f'{name} {line}\n')


def silence_line(clouds):
    """That no engine has reported, as a line after its name, if so."""
    silent = next((each for each in clouds if each.engine_silent), None)
    if silent is None:
        return {}
    since = 'yet'
    if time := silent.engine_reported_at:
        since = f'since {when.clock(time)} ({when.age(time)} ago)'
    return {
        'No engine': f'has reported {since}: no cloud is surveyed and nothing '
        'is changed. What is shown may be old.'
    }


class Command(Plain, command.Command):
    """A command without output."""


class Lister(Plain, terminal.Fitted, command.Lister):
    """A command that shows a list."""


class ShowOne(Plain, terminal.Fitted, command.ShowOne):
    """A command that shows one thing."""


class Waiting(Silence):
    """A command that can wait until the engine has applied the change."""

    def add_wait_options(
        self,
        parser,
        text='Wait until the engine has applied the change; fail if it cannot',
    ):
        """Add --wait and --timeout."""
        parser.add_argument('--wait', action='store_true', help=text)
        self.add_timeout(
            parser,
            'With --wait: the maximum time to wait; the engine continues '
            'afterwards',
        )

    @staticmethod
    def add_timeout(
        parser,
        text='The maximum time to wait; the engine continues afterwards',
        default=3600,
    ):
        """Add --timeout."""
        parser.add_argument(
            '--timeout',
            metavar='<seconds>',
            type=options.positive,
            default=default,
            help=f'{text} (default: {default})',
        )

    def wait(self, stack, parsed_args):
        """Return the stack, after the engine has applied the change."""
        if not parsed_args.wait:
            return stack
        return self.wait_for(stack, parsed_args)

    def wait_for(self, stack, parsed_args):
        """Return the stack, after the engine has applied its generation."""
        self.warn_of_silence()
        with self._interruptible(f"the stack '{stack.name}'"):
            return self.client.wait_for_stack(
                stack,
                callback=self._show_changes(
                    functools.partial(progress, generation=stack.generation)
                ),
                wait=parsed_args.timeout,
                # The wish of this command, where it has such an option.
                paused=bool(getattr(parsed_args, 'paused', False)),
            )

    def wait_for_drain(self, cloud, parsed_args):
        """Return after a cloud is drained."""
        self.warn_of_silence([cloud])
        with self._interruptible(f"the cloud '{cloud.name}'"):
            self.client.wait_for_drain(
                cloud,
                callback=self._show_changes(drain_progress),
                wait=parsed_args.timeout,
            )

    @contextlib.contextmanager
    def _interruptible(self, what):
        try:
            yield
        except KeyboardInterrupt:
            self.app.stderr.write(
                f'Stopped waiting; the engine continues with {what}.\n'
            )
            raise

    def _show_changes(self, describe):
        """A callback that prints every change, or None with --quiet.

        The time that has passed is on each line, and is no change by itself.
        """
        if not self.app.options.verbose_level:
            return None
        printed, began = [None], time.monotonic()

        def show(*current):
            line = describe(*current)
            if line != printed[-1]:
                printed.append(line)
                passed = when.short(int(time.monotonic() - began))
                self.app.stderr.write(f'{line} ({passed})\n')

        return show


def progress(stack, generation):
    """The progress of a stack, in one line: what it waits for.

    :param generation: that of the change
    """
    if stack.members and not wait.is_seen(stack, generation):
        return f'{stack.name}: the engine has not acted on the change yet'
    line = f'{stack.name}: {stack.status}'
    if not stack.members:
        return line
    waiting = [m for m in stack.members if not wait.is_met(m)]
    met = len(stack.members) - len(waiting)
    line += f', {met} of {len(stack.members)} members are at their targets'
    if not waiting:
        return line
    # First one that says what it waits for.
    first = min(waiting, key=lambda member: not member['reason'])
    line += f'; {first["reason"].rstrip(".") or columns.progress(first)}'
    more = len(waiting) - 1
    return f'{line}; {more} more wait' if more else line


def drain_progress(cloud, left):
    """The progress of a drain, in one line.

    :param left: the instances that are still there, by stack
    """
    line = f'{cloud.name}: {cloud.admin_state}'
    if not left:
        return f'{line}, nothing is left there'
    largest = sorted(left.items(), key=lambda pair: (-pair[1], pair[0]))
    stacks = ', '.join(f'{name} {n}' for name, n in largest[:_NAMED])
    more = len(left) - _NAMED
    if more > 0:
        stacks += f' and {more} more stacks'
    return f'{line}, {sum(left.values())} instances are there: {stacks}'
