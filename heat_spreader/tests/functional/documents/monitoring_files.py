# SPDX-License-Identifier: Apache-2.0
"""The dashboard and the alerts, as the tests and tools/monitoring.py read
them."""

import json
import pathlib
import re

import yaml

import heat_spreader

TOP = pathlib.Path(heat_spreader.__file__).parents[1]
SAMPLES = TOP / 'etc' / 'heat_spreader'
ALERTS = SAMPLES / 'prometheus-alerts.yaml'
GUIDE = TOP / 'doc' / 'source' / 'admin' / 'monitoring.rst'
DASHBOARD = json.loads((SAMPLES / 'grafana-dashboard.json').read_text())
PANELS = [p for p in DASHBOARD['panels'] if p['type'] != 'row']
ANNOTATIONS = DASHBOARD['annotations']['list']
RULES = [
    rule
    for group in yaml.safe_load(ALERTS.read_text())['groups']
    for rule in group['rules']
]


def dashboard_queries():
    """Title, query and the text that shows labels, of all in the dashboard."""
    for panel in PANELS:
        for target in panel['targets']:
            yield panel['title'], target['expr'], target['legendFormat']
    for each in ANNOTATIONS:
        shown = each['titleFormat'] + each['textFormat']
        yield each['name'], each['expr'], shown
    for variable in DASHBOARD['templating']['list']:
        if variable['type'] == 'query':
            selector, label = re.fullmatch(
                r'label_values\((.+), (\w+)\)', variable['definition']
            ).groups()
            yield variable['label'], selector, '{{' + label + '}}'


def filled_in(query, **variables):
    """A query of the dashboard as Grafana sends it.

    :param variables: values of those of the dashboard
    """
    query = query.replace('$__rate_interval', '1m')
    for name, value in variables.items():
        query = query.replace(f'${name}', value)
    return query


def scraped_jobs():
    """The job names of the guide."""
    return re.findall(r'- job_name: (\S+)', GUIDE.read_text())
