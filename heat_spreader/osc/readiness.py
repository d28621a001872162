# SPDX-License-Identifier: Apache-2.0
"""openstack multicloud cloud readiness, and the readiness of a stack."""

from cliff import columns as cliff_columns
from osc_lib import utils

from heat_spreader.osc import columns
from heat_spreader.osc import tables

LISTED = (
    'name',
    'stacks',
    'instances',
    'moves',
    'estimates',
    'unplaced',
    'stacks_harmed',
    'frozen',
)
SHOWN = (*LISTED, 'harmed')


def sentence(readiness):
    """Whether a stack survives the loss of a cloud, and why not.

    :param readiness: as the API has it
    """
    survives = readiness['survives']
    if survives is None:
        return 'not known yet'
    begin = 'survives the loss of any one cloud'
    if survives:
        return f'{begin}: yes'
    harm = [
        f'without {cloud} {number} would not be replaced'
        if cloud in readiness['frozen']
        else f'without {cloud} {number} would have no place'
        for cloud, number in readiness['unplaced'].items()
    ]
    return f'{begin}: no, {", ".join(harm)}'


class Readiness(cliff_columns.FormattableColumn):
    """Whether a stack survives the loss of a cloud, in one sentence."""

    def human_readable(self):
        return sentence(self._value) if self._value else ''


class Moves(cliff_columns.FormattableColumn):
    """How many more each cloud would have to take: berlin +4, cairo +2."""

    def human_readable(self):
        return ', '.join(
            f'{cloud} +{number}'
            for cloud, number in sorted((self._value or {}).items())
        )


class Estimates(cliff_columns.FormattableColumn):
    """Whether there is room for these, a line for each cloud."""

    def human_readable(self):
        return '\n'.join(
            _estimate(cloud, each)
            for cloud, each in sorted((self._value or {}).items())
        )


# The units of the limits.
_UNITS = {'instances': 'instances', 'cores': 'cores', 'ram': 'MiB of RAM'}


def _estimate(cloud, each):
    room = f'{cloud} has room for {each["free"]} {_unit(each)}'
    if each['lacking']:
        room += f', {each["lacking"]} too few'
    found = f'{room}: estimated from the limits of Nova at {each["read_at"]}'
    if each['unknown']:
        found += f', stacks of unknown flavor: {each["unknown"]}'
    return found


def _unit(each):
    return _UNITS.get(each['limit'], each['limit'])


class Limits(cliff_columns.FormattableColumn):
    """The limits of a cloud, a line each."""

    def human_readable(self):
        limits = dict(self._value or {})
        read_at = limits.pop('read_at', None)
        lines = [
            f'{name} {each["used"]} of '
            f'{"no limit" if each["maximum"] is None else each["maximum"]}'
            for name, each in limits.items()
        ]
        return '\n'.join([*lines, f'read at {read_at}'] if lines else [])


class Harmed(cliff_columns.FormattableColumn):
    """The stacks of which instances would have no place, a line each."""

    def human_readable(self):
        return '\n'.join(
            f'{each["name"]} ({each["id"]}): {each["unplaced"]}'
            for each in self._value or []
        )


_FORMATS = {'moves': Moves, 'estimates': Estimates, 'harmed': Harmed}


def _no_place(lost):
    return f'{lost.unplaced}, frozen' if lost.frozen else lost.unplaced


def _too_few(lost):
    return ', '.join(
        f'{cloud} {each["lacking"]} {_unit(each)}'
        for cloud, each in sorted((lost.estimates or {}).items())
        if each['lacking']
    )


_SHORT = (
    ('Lost', lambda lost: lost.name),
    ('Stacks', lambda lost: lost.stacks),
    ('Instances', lambda lost: lost.instances),
    ('Others Take', lambda lost: Moves(lost.moves).human_readable()),
    ('No Place', _no_place),
    ('Lacking', _too_few),
)


class ShowReadiness(tables.Lister):
    """Show what the loss of a cloud would do (administrators only)

    How many stacks would fail over, how many instances each other cloud would
    have to take, and how many would have no place.
    """

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument(
            'cloud',
            metavar='<cloud>',
            nargs='?',
            help='Show only this cloud, with the stacks of which instances '
            'would have no place (default: every cloud)',
        )
        self.add_long(parser, 'List all fields, also the estimates in full')
        return parser

    def take_action(self, parsed_args):
        if parsed_args.cloud is None:
            found = self.client.clouds_readiness()
            return self.show(parsed_args, found, _SHORT, LISTED, _FORMATS)
        found = self.client.cloud_readiness(parsed_args.cloud)
        return columns.titles(SHOWN), [
            columns.known(
                utils.get_item_properties(found, SHOWN, formatters=_FORMATS)
            )
        ]
