# SPDX-License-Identifier: Apache-2.0
"""A witness for faults that a real exporter cannot have."""

import urllib.parse

from heat_spreader.tests import process
from heat_spreader.tests.functional.emulator import faults
from heat_spreader.tests.functional.emulator import server

MODULE = 'heat'
TEXT = 'text/plain; version=0.0.4'


class EmulatedExporter(server.Server):
    """It probes the target as the real one does, at other sites than ours.

    ``cut``: the hosts and ports that it cannot reach. ``lie``: what it says
    about every target, None for the truth. ``requests``: all that came.
    """

    def __init__(self, name):
        self.name = name
        self.requests = []
        self.cut = set()
        self.lie = None
        super().__init__('exporter', self._answer, self.requests.append)

    def cut_off(self, *clouds):
        """Cut the links to these emulated clouds, and no other."""
        self.cut = {
            urllib.parse.urlsplit(each.url).netloc
            for cloud in clouds
            for each in (cloud.keystone, cloud.heat)
        }

    def options(self):
        """The options of its section."""
        return {'url': f'{self.url}/probe', 'module': MODULE}

    def targets(self):
        return [request.query['target'][0] for request in self.requests]

    def _answer(self, request):
        (module,) = request.query['module']
        if module != MODULE:
            text = f'Unknown module "{module}"\n'
            return faults.Answer(400, text.encode(), content_type=TEXT)
        (target,) = request.query['target']
        reached = self._probe(target) if self.lie is None else self.lie
        return faults.Answer(200, metrics(int(reached)), content_type=TEXT)

    def _probe(self, target):
        if urllib.parse.urlsplit(target).netloc in self.cut:
            return False
        try:
            status = process.request('GET', target, timeout=1).status_code
        except OSError:
            return False
        return status in (200, 300)


def metrics(success):
    """The body of an answer."""
    return (
        '# HELP probe_success Displays whether or not the probe was a success'
        '\n# TYPE probe_success gauge\n'
        f'probe_success {success}\n'
        '# TYPE probe_http_status_code gauge\nprobe_http_status_code 300\n'
    ).encode()
