# SPDX-License-Identifier: Apache-2.0
"""The WSGI application, put together in plain Python."""

import pecan
from oslo_config import cfg
from oslo_middleware import cors
from oslo_middleware import http_proxy_to_wsgi
from oslo_middleware import request_id
from oslo_middleware import sizelimit
from oslo_middleware.healthcheck import opts as healthcheck_opts

from heat_spreader import service
from heat_spreader.api import auth
from heat_spreader.api import errors
from heat_spreader.api import healthcheck
from heat_spreader.api import hooks
from heat_spreader.api import metrics
from heat_spreader.api import microversion
from heat_spreader.api import request
from heat_spreader.api import resource
from heat_spreader.api.controllers import root

# From the outside to the inside. What counts the answers sees them all. CORS
# comes next, since a browser asks without credentials whether it may ask, and
# must be able to read errors too. All errors carry the request id, so only
# that comes before what renders them. Health checks come from machines without
# credentials. Nothing large is read before its size is known; nobody unknown
# gets to the versions and to pecan.
MIDDLEWARE = (
    metrics.middleware,
    cors.CORS,
    request_id.RequestId,
    errors.Errors,
    http_proxy_to_wsgi.HTTPProxyToWSGI,
    healthcheck.route,
    sizelimit.RequestBodySizeLimiter,
    auth.middleware,
    microversion.middleware,
)

_HEADERS = ['OpenStack-API-Version', 'X-OpenStack-Request-ID']


def set_defaults():
    """Set what the options of the libraries default to here."""
    service.set_defaults()
    cors.set_defaults(
        allow_headers=['Authorization', 'X-Auth-Token', *_HEADERS],
        expose_headers=['Location', *_HEADERS],
        allow_methods=['GET', 'POST', 'PATCH', 'PUT', 'DELETE'],
    )
    cfg.set_defaults(
        healthcheck_opts.HEALTHCHECK_OPTS, backends=['heat_spreader_database']
    )


def make_app(conf):
    """The application for a configuration that is parsed already.

    :raises ConfigurationInvalid: if nobody could be let in
    """
    set_defaults()
    application = pecan.make_app(
        resource.Dispatcher(conf, root.RESOURCES),
        debug=False,
        hooks=[hooks.ContextHook(conf), hooks.ErrorHook()],
        request_cls=request.Request,
        force_canonical=False,
        guess_content_type_from_ext=False,
    )
    for middleware in reversed(MIDDLEWARE):
        application = middleware(application, conf)
    return application
