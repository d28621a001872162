# SPDX-License-Identifier: Apache-2.0
"""Faults of a service: values for ``cloud.fault``."""

import dataclasses
import json
import time
from collections.abc import Callable

JSON = 'application/json'


@dataclasses.dataclass(frozen=True)
class Answer:
    """An answer of a service; a dict or list in ``body`` is sent as JSON."""

    status: int
    body: object = b''
    headers: dict = dataclasses.field(default_factory=dict)
    content_type: str = JSON

    @property
    def content(self):
        if isinstance(self.body, bytes):
            return self.body
        return json.dumps(self.body).encode()


@dataclasses.dataclass(frozen=True)
class Fault:
    """One way to fail, for the requests of a method and a part of the path.

    refuse      connections are refused, open ones are cut
    unanswered  connecting hangs, open connections are cut
    hang        the request is read and never answered, nor acted on
    drip        half of the answer comes at once, then a byte at a time
    lost        the request is acted on, and never answered
    reset       it is acted on; half of the answer comes, then a reset
    answer      it is not acted on; ``answer`` is sent
    change      it is acted on; ``change`` makes the answer out of the real one
    """

    kind: str
    answer: Answer | None = None
    change: Callable | None = None
    method: str = ''
    path: str = ''

    def only(self, method='', path=''):
        """Return the same fault for fewer requests: only PATCH, or a name.

        :param path: a part of the path or of the query
        """
        return dataclasses.replace(self, method=method, path=path)

    def hits(self, request):
        """Whether this request meets the fault."""
        return self.path in request.target and (
            self.method in ('', request.method)
        )


def answer(status, body=b'', content_type=JSON, **headers):
    """Every request gets this; ``Retry_After='3'`` is a header."""
    named = {key.replace('_', '-'): value for key, value in headers.items()}
    return Fault('answer', Answer(status, body, named, content_type))


def html(status):
    """A page such as a proxy in front of the service shows."""
    return answer(status, b'<html><h1>Sorry</h1></html>', 'text/html')


def heat_error(status, error_type, message):
    """An error in the form of Heat."""
    return answer(status, heat_body(status, error_type, message))


def heat_body(status, error_type, message):
    """The JSON of an error of Heat."""
    return {
        'code': status,
        'title': 'Error',
        'explanation': 'The server could not comply with the request.',
        'error': {'type': error_type, 'message': message, 'traceback': None},
    }


def changed(change):
    """The real answer, with the JSON that ``change`` makes of it."""

    def change_answer(real):
        body = change(json.loads(real.content)) if real.content else b''
        return dataclasses.replace(real, body=body)

    return Fault('change', change=change_answer)


def slow(seconds):
    """The real answer, but late."""

    def wait(real):
        time.sleep(seconds)
        return real

    return Fault('change', change=wait)


def _halved(real):
    content = real.content
    return dataclasses.replace(real, body=content[: len(content) // 2])


def _without_catalog(body):
    for service in body.get('token', {}).get('catalog', []):
        service['type'] = 'something-else'
    return body


REFUSE = Fault('refuse')
UNANSWERED = Fault('unanswered')
HANG = Fault('hang')
DRIP = Fault('drip')
LOST = Fault('lost')
RESET = Fault('reset')
NOT_JSON = answer(200, b'<html>Welcome</html>', 'text/html')
NOT_JSON_DESPITE_ITS_TYPE = answer(200, b'<html>Welcome</html>')
TRUNCATED = Fault('change', change=_halved)
NO_ORCHESTRATION = changed(_without_catalog)
