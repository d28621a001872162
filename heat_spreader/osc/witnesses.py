# SPDX-License-Identifier: Apache-2.0
"""openstack multicloud witness list."""

from osc_lib.cli import format_columns

from heat_spreader.osc import columns
from heat_spreader.osc import tables
from heat_spreader.osc import when

LISTED = ('name', 'url', 'near', 'answered_at', 'latency', 'answers')
_FORMATS = {
    'near': format_columns.ListColumn,
    'latency': columns.Seconds,
    'answers': columns.Answers,
}


def _answers(witness):
    return '\n'.join(
        f'{answer["cloud"]} {answer["vote"]} {when.age(answer["asked_at"])} '
        'ago' + (f': {answer["problem"]}' if answer['problem'] else '')
        for answer in witness.answers or []
    )


def _answered(witness):
    time = witness.answered_at
    return f'{when.age(time)} ago' if time else 'never'


_SHORT = (
    ('Name', lambda witness: witness.name),
    ('Near', lambda witness: ', '.join(witness.near or [])),
    ('Answered', _answered),
    ('Latency', lambda witness: columns.Seconds(witness.latency)),
    ('Answers', _answers),
)


class ListWitness(tables.Lister):
    """List the witnesses and what they said last (administrators only)

    A witness is asked about a cloud only if the engine cannot reach it. To ask
    all of them now, run heat-spreader-manage witness check.
    """

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        self.add_long(parser)
        return parser

    def take_action(self, parsed_args):
        """The columns and the rows."""
        found = self.client.witnesses()
        return self.show(parsed_args, found, _SHORT, LISTED, _FORMATS)
