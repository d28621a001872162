# SPDX-License-Identifier: Apache-2.0
from oslo_config import cfg

GROUP = 'engine'

OPTS = [
    cfg.FloatOpt(
        'survey_interval',
        default=10.0,
        min=0.1,
        help='Seconds between two surveys of a cloud in which no stack is '
        'changing. A cloud is DOWN after failure_threshold failed surveys, so '
        'a large value delays the failover; a small one sends more requests '
        'to the clouds.',
    ),
    cfg.FloatOpt(
        'settle_interval',
        default=2.0,
        min=0.1,
        help='Seconds between two surveys of a cloud while Heat is updating a '
        'stack there. Scale-downs that wait for new capacity may start this '
        'long after it is ready; a small value sends more requests to the '
        'clouds.',
    ),
    cfg.FloatOpt(
        'resync_interval',
        default=600.0,
        min=1.0,
        help='Seconds after which every stack is read again although the list '
        'of stacks shows no change. A large value delays the detection of '
        'changes that the list does not show; a small one sends a request '
        'for each stack more often.',
    ),
    cfg.FloatOpt(
        'reconcile_interval',
        default=1.0,
        min=0.1,
        help='Seconds between two queries of the database for stacks that are '
        'due. A large value delays the response to changes by users and to '
        'failures of clouds; a small one loads the database.',
    ),
    cfg.FloatOpt(
        'heartbeat_interval',
        default=3.0,
        min=0.1,
        help='Seconds between two heartbeats of an engine. Each is one small '
        'write to the database.',
    ),
    cfg.FloatOpt(
        'heartbeat_timeout',
        default=15.0,
        min=0.3,
        help='Seconds without a heartbeat after which the other engines take '
        'over the clouds and the stacks of an engine. At least three times '
        'heartbeat_interval. An engine that cannot write its heartbeat sends '
        'nothing to any cloud one interval earlier, so a small value makes a '
        'slow database stop the work. All engines must have the same value.',
    ),
    cfg.IntOpt(
        'workers',
        default=1,
        min=1,
        help='Engine processes in one service, each an engine of its own that '
        'is started again when it dies. They share the clouds and the stacks '
        'as engines on different hosts do. If metrics are enabled, set '
        'PROMETHEUS_MULTIPROC_DIR in the environment of the service, so that '
        'the processes share one port; otherwise only one serves metrics.',
    ),
    cfg.IntOpt(
        'threads',
        default=16,
        min=1,
        help='The number of stacks for which the engine plans or writes to '
        'the database at the same time. Stacks that wait for a cloud do not '
        'count. With too few the stacks wait for each other. Each thread may '
        'use one connection to the database; the default of max_pool_size in '
        '[database] is enough for all of them.',
    ),
    cfg.IntOpt(
        'max_updates_per_cloud',
        default=8,
        min=1,
        help='The number of requests for single stacks that an engine process '
        'has under way in one cloud at the same time: the updates and the '
        'reads of passes and of surveys together. Only the list of a survey '
        'and its probe come on top. Too many overload a small Heat; with too '
        'few a failover of many stacks takes long.',
    ),
    cfg.FloatOpt(
        'failover_rate',
        default=0.0,
        min=0.0,
        help='The number of members in one cloud that all engines together '
        'update in a second because a cloud has failed or returned, or an '
        'administrator has ordered something for it. It is for clouds that '
        'cannot take an update of every stack at once. A small '
        'value makes a failover of many stacks take long: a thousand at 2 a '
        'second need more than eight minutes. What users ask for is not '
        'limited. 0 is no limit. All engines must have the same value.',
    ),
    cfg.FloatOpt(
        'quota_interval',
        default=3600.0,
        min=0.0,
        help='Seconds between two reads of the limits of Nova in a cloud, '
        'from which "openstack multicloud cloud readiness" estimates whether '
        'instances of another cloud would find room there. With a large value '
        'the estimate is old. After them the engine reads the flavors of up '
        'to 50 stacks, each once a day. A cloud without Nova has none. 0: '
        'they are not read.',
    ),
    cfg.IntOpt(
        'event_retention',
        default=0,
        min=0,
        max=36500,
        help='Days after which the engine deletes an event, a batch of a '
        'thousand every ten seconds. 0 keeps events until you delete them '
        'with heat-spreader-manage purge events. With several engines set '
        'the same value for all of them: one of them deletes for all.',
    ),
    cfg.IntOpt(
        'events_per_stack',
        default=10000,
        min=0,
        help='How many events of one stack are kept. The engine counts them '
        'every ten minutes and deletes the oldest of those that are too '
        'many, so that a stack that is changed again and again does not fill '
        'the database. 0 is no limit. All engines must have the same value.',
    ),
    cfg.IntOpt(
        'events_in_all',
        default=1000000,
        min=0,
        help='How many events are kept in all, those of clouds included. A '
        'million needs about one gigabyte. As with events_per_stack, the '
        'oldest are deleted. 0 is no limit. All engines must have the same '
        'value.',
    ),
]


def register_opts(conf):
    conf.register_opts(OPTS, group=GROUP)
