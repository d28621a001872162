# SPDX-License-Identifier: Apache-2.0
from oslo_config import cfg
from oslo_config import types

from heat_spreader import exception

GROUP = 'clouds'
# What a cloud cannot be named, since the API has a URL of that name.
RESERVED = ('readiness',)

OPTS = [
    cfg.ListOpt(
        'enabled',
        default=[],
        help='The clouds that may be used: names of entries in clouds.yaml. '
        'The API and the engines must have the same list. The stacks in a '
        'cloud that is removed from the list stay as they are: they are no '
        'longer managed. Empty: no stack can be managed.',
    ),
    cfg.ListOpt(
        'config_files',
        default=[],
        help='The clouds.yaml files. Only the engine reads them. If several '
        'files have an entry for a cloud, the first one is used. The files '
        'secure.yaml and clouds-public.yaml beside it complete the entry. '
        'Empty: all of these files are searched where openstacksdk searches '
        'them: OS_CLIENT_CONFIG_FILE and OS_CLIENT_SECURE_FILE in the '
        'environment, the working directory, ~/.config/openstack and '
        '/etc/openstack, as .yaml, .yml or .json. The files have passwords: '
        'only the user of the engine should be able to read them.',
    ),
    cfg.FloatOpt(
        'connect_timeout',
        default=5.0,
        min=0.1,
        help='Seconds to wait for a connection to a cloud. A call as a whole, '
        'from the name lookup and the authentication to the last byte of the '
        'response, may take connect_timeout and read_timeout together. With '
        'too small a value calls to a slow cloud fail; with a large one the '
        'calls to a cloud that is gone take longer to fail.',
    ),
    cfg.FloatOpt(
        'read_timeout',
        default=20.0,
        min=0.1,
        help='Seconds to wait for a response of a cloud. With too small a '
        'value updates in a busy cloud fail, although Heat may have accepted '
        'them, and are tried again later; with a large one it takes longer '
        'before an update that a cloud does not answer is tried again. It '
        'does not decide when a cloud is down: probe_timeout in [health] '
        'does.',
    ),
]

CLOUD_OPTS = [
    cfg.ListOpt(
        'projects',
        default=[],
        help='The IDs of the projects that may use the cloud, or * for all '
        'projects. Empty: only administrators may use it. If a project is '
        'removed from the list, its stacks in the cloud stay as they are: '
        'they are no longer managed.',
    ),
    cfg.ListOpt(
        'witness_urls',
        default=[],
        item_type=types.URI(schemes=['http', 'https']),
        help='The URLs that the witnesses request to find out whether the '
        'cloud can be reached; each must answer without a token. Set them if '
        'the witnesses cannot reach the addresses that the engine uses, for '
        'example internal ones: a witness that never reaches the cloud would '
        'confirm every outage. Empty: auth_url, and the address of Heat in '
        'the catalog of the cloud.',
    ),
]


def cloud_group(cloud):
    """The name of the option group of one cloud."""
    return f'cloud_{cloud}'


def register_opts(conf):
    conf.register_opts(OPTS, group=GROUP)


def register_cloud_opts(conf):
    """Register the groups of the enabled clouds; only parsing shows which.

    :raises ConfigurationInvalid: if a cloud has a name that is reserved
    """
    for cloud in conf.clouds.enabled:
        if cloud in RESERVED:
            raise exception.ConfigurationInvalid(
                f'A cloud cannot be named {cloud}: the API has something else '
                f'at /v1/clouds/{cloud}. Rename the entry in clouds.yaml and '
                'in enabled in [clouds].'
            )
        conf.register_opts(CLOUD_OPTS, group=cloud_group(cloud))
