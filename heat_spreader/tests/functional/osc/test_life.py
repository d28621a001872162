# SPDX-License-Identifier: Apache-2.0
from heat_spreader.tests.functional.osc import base

WEIGHTS = ('--weight=east=0.6', '--weight=west=0.4')


class TestLife(base.ShellTestCase):
    def test_stack_is_created_changed_and_deleted(self):
        created = self.create('web', *WEIGHTS, '--max=east=7', '--pause')
        self.assertEqual('PENDING', created['status'])
        self.assertEqual({'east': 0.6, 'west': 0.4}, created['weights'])
        self.assertEqual(
            [7, None], [m['max_count'] for m in created['members']]
        )

        self.assertEqual(created, self.ask('stack', 'show', 'web'))
        self.assertEqual(created, self.ask('stack', 'show', created['id']))

        self.run_command('stack', 'set', 'web', '--count=12', '--resume')
        self.run_command('stack', 'set', 'web', '--name=site')
        changed = self.ask('stack', 'show', 'site')
        self.assertEqual((12, False), (changed['count'], changed['paused']))
        self.assertEqual(created['weights'], changed['weights'])
        self.assertEqual(3, changed['generation'])

        events = self.ask('event', 'list', 'site')
        self.assertEqual(
            ['STACK_CREATED', 'STACK_CHANGED', 'STACK_CHANGED'],
            [event['Kind'] for event in events],
        )

        self.assertEqual('', self.run_command('stack', 'delete', 'site'))
        self.assertEqual([], self.ask('stack', 'list'))

    def test_weights_are_set_listed_and_unset(self):
        self.create('web')
        for cloud, weight in (('east', '0.123456'), ('west', '0')):
            result = self.shell.run(
                *('multicloud', 'stack', 'weight', 'set', 'web', cloud),
                f'--weight={weight}',
            )
            self.assertEqual(
                (0, '2 of 10: the weights add up to 0.123456.\n'),
                (result.status, result.err),
            )
        self.assertEqual(
            [('east', 0.123456), ('west', 0.0)],
            [
                (row['Cloud'], row['Weight'])
                for row in self.ask('stack', 'weight', 'list', 'web')
            ],
        )

        self.run_command('stack', 'weight', 'unset', 'web', 'east')
        self.assertEqual(
            {'west': 0.0}, self.ask('stack', 'show', 'web')['weights']
        )

    def test_set_with_weights_replaces_them_all(self):
        self.create('web', *WEIGHTS)

        self.run_command('stack', 'set', 'web', '--weight=north=1')

        self.assertEqual(
            {'north': 1.0}, self.ask('stack', 'show', 'web')['weights']
        )

    def test_set_adds_and_removes_limits_and_keeps_the_others(self):
        self.create('web', *WEIGHTS, '--min=east=1', '--max=east=7')

        self.run_command('stack', 'set', 'web', '--max=east=none')

        east = self.ask('stack', 'show', 'web')['members'][0]
        self.assertEqual((1, None), (east['min_count'], east['max_count']))

    def test_clouds_are_listed_and_shown(self):
        self.create('web', *WEIGHTS)

        rows = self.ask('cloud', 'list')
        self.assertEqual(
            {'east': 1, 'north': 0, 'vault': 0, 'west': 1},
            {row['Name']: row['Stacks'] for row in rows},
        )
        shown = self.ask('cloud', 'show', 'east')
        self.assertEqual(
            ('UNKNOWN', None), (shown['state'], shown['checked_at'])
        )


class TestNames(base.ShellTestCase):
    NAMES = (
        'weights',
        'events',
        'detail',
        '__class__',
        'web.json',
        'délai',
        '名前',
        'مرحبا',
        '🔥🧯',
        'a b',
        '...',
        '%2e%2e',
        'a?b#c&d=e',
        "'",
        '00000000-0000-4000-8000-000000000000',
    )

    def test_stacks_of_any_name_can_be_created_found_changed_and_deleted(self):
        for count, name in enumerate(self.NAMES, start=1):
            stack = self.create(name, '--stack-name=s', count=count)
            self.assertEqual(name, stack['name'])

        for count, name in enumerate(self.NAMES, start=1):
            self.run_command('stack', 'set', name, '--weight=east=1')
            shown = self.ask('stack', 'show', name)
            self.assertEqual((name, count), (shown['name'], shown['count']))
            events = self.ask('event', 'list', name)
            self.assertEqual(2, len(events))
            self.run_command('stack', 'weight', 'unset', name, 'east')

        self.run_command('stack', 'delete', *self.NAMES)
        self.assertEqual([], self.ask('stack', 'list'))

    def test_name_may_start_with_a_dash(self):
        self.create('web')

        self.run_command('stack', 'set', 'web', '--name=-x')

        out = self.run_command('stack', 'show', '-c', 'name', '--', '-x')
        self.assertIn('-x', out)

    def test_id_takes_precedence_over_an_equal_name(self):
        web = self.create('web')
        self.create(web['id'], '--stack-name=s', count=3)

        self.assertEqual('web', self.ask('stack', 'show', web['id'])['name'])

    def test_names_differ_by_case(self):
        self.create('web', count=1)
        self.create('Web', count=2)

        self.assertEqual(2, self.ask('stack', 'show', 'Web')['count'])


class TestForms(base.ShellTestCase):
    def test_a_table_is_for_people(self):
        out = self.run_command(
            'stack',
            'create',
            'web',
            '--count=10',
            '--parameter=size',
            *WEIGHTS,
        )

        self.assertRegex(out, 'web: PENDING, 0 of 10 instances are ready')
        self.assertRegex(out, r'east +0.6 +\? +\? +\? +UNKNOWN')

    def test_json_is_for_programs(self):
        self.create('web', *WEIGHTS)

        (row,) = self.ask('stack', 'list', '--long')
        self.assertEqual({'east': 0.6, 'west': 0.4}, row['Weights'])
        shown = self.ask('stack', 'show', 'web')
        self.assertEqual(
            ['east', 'west'], [member['cloud'] for member in shown['members']]
        )

    def test_every_command_that_shows_something_has_json(self):
        self.create('web', *WEIGHTS)

        for words in (
            ('stack', 'list'),
            ('stack', 'show', 'web'),
            ('stack', 'weight', 'list', 'web'),
            ('event', 'list', 'web'),
            ('cloud', 'list'),
            ('cloud', 'show', 'east'),
        ):
            self.assertTrue(self.ask(*words))


class TestListing(base.ShellTestCase):
    # Less than there are, so that the client must follow the links.
    settings = {'api': {'auth_strategy': 'noauth', 'max_limit': 2}}

    def setUp(self):
        super().setUp()
        for count, name in enumerate(('e', 'd', 'c', 'b', 'a')):
            self.create(name, count=count)
        self.run_command('stack', 'set', 'c', '--weight=east=1')

    def names(self, *options):
        rows = self.ask('stack', 'list', *options)
        return ''.join(row['Name'] for row in rows)

    def test_follows_the_pages_of_the_service(self):
        self.assertEqual('abcde', self.names('--sort=name'))

    def test_sorts(self):
        self.assertEqual('edcba', self.names('--sort=name:desc'))
        self.assertEqual('edcba', self.names('--sort=count'))

    def test_stops_at_a_limit(self):
        self.assertEqual('a', self.names('--sort=name', '--limit=1'))
        self.assertEqual('abc', self.names('--sort=name', '--limit=3'))
        self.assertEqual('abcde', self.names('--sort=name', '--limit=9'))

    def test_continues_after_a_marker(self):
        marker = self.ask('stack', 'show', 'b')['id']

        self.assertEqual(
            'cd', self.names('--sort=name', f'--marker={marker}', '--limit=2')
        )

    def test_filters(self):
        self.assertEqual('b', self.names('--name=b'))
        self.assertEqual('c', self.names('--cloud=east'))
        self.assertEqual('', self.names('--status=degraded'))
        self.assertEqual(
            'abcde', self.names('--status=pending', '--sort=name')
        )

    def test_events_follow_the_pages_too(self):
        for count in range(4):
            self.run_command('stack', 'set', 'a', f'--count={count}')

        events = self.ask('event', 'list', 'a')
        self.assertEqual(5, len(events))
        self.assertEqual('STACK_CREATED', events[0]['Kind'])
        self.assertEqual(
            events[2:], self.ask('event', 'list', 'a', '--limit=3')
        )
        every = self.ask('event', 'list', '--since=1h', '--all-projects')
        self.assertEqual(5 + 5, len(every))
        self.assertEqual(set('abcde'), {event['Stack'] for event in every})
