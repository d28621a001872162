# SPDX-License-Identifier: Apache-2.0
"""What a page of a list costs the database, through the API: a count."""

import webob

from heat_spreader import states
from heat_spreader.api import app
from heat_spreader.db import clouds
from heat_spreader.db import events
from heat_spreader.db import session
from heat_spreader.tests.functional import fixtures
from heat_spreader.tests.functional.db import base
from heat_spreader.tests.functional.db import plans

load_tests = base.load_tests

STACKS = 7


@session.writer
def add_events(ctx, stack):
    for name in ('east', None, 'west', None):
        events.add(ctx, states.EventKind.CLOUD_STATE, 'm', cloud=name)
        events.add(ctx, states.EventKind.STACK_STATUS, 'm', stack=stack)


@base.on_every_database(base.SchemaTestCase)
class Pages:
    def setUp(self):
        super().setUp()
        conf = self.useFixture(
            fixtures.Configuration(api={'auth_strategy': 'noauth'})
        ).conf
        self.application = app.make_app(conf)
        ctx = base.user('default')
        for number in range(STACKS):
            weights = base.weights(east='0.5', west='0.5')
            stack = base.create_stack(
                ctx, name=f'web{number}', weights=weights
            )
        self.events = f'/v1/stacks/{stack.id}/events'
        add_events(ctx, stack)
        clouds.claim(ctx, 'east', 'one')

    def get(self, url):
        """The answer to a GET, and how many statements it has cost."""
        with plans.captured() as statements:
            answer = webob.Request.blank(url).get_response(self.application)
        self.assertEqual(200, answer.status_int, answer.text)
        return answer.json, len(statements)

    def walk(self, url, name):
        """All rows, page by page; each page costs two statements."""
        rows = []
        while url:
            page, cost = self.get(url)
            self.assertEqual(2, cost, url)
            rows += page[name]
            links = page[f'{name}_links']
            url = links[0]['href'] if links else None
        return rows

    def test_page_of_stacks_costs_two_statements_and_has_members(self):
        for query in ('', '&sort_key=status&sort_dir=desc', '&cloud=east'):
            rows = self.walk(f'/v1/stacks?limit=2{query}', 'stacks')

            self.assertEqual(STACKS, len({row['id'] for row in rows}))
            for row in rows:
                names = [member['cloud'] for member in row['members']]
                self.assertEqual(['east', 'west'], names)

    def test_page_after_the_last_stack_costs_two_statements(self):
        last = self.walk('/v1/stacks?limit=3', 'stacks')[-1]['id']
        page, cost = self.get(f'/v1/stacks?limit=3&marker={last}')

        self.assertEqual(([], 2), (page['stacks'], cost))

    def test_page_of_events_costs_two_statements(self):
        for url in (self.events, '/v1/events'):
            for direction in ('asc', 'desc'):
                query = f'{url}?sort_dir={direction}'
                rows = self.walk(f'{query}&limit=2', 'events')

                self.assertEqual(
                    len(rows), len({row['id'] for row in rows}), query
                )
                every, _ = self.get(query)
                self.assertEqual(every['events'], rows, query)
                self.assertLess(4, len(rows), query)

    def test_list_of_clouds_costs_four_statements(self):
        page, cost = self.get('/v1/clouds')

        # The clouds, their stacks, the engines, and for administrators limits.
        self.assertEqual(4, cost)
        self.assertEqual(
            {'east': STACKS, 'north': 0, 'vault': 0, 'west': STACKS},
            {cloud['name']: cloud['stacks'] for cloud in page['clouds']},
        )
