# SPDX-License-Identifier: Apache-2.0
"""The metrics of a process, read as Prometheus reads them."""

import re

from prometheus_client import parser

from heat_spreader.tests import process

LISTENING = r'Metrics are at (http://\S+/metrics)'


def address(log):
    """Return the last address of metrics in a log; None if it has none yet."""
    found = re.findall(LISTENING, log)
    return found[-1] if found else None


def text(url):
    """Return the metrics at an address as text."""
    answer = process.request('GET', url)
    answer.raise_for_status()
    return answer.text


class Scrape:
    """One scrape: ``scrape('stacks', status='ERROR')`` is a value of it."""

    def __init__(self, url):
        self.text = text(url)
        self.samples = {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in parser.text_string_to_metric_families(self.text)
            for sample in family.samples
        }

    def __call__(self, name, **labels):
        """Return the value of a name without our prefix, or None."""
        key = (f'heat_spreader_{name}', frozenset(labels.items()))
        return self.samples.get(key)
