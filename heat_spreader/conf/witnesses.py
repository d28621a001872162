# SPDX-License-Identifier: Apache-2.0
"""The groups [witness_NAME], one for each name in [health] witnesses."""

import urllib.parse

from oslo_config import cfg

from heat_spreader import exception

# With fewer, one that is wrong can cause a failover, or prevent one.
ENOUGH = 3
_SCHEMES = ['http', 'https']

WITNESS_OPTS = [
    cfg.URIOpt(
        'url',
        schemes=_SCHEMES,
        help='The probe URL of the exporter, usually '
        'https://HOST:9115/probe. Use https, and a password or a firewall: an '
        'exporter probes whatever it is asked to. Required.',
    ),
    cfg.StrOpt(
        'module',
        default='heat',
        help='The module of the exporter: an HTTP probe that accepts the '
        'status codes 200 and 300. A witness that does not know the module '
        'counts as silent, and a warning is logged.',
    ),
    cfg.ListOpt(
        'near',
        default=[],
        help='The clouds at the same site as the witness. It has no vote '
        'about them, because what cuts such a cloud off may cut it off too. '
        'Empty: it votes about every cloud.',
    ),
    cfg.URIOpt(
        'reference',
        schemes=_SCHEMES,
        help='A URL outside of the site of the witness that shows whether its '
        'network works, for example that of a web server of your own. That '
        'the witness cannot reach a cloud counts only if it reaches this, or '
        'another cloud that is not near. Unset: only other clouds count.',
    ),
    cfg.StrOpt(
        'username',
        help='The user for HTTP basic authentication. Unset: none is used.',
    ),
    cfg.StrOpt(
        'password',
        secret=True,
        help='The password of the user. It is never logged or shown.',
    ),
    cfg.StrOpt(
        'ca_file',
        help='The file of the certificate authorities with which the '
        'certificate of the exporter is verified. Unset: those of the system.',
    ),
]


def group(witness):
    """The name of the option group of one witness."""
    return f'witness_{witness}'


def register_witness_opts(conf):
    """Register the groups of the witnesses; only parsing shows which."""
    for witness in conf.health.witnesses:
        conf.register_opts(WITNESS_OPTS, group=group(witness))


def check(conf):
    """Check what no single option shows.

    :raises ConfigurationInvalid: with the section and what to correct
    """
    names = conf.health.witnesses
    if len(names) != len(set(names)):
        raise exception.ConfigurationInvalid(
            'witnesses in [health] has a name twice: a witness has one vote.'
        )
    for name in names:
        _check(conf, name)


def _check(conf, name):
    section, options = group(name), conf[group(name)]
    problem = None
    unknown = [
        cloud for cloud in options.near if cloud not in conf.clouds.enabled
    ]
    if name == 'engine':
        problem = 'is reserved: the engine is an observer of that name'
    elif not options.url:
        problem = (
            'has no url. Each name in witnesses of [health] needs a section '
            'with the address of its exporter'
        )
    elif unknown:
        problem = (
            f'has the cloud {unknown[0]} in near, which is not in enabled of '
            '[clouds]'
        )
    elif _has_password(options.url) or _has_password(options.reference):
        problem = (
            'has a user or a password in a URL: set username and password '
            'instead'
        )
    elif bool(options.username) != bool(options.password):
        problem = 'needs both username and password, or neither'
    if problem:
        raise exception.ConfigurationInvalid(f'[{section}] {problem}.')


def _has_password(url):
    return '@' in urllib.parse.urlsplit(url or '').netloc


def public_url(conf, witness):
    """The URL of a witness without its query, which may have a token."""
    return conf[group(witness)].url.partition('?')[0]


def voters(conf, cloud):
    """The names of the witnesses that vote about a cloud."""
    return [
        name
        for name in conf.health.witnesses
        if cloud not in conf[group(name)].near
    ]


def remarks(conf):
    """A sentence for each cloud about which too few witnesses vote."""
    if not conf.health.witnesses:
        return []
    return [
        f'Only {len(voters(conf, cloud))} of the witnesses vote about the '
        f'cloud {cloud}: with fewer than {ENOUGH}, one that is wrong can '
        'cause a failover, and a single one can prevent it.'
        for cloud in conf.clouds.enabled
        if len(voters(conf, cloud)) < ENOUGH
    ]
