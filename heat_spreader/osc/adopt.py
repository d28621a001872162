# SPDX-License-Identifier: Apache-2.0
"""openstack multicloud stack adopt."""

import contextlib
import functools

from osc_lib import exceptions

from heat_spreader.osc import command
from heat_spreader.osc import preview
from heat_spreader.osc import show
from heat_spreader.osc import specification
from heat_spreader.sdk import wait

# What a dry run shows; the rest of a preview is about a stack that exists.
_FIELDS = ('name', 'count', 'members', 'waves', 'notes')


class AdoptStack(command.Waiting, show.StackPage):
    """Adopt Heat stacks that run: manage them as one, exactly as they are

    The total is the sum of their counts and the weights are the proportions,
    so nothing changes in any cloud. It fails if a cloud cannot be read.
    """

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument(
            'name', metavar='<name>', help='Name of the new stack'
        )
        specification.add_names_and_modes(parser, required=True)
        parser.add_argument(
            '--cloud',
            metavar='<cloud>',
            action='append',
            help='Adopt the Heat stack in this cloud (repeat for several '
            'clouds; default: in every cloud that has one)',
        )
        parser.add_argument(
            '--pause',
            dest='paused',
            action='store_true',
            help='Adopt the stack paused: nothing is changed in the clouds '
            'until it is resumed',
        )
        parser.add_argument(
            '--dry-run',
            action='store_true',
            help='Adopt nothing: show the total and the weights',
        )
        self.add_timeout(parser, 'The maximum time to read the clouds', 300)
        return parser

    def take_action(self, parsed_args):
        self.warn_of_silence()
        stack = self.client.create_stack(
            name=parsed_args.name,
            adopt=self._clouds(parsed_args),
            **specification.names_and_modes(parsed_args),
        )
        with contextlib.ExitStack() as undo:
            # Whatever ends this before it is adopted.
            undo.push(functools.partial(self._abandon, stack))
            clouds = self._read(stack, parsed_args)
            if parsed_args.dry_run:
                found = self.client.preview_stack(stack, adopt=clouds)
                return preview.show(found, _FIELDS)
            stack = self.client.update_stack(
                stack.id, adopt=clouds, paused=parsed_args.paused
            )
            undo.pop_all()
        return self.show(stack, parsed_args)

    def _abandon(self, stack, error_type, *_):
        """Leave nothing behind."""
        self.client.delete_stack(stack.id)
        if error_type is not None:
            self.app.stderr.write('Nothing was adopted.\n')

    def _clouds(self, parsed_args):
        """The clouds in which to look for a Heat stack."""
        return list(
            dict.fromkeys(
                parsed_args.cloud
                or [cloud.name for cloud in self.client.clouds()]
            )
        )

    def _read(self, stack, parsed_args):
        """Wait until the clouds are read; return those to adopt."""
        read = self.client.wait_for_reads(
            stack,
            callback=self._show_changes(progress),
            wait=parsed_args.timeout,
        )
        if parsed_args.cloud:
            # One that has no stack is an error, and the service says which.
            return self._clouds(parsed_args)
        found, without = [], []
        for member in read.members:
            is_missing = member['state'] == 'MISSING'
            (without if is_missing else found).append(member['cloud'])
        if not found:
            raise exceptions.CommandError(
                f"No cloud has a Heat stack named '{read.stack_name}'."
            )
        if without:
            self.app.stderr.write(
                f'Without {", ".join(without)}: no Heat stack named '
                f"'{read.stack_name}' there.\n"
            )
        return found


def progress(stack):
    """How much is read, in one line."""
    unread = wait.unread(stack)
    read = len(stack.members) - len(unread)
    return f'{stack.name}: {read} of {len(stack.members)} clouds are read'
