# SPDX-License-Identifier: Apache-2.0
"""What tools/demo.py runs besides the clouds and Heat Spreader."""

import yaml

from heat_spreader.tests.real.testbed import exporter
from heat_spreader.tests.real.testbed import proxy

WITNESSES = ('lab', 'office', 'valencia')
# Seconds in which a cloud has to answer.
PATIENCE = 20


def proxied(bed, stack):
    """A proxy before the Heat of cairo, which can be cut."""
    link = proxy.Proxy(bed.clouds['cairo'].heat.url)
    link.start()
    stack.callback(link.stop)
    return link


def start_witnesses(bed, stack):
    """Start real exporters as witnesses, if this machine has the program."""
    if not exporter.is_installed():
        return []
    found = [exporter.Exporter(name, bed) for name in WITNESSES]
    for each in found:
        stack.callback(each.process.stop)
        each.process.start()
    return found


def configuration(bed, link, witnesses):
    """The groups of heat-spreader.conf that differ from those of tests."""
    path = bed.directory / 'proxied.yaml'
    entries = {n: c.clouds_yaml_entry() for n, c in bed.clouds.items()}
    entries['cairo']['orchestration_endpoint_override'] = (
        f'{link.url}/v1/%(project_id)s'
    )
    path.write_text(yaml.safe_dump({'clouds': entries}))
    # A machine that boots clouds is slow; the clouds of the demo never hang.
    groups = {
        'clouds': {
            'config_files': path,
            'connect_timeout': PATIENCE,
            'read_timeout': PATIENCE,
        },
        'health': {'probe_timeout': PATIENCE},
    }
    for each in witnesses:
        groups |= each.groups()
    if witnesses:
        groups['health']['witnesses'] = ','.join(WITNESSES)
    return groups
