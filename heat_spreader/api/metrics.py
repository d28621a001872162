# SPDX-License-Identifier: Apache-2.0
"""The metrics of the API: its requests."""

import time

import prometheus_client

from heat_spreader import exposition
from heat_spreader import routes

REQUESTS = prometheus_client.Counter(
    'heat_spreader_api_requests',
    'Requests, by the status code of the response.',
    ['method', 'route', 'code'],
    registry=None,
)
DURATION = prometheus_client.Histogram(
    'heat_spreader_api_request_duration_seconds',
    'Seconds from a request to its response.',
    ['method', 'route'],
    registry=None,
)

# Any other method or path, so that clients cannot create labels.
OTHER = 'other'
METHODS = frozenset(['HEAD', 'OPTIONS']).union(*routes.RULES.values())


def registry():
    """The metrics of the API in this process."""
    metrics = prometheus_client.CollectorRegistry()
    metrics.register(REQUESTS)
    metrics.register(DURATION)
    return metrics


def make_exposition(conf):
    """Make the server of the metrics; it does not listen yet."""
    return exposition.Exposition(
        conf.metrics, conf.metrics.api_port, registry(), shared=True
    )


def middleware(application, conf):
    """Count every request and its time, if metrics are enabled."""
    if not conf.metrics.enabled:
        return application

    def call(environ, start_response):
        start = time.monotonic()
        method, path = environ['REQUEST_METHOD'], environ.get('PATH_INFO', '')
        code = '500'

        def remember(status, *args):
            nonlocal code
            code = status.partition(' ')[0]
            return start_response(status, *args)

        try:
            return application(environ, remember)
        finally:
            _count(method, path, code, time.monotonic() - start)

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
