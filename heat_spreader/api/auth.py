# SPDX-License-Identifier: Apache-2.0
"""Authentication, by each auth_strategy; the result is Keystone's headers.

With http_basic and noauth every caller is an administrator of one project,
so that the policies are the same.
"""

import base64
import re

import webob.exc
from keystoneauth1 import exceptions as ksa_exceptions
from keystonemiddleware import auth_token
from keystonemiddleware import exceptions as ksm_exceptions

from heat_spreader import address
from heat_spreader import exception
from heat_spreader import routes
from heat_spreader import secret_files
from heat_spreader.api import htpasswd

PROJECT = 'default'
# The headers that oslo.context trusts; those of a client are removed.
_IDENTITY = (
    'HTTP_OPENSTACK_SYSTEM_SCOPE',
    'HTTP_X_AUTH_TOKEN',
    'HTTP_X_DOMAIN',
    'HTTP_X_IDENTITY',
    'HTTP_X_IS_ADMIN',
    'HTTP_X_PROJECT',
    'HTTP_X_ROLE',
    'HTTP_X_SERVICE',
    'HTTP_X_STORAGE_TOKEN',
    'HTTP_X_TENANT',
    'HTTP_X_USER',
)
# The middleware turns what it expects into a 503, and a timeout not always.
_UNAVAILABLE = (
    webob.exc.HTTPServiceUnavailable,
    ksa_exceptions.RetriableConnectionFailure,
)
# Keystone has answered, but not what was asked.
_REJECTED = ksm_exceptions.KeystoneMiddlewareException


def _forget_identity(environ):
    for header in list(environ):
        if header.startswith(_IDENTITY):
            del environ[header]


def _set_identity(environ, user):
    _forget_identity(environ)
    environ.update(
        HTTP_X_IDENTITY_STATUS='Confirmed',
        HTTP_X_USER_ID=user,
        HTTP_X_USER_NAME=user,
        HTTP_X_PROJECT_ID=PROJECT,
        HTTP_X_PROJECT_NAME=PROJECT,
        HTTP_X_ROLES='admin,member,reader',
    )


class Keystone(auth_token.AuthProtocol):
    """Checks tokens with Keystone, which an error names.

    It rejects a request without a valid token, whatever the option is set to:
    nothing behind it would.
    """

    def __init__(self, application, conf):
        super().__init__(
            application,
            {'oslo_config_config': conf, 'delay_auth_decision': False},
        )
        self._address = _keystone_address(conf)

    def process_request(self, request):
        """Check the token of a request, as the framework asks."""
        try:
            return super().process_request(request)
        except _UNAVAILABLE as exc:
            problem = 'does not answer, so no token can be checked'
            if isinstance(exc.__context__, _REJECTED):
                problem = (
                    'answers, but does not check tokens for the service; the '
                    'log of the API has the reason'
                )
            raise exception.Unavailable(
                f'The Keystone at {self._address} {problem}. Try again later.'
            ) from None


def _keystone_address(conf):
    """The public address of Keystone; the one that we use if it is not set.

    A response to a request without a token has the same.
    """
    options = conf.keystone_authtoken
    section = conf[options.auth_section or 'keystone_authtoken']
    address = options.www_authenticate_uri or getattr(
        section, 'auth_url', None
    )
    return re.sub('//[^/]*@', '//', address or 'an unknown address')


def noauth(application, conf):
    """Accept every caller as the same user."""

    def call(environ, start_response):
        _set_identity(environ, 'noauth')
        return application(environ, start_response)

    return call


def http_basic(application, conf):
    """Check names and passwords with the htpasswd file."""
    path = conf.api.http_basic_auth_user_file
    passwords = htpasswd.Passwords(path)
    secret_files.warn_of_exposed([path])

    def call(environ, start_response):
        user, password = _credentials(environ.pop('HTTP_AUTHORIZATION', ''))
        if not passwords.match(user, password):
            raise exception.Unauthenticated(
                'The user name or the password is wrong.'
            )
        _set_identity(environ, user)
        return application(environ, start_response)

    return call


def _credentials(header):
    """The name and the password of an Authorization header."""
    scheme, _, value = header.partition(' ')
    if scheme.lower() != 'basic':
        raise exception.Unauthenticated(
            'The request requires a user name and a password by HTTP basic '
            'authentication.'
        )
    try:
        pair = base64.b64decode(value.strip(), validate=True).decode()
    except ValueError:
        raise exception.Unauthenticated(
            'The Authorization header cannot be read.'
        ) from None
    user, _, password = pair.partition(':')
    return user, password


def middleware(application, conf):
    """Authenticate by auth_strategy, except for the public routes."""
    strategy = {
        'keystone': Keystone,
        'http_basic': http_basic,
        'noauth': noauth,
    }[conf.api.auth_strategy]
    guarded = strategy(application, conf)

    def call(environ, start_response):
        route, _ = routes.find(environ['PATH_INFO'])
        if routes.is_public(route):
            _forget_identity(environ)
            return application(environ, start_response)
        return guarded(environ, start_response)

    return call


def check_noauth_address(conf):
    """Refuse noauth on an address that other machines can reach.

    :raises ConfigurationInvalid: if the API would listen on one
    """
    host = conf.api.host
    if conf.api.auth_strategy == 'noauth' and not address.is_loopback(host):
        raise exception.ConfigurationInvalid(
            'auth_strategy = noauth would make everyone who can reach '
            f'{host} an administrator. Set host to a loopback address such as '
            '127.0.0.1, or auth_strategy to http_basic or keystone.'
        )
