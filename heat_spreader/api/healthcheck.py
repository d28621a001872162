# SPDX-License-Identifier: Apache-2.0
"""The health check of the API: the database must answer."""

from oslo_log import log as logging
from oslo_middleware import healthcheck
from oslo_middleware.healthcheck import pluginbase

from heat_spreader import routes
from heat_spreader.db import session

LOG = logging.getLogger(__name__)
_UNAVAILABLE = pluginbase.HealthcheckResult(
    available=False, reason='The database does not answer.'
)


class Database(pluginbase.HealthcheckBaseExtension):
    """The backend ``heat_spreader_database`` of oslo.middleware."""

    def healthcheck(self, server_port):
        """Send the database an empty query."""
        try:
            session.ping()
        except session.UNAVAILABLE:
            # This is in the log already: once, and not for every check.
            return _UNAVAILABLE
        except Exception as exc:
            # Not in the response: messages of drivers name host and user.
            LOG.error('The database does not answer: %s', exc)
            return _UNAVAILABLE
        return pluginbase.HealthcheckResult(available=True, reason='OK')


def route(application, conf):
    """Send the requests for the path of the health check to it."""
    health = healthcheck.Healthcheck(application, conf)

    def call(environ, start_response):
        chosen = (
            health
            if environ['PATH_INFO'] == routes.HEALTHCHECK
            else application
        )
        return chosen(environ, start_response)

    return call
