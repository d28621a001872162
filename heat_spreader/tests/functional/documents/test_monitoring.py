# SPDX-License-Identifier: Apache-2.0
"""Guide, dashboard and alerts match the exported metrics."""

import json
import pathlib
import re

import yaml
from oslotest import base

import heat_spreader
from heat_spreader import states
from heat_spreader.api import metrics as api
from heat_spreader.engine import act
from heat_spreader.engine import collector
from heat_spreader.engine import metrics as engine
from heat_spreader.planning import health
from heat_spreader.tests.unit.conf import base as conf_base

TOP = pathlib.Path(heat_spreader.__file__).parents[1]
GUIDE = TOP / 'doc' / 'source' / 'admin' / 'monitoring.rst'
SIZING = GUIDE.with_name('performance.rst')
SAMPLES = TOP / 'etc' / 'heat_spreader'
NAME = re.compile(r'\bheat_spreader_\w+')
ROW = re.compile(
    r'\* - ``(heat_spreader_\w+)``\n +- (counter|gauge|histogram)\n +-(.*)\n'
)
# No label may have a value for each stack, project or URL.
BOUNDED = {
    *('cloud', 'code', 'method', 'outcome', 'result', 'route'),
    *('host', 'state', 'status', 'vote', 'witness'),
}


def families():
    """Every metric that a process has once something has happened."""
    engine.surveyed('athens', health.SurveyOutcome.GOOD, 1)
    engine.updated('athens', act.Result.ACCEPTED)
    engine.passed('DONE')
    engine.voted('office', states.Vote.REACHES, 0.1)
    application = api.middleware(
        lambda environ, start_response: start_response('200 OK', []),
        enabled(),
    )
    application(
        {'REQUEST_METHOD': 'GET', 'PATH_INFO': '/'}, lambda *args: None
    )
    gauges = [
        collector.answered(True),
        *collector.gauges(
            {'athens': 'UP'},
            {'athens': (1, 1)},
            {},
            0,
            0,
            [('host', 1, 2)],
            {'office': False},
            {'athens': False},
        ),
    ]
    counted = (
        *(engine.SURVEYS, engine.SURVEY_DURATION),
        *(engine.UPDATES, engine.PASSES, api.REQUESTS, api.DURATION),
        *(engine.WITNESS_VOTES, engine.WITNESS_DURATION),
    )
    return [*gauges, *(f for each in counted for f in each.collect())]


def enabled():
    conf = conf_base.make_conf()
    conf.set_override('enabled', True, 'metrics')
    return conf


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


def expressions():
    """Return the Prometheus queries by their location."""
    dashboard = json.loads((SAMPLES / 'grafana-dashboard.json').read_text())
    found = {
        f'{panel["title"]} {target["refId"]}': target['expr']
        for panel in dashboard['panels']
        for target in panel['targets']
    }
    for variable in dashboard['templating']['list']:
        found[variable['name']] = variable.get('definition', '')
    alerts = yaml.safe_load((SAMPLES / 'prometheus-alerts.yaml').read_text())
    for group in alerts['groups']:
        found |= {rule['alert']: rule['expr'] for rule in group['rules']}
    return found


class TestMetrics(base.BaseTestCase):
    def test_the_guide_lists_exactly_the_exported_metrics(self):
        documented = {
            name: (kind, set(labels.replace(',', ' ').split()))
            for name, kind, labels in ROW.findall(GUIDE.read_text())
        }

        self.assertEqual(exported(), documented)
        self.assertEqual(set(documented), set(NAME.findall(GUIDE.read_text())))

    def test_the_sizing_guide_names_exported_metrics_only(self):
        named = set(NAME.findall(SIZING.read_text()))

        self.assertLessEqual(
            {n.removesuffix('_bucket') for n in named}, set(exported())
        )
        self.assertIn('heat_spreader_reconcile_lag_seconds', named)

    def test_every_label_has_a_bounded_set_of_values(self):
        labels = set().union(*(labels for _, labels in exported().values()))

        self.assertEqual(BOUNDED, labels)

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


class TestSamples(base.BaseTestCase):
    def test_dashboard_and_alerts_query_existing_metrics(self):
        known = set(exported())
        for name, (kind, _) in exported().items():
            if kind == 'histogram':
                known |= {f'{name}_{part}' for part in ('bucket', 'count')}
        for place, asked in expressions().items():
            self.assertLessEqual(set(NAME.findall(asked)), known, place)

    def test_each_metric_is_in_the_dashboard(self):
        text = (SAMPLES / 'grafana-dashboard.json').read_text()

        self.assertEqual([], [name for name in exported() if name not in text])

    def test_dashboard_and_alerts_know_the_labels_and_the_states(self):
        words = {
            'state': set(states.CloudState),
            'status': set(states.StackStatus),
        }
        seen = set()
        for place, asked in expressions().items():
            for label, word in re.findall(r'(\w+)="(\w+)"', asked):
                self.assertIn(word, words[label], place)
                seen.add(label)
            for labels in re.findall(r'\b(?:by|on) \(([^)]*)\)', asked):
                self.assertLessEqual(
                    set(labels.split(', ')), {*BOUNDED, 'le'}, place
                )
        self.assertEqual(set(words), seen)

    def test_a_panel_queries_the_chosen_data_source(self):
        dashboard = json.loads(
            (SAMPLES / 'grafana-dashboard.json').read_text()
        )
        for panel in dashboard['panels']:
            for each in (panel, *panel['targets']):
                self.assertEqual('${datasource}', each['datasource']['uid'])

    def test_every_alert_describes_the_problem(self):
        alerts = yaml.safe_load(
            (SAMPLES / 'prometheus-alerts.yaml').read_text()
        )
        (group,) = alerts['groups']
        for rule in group['rules']:
            self.assertLessEqual(
                {'summary', 'description'}, set(rule['annotations'])
            )
            self.assertIn('severity', rule['labels'])
