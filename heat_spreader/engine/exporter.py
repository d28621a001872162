# SPDX-License-Identifier: Apache-2.0
"""Have a Prometheus blackbox exporter probe a URL.

What it sends is not trusted: an answer is read up to a limit, its time is
limited by the call.Call that asks, and of what it says only probe_success and
a short text for people are used.
"""

import dataclasses
import time

import requests
from prometheus_client import parser

from heat_spreader import exception
from heat_spreader.clouds import call
from heat_spreader.clouds import failure
from heat_spreader.clouds import transport

# An answer of an exporter has about 4 KB.
MAX_BODY = 64 * 1024
MAX_QUOTE = 100
# The exporter ends its probe half a second before.
TIMEOUT_HEADER = 'X-Prometheus-Scrape-Timeout-Seconds'
# The first that fits explains a failed request.
_PROBLEMS = {
    failure.BodyTooLarge: f'its answer is larger than {MAX_BODY} bytes',
    requests.Timeout: 'it does not answer in time',
    requests.exceptions.SSLError: 'its certificate does not verify, or it '
    'does not speak TLS',
    requests.ConnectionError: 'no connection to it can be made',
}


@dataclasses.dataclass(frozen=True)
class Answer:
    """What a witness says about a URL.

    ``reached`` is None if it gave no answer that can be used; ``problem`` is
    then why. ``seconds``: until its answer.
    """

    reached: bool | None
    problem: str = ''
    seconds: float | None = None


class Exporter:
    """The exporter of one witness.

    :param options: the group [witness_NAME]
    :param timeout: seconds for all that one question takes
    """

    def __init__(self, name, options, timeout):
        self.name = name
        self.near = frozenset(options.near)
        self.reference = options.reference
        self._options = options
        self._timeout = timeout

    def begin(self, urls):
        """Begin to ask about each of the URLs; return a call.Call for each."""
        # New threads each time: what hangs then holds no later question.
        calls = call.Calls(self.name, self._timeout)
        return [calls.begin(self._probe, url) for url in urls]

    def answer(self, begun):
        """Wait for the Answer of a call.Call; it has no deadline but that."""
        try:
            return begun.result()
        except exception.CloudUnreachable:
            return Answer(
                None, f'it does not answer within {self._timeout:g} s'
            )

    def _probe(self, url):
        began = time.monotonic()
        try:
            status, body = self._get(url)
        except Exception as exc:
            return Answer(None, _problem(exc))
        seconds = time.monotonic() - began
        if status != requests.codes.ok:
            quote = failure.clean(body)[:MAX_QUOTE].rstrip('.')
            return Answer(None, f'it answers {status}: {quote}'.rstrip(': '))
        try:
            return Answer(_success(body), seconds=seconds)
        except Exception:
            # The parser raises whatever it stumbles over.
            return Answer(
                None, 'its answer is not that of a blackbox exporter'
            )

    def _get(self, url):
        """The status and the body."""
        options = self._options
        with requests.Session() as session:
            # A call that is given up cuts its connection.
            for prefix in list(session.adapters):
                session.mount(prefix, transport.Transport())
            response = session.get(
                options.url,
                params={'target': url, 'module': options.module},
                headers={TIMEOUT_HEADER: f'{self._timeout:g}'},
                # Without a user, not that of a .netrc file either.
                auth=(options.username, options.password)
                if options.username
                else _no_user,
                verify=options.ca_file or True,
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
            )
            return response.status_code, _read(response)


def _no_user(request):
    return request


def _read(response):
    body = b''
    for chunk in response.iter_content(8192):
        body += chunk
        if len(body) > MAX_BODY:
            raise failure.BodyTooLarge
    return body.decode(errors='replace')


def _success(body):
    """Whether the probe has succeeded, from the metrics of the exporter."""
    (value,) = (
        sample.value
        for family in parser.text_string_to_metric_families(body)
        for sample in family.samples
        if sample.name == 'probe_success'
    )
    return {0.0: False, 1.0: True}[value]


def _problem(exc):
    for kind, problem in _PROBLEMS.items():
        if isinstance(exc, kind):
            return problem
    return f'the request failed ({type(exc).__name__})'
