# SPDX-License-Identifier: Apache-2.0
"""How Cloud interprets answers, without a network."""

import json
import urllib.parse

import hypothesis
import requests
from hypothesis import strategies as st
from oslotest import base

from heat_spreader import exception
from heat_spreader.clouds import answer
from heat_spreader.clouds import cloud
from heat_spreader.clouds import failure

ID = '0718d6a4-60f2-4a81-b2b0-c882e6044e8b'


class FakeHeat:
    """Gives the same answer to everything and remembers the requests."""

    catalog_address = None

    session = None

    def __init__(self, body, status=200):
        self.content = body
        self.status = status
        self.asked = []

    def request(self, path, method, **kwargs):
        self.asked.append((method, path, kwargs))
        response = requests.Response()
        response.status_code = self.status
        response.url = 'http://heat.example/v1/p/stacks?name=theirs'
        response._content = self.content
        if not isinstance(self.content, bytes):
            response._content = json.dumps(self.content).encode()
        return response


def make_cloud(body, status=200):
    heat = FakeHeat(body, status)
    return cloud.Cloud('east', lambda: heat, 60), heat


def row(**changes):
    return {
        'id': ID,
        'stack_name': 'web',
        'stack_status': 'CREATE_COMPLETE',
        'updated_time': None,
        **changes,
    }


def shown(parameters):
    return {'stack': row(parameters=parameters)}


class TestCount(base.BaseTestCase):
    def count(self, value):
        east, _ = make_cloud(shown({'count': value}))
        return east.read_stack('web', ID, 'count').count

    def test_count_is_read_from_text_and_from_numbers(self):
        for value in ('6', 6, 6.0, '6.0', '006'):
            self.assertEqual(6, self.count(value), value)
        self.assertEqual(0, self.count('0'))

    def test_number_parameters_are_named_where_there_is_none_of_the_name(
        self,
    ):
        for parameters, problem in (
            (
                {'counts': '6', 'flavor': 'm1', 'OS::x': '1', 'a\n': 2},
                'does not exist; the number parameters of the stack are '
                "'counts', 'a'",
            ),
            (
                {f'p{n}': n for n in range(6)},
                'does not exist; the number parameters of the stack are '
                "'p0', 'p1', 'p2', 'p3' and 2 more",
            ),
            (
                {'secret': '******'},
                'does not exist, and the stack has no number parameter',
            ),
        ):
            east, _ = make_cloud(shown(parameters))
            found = east.read_stack('web', ID, 'count')
            self.assertEqual(
                (None, problem), (found.count, found.count_problem)
            )

    def test_what_is_wrong_with_the_parameter_fits_its_column(self):
        east, _ = make_cloud(shown({f'{n}' * 255: n for n in range(9)}))
        found = east.read_stack('web', ID, 'count')

        self.assertLess(len(found.count_problem), 256)

    def problem(self, value):
        east, _ = make_cloud(shown({'count': value}))
        found = east.read_stack('web', ID, 'count')
        self.assertIsNone(found.count, value)
        return found.count_problem

    def test_hidden_value_is_reported(self):
        self.assertEqual('is hidden', self.problem('******'))

    def test_value_that_is_not_a_number_is_reported(self):
        for value in ('six', '', '1,2', '٣', '²', True, [6], {}):
            self.assertEqual('is not a whole number', self.problem(value))

    def test_value_outside_the_range_is_reported(self):
        for value in ('-1', '6.5', '1000001', -1, 6.5, 10**9, 10**400):
            self.assertEqual(
                'is not a whole number from 0 to 1000000', self.problem(value)
            )
        self.assertEqual(1_000_000, self.count('1000000'))

    def test_infinite_value_is_reported(self):
        for value in ('Infinity', 'NaN', '1e999'):
            body = json.dumps(shown({'count': '@'})).replace('"@"', value)
            east, _ = make_cloud(body.encode())
            found = east.read_stack('web', ID, 'count')
            self.assertIsNone(found.count)
            self.assertIn('is not a whole number', found.count_problem)

    def test_more_digits_than_can_be_read_are_a_fault(self):
        body = json.dumps(shown({'count': '@'})).replace('"@"', '9' * 5000)
        east, _ = make_cloud(body.encode())
        self.assertRaises(
            exception.CloudFault, east.read_stack, 'web', ID, 'count'
        )


class TestReadStack(base.BaseTestCase):
    def test_asks_for_no_outputs(self):
        east, heat = make_cloud(shown({}))
        east.read_stack('web', ID, 'count')
        path = f'/stacks/web/{ID}?resolve_outputs=False'
        self.assertEqual(
            [('GET', path, {'log': False, 'json': None})], heat.asked
        )

    def test_quotes_the_name(self):
        east, heat = make_cloud(shown({}))
        east.read_stack('a/b?c', ID, 'count')
        self.assertIn('/stacks/a%2Fb%3Fc/', heat.asked[0][1])

    def test_shows_the_reason_on_one_line_and_without_secrets(self):
        reason = 'Failed:\x00\n{"password": "hunter2"} \ud800' + 'x' * 9999
        body = shown({})
        body['stack']['stack_status_reason'] = reason
        east, _ = make_cloud(body)
        output = east.read_stack('web', ID, 'count').status_reason
        self.assertTrue(output.startswith('Failed: {"password": "***"} xxx'))
        self.assertEqual(failure.MAX_MESSAGE, len(output))

    def test_answer_about_another_stack_is_a_fault(self):
        east, _ = make_cloud(shown({}))
        self.assertRaises(
            exception.CloudFault, east.read_stack, 'web', 'other', 'count'
        )

    def test_deleted_stack_is_not_found(self):
        body = shown({'count': '1'})
        body['stack']['stack_status'] = 'DELETE_COMPLETE'
        east, _ = make_cloud(body)
        self.assertRaises(
            exception.RemoteStackNotFound, east.read_stack, 'web', ID, 'count'
        )

    def test_invalid_body_is_a_fault(self):
        bodies = (
            b'', b'<html>', b'{"stack"', b'\xff\xfe\x00', b'[' * 100000,
            None, [], {}, {'stack': []}, {'stack': {}},
            {'stack': row()}, {'stack': row(parameters=[])},
            {'stack': row(parameters={}, id='../../secrets')},
            {'stack': row(parameters={}, id=7)},
            {'stack': row(parameters={}, stack_status='up\nand down')},
            {'stack': row(parameters={}, updated_time=12)},
        )  # fmt: skip
        for body in bodies:
            east, _ = make_cloud(body)
            self.assertRaises(
                exception.CloudFault, east.read_stack, 'web', ID, 'count'
            )


class TestListStacks(base.BaseTestCase):
    def test_filters_by_name(self):
        east, heat = make_cloud({'stacks': [row(), row(stack_name='new')]})
        rows = east.list_stacks(['web', 'a&b', 'web'])
        expected = [answer.StackRow('web', ID, 'CREATE_COMPLETE', None)]
        self.assertEqual(expected, rows)
        self.assertEqual('/stacks?name=a%26b&name=web', heat.asked[0][1])

    def test_without_names_the_list_is_still_requested(self):
        east, heat = make_cloud({'stacks': [row()]})
        self.assertEqual([], east.list_stacks([]))
        self.assertEqual('/stacks?limit=1', heat.asked[0][1])

    def test_names_are_a_filter_while_they_fit_into_the_url(self):
        for number, filtered in ((35, True), (36, False)):
            east, heat = make_cloud({'stacks': []})
            east.list_stacks([f'{n:094d}' for n in range(number)])
            query = urllib.parse.parse_qs(heat.asked[0][1].partition('?')[2])
            self.assertEqual(filtered, 'name' in query, number)
            self.assertLess(len(heat.asked[0][1]), 4096)

    def test_endless_pages_are_a_fault(self):
        names = [f'{n:094d}' for n in range(100)]
        full = [row() for _ in range(cloud.PAGE)]
        east, heat = make_cloud({'stacks': full})
        self.assertRaises(exception.CloudFault, east.list_stacks, names)
        self.assertEqual(2, len(heat.asked))

    def test_one_invalid_row_is_a_fault(self):
        east, _ = make_cloud({'stacks': [row(), row(stack_status=None)]})
        self.assertRaises(exception.CloudFault, east.list_stacks, ['web'])


class TestLastFailure(base.BaseTestCase):
    def ask(self, *events):
        east, heat = make_cloud({'events': list(events)})
        return east.last_failure('web', ID), heat.asked[0][1]

    def test_newest_failure_of_the_stack_itself_is_asked_for(self):
        reason, path = self.ask({'resource_status_reason': 'No valid host'})
        self.assertEqual('No valid host', reason)
        where, _, query = path.partition('?')
        self.assertEqual(f'/stacks/web/{ID}/events', where)
        self.assertEqual(
            {
                'resource_name': 'web',
                'resource_status': 'FAILED',
                'sort_dir': 'desc',
                'limit': '1',
            },
            dict(urllib.parse.parse_qsl(query)),
        )

    def test_failure_that_heat_no_longer_has_is_empty(self):
        for events in ((), ({},), ({'resource_status_reason': 5},)):
            self.assertEqual('', self.ask(*events)[0])

    def test_secret_in_a_failure_is_masked(self):
        reason, _ = self.ask(
            {'resource_status_reason': "{'password': 'theirs'}\nfailed"}
        )
        self.assertNotIn('theirs', reason)
        self.assertTrue(reason.isprintable())


class TestSetParameter(base.BaseTestCase):
    def test_only_the_count_parameter_is_sent(self):
        east, heat = make_cloud(b'', 202)
        east.set_parameter('web', ID, 'count', 5)
        body = {'parameters': {'count': 5}}
        expected = ('PATCH', f'/stacks/web/{ID}', {'log': False, 'json': body})
        self.assertEqual([expected], heat.asked)

    def test_answer_other_than_202_is_a_fault(self):
        for status in (200, 201, 204):
            east, _ = make_cloud(b'<html>', status)
            self.assertRaises(
                exception.CloudFault, east.set_parameter, 'web', ID, 'n', 5
            )


class TestConnection(base.BaseTestCase):
    def test_connection_is_made_when_needed_and_kept(self):
        made = []

        def connect():
            made.append(FakeHeat({'stacks': []}))
            return made[-1]

        east = cloud.Cloud('east', connect, 60)
        self.assertEqual([], made)
        east.list_stacks([])
        east.list_stacks([])
        self.assertEqual(1, len(made))

    def test_connection_is_made_again_after_a_failure(self):
        for status, times in ((401, 2), (403, 2), (503, 2), (500, 1)):
            made = []

            def connect(made=made, status=status):
                made.append(status)
                return FakeHeat({'stacks': []}, status)

            east = cloud.Cloud('east', connect, 60)
            for _ in range(2):
                self.assertRaises(exception.CloudError, east.list_stacks, [])
            self.assertEqual(times, len(made), status)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
FIELDS = [
    'stack',
    'stacks',
    'resources',
    'events',
    'parameters',
    'count',
    'id',
    'stack_name',
    'stack_status',
    'stack_status_reason',
    'updated_time',
    'resource_name',
    'resource_status',
    'links',
    'rel',
    'href',
    'properties',
    'get_param',
    'resource_status_reason',
    'error',
    'type',
    'message',
]
# Any JSON in the places where Heat's answers have something.
BODY = JSON | st.recursive(
    JSON,
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(FIELDS),
            inner
            | st.sampled_from(
                (
                    ID,
                    'A_COMPLETE',
                    'OS::Heat::ResourceGroup',
                    'stack',
                    'nested',
                )
            ),
        )
    ),
    max_leaves=20,
)


class TestAnyBody(base.BaseTestCase):
    @hypothesis.settings(deadline=None, max_examples=300)
    @hypothesis.given(
        body=BODY | st.binary(max_size=50),
        status=st.sampled_from((200, 200, 202, 301, 400, 404, 409, 429, 500)),
    )
    def test_any_body_gives_a_result_or_a_cloud_error(self, body, status):
        east, _ = make_cloud(body, status)
        for call, arguments in (
            (east.list_stacks, (['web'],)),
            (east.read_stack, ('web', ID, 'count')),
            (east.count_ready, ('web', ID, 'count')),
            (east.last_failure, ('web', ID)),
            (east.set_parameter, ('web', ID, 'count', 5)),
        ):
            try:
                call(*arguments)
            except exception.CloudError as exc:
                self.assertTrue(str(exc).isprintable())
                self.assertNotIn('theirs', str(exc))
