# SPDX-License-Identifier: Apache-2.0
"""No statement of the engine's loop or of a list reads a whole table.

The statements are those that the functions send. Those that add up all rows,
for the metrics and for the list of clouds, are left out.
"""

import contextlib
import datetime
import itertools

import sqlalchemy as sa

from heat_spreader import exception
from heat_spreader import states
from heat_spreader.db import clouds
from heat_spreader.db import engines
from heat_spreader.db import events
from heat_spreader.db import leases
from heat_spreader.db import members
from heat_spreader.db import models
from heat_spreader.db import purge
from heat_spreader.db import session
from heat_spreader.db import stacks
from heat_spreader.planning import facts
from heat_spreader.planning import specification
from heat_spreader.tests.functional.db import base
from heat_spreader.tests.functional.db import plans

load_tests = base.load_tests

STACKS = 1000
NAMES = [f'cloud{number}' for number in range(100)]
NOW = models.utcnow()


def _row(number):
    """A stack of one of four projects; one in a hundred needs work."""
    works = number % 100 == 0
    return {
        'id': f'00000000-0000-0000-0000-{number:012}',
        'project_id': f'p{number % 4}',
        'name': f'web{number}',
        'stack_name': f'web{number}',
        'count_parameter': 'size',
        'count': number % 50,
        'failover': 'even',
        'status': 'ERROR' if works else 'ACTIVE',
        'due_at': models.DUE_NOW if works else None,
        'lease_owner': 'one' if number == 7 else None,
        'created_at': NOW + datetime.timedelta(seconds=number),
    }


ROWS = [_row(number) for number in range(STACKS)]
PROJECTS = {row['id']: row['project_id'] for row in ROWS}
ID = ROWS[STACKS // 2]['id']


@session.writer
def fill(ctx):
    """Create stacks, two members of each, and two events of each member."""
    of_stacks = [
        {
            'stack_id': row['id'],
            'stack_name': row['name'],
            'cloud': NAMES[(number + shift) % len(NAMES)],
        }
        for number, row in enumerate(ROWS)
        for shift in (0, 1)
    ]
    happened = [
        {
            'stack_id': row['stack_id'],
            'project_id': PROJECTS[row['stack_id']],
            'cloud': row['cloud'],
            'kind': states.EventKind.MEMBER_PATCHED,
            'message': 'm',
            'details': {},
            'created_at': NOW,
        }
        for row in of_stacks * 2
    ]
    # Into the table: for an object, NULL would be the default of the column.
    ctx.session.execute(sa.insert(models.Stack.__table__), ROWS)
    ctx.session.execute(
        sa.insert(models.Member),
        [
            {**row, 'weight': 0, 'owned_heat_id': f'h{number}'}
            for number, row in enumerate(of_stacks)
        ],
    )
    ctx.session.execute(sa.insert(models.Event), happened)


@base.on_every_database(base.SchemaTestCase)
class Plans:
    def setUp(self):
        super().setUp()
        fill(self.ctx)
        plans.analyze()

    def check(self, *calls, sorts=True):
        """No statement of the calls has a problem.

        :param sorts: whether they may sort what they have found
        """
        for number, call in enumerate(calls):
            with plans.captured() as statements:
                call()
            self.assertNotEqual([], statements)
            for statement, parameters in statements:
                if statement.startswith('INSERT'):
                    continue
                found = plans.problems(statement, parameters)
                if sorts or 'LIMIT' not in statement:
                    found = [each for each in found if each != 'sort']
                self.assertEqual([], found, f'{number}: {statement}')

    def test_engine_finds_its_work_by_an_index(self):
        row = stacks.load(self.ctx, [ID])[0][0]
        self.check(
            lambda: leases.due(self.ctx, NOW, 'one', 10),
            lambda: leases.waiting_since(self.ctx, NOW),
            lambda: stacks.load(self.ctx, [ID, ROWS[1]['id']]),
            lambda: members.list_in(self.ctx, NAMES[0]),
            lambda: members.has_stale(self.ctx, NAMES[0]),
            lambda: leases.claim_all(self.ctx, [row], 'two'),
            lambda: leases.settle_all(
                self.ctx,
                [
                    leases.Settlement(
                        row,
                        'two',
                        {'status': 'ACTIVE'},
                        {NAMES[0]: {'heat_id': 'h1', 'target': 1}},
                    )
                ],
            ),
        )

    def test_survey_finds_its_rows_by_an_index(self):
        changes = [
            (
                facts.Member(
                    stack_id=row.stack_id,
                    stack_name=row.stack_name,
                    count_parameter=row.count_parameter,
                    cloud=facts.Cloud(NAMES[0]),
                    part=specification.Part(NAMES[0], 1),
                    version=row.known_at,
                ),
                members.heat_values(facts.HeatStack(id='new')),
            )
            for row in members.in_cloud(self.ctx, NAMES[0], [ID])
        ]
        self.check(
            lambda: members.in_cloud(
                self.ctx, NAMES[0], [ID, ROWS[1]['id']], idle=True
            ),
            lambda: members.save(self.ctx, NAMES[0], changes),
            lambda: clouds.find_stacks(self.ctx, NAMES[0]),
            lambda: clouds.make_due(self.ctx, [ID]),
        )

    def test_leases_and_old_events_are_found_by_an_index(self):
        self.check(
            lambda: engines.lease_owners(self.ctx),
            lambda: engines.free(self.ctx, ['one']),
            lambda: engines.get_all(self.ctx),
            lambda: purge.older_than(
                self.ctx, NOW - datetime.timedelta(days=1)
            ),
            lambda: purge.beyond(self.ctx, 10**6),
        )

    def test_user_changes_a_stack_by_an_index(self):
        weights = base.weights(cloud1='1')
        self.check(
            lambda: base.create_stack(self.ctx, weights=weights),
            lambda: stacks.get(self.ctx, ID),
            lambda: stacks.update(self.ctx, ID, {'count': 3}),
            lambda: stacks.delete(self.ctx, ID),
        )

    def test_pages_are_walked_through_an_index_without_a_sort(self):
        for key, direction, project, marker in itertools.product(
            ('created_at', 'updated_at', 'name', 'status', 'count'),
            ('asc', 'desc'),
            ('p0', None),
            (None, ID),
        ):
            query = {
                'sort_key': key,
                'sort_dir': direction,
                'project_id': project,
                'marker': marker,
            }
            self.check(self.page(**query), sorts=False)

    def page(self, **query):
        return lambda: stacks.get_all(self.ctx, limit=5, **query)

    def test_filters_are_by_an_index(self):
        filters = (
            {'name': 'web500'},
            {'status': 'ERROR'},
            {'survives': False},
            {'cloud': NAMES[0]},
            {'cloud': NAMES[0], 'status': 'ERROR', 'name': 'web500'},
        )
        for wanted, project, marker in itertools.product(
            filters, ('p0', None), (None, ID)
        ):
            query = {**wanted, 'project_id': project, 'marker': marker}
            self.check(self.page(**query))

    def test_pages_of_events_are_by_an_index(self):
        stack = stacks.get(self.ctx, ID)
        marker = events.get_of_stack(self.ctx, stack, limit=1)[0].id
        filters = (
            {},
            {'marker': marker},
            {'kind': states.EventKind.MEMBER_PATCHED},
            {'cloud': NAMES[0]},
            {'since': NOW - datetime.timedelta(minutes=1)},
        )
        for wanted, direction in itertools.product(filters, ('asc', 'desc')):
            query = {'limit': 5, 'sort_dir': direction, **wanted}
            self.check(*self.pages_of_events(stack, **query))

    def pages_of_events(self, stack, **query):
        yield lambda: self.found(events.get_of_stack, stack, **query)
        yield lambda: self.found(events.get_of_project, 'p0', **query)
        yield lambda: self.found(
            events.get_of_project, 'p0', NAMES[0], **query
        )
        yield lambda: self.found(events.get_all, **query)
        if 'cloud' not in query:
            yield lambda: self.found(events.get_of_cloud, NAMES[0], **query)

    def found(self, function, *args, **query):
        # The marker is that of an event of a stack.
        with contextlib.suppress(exception.MarkerNotFound):
            function(self.ctx, *args, **query)

    def test_stacks_in_a_report_are_found_by_an_index(self):
        self.check(lambda: events.own_stacks(self.ctx, 'p0', [ID]))
