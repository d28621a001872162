# SPDX-License-Identifier: Apache-2.0
"""The requests, counted for Prometheus."""

import time

import prometheus_client

from heat_spreader import exposition
from heat_spreader import routes

REQUESTS = prometheus_client.Counter(
    'heat_spreader_api_requests',
    'Requests that were answered, by the status code of the answer.',
    ['method', 'route', 'code'],
    registry=None,
)
DURATION = prometheus_client.Histogram(
    'heat_spreader_api_request_duration_seconds',
    'Seconds from a request to its answer.',
    ['method', 'route'],
    registry=None,
)

# What anybody may send must not become a label: there would be no end of them.
OTHER = 'other'
METHODS = frozenset(['HEAD', 'OPTIONS']).union(*routes.RULES.values())


def registry():
    """The metrics of the API in this process."""
    made = prometheus_client.CollectorRegistry()
    made.register(REQUESTS)
    made.register(DURATION)
    return made


def make_exposition(conf):
    """Where the metrics of the API can be read, not listening yet."""
    return exposition.Exposition(
        conf.metrics, conf.metrics.api_port, registry(), shared=True
    )


def middleware(application, conf):
    """Count every request and its time, if there are to be metrics."""
    if not conf.metrics.enabled:
        return application

    def call(environ, start_response):
        begun = time.monotonic()
        method, path = environ['REQUEST_METHOD'], environ['PATH_INFO']
        code = '500'

        def remember(status, *args):
            nonlocal code
            code = status.partition(' ')[0]
            return start_response(status, *args)

        try:
            return application(environ, remember)
        finally:
            _count(method, path, code, time.monotonic() - begun)

    return call


@exposition.log_errors
def _count(method, path, code, seconds):
    route, _ = routes.find(path)
    labels = {
        'method': method if method in METHODS else OTHER,
        'route': route or OTHER,
    }
    REQUESTS.labels(code=code, **labels).inc()
    DURATION.labels(**labels).observe(seconds)
