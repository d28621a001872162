# SPDX-License-Identifier: Apache-2.0
from unittest import mock

import requests

from heat_spreader import exception
from heat_spreader.tests.functional.osc import base

NOBODY = '00000000-0000-4000-8000-000000000000'


class TestServiceErrors(base.ShellTestCase):
    def setUp(self):
        super().setUp()
        self.create('web', '--weight=east=0.5')

    def assertSaid(self, sentence, *words):
        """The command fails with a message and changes nothing."""
        before = self.ask('stack', 'list', '--long')

        output = self.fails(*words)

        self.assertIn(sentence, output)
        self.assertEqual(1, len(output.splitlines()))
        self.assertEqual(before, self.ask('stack', 'list', '--long'))

    def create_words(self, name, *words):
        return (
            'stack',
            'create',
            name,
            '--count=3',
            '--parameter=size',
            *words,
        )

    def test_the_request_id_is_shown(self):
        output = self.fails('stack', 'set', 'web', '--weight=nowhere=1')

        self.assertRegex(output, r'\(HTTP 400, request req-[0-9a-f-]{36}\)')

    def test_400_weights_over_1(self):
        self.assertSaid(
            'The weights add up to 1.1, which is more than 1. (HTTP 400',
            *('stack', 'weight', 'set', 'web', 'west', '--weight=0.6'),
        )

    def test_400_minimums_over_the_count(self):
        self.assertSaid(
            'The min_counts add up to 11',
            *('stack', 'set', 'web', '--min=east=11'),
        )

    def test_400_a_minimum_over_the_maximum(self):
        self.assertSaid(
            'the min_count 2 is greater than the max_count 1',
            *('stack', 'set', 'web', '--min=east=2', '--max=east=1'),
        )

    def test_400_a_limit_without_a_weight(self):
        self.assertSaid(
            "The cloud 'west' has limits but no weight",
            *('stack', 'set', 'web', '--min=west=1'),
        )

    def test_400_an_unknown_cloud(self):
        self.assertSaid(
            "There is no cloud 'sparta'. Clouds that can be used: east",
            *self.create_words('new', '--weight=sparta=1'),
        )

    def test_400_a_name_that_heat_rejects(self):
        self.assertSaid(
            "The name '🔥' cannot be the name of a Heat stack",
            *self.create_words('🔥'),
        )

    def test_400_a_name_with_a_slash(self):
        self.assertSaid('name must be', *('stack', 'set', 'web', '--name=a/b'))

    def test_400_a_count_that_is_too_large(self):
        self.assertSaid(
            'count must be a whole number from 0 to 1000000',
            *('stack', 'set', 'web', '--count=1000001'),
        )

    def test_400_an_unknown_marker(self):
        self.assertSaid(
            f"The marker '{NOBODY}' is not the ID of an item",
            *('stack', 'list', f'--marker={NOBODY}'),
        )

    def test_400_an_invalid_status(self):
        self.assertSaid(
            'status must be one of PENDING, SCALING',
            *('stack', 'list', '--status=sleepy'),
        )

    def test_400_an_invalid_sort_key(self):
        self.assertSaid(
            'sort_key must be one of', *('stack', 'list', '--sort=mood')
        )

    def test_404_a_stack(self):
        for words in (
            ('stack', 'show'),
            ('stack', 'set', '--count=1'),
            ('event', 'list'),
            ('stack', 'weight', 'list'),
        ):
            for name in ('gone', NOBODY):
                self.assertSaid(f"There is no stack '{name}'.", *words, name)

    def test_404_is_answered_with_the_nearest_names(self):
        for name, words in (
            ('web', ('stack', 'show', 'wbe')),
            ('web', ('stack', 'delete', 'webb')),
            ('east', ('cloud', 'show', 'esat')),
            ('east', ('stack', 'weight', 'unset', 'web', 'esat')),
            ('east', ('stack', 'explain', 'web', 'esat')),
            ('east', ('stack', 'weight', 'set', 'web', 'esat', '0')),
        ):
            self.assertIn(f"Did you mean '{name}'", self.fails(*words))

    def test_400_a_filter_by_a_cloud_that_does_not_exist(self):
        for words in (
            ('stack', 'list', '--cloud=esat'),
            ('event', 'list', '--cloud=esat'),
            ('event', 'list', 'web', '--cloud=esat'),
        ):
            self.assertSaid(
                "There is no cloud 'esat'. Did you mean 'east'", *words
            )

    def test_404_a_cloud(self):
        self.assertSaid(
            "There is no cloud 'sparta'.", *('cloud', 'show', 'sparta')
        )

    def test_404_the_weight_of_a_cloud(self):
        self.assertSaid(
            "The stack 'web' has no weight for the cloud 'west'.",
            *('stack', 'weight', 'unset', 'web', 'west'),
        )

    def test_404_a_cloud_to_give_a_weight(self):
        for cloud in ('sparta', 'a?b', '%2e%2e', '../..', '🔥'):
            self.assertSaid(
                'There is no',
                *('stack', 'weight', 'set', 'web', cloud, '--weight=0'),
            )

    def test_409_a_name_that_is_taken(self):
        self.assertSaid(
            "The project already has a stack named 'web'. (HTTP 409",
            *self.create_words('web'),
        )

    def test_500_and_503(self):
        for error, sentence in (
            (
                RuntimeError('secret'),
                'An unexpected error occurred. (HTTP 500',
            ),
            (exception.Unavailable(), 'Try again later. (HTTP 503'),
        ):
            with mock.patch(
                'heat_spreader.db.stacks.get_all',
                side_effect=error,
                autospec=True,
            ):
                self.assertIn(sentence, self.fails('stack', 'list'))

    def test_every_failed_delete_is_reported_and_the_others_are_made(self):
        self.create('two')

        result = self.shell.run(
            *('multicloud', 'stack', 'delete', 'gone', 'web', 'lost', 'two')
        )

        self.assertEqual(1, result.status)
        self.assertEqual(2, result.out.count(': no longer managed; '))
        self.assertEqual(
            [
                "Failed to delete the stack 'gone': There is no stack 'gone'.",
                "Failed to delete the stack 'lost': There is no stack 'lost'.",
                '2 of 4 stacks failed to delete.',
            ],
            result.err.splitlines(),
        )
        self.assertEqual([], self.ask('stack', 'list'))


class TestCommandLineErrors(base.ShellTestCase):
    def assertRefused(self, sentence, *words):
        result = self.shell.run('multicloud', *words)

        self.assertEqual((2, ''), (result.status, result.out))
        self.assertIn(sentence, result.err.replace('\n', ' '))

    def test_invalid_values_are_reported_with_their_option(self):
        for option, sentence in (
            (
                '--weight=east=2',
                "for the cloud 'east': the weight '2' is more",
            ),
            ('--weight=east', "'east' is not of the form CLOUD=VALUE"),
            ('--weight=east=0.1234567', 'more than six decimal places'),
            ('--min=east=-1', "'-1' is not a whole number"),
            ('--max=east=all', "'all' is not a whole number"),
            ('--failover=odd', "invalid choice: 'odd'"),
            ('--count=-1', "'-1' is not a whole number"),
            ('--timeout=0', "'0' is not a whole number, 1 or more"),
        ):
            name = option.split('=')[0]
            self.assertRefused(
                f'argument {name}: ', 'stack', 'set', 'web', option
            )
            self.assertRefused(sentence, 'stack', 'set', 'web', option)

    def test_an_unknown_option_is_answered_with_the_nearest(self):
        # Before what is missing: it was to give the count.
        self.assertRefused(
            "unknown option '--cuont'. Did you mean '--count'",
            *('stack', 'create', 'web', '--cuont=3', '--parameter=size'),
        )

    def test_a_cloud_that_is_given_twice_is_reported(self):
        self.assertRefused(
            "argument --weight: the cloud 'east' is given more than once",
            *('stack', 'set', 'web', '--weight=east=0', '--weight=east=1'),
        )


class TestOptionErrors(base.ShellTestCase):
    def options(self):
        return ('--os-auth-type=none',)

    def test_a_missing_endpoint_is_reported_with_its_option(self):
        output = self.fails('stack', 'list')

        self.assertIn('Set it with --os-endpoint, OS_ENDPOINT', output)


class TestConnectionErrors(base.ShellTestCase):
    def options(self):
        return ('--os-auth-type=none', '--os-endpoint=http://127.0.0.1:9')

    def test_an_unreachable_service_is_reported_with_its_address(self):
        output = self.fails('stack', 'list')

        self.assertIn('http://127.0.0.1:9', output)
        self.assertNotIn('Traceback', output)

    def test_service_that_does_not_answer_in_time_is_reported(self):
        for exc in (requests.ConnectTimeout, requests.ReadTimeout):
            with mock.patch(
                'requests.Session.request', autospec=True, side_effect=exc
            ):
                output = self.fails('stack', 'list')

            self.assertIn('http://127.0.0.1:9', output)
            self.assertNotIn('Traceback', output)
