# SPDX-License-Identifier: Apache-2.0
"""openstack multicloud stack preview and explain, and --dry-run."""

from cliff import columns as cliff_columns
from osc_lib import exceptions
from osc_lib import utils

from heat_spreader import suggest
from heat_spreader.osc import columns
from heat_spreader.osc import command
from heat_spreader.osc import specification

# What a command shows that only changes something.
NOTHING = ((), ())
_FIELDS = (
    'stack_id',
    'name',
    'count',
    'placed',
    'unplaced',
    'members',
    'waves',
    'status',
    'status_reason',
    'suggestions',
    'refusals',
    'notes',
)


class Sentences(cliff_columns.FormattableColumn):
    """Sentences, one below the other."""

    def human_readable(self):
        return '\n'.join(self._value or [])


class Suggestions(Sentences):
    """What is suggested, for people as sentences."""

    def human_readable(self):
        return '\n'.join(each['sentence'] for each in self._value or [])


class Members(Sentences):
    """The members, with their targets now and then."""

    def human_readable(self):
        return '\n'.join(map(_member, self._value or []))


class Waves(Sentences):
    """The updates of each wave, with the number of the wave."""

    def human_readable(self):
        return '\n'.join(
            f'{number}. {update["cloud"]} {update["old"]} -> '
            f'{update["new"]}, because {update["why"]}'
            for number, wave in enumerate(self._value or [], 1)
            for update in wave
        )


def _member(member):
    before, after = member['target_now'], member['target_then']
    target = after if before in (None, after) else f'{before} -> {after}'
    parts = [f'{member["cloud"]}: target {target}', _known(member)]
    weight = columns.plain(member['weight'])
    effective = columns.plain(member['effective_weight'])
    if effective != weight:
        weight += f' (then {effective})'
    parts.append(f'weight {weight}')
    if member['state'] != 'OK':
        parts.append(member['state'])
    return ', '.join(parts)


def _known(member):
    """What is there now, as far as it was read."""
    if member['count'] is None:
        return 'count unknown'
    ready = member['ready']
    known = 'ready unknown' if ready is None else f'{ready} ready'
    return f'count {member["count"]}, {known}'


_FORMATTERS = {
    'members': Members,
    'waves': Waves,
    'suggestions': Suggestions,
    'refusals': Sentences,
    'notes': Sentences,
}


def show(preview, fields=_FIELDS):
    """The columns of a preview."""
    row = utils.get_item_properties(preview, fields, formatters=_FORMATTERS)
    return fields, columns.known(row)


class DryRun:
    """A command that can show what it would do instead of doing it."""

    def add_dry_run(self, parser):
        """Add --dry-run."""
        parser.add_argument(
            '--dry-run',
            action='store_true',
            help='Change nothing: show what the engine would do, as "stack '
            'preview" does',
        )

    def is_dry_run(self, parsed_args):
        """Whether nothing must be changed.

        :raises CommandError: if it is to wait for that
        """
        if parsed_args.dry_run and parsed_args.wait:
            raise exceptions.CommandError(
                'With --dry-run nothing is changed, so there is nothing to '
                '--wait for.'
            )
        return parsed_args.dry_run

    def preview(self, stack, attributes):
        """Show what new attributes would do to a stack, None for a new one."""
        return show(self.client.preview_stack(stack, **attributes))

    def produce_output(self, parsed_args, column_names, data):
        """Print something only where there is something to show.

        Programs get an empty object.
        """
        if column_names or parsed_args.formatter != 'table':
            super().produce_output(parsed_args, column_names, data)


class PreviewStack(command.ShowOne):
    """Show what a change of a stack would do, or what would happen to it

    Nothing is changed, and no cloud is asked. Without options it shows what
    the engine is about to do now.
    """

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument(
            'stack', metavar='<stack>', help='Stack (name or ID)'
        )
        for name, text in (
            ('down', 'is lost: the surveys find it DOWN'),
            ('drained', 'is drained by an administrator'),
            (
                'back',
                'is in full service: UP, with nothing ordered or declared by '
                'an administrator',
            ),
        ):
            parser.add_argument(
                f'--{name}',
                metavar='<cloud>',
                action='append',
                help=f'Assume that this cloud {text} (repeat for several '
                'clouds)',
            )
        specification.add_changes(parser)
        return parser

    def take_action(self, parsed_args):
        stack = self.client.find_stack(parsed_args.stack)
        assumed = {
            name: list(dict.fromkeys(clouds))
            for name in ('down', 'drained', 'back')
            if (clouds := getattr(parsed_args, name))
        }
        return show(
            self.client.preview_stack(
                stack,
                **specification.changes(parsed_args, stack),
                **assumed,
            )
        )


class Explanation(cliff_columns.FormattableColumn):
    """Why a member has its target, and what holds it where it is."""

    def human_readable(self):
        member = self._value
        return '\n'.join(
            (*member['why'], f'Now: {_known(member)}.', *member['waits'])
        )

    def machine_readable(self):
        member = self._value
        return {
            'target': member['target_then'],
            **{name: member[name] for name in ('count', 'ready', 'state')},
            'why': member['why'],
            'waits': member['waits'],
        }


class ExplainStack(command.ShowOne):
    """Explain the target of each member, and what holds the member now"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument(
            'stack', metavar='<stack>', help='Stack (name or ID)'
        )
        parser.add_argument(
            'cloud',
            metavar='<cloud>',
            nargs='?',
            help='Explain only the member in this cloud',
        )
        return parser

    def take_action(self, parsed_args):
        stack = self.client.find_stack(parsed_args.stack)
        members = {
            member['cloud']: Explanation(member)
            for member in self.client.preview_stack(stack).members
        }
        cloud = parsed_args.cloud
        if cloud is not None:
            if cloud not in members:
                question = suggest.did_you_mean(cloud, members)
                listed = f'It has: {", ".join(members) or "none"}.'
                raise exceptions.CommandError(
                    f"The stack '{stack.name}' has no weight for the cloud "
                    f"'{cloud}'. {f'{question} {listed}'.strip()}"
                )
            members = {cloud: members[cloud]}
        return tuple(members), tuple(members.values())
