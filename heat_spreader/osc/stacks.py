# SPDX-License-Identifier: Apache-2.0
"""openstack multicloud stack create, delete and set."""

from openstack import exceptions as sdk_exceptions
from osc_lib import exceptions

from heat_spreader.osc import command
from heat_spreader.osc import preview
from heat_spreader.osc import show
from heat_spreader.osc import specification

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
    """Delete stacks; the Heat stacks in the clouds stay as they are"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument(
            'stacks',
            metavar='<stack>',
            nargs='+',
            help='Stacks to delete (name or ID)',
        )
        return parser

    def take_action(self, parsed_args):
        failed = sum(not self._delete(stack) for stack in parsed_args.stacks)
        if failed:
            raise exceptions.CommandError(
                f'{failed} of {len(parsed_args.stacks)} stacks failed to '
                'delete.'
            )

    def _delete(self, name_or_id):
        try:
            stack = self.client.find_stack(name_or_id)
            self.client.delete_stack(stack, ignore_missing=False)
        except Exception as exc:
            self.log.error(
                "Failed to delete the stack '%s': %s",
                name_or_id,
                command.sentence(exc),
            )
            return False
        return True


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
        attributes = specification.changes(parsed_args)
        if not attributes:
            raise exceptions.CommandError(
                'Nothing to update: at least one option is required.'
            )
        found = self.client.find_stack(parsed_args.stack)
        if self.is_dry_run(parsed_args):
            return self.preview(found, attributes)
        # By its id: the SDK sends only the values that differ from those of
        # a resource, and what is read here may be old.
        stack = self.client.update_stack(found.id, **attributes)
        self.wait(stack, parsed_args)
        return preview.NOTHING
