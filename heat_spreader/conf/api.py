# SPDX-License-Identifier: Apache-2.0
from oslo_config import cfg

GROUP = 'api'

OPTS = [
    cfg.HostAddressOpt(
        'host',
        default='127.0.0.1',
        help='The address that heat-spreader-api listens on. It is not used '
        'under uWSGI or mod_wsgi, where the web server has its own address.',
    ),
    cfg.PortOpt(
        'port',
        default=8784,
        help='The port that heat-spreader-api listens on. With 0 it listens '
        'on any free port and logs which one. It is not used under uWSGI or '
        'mod_wsgi.',
    ),
    cfg.IntOpt(
        'threads',
        default=8,
        min=1,
        help='The number of requests that heat-spreader-api serves at the '
        'same time; further requests wait. With 1 a slow request delays all '
        'others. Each thread may use one connection to the database; the '
        'default of max_pool_size in [database] is enough for all of them. '
        'A client that sends or reads slowly occupies no thread.',
    ),
    cfg.IntOpt(
        'client_timeout',
        default=60,
        min=1,
        help='Seconds that heat-spreader-api waits for a client: until a '
        'whole request has arrived, until its response is read, and until '
        'the next request on the same connection. Then it closes the '
        'connection. Too few cut clients with slow links off.',
    ),
    cfg.IntOpt(
        'connections',
        default=500,
        min=1,
        help='The number of connections that heat-spreader-api keeps open. '
        'With one more, it closes the one that has waited longest for its '
        'client. Each needs an open file (LimitNOFILE in a systemd unit).',
    ),
    cfg.IntOpt(
        'connections_per_address',
        default=100,
        min=0,
        help='The same for the connections from one address; 0 is no limit. '
        'Set it to 0 behind a proxy, from whose address all clients come, '
        'and limit connections there.',
    ),
    cfg.IntOpt(
        'shutdown_timeout',
        default=60,
        min=1,
        help='Seconds that the requests in flight have to finish after '
        'SIGTERM. 5 seconds later the process ends, whatever a request waits '
        'for. Too few end requests that a slow database would have answered.',
    ),
    cfg.StrOpt(
        'auth_strategy',
        default='keystone',
        choices=[
            ('keystone', 'Keystone tokens, checked by keystonemiddleware'),
            ('http_basic', 'user names and passwords of an htpasswd file'),
            ('noauth', 'no authentication; on a loopback address only'),
        ],
        help='How callers are authenticated. With http_basic and noauth every '
        'caller is an administrator of one project named "default".',
    ),
    cfg.StrOpt(
        'http_basic_auth_user_file',
        default='/etc/heat-spreader/htpasswd',
        help='The htpasswd file of auth_strategy = http_basic. Each line is a '
        'user name and a bcrypt hash, as "htpasswd -nbB NAME PASSWORD" '
        'prints them. The file is read again when it changes.',
    ),
    cfg.StrOpt(
        'audit_map_file',
        help='The map of the audit middleware of Keystone, such as the sample '
        'api_audit_map.conf. If it is set, two records of each request whose '
        'caller is known are sent: before it is handled and after that. '
        '[audit_middleware_notifications] says where to. Unset: no records.',
    ),
    cfg.IntOpt(
        'max_limit',
        default=1000,
        min=1,
        help='The maximum number of items in one page of a list, and the '
        'number without a limit in the request. A small number makes clients '
        'send more requests; a large one needs more memory in the API.',
    ),
    cfg.IntOpt(
        'stacks_per_project',
        default=1000,
        min=0,
        help='How many stacks a project may have. Some more can be created '
        'where several requests come at the same time. 0 is no limit. It is '
        'not used with unified_limits.',
    ),
    cfg.BoolOpt(
        'unified_limits',
        default=False,
        help='Take the number of stacks that a project may have from the '
        'unified limits of Keystone: the limit multicloud_stacks of the '
        'service multicloud. It must be registered; without a registered '
        'limit no stack can be created. Needs the library oslo.limit and the '
        'group [oslo_limit]. Each new stack then costs a few requests '
        'to Keystone.',
    ),
]


def register_opts(conf):
    conf.register_opts(OPTS, group=GROUP)
