# SPDX-License-Identifier: Apache-2.0
"""The WSGI application, put together in plain Python."""

import pecan
from oslo_config import cfg
from oslo_middleware import cors
from oslo_middleware import http_proxy_to_wsgi
from oslo_middleware import request_id
from oslo_middleware import sizelimit
from oslo_middleware.healthcheck import opts as healthcheck_opts

from heat_spreader import secret_files
from heat_spreader import service
from heat_spreader.api import audit
from heat_spreader.api import auth
from heat_spreader.api import errors
from heat_spreader.api import healthcheck
from heat_spreader.api import hooks
from heat_spreader.api import limits
from heat_spreader.api import metrics
from heat_spreader.api import microversion
from heat_spreader.api import request
from heat_spreader.api import resource
from heat_spreader.api.controllers import root

# From the outside to the inside. The metrics count every response. CORS is
# next: a browser sends its preflight requests without credentials, and must be
# able to read errors too. Every error has the request id, so only that comes
# before the middleware that renders errors. Health checks need no credentials.
# The size of a body is checked before it is read, and the caller is known
# before the request is recorded and microversions and pecan handle it.
MIDDLEWARE = (
    metrics.middleware,
    cors.CORS,
    request_id.RequestId,
    errors.Errors,
    http_proxy_to_wsgi.HTTPProxyToWSGI,
    healthcheck.route,
    sizelimit.RequestBodySizeLimiter,
    auth.middleware,
    audit.middleware,
    microversion.middleware,
)

_HEADERS = ['OpenStack-API-Version', 'X-OpenStack-Request-ID']


def set_defaults():
    """Set our defaults of the options of the libraries."""
    service.set_defaults()
    cors.set_defaults(
        allow_headers=['Authorization', 'X-Auth-Token', *_HEADERS],
        expose_headers=['Location', *_HEADERS],
        allow_methods=['GET', 'POST', 'PATCH', 'PUT', 'DELETE'],
    )
    cfg.set_defaults(
        healthcheck_opts.HEALTHCHECK_OPTS,
        backends=['heat_spreader_database', 'heat_spreader_engine'],
    )


def make_app(conf):
    """Make the application for a configuration that is parsed already.

    :raises ConfigurationInvalid: if the htpasswd file cannot be used, or a
        library is missing
    """
    set_defaults()
    if conf.api.unified_limits:
        limits.unified_limits()
    secret_files.warn_of_exposed(service.config_paths(conf))
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
