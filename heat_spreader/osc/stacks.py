# SPDX-License-Identifier: Apache-2.0
"""openstack multicloud stack create, delete and set."""

import contextlib

from openstack import exceptions as sdk_exceptions
from osc_lib import exceptions

from heat_spreader.osc import command
from heat_spreader.osc import preview
from heat_spreader.osc import show
from heat_spreader.osc import specification
from heat_spreader.osc import staying

# How a wait ends without the change being applied.
_NOT_READY = (sdk_exceptions.ResourceFailure, sdk_exceptions.ResourceTimeout)


class CreateStack(preview.DryRun, command.Waiting, show.StackPage):
    """Create a stack: manage Heat stacks in several clouds as one"""

    # Why the wait for the new stack has failed.
    _failure = None

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument(
            'name', metavar='<name>', help='Name of the new stack'
        )
        specification.add_options(
            parser,
            required=True,
            weight_help='The part of the total for a cloud, from 0 to 1; the '
            'sum is at most 1. 0 makes the cloud a standby',
        )
        parser.add_argument(
            '--pause',
            dest='paused',
            action='store_true',
            default=None,
            help='Create the stack paused: nothing is changed in the clouds '
            'until it is resumed',
        )
        self.add_dry_run(parser)
        self.add_wait_options(parser)
        return parser

    def take_action(self, parsed_args):
        attributes = specification.attributes(parsed_args)
        if self.is_dry_run(parsed_args):
            return self.preview(None, attributes)
        stack = self.client.create_stack(**attributes)
        try:
            stack = self.wait(stack, parsed_args)
        except _NOT_READY as exc:
            self._failure = exc
            stack = self.client.get_stack(stack.id)
        return self.show(stack, parsed_args)

    def run(self, parsed_args):
        """Run the command; a stack that is not ready is shown before."""
        status = super().run(parsed_args)
        if self._failure is not None:
            name = parsed_args.name
            raise exceptions.CommandError(
                f'{self._failure} The stack exists now. Correct what is '
                f'wrong, or change it with "stack set {name}". "stack show '
                f'{name} --watch" follows it, and "stack delete {name}" stops '
                'managing it.'
            )
        return status


class DeleteStack(command.Command):
    """Delete stacks; the Heat stacks in the clouds stay as they are

    It asks for confirmation on a terminal, and prints what keeps running.
    """

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument(
            'stacks',
            metavar='<stack>',
            nargs='+',
            help='Stacks to delete (name or ID)',
        )
        parser.add_argument(
            '-y',
            '--yes',
            action='store_true',
            help='Do not ask for confirmation',
        )
        return parser

    def take_action(self, parsed_args):
        names = parsed_args.stacks
        found = [stack for stack in map(self._find, names) if stack]
        if found and not parsed_args.yes:
            self._confirm(found)
        deleted = sum(self._delete(stack) for stack in found)
        if failed := len(names) - deleted:
            raise exceptions.CommandError(
                f'{failed} of {len(names)} stacks failed to delete.'
            )

    def _find(self, name_or_id):
        with self._logged_failure(name_or_id):
            return self.client.find_stack(name_or_id)
        return None

    def _confirm(self, found):
        """Ask on a terminal.

        :raises CommandError: if the answer is not yes
        """
        stdin = self.app.stdin
        if stdin is None or not stdin.isatty():
            return
        for stack in found:
            self.app.stdout.write(
                f'{stack.name}: {staying.sentence(stack.members)}.\n'
            )
        self.app.stdout.write(
            'Stop managing this? Nothing is changed in the clouds. [y/N] '
        )
        self.app.stdout.flush()
        answer = stdin.readline().strip().lower()
        if answer not in ('y', 'yes'):
            raise exceptions.CommandError('Nothing was deleted.')

    def _delete(self, stack):
        """Delete a stack; return whether it could be done."""
        done = False
        with self._logged_failure(stack.name):
            self.client.delete_stack(stack, ignore_missing=False)
            done = True
        if done:
            self.app.stdout.write(
                f'{stack.name}: no longer managed; '
                f'{staying.sentence(stack.members)}.\n'
            )
        return done

    @contextlib.contextmanager
    def _logged_failure(self, name_or_id):
        """Log a failure, and go on with the next stack."""
        try:
            yield
        except Exception as exc:
            self.log.error(
                "Failed to delete the stack '%s': %s",
                name_or_id,
                command.sentence(exc),
            )


class SetStack(preview.DryRun, command.Waiting, command.ShowOne):
    """Update a stack; only the given options are changed"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument(
            'stack', metavar='<stack>', help='Stack to update (name or ID)'
        )
        specification.add_changes(parser)
        self.add_dry_run(parser)
        self.add_wait_options(parser)
        return parser

    def take_action(self, parsed_args):
        if not specification.has_changes(parsed_args):
            raise exceptions.CommandError(
                'Nothing to update: at least one option is required.'
            )
        found = self.client.find_stack(parsed_args.stack)
        attributes = specification.changes(parsed_args, found)
        if self.is_dry_run(parsed_args):
            self._show_leaving(found, attributes, 'would leave')
            return self.preview(found, attributes)
        # By its id: the SDK sends only the values that differ from those of
        # a resource, and what is read here may be old.
        stack = self.client.update_stack(found.id, **attributes)
        self._show_leaving(found, attributes, 'left')
        self.wait(stack, parsed_args)
        return preview.NOTHING

    def _show_leaving(self, stack, attributes, verb):
        """Say which clouds a change takes out, and what runs on there."""
        kept = attributes.get('weights', stack.weights)
        leaving = [m for m in stack.members if m['cloud'] not in kept]
        if leaving:
            clouds = ', '.join(member['cloud'] for member in leaving)
            self.app.stderr.write(
                f'{clouds} {verb} the stack; {staying.sentence(leaving)}.\n'
            )
