# SPDX-License-Identifier: Apache-2.0
"""What the requests of a changed member cost through keystoneauth alone.

It is measured in the same run: absolute times differ from host to host, and
from day to day.
"""

import time

from keystoneauth1 import loading
from keystoneauth1 import session

from benchmarks import clouds

# Times that the three requests are sent.
_REPETITIONS = 300


def cpu(auth):
    """Milliseconds of CPU for a read, a PATCH and a read of one stack.

    The stack does not exist: nothing is changed, and the answer is as short as
    that to an update.

    :param auth: of a cloud, as in clouds.yaml
    """
    plugin = loading.get_plugin_loader('v3password').load_from_options(**auth)
    client = session.Session(plugin)
    path = '/stacks/none/none'
    where = {
        'service_type': 'orchestration',
        'region_name': clouds.REGION,
    }

    def send(method, **body):
        client.request(
            path,
            method,
            endpoint_filter=where,
            raise_exc=False,
            log=False,
            **body,
        )

    # Connected, and with a token, as the engine is.
    send('GET')
    begun = time.thread_time()
    for _ in range(_REPETITIONS):
        send('GET')
        send('PATCH', json={'parameters': {'count': 1}})
        send('GET')
    return (time.thread_time() - begun) * 1000 / _REPETITIONS
