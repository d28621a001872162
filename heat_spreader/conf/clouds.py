# SPDX-License-Identifier: Apache-2.0
from oslo_config import cfg

GROUP = 'clouds'

OPTS = [
    cfg.ListOpt(
        'enabled',
        default=[],
        help='The clouds that may be used: names of entries of clouds.yaml. '
        'The API and the engine must have the same list. A cloud that is '
        'taken out keeps its stacks as they are; nothing is changed there '
        'any more.',
    ),
    cfg.ListOpt(
        'config_files',
        default=['/etc/openstack/clouds.yaml'],
        help='The clouds.yaml files, read by the engine alone. Where '
        'several name the same cloud, the first one holds. They hold '
        'passwords: let only the user of the engine read them.',
    ),
    cfg.FloatOpt(
        'connect_timeout',
        default=5.0,
        min=0.1,
        help='Seconds to wait for a connection to a cloud. Too small a value '
        'makes a slow cloud look unreachable.',
    ),
    cfg.FloatOpt(
        'read_timeout',
        default=20.0,
        min=0.1,
        help='Seconds to wait for the answer of a cloud. Too small a value '
        'makes a busy cloud look unreachable; a large one delays the moment '
        'in which a cloud that hangs is known to.',
    ),
]

CLOUD_OPTS = [
    cfg.ListOpt(
        'projects',
        default=[],
        help='Ids of the projects that may use the cloud, * for all. Empty: '
        'administrators alone. A project that is taken out keeps its stacks '
        'as they are; nothing is changed in this cloud for it any more.',
    ),
]


def cloud_group(cloud):
    """The name of the option group of one cloud."""
    return f'cloud_{cloud}'


def register_opts(conf):
    conf.register_opts(OPTS, group=GROUP)


def register_cloud_opts(conf):
    """Register a group for each enabled cloud, known only after parsing."""
    for cloud in conf.clouds.enabled:
        conf.register_opts(CLOUD_OPTS, group=cloud_group(cloud))
