# SPDX-License-Identifier: Apache-2.0
"""Look for options in configuration files that nobody reads, or not for long.

oslo.config says nothing of an option that it does not know: a name that is
misspelt, or gone with an upgrade, is just without effect.
"""

import collections
import importlib.metadata
import pathlib

from keystoneauth1 import exceptions as ksa_exc
from keystoneauth1 import loading
from oslo_config import cfg

from heat_spreader.conf import clouds

# Whose options there may be: those of the sample configuration.
NAMESPACES = (
    'heat_spreader',
    'keystonemiddleware.auth_token',
    'oslo.db',
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


def doubtful(conf):
    """A sentence for each option in the files that is unknown or deprecated.

    :param conf: a configuration that is parsed already
    """
    known = _known(conf)
    return [
        sentence
        for path in _paths(conf)
        for group, names in _parse(path).items()
        for name in names
        if (sentence := _judge(known, path, group, name))
    ]


def _paths(conf):
    folders = [pathlib.Path(folder) for folder in conf.config_dir or ()]
    return [
        *conf.config_file,
        *(
            path
            for folder in folders
            for path in sorted(folder.glob('*.conf'))
        ),
    ]


def _parse(path):
    sections = {}
    cfg.ConfigParser(str(path), sections).parse()
    return sections


def _known(conf):
    """What is to be said of each option, by group and name; '' is nothing."""
    known = collections.defaultdict(dict)
    for group, options in [*_listed(), *_of_this_configuration(conf)]:
        for option in options:
            _learn(known, group, option)
    return known


def _learn(known, group, option):
    for old in option.deprecated_opts:
        name = (old.name or option.dest).replace('-', '_')
        known[old.group or group].setdefault(
            name, f'is now {option.dest} in [{group}]'
        )
    known[group][option.dest] = ''
    if option.deprecated_for_removal:
        why = (option.deprecated_reason or '').strip()
        known[group][option.dest] = f'will be gone one day. {why}'.strip(' .')


def _listed():
    for entry in importlib.metadata.entry_points(group='oslo.config.opts'):
        if entry.name in NAMESPACES:
            for group, options in entry.load()():
                yield getattr(group, 'name', group) or 'DEFAULT', options


def _of_this_configuration(conf):
    """The groups and options that other options bring with them."""
    for cloud in conf.clouds.enabled:
        yield clouds.cloud_group(cloud), clouds.CLOUD_OPTS
    loading.register_auth_conf_options(conf, _KEYSTONE)
    authtoken = conf[_KEYSTONE]
    if authtoken.auth_type:
        try:
            options = loading.get_auth_plugin_conf_options(authtoken.auth_type)
        except ksa_exc.NoMatchingPlugin:
            return
        yield authtoken.auth_section or _KEYSTONE, options


def _judge(known, path, group, name):
    """A sentence about an option of a file, '' where nothing is to say."""
    option = f'{name} in [{group}] of {path}'
    said = known.get(group, {}).get(name)
    if said is None:
        return f'Nobody reads {option}: it is misspelt, or gone.'
    return said and f'The option {option} {said}.'
