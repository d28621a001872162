# SPDX-License-Identifier: Apache-2.0
from oslo_config import cfg

GROUP = 'health'

OPTS = [
    cfg.FloatOpt(
        'probe_timeout',
        default=5.0,
        min=0.1,
        help='Seconds to wait for the list of the stacks of a cloud, '
        'authentication included, before the cloud is asked for a single '
        'stack as well. If there is no answer to that in the same time '
        'either, the survey has failed. A cloud that answers it is slow, and '
        'not down. With too small a value a cloud under load appears to be '
        'unreachable, and its workload moves to others; a large one delays '
        'the failover from a cloud that hangs.',
    ),
    cfg.IntOpt(
        'failure_threshold',
        default=3,
        min=1,
        help='The number of consecutive failed surveys after which a cloud is '
        'DOWN. With 1 a single lost response moves workload to other clouds; '
        'a large number delays the failover.',
    ),
    cfg.IntOpt(
        'success_threshold',
        default=2,
        min=1,
        help='The number of consecutive successful surveys after which a '
        'cloud that was DOWN is UP again. With 1 workload moves back at once, '
        'even to a cloud that will fail again; a large number delays the '
        'failback.',
    ),
    cfg.FloatOpt(
        'failover_delay',
        default=0.0,
        min=0.0,
        help='The minimum number of seconds for which a cloud is SUSPECT '
        'before it is DOWN and its weight is spread over the others. With 0 '
        'only failure_threshold counts. With a large value short outages '
        'move no workload, but stacks with a member in the cloud have less '
        'than their total for longer.',
    ),
    cfg.FloatOpt(
        'failback_delay',
        default=0.0,
        min=0.0,
        help='The minimum number of seconds for which a cloud that was DOWN '
        'must answer before it is UP and gets its weight back. With 0 only '
        'success_threshold counts. With a large value the other clouds carry '
        'the workload for longer.',
    ),
    cfg.FloatOpt(
        'flap_window',
        default=600.0,
        min=0.0,
        help='Seconds within which outages of one cloud belong together. Each '
        'outage that begins within this time after another one doubles the '
        'success_threshold of the cloud, up to 16 times, so that a cloud that '
        'comes and goes moves less and less workload. 0: the threshold is '
        'never raised. With a large value a cloud must answer for longer even '
        'after outages that have nothing to do with each other.',
    ),
    cfg.ListOpt(
        'witnesses',
        default=[],
        help='Prometheus blackbox exporters at other sites, each with its '
        'address in [witness_NAME]. If the engine cannot reach a cloud, the '
        'cloud is DOWN only if a majority of the observers, the engine and '
        'these, confirms it; otherwise it is UNSEEN, and its counts are held. '
        'With three witnesses, one that is silent or wrong neither causes nor '
        'prevents a failover; with one or two it can. If too many are silent, '
        'there is no failover. The API and the engines must have the same '
        'list. Empty: the engine decides alone.',
    ),
    cfg.IntOpt(
        'max_down_clouds',
        min=0,
        help='The maximum number of clouds that may be DOWN at the same time. '
        'With more, nothing is changed anywhere and the stacks are FROZEN: '
        'the cause is then probably the network of the engine. Unset: fewer '
        'than half of the enabled clouds, and 1 in any case, which is 1 of '
        '2, 3 or 4 clouds and 2 of 5. 0: no limit. If no cloud can be '
        'reached, nothing is changed, whatever the value.',
    ),
]


def register_opts(conf):
    conf.register_opts(OPTS, group=GROUP)
