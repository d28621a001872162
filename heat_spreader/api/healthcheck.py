# SPDX-License-Identifier: Apache-2.0
"""The health of the API: that of the database, which must take changes.

Whether an engine works is shown as well.
"""

from oslo_log import log as logging
from oslo_middleware import healthcheck
from oslo_middleware.healthcheck import pluginbase

from heat_spreader import context
from heat_spreader import routes
from heat_spreader.api import answers
from heat_spreader.api import engine_report
from heat_spreader.api import resource
from heat_spreader.db import session

LOG = logging.getLogger(__name__)

OPERATION = resource.Operation(
    'Check the health of the API and its database.', answers.HEALTH
)


class Database(pluginbase.HealthcheckBaseExtension):
    """The backend ``heat_spreader_database`` of oslo.middleware."""

    def healthcheck(self, server_port):
        """Ask the database for a change that changes nothing."""
        try:
            session.ping()
        except session.UNAVAILABLE as exc:
            # It is in the log: once, and not for every check.
            return _unhealthy(session.detail(exc))
        except Exception as exc:
            # Drivers name the host and the user in their texts.
            LOG.error('The database cannot be used: %s', exc)
            return _unhealthy('The database cannot be used.')
        return pluginbase.HealthcheckResult(available=True, reason='OK')


class Engine(pluginbase.HealthcheckBaseExtension):
    """The backend ``heat_spreader_engine``: it only says what is so.

    The API answers without an engine, so a load balancer must keep it; the
    reason is in the detailed answer.
    """

    def healthcheck(self, server_port):
        """Whether an engine has reported recently, as the reason."""
        try:
            with context.for_engine() as ctx:
                report = engine_report.read(ctx, self.oslo_conf)
        except Exception as exc:
            LOG.debug('The engines cannot be read: %s', exc)
            # What is wrong with the database is the reason of the other one.
            return pluginbase.HealthcheckResult(available=True, reason='OK')
        reason = report.sentence
        return pluginbase.HealthcheckResult(available=True, reason=reason)


def _unhealthy(reason):
    return pluginbase.HealthcheckResult(available=False, reason=reason)


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
