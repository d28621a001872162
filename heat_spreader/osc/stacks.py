# SPDX-License-Identifier: Apache-2.0
"""openstack multicloud stack create, delete and set."""

from osc_lib import exceptions

from heat_spreader.osc import command
from heat_spreader.osc import show
from heat_spreader.osc import specification


class CreateStack(command.Waiting, show.StackPage):
    """Create a stack: manage Heat stacks in several clouds as one"""

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
        self.add_wait_options(parser)
        return parser

    def take_action(self, parsed_args):
        stack = self.client.create_stack(
            **specification.attributes(parsed_args)
        )
        return self.show(self.wait(stack, parsed_args), parsed_args)


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


class SetStack(command.Waiting, command.Command):
    """Update a stack; only the given options are changed"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument(
            'stack', metavar='<stack>', help='Stack to update (name or ID)'
        )
        parser.add_argument(
            '--name', metavar='<name>', help='New name of the stack'
        )
        specification.add_options(
            parser,
            required=False,
            weight_help='The part of the total for a cloud, from 0 to 1. The '
            'given weights replace ALL weights: clouds that are not named are '
            'removed from the stack. Use "weight set" to change the weight of '
            'one cloud and keep the others',
        )
        pausing = parser.add_mutually_exclusive_group()
        pausing.add_argument(
            '--pause',
            dest='paused',
            action='store_true',
            default=None,
            help='Pause the stack: nothing is changed in the clouds until it '
            'is resumed',
        )
        pausing.add_argument(
            '--resume',
            dest='paused',
            action='store_false',
            default=None,
            help='Resume a paused stack',
        )
        parser.add_argument(
            '--failback-now',
            action='store_true',
            default=None,
            help='Give the clouds that wait for failback their weights back',
        )
        self.add_wait_options(parser)
        return parser

    def take_action(self, parsed_args):
        attributes = specification.attributes(parsed_args)
        if parsed_args.failback_now:
            attributes['failback_now'] = True
        if not attributes:
            raise exceptions.CommandError(
                'Nothing to update: at least one option is required.'
            )
        found = self.client.find_stack(parsed_args.stack)
        # By its id: the SDK sends only the values that differ from those of
        # a resource, and what is read here may be old.
        stack = self.client.update_stack(found.id, **attributes)
        self.wait(stack, parsed_args)
