# SPDX-License-Identifier: Apache-2.0
"""Shared by the commands: plain errors, and waiting for the engine."""

import contextlib
import os
import sys

from openstack import exceptions as sdk_exceptions
from osc_lib import exceptions
from osc_lib.command import command

from heat_spreader.osc import columns
from heat_spreader.osc import options
from heat_spreader.sdk import _proxy

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


class Plain:
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


class Command(Plain, command.Command):
    """A command without output."""


class Lister(Plain, command.Lister):
    """A command that shows a list."""


class ShowOne(Plain, command.ShowOne):
    """A command that shows one thing."""


class Waiting:
    """A command that can wait until the engine has applied the change."""

    def add_wait_options(
        self,
        parser,
        text='Wait until the engine has applied the change; fail if it cannot',
    ):
        """Add --wait and --timeout."""
        parser.add_argument('--wait', action='store_true', help=text)
        parser.add_argument(
            '--timeout',
            metavar='<seconds>',
            type=options.positive,
            default=3600,
            help='With --wait: the maximum time to wait; the engine continues '
            'afterwards (default: 3600)',
        )

    def wait(self, stack, parsed_args):
        """Return the stack, after the engine has applied the change."""
        if not parsed_args.wait:
            return stack
        with self._interruptible(f"the stack '{stack.name}'"):
            return self.client.wait_for_stack(
                stack,
                callback=self._show_changes(progress),
                timeout=parsed_args.timeout,
            )

    def wait_for_drain(self, cloud, parsed_args):
        """Return after a cloud is drained."""
        with self._interruptible(f"the cloud '{cloud.name}'"):
            self.client.wait_for_drain(
                cloud,
                callback=self._show_changes(drain_progress),
                timeout=parsed_args.timeout,
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
        """A callback that prints every change, or None with --quiet."""
        if not self.app.options.verbose_level:
            return None
        printed = [None]

        def show(*current):
            line = describe(*current)
            if line != printed[-1]:
                printed.append(line)
                self.app.stderr.write(line + '\n')

        return show


def progress(stack):
    """The progress of a stack, in one line."""
    line = f'{stack.name}: {stack.status}'
    if stack.members:
        members = '; '.join(columns.progress(m) for m in stack.members)
        line += f' ({members})'
    return f'{line}: {stack.status_reason}' if stack.status_reason else line


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
