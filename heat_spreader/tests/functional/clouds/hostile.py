# SPDX-License-Identifier: Apache-2.0
"""Generated answers of a hostile cloud, over HTTP and through openstacksdk.

A short run is a test. A long one is::

    python -m heat_spreader.tests.functional.clouds.hostile --bodies 10000

Each answer of Keystone, Heat and Nova is a valid one in which something was
changed. A call returns clean values or raises a CloudError, and the next call
of a cloud that answers correctly again succeeds.
"""

import collections
import contextlib
import dataclasses
import sys

from hypothesis import strategies as st

from heat_spreader import exception
from heat_spreader.clouds import pause
from heat_spreader.planning import room
from heat_spreader.tests import long_run
from heat_spreader.tests.functional.clouds import base
from heat_spreader.tests.functional.emulator import faults
from heat_spreader.tests.functional.emulator import layout
from heat_spreader.tests.functional.emulator import mutations

# So many that the list is in pages.
MANY_NAMES = [f'{n:094d}' for n in range(50)]
LIMITS = {key: 9 for keys in room.NAMES.values() for key in keys}
TEMPLATE = {'path': '/template'}
RESOURCES = {'path': '/resources'}
# What a text or a number of a cloud may have at most.
MAX_TEXT = 1024
MAX_NUMBER = 2**63


class HostileBodies(base.CloudTestCase):
    """Calls to a cloud each of whose answers is changed."""

    read_timeout = connect_timeout = deadline = 60
    bodies = 300
    seed = None

    def setUp(self):
        super().setUp()
        self.stack = self.remote.add_stack('web', 3)
        deep = ('deep', self.remote.add_stack('deep', 3).id)
        self.remote.move_group('deep', layout.Layout.NESTED)
        self.remote.set_limits(**LIMITS)
        self.remote.set_flavors(small=(1, 512), large=(4, 8192))
        heat, keystone = self.remote.heat, self.remote.keystone
        web = ('web', self.stack.id)
        # What is changed, and the call that gets it.
        self.cases = {
            'list': (heat, {}, 'list_stacks', ['web']),
            'probe': (heat, {}, 'list_stacks', []),
            'pages': (heat, {}, 'list_stacks', MANY_NAMES),
            'stack': (heat, {}, 'read_stack', *web, 'count'),
            'template': (heat, TEMPLATE, 'count_ready', *web, 'count'),
            'resources': (heat, RESOURCES, 'count_ready', *web, 'count'),
            'nested': (heat, RESOURCES, 'count_ready', *deep, 'count'),
            'flavor': (heat, {}, 'read_flavor', *web, 'count'),
            'event': (heat, {}, 'last_failure', *web),
            'update': (heat, {}, 'set_parameter', *web, 'count', 3),
            'limits': (heat, {}, 'read_limits'),
            'flavors': (heat, {}, 'read_flavors'),
            'versions': (keystone, {'method': 'GET'}, 'list_stacks', ['web']),
            'token': (keystone, {'method': 'POST'}, 'list_stacks', ['web']),
            'catalog': (keystone, {'method': 'POST'}, 'find_heat'),
        }
        self.outcomes = collections.Counter()

    def run_bodies(self):
        """Try that many answers; the seed repeats them."""
        mutations.try_each(
            *(self.bodies, self.seed, self.check),
            *(st.sampled_from(list(self.cases)), mutations.mutations()),
        )
        for outcome, number in self.outcomes.most_common():
            print(f'{number:7} {outcome}')

    def check(self, case, mutation):
        """Check what one call makes of changed answers."""
        server, only, method, *arguments = self.cases[case]
        if server is self.remote.keystone:
            self.cloud = self.make_cloud()
        server.fault = faults.Fault('change', change=mutation, **only)
        try:
            result = getattr(self.cloud, method)(*arguments)
        except exception.CloudError as exc:
            self.outcomes[f'{case}: {type(exc).__name__}'] += 1
            self.assert_clean(str(exc))
        else:
            self.outcomes[f'{case}: a result'] += 1
            self.assert_clean(result)
        finally:
            self.remote.fault = None
            # The pause that it wants is not what is tested here.
            self.cloud._pause = pause.Pause('east')
        self.stack.parameters['count'] = '3'
        tried = self.outcomes.total()
        if tried % 10 == 0:
            self.check_recovery()
        if tried % 1000 == 0:
            print(tried, flush=True)

    def check_recovery(self):
        # A token with a wrong catalog is given up with the call that fails.
        with contextlib.suppress(exception.CloudMisconfigured):
            self.cloud.list_stacks([])
        self.assertEqual(
            [self.stack.id],
            [row.heat_id for row in self.cloud.list_stacks(['web'])],
        )

    def assert_clean(self, value):
        """Check that what a cloud has said can be stored and shown."""
        if isinstance(value, str):
            self.assertTrue(value.isprintable(), ascii(value))
            self.assertLessEqual(len(value), MAX_TEXT)
        elif isinstance(value, dict):
            self.assert_clean([*value, *value.values()])
        elif isinstance(value, list | tuple):
            for each in value:
                self.assert_clean(each)
        elif dataclasses.is_dataclass(value):
            self.assert_clean(list(vars(value).values()))
        elif isinstance(value, int | float):
            self.assertLess(abs(value), MAX_NUMBER)
        else:
            self.assertIsNone(value)


if __name__ == '__main__':
    sys.exit(long_run.run(HostileBodies, 'run_bodies', 'bodies', 10_000)[1])
