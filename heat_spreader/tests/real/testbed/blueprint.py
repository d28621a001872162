# SPDX-License-Identifier: Apache-2.0
"""A cloud made once, of which every cloud of every run is a copy.

To bootstrap a Keystone takes a minute, to copy one a moment.
"""

import pathlib
import shutil

from heat_spreader.tests.real.testbed import accounts
from heat_spreader.tests.real.testbed import cache
from heat_spreader.tests.real.testbed import heat
from heat_spreader.tests.real.testbed import keystone

SOURCES = (accounts, heat, keystone)


class Blueprint:
    """The databases of a cloud that has its accounts and no stacks."""

    def __init__(self, environment):
        self._environment = environment
        sources = [
            pathlib.Path(module.__file__).read_text() for module in SOURCES
        ]
        sources.append(pathlib.Path(__file__).read_text())
        # Inside the environment: other packages, another blueprint.
        self._directory = (
            environment.directory / f'blueprint-{cache.key(*sources)}'
        )

    def prepare(self, machine):
        """Make the blueprint unless an earlier run did."""
        cache.keep(self._directory, lambda _: self._build(machine))

    def copy(self, directory):
        """Give a new cloud its databases."""
        directory.mkdir()
        for database in self._directory.glob('*.sqlite'):
            shutil.copy(database, directory)

    def _build(self, machine):
        port = machine.reserve_port()
        auth_url = keystone.url(port)
        where = (machine, self._environment, self._directory)
        heat.configure(self._directory, self._environment, port, auth_url)
        heat.create_database(*where)
        keystone.configure(self._directory)
        keystone.bootstrap(*where, port)
        bootstrapped = keystone.make_process(*where, port, 'blueprint')
        bootstrapped.start()
        with accounts.ADMIN.connect(auth_url) as connection:
            accounts.create(connection)
            accounts.register_service(
                connection, 'orchestration', 'heat', heat.url(port)
            )
        bootstrapped.stop()
