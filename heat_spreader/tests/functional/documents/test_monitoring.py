# SPDX-License-Identifier: Apache-2.0
"""Guide, dashboard and alerts match the exported metrics."""

import re
import types

import fixtures
from docutils import nodes
from oslotest import base

from heat_spreader import states
from heat_spreader.api import metrics as api
from heat_spreader.engine import act
from heat_spreader.engine import collector
from heat_spreader.engine import metrics as engine
from heat_spreader.planning import health
from heat_spreader.tests.functional.documents import monitoring_files as files
from heat_spreader.tests.functional.documents import queries
from heat_spreader.tests.unit.conf import base as conf_base

SIZING = files.GUIDE.with_name('sizing.rst')
RUNBOOKS = files.GUIDE.with_name('runbooks.rst')
NAME = re.compile(r'\bheat_spreader_\w+')
ROW = re.compile(
    r'\* - ``(heat_spreader_\w+)``\n +- (counter|gauge|histogram)\n +-(.*)\n'
)
# The parts of a runbook, in their order.
PARTS = ('Meaning.', 'Look first.', 'What to do.', 'Wake someone')
# No label may have a value for each stack, project or URL, unless the operator
# has asked for those of some projects.
BOUNDED = {
    *('cloud', 'code', 'method', 'outcome', 'result', 'route'),
    *('host', 'state', 'status', 'vote', 'witness'),
}
ASKED_FOR = {'project', 'stack'}
STACKS = types.SimpleNamespace(number=1, total=10, unplaced=0, unsafe=0)
SHARE = types.SimpleNamespace(
    project_id='p1', name='web', count=10, cloud='athens', target=6, ready=6
)
TOTALS = collector.Totals(
    clouds={'athens': (states.CloudState.UP, False)},
    instances={'athens': (6, 6)},
    stacks={'ACTIVE': STACKS},
    alive=[('host', 1, 2)],
    silent={'office': False},
    shares=[SHARE],
)


def families():
    """Every metric that a process has once something has happened."""
    engine.surveyed('athens', health.SurveyOutcome.GOOD, 1)
    engine.updated('athens', act.Result.ACCEPTED)
    engine.passed('DONE')
    engine.voted('office', states.Vote.REACHES, 0.1)
    conf = conf_base.make_conf()
    conf.set_override('enabled', True, 'metrics')
    for status in ('200 OK', '500 Internal Server Error'):
        application = api.middleware(
            lambda environ, respond, status=status: respond(status, []), conf
        )
        application(
            {'REQUEST_METHOD': 'GET', 'PATH_INFO': '/'}, lambda *args: None
        )
    with fixtures.MockPatchObject(collector, 'read', return_value=TOTALS):
        return [
            *engine.registry(conf).collect(),
            *api.registry().collect(),
        ]


def exported():
    """Type and labels of every metric by its name."""
    return {
        family.name + '_total' * (family.type == 'counter'): (
            family.type,
            {
                label
                for sample in family.samples
                for label in sample.labels
                if label != 'le'
            },
        )
        for family in families()
    }


def samples():
    """The labels of each exported sample by its name, as queries find them."""
    found = {
        'up': [{'job': job, 'instance': ''} for job in files.scraped_jobs()]
    }
    for family in families():
        for sample in family.samples:
            found.setdefault(sample.name, []).append(sample.labels)
    return found


def named_labels(text):
    """The labels that a legend or an annotation shows."""
    return set(re.findall(r'\{\{ *(?:\$labels\.)?(\w+) *\}\}', text))


class TestMetrics(base.BaseTestCase):
    def test_the_guide_lists_exactly_the_exported_metrics(self):
        documented = {
            name: (kind, set(labels.replace(',', ' ').split()))
            for name, kind, labels in ROW.findall(files.GUIDE.read_text())
        }

        self.assertEqual(exported(), documented)
        self.assertEqual(
            set(documented), set(NAME.findall(files.GUIDE.read_text()))
        )

    def test_the_sizing_guide_names_exported_metrics_only(self):
        named = set(NAME.findall(SIZING.read_text()))

        self.assertLessEqual(
            {n.removesuffix('_bucket') for n in named}, set(exported())
        )
        self.assertIn('heat_spreader_reconcile_lag_seconds', named)

    def test_every_label_has_a_bounded_set_of_values(self):
        labels = set().union(*(labels for _, labels in exported().values()))

        self.assertEqual(BOUNDED | ASKED_FOR, labels)
        for name, (_, labels) in exported().items():
            if not name.startswith('heat_spreader_stack_'):
                self.assertEqual(set(), labels & ASKED_FOR, name)

    def test_each_metric_is_described_as_it_is_exported(self):
        described = {
            family.name
            for family in collector.Collector(['athens'], 15).describe()
        }

        self.assertEqual(
            described,
            {
                name
                for name, (kind, _) in exported().items()
                if kind == 'gauge'
            },
        )


class TestQueries(base.BaseTestCase):
    """Dashboard and alerts, parsed as Prometheus does."""

    def setUp(self):
        super().setUp()
        self.samples = samples()

    def labels(self, query):
        return queries.labels(
            files.filled_in(query, cloud='athens', project='p1', stack='web'),
            self.samples,
        )

    def test_each_query_of_the_dashboard_selects_what_is_exported(self):
        for title, query, legend in files.dashboard_queries():
            self.assertLessEqual(
                named_labels(legend), self.labels(query), title
            )

    def test_each_alert_selects_what_is_exported(self):
        for rule in files.RULES:
            texts = ' '.join(rule['annotations'].values())

            self.assertLessEqual(
                named_labels(texts), self.labels(rule['expr']), rule['alert']
            )

    def test_mistakes_in_queries_are_found(self):
        for query in (
            'sum(heat_spreader_stacks',
            'nonsense(heat_spreader_stacks)',
            'heat_spreader_stack',
            'heat_spreader_surveys',
            'heat_spreader_stacks{cloud="athens"}',
            'heat_spreader_stacks{status="BROKEN"}',
            'heat_spreader_cloud_state{state=~"DOWN|AWAY"}',
            'rate(heat_spreader_passes_total{result="DONE"}[5m])',
            'sum by (cloud) (heat_spreader_stacks)',
            'heat_spreader_cloud_full / heat_spreader_cloud_state',
            'heat_spreader_cloud_full unless on (host) '
            'heat_spreader_cloud_state',
            'up{job="heat-spreader"}',
        ):
            self.assertRaises(queries.Mistake, self.labels, query)

    def test_labels_of_a_query_are_those_of_its_result(self):
        for query, expected in (
            ('heat_spreader_cloud_state == 1', {'cloud', 'state'}),
            ('max without (state) (heat_spreader_cloud_state)', {'cloud'}),
            ('-(max(heat_spreader_stacks)) or vector(0)', set()),
            (
                'histogram_quantile(0.9, sum by (cloud, le) '
                '(rate(heat_spreader_survey_duration_seconds_bucket[5m])))',
                {'cloud'},
            ),
        ):
            self.assertEqual(expected, self.labels(query))


class TestSamples(base.BaseTestCase):
    def test_each_metric_is_in_the_dashboard(self):
        shown = ' '.join(query for _, query, _ in files.dashboard_queries())

        for name in exported():
            self.assertRegex(shown, rf'\b{name}(_bucket)?\b')

    def test_outages_are_annotations(self):
        self.assertIn(
            'state="DOWN"',
            files.ANNOTATIONS[0]['expr'],
        )

    def test_a_panel_queries_the_chosen_data_source(self):
        for panel in files.PANELS:
            for each in (panel, *panel['targets']):
                self.assertEqual('${datasource}', each['datasource']['uid'])
        for each in files.ANNOTATIONS:
            self.assertEqual('${datasource}', each['datasource']['uid'])

    def test_no_panel_covers_another(self):
        taken = set()
        for panel in files.DASHBOARD['panels']:
            at = panel['gridPos']
            place = {
                (at['x'] + right, at['y'] + down)
                for right in range(at['w'])
                for down in range(at['h'])
            }
            self.assertEqual(set(), taken & place, panel['title'])
            taken |= place

    def test_every_alert_describes_the_problem(self):
        for rule in files.RULES:
            self.assertLessEqual(
                {'summary', 'description'}, set(rule['annotations'])
            )
            self.assertIn(rule['labels']['severity'], ('warning', 'critical'))


class TestRunbooks(base.BaseTestCase):
    def test_each_alert_links_to_its_runbook(self):
        for rule in files.RULES:
            page, _, anchor = rule['annotations']['runbook_url'].partition('#')

            self.assertTrue(page.endswith('/admin/runbooks.html'), page)
            self.assertEqual(nodes.make_id(rule['alert']), anchor)

    def test_each_alert_has_a_runbook_and_each_runbook_an_alert(self):
        titles = re.findall(
            r'^(\w+)\n-+\n', RUNBOOKS.read_text(), re.MULTILINE
        )

        self.assertEqual([rule['alert'] for rule in files.RULES], titles)

    def test_each_runbook_has_its_parts(self):
        _, *bodies = re.split(
            r'^\w+\n-+\n', RUNBOOKS.read_text(), flags=re.MULTILINE
        )
        for rule, body in zip(files.RULES, bodies, strict=True):
            self.assertEqual(
                PARTS,
                tuple(re.findall(r'^\*\*(.*?)\*\*', body, re.MULTILINE)),
                rule['alert'],
            )
