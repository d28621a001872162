# SPDX-License-Identifier: Apache-2.0
"""Every command that shows something, with long values, fits the terminal."""

import importlib.metadata

import fixtures as testing_fixtures
import sqlalchemy as sa
from cliff import display

from heat_spreader.db import models
from heat_spreader.db import session
from heat_spreader.tests.functional.engine import base
from heat_spreader.tests.functional.osc import test_pages
from heat_spreader.tests.unit.sdk import fixtures

CLOUDS = ('north-europe-1', 'south-europe-1', 'west-africa-01')
FIRST, SECOND, THIRD = CLOUDS
STACK = 'storefront-production'
WITNESS = 'office-valencia'
UNTIL = '2999-12-01T06:00Z'
REASON = (
    'change CHG0031337: the switches of the second fire compartment are '
    'replaced, see https://wiki.example.org/display/operations/change/31337'
)
LIMITS = {
    'instances': {'used': 12, 'maximum': 20},
    'cores': {'used': 48, 'maximum': None},
    'ram': {'used': 98304, 'maximum': 204800},
    'read_at': '2026-11-30T06:00:00+00:00',
}
_NEW = ('--count=4', '--parameter=count', f'--weight={THIRD}=1')
_READ = (f'--cloud={FIRST}', f'--cloud={SECOND}')
# The words after each command that shows a list or one thing, a tuple for
# each time that it is run.
SHOWING = {
    'cloud list': [(), ('--long',)],
    'cloud readiness': [(), ('--long',), (FIRST,)],
    'cloud show': [(name,) for name in CLOUDS],
    'engine list': [(), ('--long',)],
    'event list': [(), (STACK,), ('--long',)],
    'stack adopt': [('old', '--parameter=count', '--dry-run', *_READ)],
    'stack create': [('new', *_NEW, '--dry-run'), ('storefront-new', *_NEW)],
    'stack explain': [(STACK,), (STACK, THIRD)],
    'stack list': [(), ('--long',), ('--all-projects',)],
    'stack preview': [(STACK, f'--down={FIRST}', '--count=40')],
    'stack set': [(STACK, '--count=20', '--dry-run')],
    'stack show': [(STACK,), (STACK, '-c', 'members', '-c', 'readiness')],
    'stack weight list': [(STACK,), (STACK, '--long')],
    'stack weight set': [(STACK, FIRST, '0.4', '--dry-run')],
    'witness list': [(), ('--long',)],
}


class TestWidths(test_pages.PageTestCase):
    """A cloud that is lost and declared, one that is drained, and plans."""

    wanted = {'name': STACK, 'stack_name': 'web'}
    health = {'witnesses': [WITNESS]}

    def setUp(self):
        self.useFixture(
            testing_fixtures.MonkeyPatch(f'{base.__name__}.NAMES', CLOUDS)
        )
        super().setUp()
        # The engine works whenever a command waits for it.
        self.useFixture(fixtures.Clock(self.engine.turn))
        self.shell.options += ('--quiet',)
        for each in self.clouds.values():
            each.add_stack('old', 2)
        order = ('--reason', REASON, '--until', UNTIL)
        for words in (
            ('cloud', 'set', SECOND, '--drain', '--force', *order),
            ('cloud', 'set', THIRD, '--declare', 'down', *order),
            ('cloud', 'set', FIRST, '--cordon', '--from=2999-11-01T06:00Z'),
            ('stack', 'weight', 'set', STACK, FIRST, '--cordon', *order),
        ):
            result = self.shell.run('multicloud', *words)
            self.assertEqual((0, ''), (result.status, result.err))
        self.lose(THIRD)
        self.engine.reconcile()
        with session.get_engine().begin() as connection:
            connection.execute(sa.update(models.Cloud).values(limits=LIMITS))
            connection.execute(
                sa.update(models.Engine).values(
                    host='controller-03.rack-12.north-europe-1.example.org'
                )
            )

    def more_options(self):
        url = 'http://127.0.0.1:9/probe/of/the/office/in/valencia'
        return {
            **super().more_options(),
            f'witness_{WITNESS}': {'url': url, 'near': [FIRST]},
        }

    def test_every_command_that_shows_something_has_words_here(self):
        entries = importlib.metadata.entry_points(
            group='openstack.multicloud.v1'
        )
        self.assertEqual(
            sorted(SHOWING),
            sorted(
                entry.name.removeprefix('multicloud_').replace('_', ' ')
                for entry in entries
                if issubclass(entry.load(), display.DisplayCommandBase)
            ),
        )

    def test_no_line_is_wider_than_the_terminal(self):
        for command, each in SHOWING.items():
            for words in each:
                self.page(*command.split(), *words)

    def test_nothing_is_shortened_for_programs(self):
        self.useFixture(testing_fixtures.EnvironmentVariable('COLUMNS', '40'))
        shown = self.shell.run(
            *('multicloud', 'cloud', 'show', SECOND),
            *('-f', 'value', '-c', 'admin_reason'),
        )
        self.assertEqual(f'{REASON}\n', shown.out)
        for form in 'json', 'csv', 'yaml', 'value':
            listed = self.shell.run(
                'multicloud', 'stack', 'weight', 'list', STACK, '-f', form
            )
            self.assertIn('UNREACHABLE', listed.out)
            self.assertNotIn(' -> ', listed.out)
