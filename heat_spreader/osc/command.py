# SPDX-License-Identifier: Apache-2.0
"""Shared by the commands: plain errors, and waiting for the engine."""

from openstack import exceptions as sdk_exceptions
from osc_lib import exceptions
from osc_lib.command import command

from heat_spreader.osc import columns
from heat_spreader.osc import options
from heat_spreader.sdk import _proxy


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
        try:
            return super().run(parsed_args)
        except sdk_exceptions.SDKException as exc:
            raise exceptions.CommandError(sentence(exc)) from exc


class Command(Plain, command.Command):
    """A command without output."""


class Lister(Plain, command.Lister):
    """A command that shows a list."""


class ShowOne(Plain, command.ShowOne):
    """A command that shows one thing."""


class Waiting:
    """A command that can wait until the engine has applied the change."""

    def add_wait_options(self, parser):
        """Add --wait and --timeout."""
        parser.add_argument(
            '--wait',
            action='store_true',
            help='Wait until the engine has applied the change; fail if it '
            'cannot',
        )
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
        try:
            return self.client.wait_for_stack(
                stack,
                callback=self._show_progress(),
                timeout=parsed_args.timeout,
            )
        except KeyboardInterrupt:
            self.app.stderr.write(
                'Stopped waiting; the engine continues with the stack '
                f"'{stack.name}'.\n"
            )
            raise

    def _show_progress(self):
        """A callback that prints every change, or None with --quiet."""
        if not self.app.options.verbose_level:
            return None
        printed = [None]

        def show(stack):
            line = progress(stack)
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
