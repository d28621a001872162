# SPDX-License-Identifier: Apache-2.0
"""The microversions of the API, oldest first."""

from microversion_parse import middleware as microversion_middleware

from heat_spreader import exception
from heat_spreader.api import errors

SERVICE_TYPE = 'multicloud'
VERSIONS = [
    '1.0',  # stacks, weights, events and clouds
]


def _error(body, status, title, environ):
    requested = environ['HTTP_OPENSTACK_API_VERSION']
    kind = exception.Invalid
    if status.startswith(str(exception.VersionNotSupported.status)):
        kind = exception.VersionNotSupported
    return errors.document(
        environ,
        kind(
            f"The header OpenStack-API-Version is '{requested}', which is not "
            f'supported. The API has {SERVICE_TYPE} {VERSIONS[0]} to '
            f'{SERVICE_TYPE} {VERSIONS[-1]}.'
        ),
    )


def middleware(application, conf):
    """Negotiate the version by the header OpenStack-API-Version."""
    return microversion_middleware.MicroversionMiddleware(
        application, SERVICE_TYPE, VERSIONS, json_error_formatter=_error
    )
