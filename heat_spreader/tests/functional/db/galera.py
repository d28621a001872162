# SPDX-License-Identifier: Apache-2.0
"""A Galera cluster of two nodes on loopback, as Debian packages it."""

import pathlib
import shutil

import fixtures

from heat_spreader.tests import process
from heat_spreader.tests.functional.db import servers

PROVIDER = '/usr/lib/galera/libgalera_smm.so'


class Node(servers.MariaDBServer):
    """A node; the first one of a cluster has no other to join."""

    def __init__(self, other=None):
        super().__init__()
        self.other = other

    @classmethod
    def missing(cls):
        if not pathlib.Path(PROVIDER).exists():
            return f'there is no {PROVIDER} here'
        if not shutil.which('rsync'):
            return 'there is no rsync here, which copies a node'
        return super().missing()

    def _setUp(self):
        self.cluster_port, self.copy_port, self.resume_port = (
            self.useFixture(process.Port()).number for _ in range(3)
        )
        super()._setUp()

    def _command(self):
        provider = {
            'gmcast.listen_addr': f'tcp://127.0.0.1:{self.cluster_port}',
            'ist.recv_addr': f'127.0.0.1:{self.resume_port}',
            'gcache.size': '8M',
            # That a node is gone is known five times as fast as by default.
            'evs.keepalive_period': 'PT0.2S',
            'evs.inactive_check_period': 'PT0.1S',
            'evs.suspect_timeout': 'PT1S',
            'evs.inactive_timeout': 'PT3S',
        }
        options = ';'.join(f'{key}={value}' for key, value in provider.items())
        other = f'127.0.0.1:{self.other.cluster_port}' if self.other else ''
        return [
            *super()._command(),
            '--binlog-format=ROW',
            '--innodb-autoinc-lock-mode=2',
            '--wsrep-on=ON',
            f'--wsrep-provider={PROVIDER}',
            f'--wsrep-provider-options={options}',
            f'--wsrep-cluster-address=gcomm://{other}',
            f'--wsrep-node-address=127.0.0.1:{self.cluster_port}',
            '--wsrep-sst-method=rsync',
            f'--wsrep-sst-receive-address=127.0.0.1:{self.copy_port}',
        ]


class Cluster(fixtures.Fixture):
    """Two nodes: ``nodes``. The cluster has a quorum while both are there.

    A node that is stopped leaves the cluster; the other goes on alone.
    """

    missing = Node.missing

    def _setUp(self):
        first = self.useFixture(Node())
        self.nodes = first, self.useFixture(Node(first))
        self.url = first.url
