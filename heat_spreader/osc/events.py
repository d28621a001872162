# SPDX-License-Identifier: Apache-2.0
"""openstack multicloud event list."""

import itertools
import json

from osc_lib import exceptions

from heat_spreader.osc import columns
from heat_spreader.osc import follow
from heat_spreader.osc import options
from heat_spreader.osc import tables
from heat_spreader.osc import when

FIELDS = (
    'id',
    'created_at',
    'kind',
    'stack',
    'cloud',
    'message',
    'request_id',
)
_OF_STACK = (
    ('Age', lambda event: when.age(event.created_at)),
    ('Message', lambda event: event.message),
)
_OF_ALL = (_OF_STACK[0], ('Stack', lambda event: event.stack), _OF_STACK[1])


class ListEvent(tables.Lister):
    """List what happened to stacks and their clouds, newest last

    Without a stack: to all stacks of the project. After a drill the events of
    its cloud are its report.
    """

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument(
            'stack',
            metavar='<stack>',
            nargs='?',
            help='Stack (name or ID; default: all stacks of the project)',
        )
        parser.add_argument(
            '--cloud',
            metavar='<cloud>',
            help='List only events in this cloud; for administrators without '
            'a stack also what happened to the cloud before there were '
            'stacks of the project',
        )
        parser.add_argument(
            '--kind',
            metavar='<kind>',
            type=str.upper,
            help='List only events of this kind, such as CLOUD_STATE',
        )
        parser.add_argument(
            '--since',
            metavar='<time>',
            type=options.since,
            help='List only events from this time on, with its zone, such as '
            '2026-12-01T06:00Z; or of the last time, such as 2h or 1d12h',
        )
        parser.add_argument(
            '--limit',
            metavar='<count>',
            type=options.positive,
            help='List only the newest events, this many (default: all, with '
            f'--follow {follow.FIRST})',
        )
        parser.add_argument(
            '--follow',
            action='store_true',
            help='Then show new events as they happen, one a line, until '
            'Ctrl-C',
        )
        parser.add_argument(
            '--all-projects',
            action='store_true',
            default=None,
            help='List the events of all projects and clouds (administrators '
            'only)',
        )
        self.add_long(
            parser,
            'List all fields, and times in full: also the kind, and the ID '
            'of the request that caused each event, which the logs have too',
        )
        return parser

    def run(self, parsed_args):
        """List, or follow until Ctrl-C."""
        if not parsed_args.follow:
            return super().run(parsed_args)
        with self.plain_errors():
            self._follow(parsed_args)

    def take_action(self, parsed_args):
        """The columns and the rows."""
        list_events = self._query(parsed_args)
        found = list(itertools.islice(list_events(), parsed_args.limit))
        short = _OF_ALL if parsed_args.stack is None else _OF_STACK
        return self.show(parsed_args, found[::-1], short, FIELDS)

    def _query(self, parsed_args):
        """A function that lists the events, newest first.

        Its argument replaces the time of --since.
        """
        stack = parsed_args.stack
        if stack is not None:
            if parsed_args.all_projects:
                raise exceptions.CommandError(
                    '--all-projects is not for the events of one stack.'
                )
            stack = self.client.find_stack(stack)
        query = {
            name: getattr(parsed_args, name)
            for name in ('kind', 'cloud', 'all_projects')
        }
        if parsed_args.limit and not parsed_args.follow:
            query['limit'] = parsed_args.limit

        def list_events(since=parsed_args.since, **more):
            query_now = {**query, 'since': since and when.text(since), **more}
            return self.client.events(
                stack,
                **{k: v for k, v in query_now.items() if v is not None},
            )

        return list_events

    def _follow(self, parsed_args):
        describe = {'table': _line, 'json': _json}.get(parsed_args.formatter)
        if describe is None:
            raise exceptions.CommandError(
                '--follow shows lines or, with -f json, one object a line.'
            )
        for event in follow.follow(
            self._query(parsed_args), self.client, parsed_args.limit
        ):
            self.app.stdout.write(f'{describe(event)}\n')
            self.app.stdout.flush()


def _line(event):
    of = f'{event.stack}: ' if event.stack else ''
    return f'{event.created_at} {of}{event.message}'


def _json(event):
    values = (getattr(event, field) for field in FIELDS)
    titles = columns.titles(FIELDS)
    return json.dumps(dict(zip(titles, values, strict=True)))
