# SPDX-License-Identifier: Apache-2.0
"""The health of the API: it is well when the database answers."""

from oslo_log import log as logging
from oslo_middleware import healthcheck
from oslo_middleware.healthcheck import pluginbase

from heat_spreader import routes
from heat_spreader.db import session

LOG = logging.getLogger(__name__)
_AWAY = pluginbase.HealthcheckResult(
    available=False, reason='The database does not answer.'
)


class Database(pluginbase.HealthcheckBaseExtension):
    """The backend ``heat_spreader_database`` of oslo.middleware."""

    def healthcheck(self, server_port):
        """Ask the database for nothing but an answer."""
        try:
            session.ping()
        except session.UNAVAILABLE:
            # It is in the log: once, and not for every check.
            return _AWAY
        except Exception as exc:
            # Drivers name the host and the user in their words.
            LOG.error('The database does not answer: %s', exc)
            return _AWAY
        return pluginbase.HealthcheckResult(available=True, reason='OK')


def route(application, conf):
    """Send the path of the health check to it, and no other path."""
    health = healthcheck.Healthcheck(application, conf)

    def call(environ, start_response):
        chosen = (
            health
            if environ['PATH_INFO'] == routes.HEALTHCHECK
            else application
        )
        return chosen(environ, start_response)

    return call
