# SPDX-License-Identifier: Apache-2.0
"""Requests that schemathesis generates from the description of the API.

A short run is a test. A long one is::

    python -m heat_spreader.tests.functional.api.generated --requests 20000

Half of them are valid by the description and half are not. The URLs and the
bodies often name what exists, so that not all end with 404. No answer may be a
5xx, differ from the description, or show a traceback, SQL or a path.
"""

import collections
import itertools
import json
import logging
import random
import re
import sys

import fixtures as testing_fixtures
import hypothesis
import schemathesis
from hypothesis import strategies
from oslo_utils import uuidutils
from schemathesis import checks
from schemathesis.core import failures
from schemathesis.specs.openapi import checks as openapi_checks

import heat_spreader
from heat_spreader import context
from heat_spreader import schema
from heat_spreader import states
from heat_spreader.db import engines
from heat_spreader.db import models
from heat_spreader.db import witnesses
from heat_spreader.tests import long_run
from heat_spreader.tests.functional import fixtures
from heat_spreader.tests.functional.api import test_drains

CLOUDS = ('east', 'north', 'west', 'vault')
TOKENS = (*(['admin'] * 8), *(['member'] * 4), 'reader', 'other', None)
STACKS = 6
REQUIRED = {*schema.REQUIRED, 'weight'}
CHECKS = [
    checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_headers_conformance,
    openapi_checks.response_schema_conformance,
]
LEAKS = re.compile(
    r'Traceback|File \\?"|\.py\b|site-packages|sqlalchemy|sqlite'
    r'|\b(SELECT|INSERT INTO|DELETE FROM)\b|\bUPDATE \w+ SET\b'
    f'|{re.escape(heat_spreader.__path__[0])}',
    re.IGNORECASE,
)
SETTINGS = hypothesis.settings(
    database=None,
    deadline=None,
    phases=[hypothesis.Phase.generate],
    suppress_health_check=list(hypothesis.HealthCheck),
)

names = strategies.sampled_from(['web', 'shop', 'a b', '\u00e9', '...'])
schemathesis.openapi.format('text', names | strategies.sampled_from(CLOUDS))
schemathesis.openapi.format(
    'time',
    strategies.sampled_from(
        ['2026-11-30T22:00Z', '2999-12-01T06:00+02:00', '1970-01-01T00:00Z']
    ),
)


def can_be_invalid(operation):
    """Whether the description refuses any data of an operation."""
    return (
        operation.body
        or operation.query
        or 'stack_id' in operation.path_parameters
    )


class GeneratedTestCase(test_drains.Case):
    """One run: ``requests`` of them or a few more, by ``seed``.

    Each operation has its turn, with valid requests and with others.
    """

    requests = 400
    seed = None

    def setUp(self):
        super().setUp()
        self.seed = self.seed or random.SystemRandom().randrange(2**32)
        self.chance = random.Random(self.seed)
        self.log = self.useFixture(
            testing_fixtures.FakeLogger(level=logging.ERROR)
        )
        print(f'generated: seed {self.seed}', file=sys.__stderr__, flush=True)
        self.answers = collections.Counter()
        self.problems = {}
        # Of one operation, before the next one.
        self.examples = max(10, self.requests // 200)
        self.stacks = []
        self.survey('vault', states.CloudState.DOWN)
        with context.for_engine() as ctx:
            engines.register(ctx, uuidutils.generate_uuid(), 'host', '1')
            votes = {'office': ('REACHES', '', 0.5)}
            witnesses.save(ctx, 'east', votes, models.utcnow())
        self.described = schemathesis.openapi.from_wsgi(
            '/v1/openapi.json', self.api.application
        )

    def make_api(self):
        return fixtures.Api(
            health={'witnesses': ['office']},
            witness_office={'url': 'https://mon.example.org:9115/probe'},
        )

    def run_requests(self):
        rounds = [
            (each.ok(), mode)
            for mode in schemathesis.GenerationMode
            for each in self.described.get_all_operations()
            if mode.is_positive or can_be_invalid(each.ok())
        ]
        for number, (operation, mode) in enumerate(itertools.cycle(rounds)):
            enough = self.answers.total() >= self.requests
            if enough and number >= len(rounds):
                break
            self.run_operation(operation, mode)
        # The first of each kind.
        self.assertEqual([], list(self.problems.values()), f'seed {self.seed}')

    def run_operation(self, operation, mode):
        @hypothesis.seed(self.chance.getrandbits(64))
        @hypothesis.settings(SETTINGS, max_examples=self.examples)
        @hypothesis.given(operation.as_strategy(generation_mode=mode))
        def run(case):
            try:
                self.run_case(case)
            except (AssertionError, failures.FailureGroup) as exc:
                problem = self.problem(case, exc)
                self.problems.setdefault(problem[:80], problem)

        try:
            run()
        except hypothesis.errors.Unsatisfiable:
            # There is nothing that the description does not allow.
            self.answers[operation.label, 'none'] += 0

    def problem(self, case, exc):
        """What is wrong, the request, and what the log has about it."""
        found = [str(each) for each in getattr(exc, 'exceptions', [exc])]
        logged = self.log.output.rpartition('Traceback')[2]
        return '\n'.join(
            [case.operation.label, *found, case.as_curl_command(), logged]
        )

    def run_case(self, case):
        self.renew_stacks()
        self.name_what_exists(case)
        token = self.chance.choice(TOKENS)
        headers = {'X-Auth-Token': token} if token else {}
        answer = case.call(headers=headers)
        self.answers[case.operation.label, answer.status_code] += 1
        if case.operation.method == 'delete' and answer.status_code == 204:
            self.forget(case.path_parameters)
        case.validate_response(answer, checks=CHECKS)
        self.check_leaks(case, answer.text)

    def check_leaks(self, case, text):
        found = LEAKS.search(text)
        # An error may repeat what the request has.
        if found and found[0] not in json.dumps(
            [case.body, case.query, case.path_parameters], default=str
        ):
            self.fail(f'{case.operation.label}: {found[0]!r} in {text}')

    def forget(self, deleted):
        if set(deleted) == {'stack_id'} and deleted['stack_id'] in self.stacks:
            self.stacks.remove(deleted['stack_id'])

    def renew_stacks(self):
        """Have a few stacks, of which the engine has read some."""
        if len(self.stacks) >= STACKS and self.chance.random() < 0.95:
            return
        listed = self.send(200, 'GET', '/v1/stacks?all_projects=1', None)
        found = [stack['id'] for stack in listed['stacks']]
        for stack_id in found[2 * STACKS :]:
            self.send(204, 'DELETE', f'/v1/stacks/{stack_id}', None)
        while len(found) < STACKS:
            stack_id = self.create(f's{uuidutils.generate_uuid()}')['id']
            if self.chance.random() < 0.5:
                test_drains.read(stack_id, east=6, west=4)
            found.append(stack_id)
        self.stacks = found[: 2 * STACKS]

    def send(self, status, method, path, body, token='admin'):
        answer = self.api.request(method, path, body, token)
        self.assertEqual(status, answer.status_int, answer.text)
        return answer.json if answer.body else None

    def name_what_exists(self, case):
        """Put the names of stacks and clouds into most requests."""
        parameters = case.path_parameters or {}
        if 'stack_id' in parameters and self.chance.random() < 0.8:
            parameters['stack_id'] = self.chance.choice(self.stacks)
        if 'cloud' in parameters and self.chance.random() < 0.8:
            parameters['cloud'] = self.chance.choice(CLOUDS)
        if 'marker' in (case.query or {}) and self.chance.random() < 0.5:
            case.query['marker'] = self.chance.choice(self.stacks)
        if isinstance(case.body, dict) and self.chance.random() < 0.8:
            case.body = self.with_clouds(case.body)

    def smaller(self, body):
        """The body with a few of its fields: many exclude one another."""
        share = self.chance.choice((0, 0.3, 1))
        kept = {*REQUIRED, self.chance.choice([*body, None])}
        return {
            name: value
            for name, value in body.items()
            if name in kept or self.chance.random() < share
        }

    def with_clouds(self, body):
        """The body, about clouds that exist."""
        body = self.smaller(body)
        for name, value in body.items():
            if name in ('weights', 'members') and isinstance(value, dict):
                body[name] = dict(
                    zip(CLOUDS, map(rounded, value.values()), strict=False)
                )
            elif isinstance(value, list):
                body[name] = list(CLOUDS[: len(value)])
        return body


def rounded(weight):
    """A weight of six places, as one of a few; anything else as it is."""
    if isinstance(weight, float) and 0 <= weight <= 1:
        return round(weight / len(CLOUDS), 3)
    return weight


def main():
    case, status = long_run.run(
        GeneratedTestCase, 'run_requests', 'requests', 20_000
    )
    for (operation, answer), number in sorted(case.answers.items(), key=str):
        print(f'{number:7} {operation} {answer}')
    print(f'{case.answers.total()} requests')
    sys.exit(status)


if __name__ == '__main__':
    main()
