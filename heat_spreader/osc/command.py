# SPDX-License-Identifier: Apache-2.0
"""What the commands share: plain errors, and waiting for the engine."""

from openstack import exceptions as sdk_exceptions
from osc_lib import exceptions
from osc_lib.command import command

from heat_spreader.osc import columns
from heat_spreader.osc import options
from heat_spreader.sdk import _proxy


def sentence(exc):
    """What to tell the user: the words of the service, where it has some."""
    response = getattr(exc, 'response', None)
    said = None if response is None else _proxy.detail(response)
    if not said:
        return str(exc)
    request_id = response.headers.get('x-openstack-request-id', 'none')
    return f'{said} (HTTP {response.status_code}, request {request_id})'


class Plain:
    """A command of the multicloud service that tells errors plainly."""

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
    """A command that shows nothing."""


class Lister(Plain, command.Lister):
    """A command that shows a list."""


class ShowOne(Plain, command.ShowOne):
    """A command that shows one thing."""


class Waiting:
    """A command that can wait until the engine has done what it asked for."""

    def add_wait_options(self, parser):
        """Add --wait and --timeout."""
        parser.add_argument(
            '--wait',
            action='store_true',
            help='Wait until the engine has done it; fails if it cannot',
        )
        parser.add_argument(
            '--timeout',
            metavar='<seconds>',
            type=options.positive,
            default=3600,
            help='With --wait: seconds after which to give up waiting; the '
            'engine goes on all the same (default: 3600)',
        )

    def wait(self, stack, parsed_args):
        """The stack as it is when there is nothing more to wait for."""
        if not parsed_args.wait:
            return stack
        try:
            return self.client.wait_for_stack(
                stack, callback=self._tell(), timeout=parsed_args.timeout
            )
        except KeyboardInterrupt:
            self.app.stderr.write(
                'No longer waiting; the engine goes on with the stack '
                f"'{stack.name}'.\n"
            )
            raise

    def _tell(self):
        """A callback that prints what is new, or None where -q is given."""
        if not self.app.options.verbose_level:
            return None
        told = [None]

        def tell(stack):
            line = progress(stack)
            if line != told[-1]:
                told.append(line)
                self.app.stderr.write(line + '\n')

        return tell


def progress(stack):
    """How far a stack is, in one line."""
    line = f'{stack.name}: {stack.status}'
    if stack.members:
        members = '; '.join(columns.progress(m) for m in stack.members)
        line += f' ({members})'
    return f'{line}: {stack.status_reason}' if stack.status_reason else line
