# SPDX-License-Identifier: Apache-2.0
"""Who the caller is, by each auth_strategy, in the headers that Keystone sets.

With http_basic and noauth every caller is an administrator of one project,
so that the policies need no other case.
"""

import base64

from keystonemiddleware import auth_token

from heat_spreader import address
from heat_spreader import exception
from heat_spreader import routes
from heat_spreader.api import htpasswd

PROJECT = 'default'
# The headers that oslo.context believes; none is taken from a client.
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


def keystone(application, conf):
    """Check tokens with Keystone."""
    # A request without a valid token ends there, whatever the option says:
    # nothing behind it asks again.
    return auth_token.AuthProtocol(
        application,
        {'oslo_config_config': conf, 'delay_auth_decision': False},
    )


def noauth(application, conf):
    """Take every caller for the one user there is."""

    def call(environ, start_response):
        _set_identity(environ, 'noauth')
        return application(environ, start_response)

    return call


def http_basic(application, conf):
    """Check names and passwords with the htpasswd file."""
    passwords = htpasswd.Passwords(conf.api.http_basic_auth_user_file)

    def call(environ, start_response):
        user, password = _credentials(environ.pop('HTTP_AUTHORIZATION', ''))
        if not passwords.match(user, password):
            raise exception.Unauthenticated(
                'The name or the password is wrong.'
            )
        _set_identity(environ, user)
        return application(environ, start_response)

    return call


def _credentials(header):
    """The name and the password of an Authorization header."""
    scheme, _, value = header.partition(' ')
    if scheme.lower() != 'basic':
        raise exception.Unauthenticated(
            'The request needs a name and a password by HTTP basic '
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
    """Ask for credentials by auth_strategy, but for the public documents."""
    strategy = {
        'keystone': keystone,
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
    """Keep everybody on the network from being an administrator.

    :raises ConfigurationInvalid: if noauth is set for such an address
    """
    host = conf.api.host
    if conf.api.auth_strategy == 'noauth' and not address.is_loopback(host):
        raise exception.ConfigurationInvalid(
            f'auth_strategy = noauth lets everybody in who reaches {host}. '
            'Set host to a loopback address such as 127.0.0.1, or '
            'auth_strategy to http_basic or keystone.'
        )
