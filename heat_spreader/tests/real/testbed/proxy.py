# SPDX-License-Identifier: Apache-2.0
"""A proxy before a real service, for faults that the service cannot have."""

import http.client
import json
import urllib.parse

from heat_spreader.tests.functional.emulator import faults
from heat_spreader.tests.functional.emulator import server

# Headers of one connection, or that are made again, are not passed on.
_HOP_BY_HOP = {
    *('connection', 'content-length', 'content-type', 'date'),
    *('server', 'transfer-encoding'),
}


class Proxy(server.Server):
    """The server of the emulator: ``fault`` is None or one of its faults.

    Without one, requests are passed on to the service at the URL.
    """

    def __init__(self, url):
        super().__init__('proxy', self._pass_on, lambda request: None)
        self._target = urllib.parse.urlsplit(url).netloc

    def _pass_on(self, request):
        connection = http.client.HTTPConnection(self._target, timeout=60)
        body = json.dumps(request.body) if request.body is not None else None
        headers = {
            name: value
            for name, value in request.headers.items()
            if name.lower() not in _HOP_BY_HOP - {'content-type'}
        }
        try:
            connection.request(request.method, request.target, body, headers)
            answer = connection.getresponse()
            return faults.Answer(
                answer.status,
                answer.read(),
                {
                    name: value
                    for name, value in answer.getheaders()
                    if name.lower() not in _HOP_BY_HOP
                },
                answer.headers.get('Content-Type', ''),
            )
        except OSError:
            return faults.Answer(502, b'The service does not answer.')
        finally:
            connection.close()
