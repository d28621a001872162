# SPDX-License-Identifier: Apache-2.0
"""Find the unknown and the deprecated options in configuration files.

oslo.config ignores an option that it does not know: a misspelled name, or an
option that an upgrade removed, has no effect.
"""

import collections
import importlib.metadata

from keystoneauth1 import exceptions as ksa_exc
from keystoneauth1 import loading
from oslo_config import cfg

from heat_spreader import service
from heat_spreader.conf import clouds
from heat_spreader.conf import witnesses

# The namespaces of the sample configuration.
NAMESPACES = (
    'heat_spreader',
    'keystonemiddleware.audit',
    'keystonemiddleware.auth_token',
    'oslo.db',
    'oslo.limit',
    'oslo.log',
    'oslo.messaging',
    'oslo.middleware.cors',
    'oslo.middleware.healthcheck',
    'oslo.middleware.http_proxy_to_wsgi',
    'oslo.middleware.sizelimit',
    'oslo.policy',
    'oslo.reports',
    'oslo.service.service',
)
_KEYSTONE = 'keystone_authtoken'


def unknown_or_deprecated(conf):
    """Return a sentence for each unknown or deprecated option in the files.

    :param conf: a configuration that is parsed already
    """
    known = _known(conf)
    return [
        sentence
        for path in service.config_paths(conf)
        for group, names in _parse(path).items()
        for name in names
        if (sentence := _sentence(known, path, group, name))
    ]


def _parse(path):
    sections = {}
    cfg.ConfigParser(str(path), sections).parse()
    return sections


def _known(conf):
    """What is wrong with each known option, by group and name; '' if fine."""
    known = collections.defaultdict(dict)
    for group, options in [*_registered(), *_dynamic(conf)]:
        for option in options:
            _add(known, group, option)
    return known


def _add(known, group, option):
    for old in option.deprecated_opts:
        name = (old.name or option.dest).replace('-', '_')
        known[old.group or group].setdefault(
            name, f'was renamed to {option.dest} in [{group}]'
        )
    known[group][option.dest] = ''
    if option.deprecated_for_removal:
        why = (option.deprecated_reason or '').strip()
        known[group][option.dest] = f'is deprecated. {why}'.strip(' .')


def _registered():
    for entry in importlib.metadata.entry_points(group='oslo.config.opts'):
        if entry.name in NAMESPACES:
            for group, options in entry.load()():
                yield getattr(group, 'name', group) or 'DEFAULT', options


def _dynamic(conf):
    """The groups and options that depend on other options."""
    for cloud in conf.clouds.enabled:
        yield clouds.cloud_group(cloud), clouds.CLOUD_OPTS
    for witness in conf.health.witnesses:
        yield witnesses.group(witness), witnesses.WITNESS_OPTS
    loading.register_auth_conf_options(conf, _KEYSTONE)
    authtoken = conf[_KEYSTONE]
    if authtoken.auth_type:
        try:
            options = loading.get_auth_plugin_conf_options(authtoken.auth_type)
        except ksa_exc.NoMatchingPlugin:
            return
        yield authtoken.auth_section or _KEYSTONE, options


def _sentence(known, path, group, name):
    """What is wrong with an option of a file, '' if it is fine."""
    option = f'{name} in [{group}] of {path}'
    problem = known.get(group, {}).get(name)
    if problem is None:
        return (
            f'The option {option} is unknown and has no effect: it is '
            'misspelled or was removed.'
        )
    return problem and f'The option {option} {problem}.'
