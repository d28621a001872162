# SPDX-License-Identifier: Apache-2.0
"""The samples of the API reference have the fields of the API."""

import json
import pathlib
import re

import jsonschema
import yaml
from oslotest import base

import heat_spreader
from heat_spreader import exception
from heat_spreader import states
from heat_spreader.api import engine_report
from heat_spreader.api import errors
from heat_spreader.api import microversion
from heat_spreader.api import orders
from heat_spreader.api import preview as preview_api
from heat_spreader.api import preview_views
from heat_spreader.api import schemas
from heat_spreader.api import views
from heat_spreader.db import models
from heat_spreader.planning import facts
from heat_spreader.planning import health
from heat_spreader.planning import outage
from heat_spreader.planning import preview
from heat_spreader.planning import room
from heat_spreader.planning import suggestions
from heat_spreader.tests.unit.planning import stories

REFERENCE = (
    pathlib.Path(heat_spreader.__file__).parents[1] / 'api-ref' / 'source'
)
API = pathlib.Path(heat_spreader.__file__).parent / 'api'
REQUESTS = {
    'stack-adopt-begin': schemas.STACK_CREATE,
    'stack-adopt': schemas.STACK_UPDATE,
    'stack-create': schemas.STACK_CREATE,
    'stack-update': schemas.STACK_UPDATE,
    'stack-drain': schemas.STACK_UPDATE,
    'stack-preview': schemas.STACK_UPDATE_PREVIEW,
    'stack-create-preview': schemas.STACK_CREATE_PREVIEW,
    'weight-set': schemas.WEIGHT_SET,
    'cloud-order': schemas.CLOUD_UPDATE,
    'cloud-declare': schemas.CLOUD_UPDATE,
    'cloud-cancel': schemas.CLOUD_UPDATE,
}


LIMITS = room.Limits(
    {name: room.Limit(1, 2) for name in room.NAMES}, models.utcnow()
)


def sample(name):
    return json.loads((REFERENCE / 'samples' / f'{name}.json').read_text())


class TestRequests(base.BaseTestCase):
    def test_every_sample_is_well_formed(self):
        for name, schema in REQUESTS.items():
            jsonschema.validate(sample(name), schema)


class TestAnswers(base.BaseTestCase):
    def assert_same_names(self, output, shown):
        self.assertEqual(sorted(output), sorted(shown))

    def test_stacks_have_the_field_names_of_the_api(self):
        row = models.Stack(
            count=1,
            members=[models.Member(cloud='athens', weight=1, min_count=0)],
        )
        output = views.stack(row)
        listed = sample('stacks-list')

        self.assert_same_names(
            views.page('stacks', [], views.stack, 1, str), listed
        )
        for shown in (
            sample('stack-show'),
            sample('stack-created'),
            sample('stack-updated'),
            sample('weight-set-answer'),
            *listed['stacks'],
        ):
            self.assert_same_names(output, shown)
            for member in shown['members']:
                self.assert_same_names(output['members'][0], member)

    def test_previews_have_the_field_names_of_the_api(self):
        member = stories.member('athens', '1', 1, limits=(0, 2))
        course = preview.make(stories.stack(member), stories.NOW)
        [planned] = course.last.members
        answer = preview_api.Answer(
            stack_id='id',
            specification=course.last.basis.stack.specification,
            course=course,
            members=[preview_api.Member(member, planned, planned, [], [])],
            suggestions=suggestions.of_plan(course.last, stories.NOW),
            refusals=[],
            notes=[],
        )
        output, shown = (
            preview_views.preview(answer),
            sample('stack-previewed'),
        )

        self.assert_same_names(output, shown)
        for each in shown['members']:
            self.assert_same_names(output['members'][0], each)
        [[update]] = shown['waves']
        self.assert_same_names(output['waves'][0][0], update)

    def test_events_have_the_field_names_of_the_api(self):
        listed = sample('events-list')

        self.assert_same_names(
            views.page('events', [], views.event, 1, str), listed
        )
        row = models.Event()
        row.stack = 'workers'
        for event in listed['events']:
            self.assert_same_names(views.event(row), event)
            states.EventKind(event['kind'])

    def test_clouds_have_the_field_names_of_the_api(self):
        output = self.cloud(facts.Cloud('athens'))

        for shown in (sample('cloud-show'), *sample('clouds-list')['clouds']):
            self.assert_same_names(output, shown)
            states.CloudState(shown['state'])
            states.AdminState(shown['admin_state'])
            if shown['limits']:
                self.assert_same_names(output['limits'], shown['limits'])
            if shown['planned']:
                use = facts.Use(order=facts.Order())
                planned = self.cloud(facts.Cloud('athens', planned=use))
                self.assert_same_names(planned['planned'], shown['planned'])

    @staticmethod
    def cloud(found):
        return views.cloud(
            found, 0, engine_report.Report(), health.Thresholds(), LIMITS
        )

    def test_outages_have_the_field_names_of_the_api(self):
        harm = outage.Harm('id', 'web', 1)
        demands = {'berlin': room.Demand(1)}
        found = outage.Outage('athens', False, demands=demands, harms=[harm])
        output = views.outage(found, {'berlin': LIMITS})

        for shown in (
            sample('cloud-readiness'),
            *sample('clouds-readiness')['clouds'],
        ):
            self.assert_same_names(output, shown)
            for estimate in shown['estimates'].values():
                self.assert_same_names(output['estimates']['berlin'], estimate)
            for stack in shown['harmed']:
                self.assert_same_names(output['harmed'][0], stack)

    def test_orders_for_clouds_are_accepted(self):
        for name in ('cloud-order', 'cloud-declare', 'cloud-cancel'):
            orders.check(sample(name))

    def test_engines_have_the_field_names_of_the_api(self):
        output = views.engine(models.Engine(), True, 1, 0)
        for shown in sample('engines-list')['engines']:
            self.assert_same_names(output, shown)

    def test_witnesses_have_the_field_names_of_the_api(self):
        row = models.WitnessAnswer(cloud='cairo')
        output = views.witness('office', 'https://mon', [], [row])
        for shown in sample('witnesses-list')['witnesses']:
            self.assert_same_names(output, shown)
            for answer in shown['answers']:
                self.assert_same_names(output['answers'][0], answer)
                states.Vote(answer['vote'])

    def test_versions_are_those_of_the_api(self):
        url = 'http://controller:8784'

        self.assertEqual(views.versions(url), sample('versions'))
        self.assertEqual(views.version(url), sample('version'))

    def test_an_error_has_the_field_names_of_the_api(self):
        output = errors.document({}, exception.StackNotFound(stack='x'))

        self.assert_same_names(
            output['errors'][0], sample('error')['errors'][0]
        )


class TestReference(base.BaseTestCase):
    def text(self):
        return '\n'.join(
            path.read_text() for path in sorted(REFERENCE.glob('*.inc'))
        )

    def test_every_sample_is_shown(self):
        self.assertEqual(
            {path.name for path in (REFERENCE / 'samples').iterdir()},
            set(re.findall(r'samples/(\S+)', self.text())),
        )

    def test_every_microversion_is_documented(self):
        history = API / 'rest_api_version_history.rst'

        self.assertEqual(
            microversion.VERSIONS,
            re.findall(r'(?m)^   \* - (1\.\d+)$', history.read_text()),
        )

    def test_every_parameter_is_used(self):
        parameters = yaml.safe_load(
            (REFERENCE / 'parameters.yaml').read_text()
        )

        self.assertEqual(
            set(parameters),
            set(re.findall(r'(?m)^ +- [\w.]+: (\w+)$', self.text())),
        )
