# SPDX-License-Identifier: Apache-2.0
"""The output on the page about previews is what the commands really show."""

import re
import shlex

import fixtures
import sqlalchemy as sa

from heat_spreader import context
from heat_spreader import states
from heat_spreader.db import clouds
from heat_spreader.db import models
from heat_spreader.db import session
from heat_spreader.planning import facts
from heat_spreader.tests.functional.documents import pages
from heat_spreader.tests.functional.osc import base

CLOUDS = ('athens', 'berlin', 'cairo')
ID = re.compile(r'\w{8}(-\w{4}){3}-\w{12}')
TIME = re.compile(r'\d{4}-\d\d-\d\d \d\d:\d\d:\d\d')


class TestPage(base.ShellTestCase):
    settings = {
        'api': {'auth_strategy': 'noauth'},
        'projects': {name: ['*'] for name in CLOUDS},
    }

    def setUp(self):
        super().setUp()
        self.useFixture(
            fixtures.EnvironmentVariable('COLUMNS', str(pages.WIDTH))
        )
        with context.for_engine() as ctx:
            for name in CLOUDS:
                found = facts.Cloud(
                    name, states.CloudState.UP, models.utcnow()
                )
                clouds.save(ctx, found, checked_at=models.utcnow())
        self.run_stack('workers', 10, (0.6, 0.2, 0.2), (6, 2, 2))
        self.run_stack('shop', 11, (0.6, 0.2, 0.2), (7, 2, 2))
        self.run_stack('blog', 10, (0.2, 0.2, 0.6), (6, 2, 2))

    def run_stack(self, name, total, weights, counts):
        """A stack, as an engine that has read these counts leaves it."""
        pairs = list(zip(CLOUDS, weights, strict=True))
        self.create(
            name, *(f'--weight={c}={w}' for c, w in pairs), count=total
        )
        table = models.Member.__table__
        with session.get_engine().begin() as connection:
            for cloud, count in zip(CLOUDS, counts, strict=True):
                connection.execute(
                    sa.update(table)
                    .where(table.c.stack_name == name, table.c.cloud == cloud)
                    .values(
                        heat_id=f'{name}-{cloud}',
                        heat_status='UPDATE_COMPLETE',
                        read_at=models.utcnow(),
                        count=count,
                        ready=count,
                        settled_count=count,
                    )
                )

    def type(self, command):
        output = ID.sub(
            '0a1c5f3e-5cbe-4a8e-8f0e-6d1f1d3a7c11',
            self.run_command(*shlex.split(command)[2:]),
        )
        return TIME.sub('2026-12-01 12:00:00', output)

    def test_every_command_shows_what_the_page_says(self):
        compared = pages.play('user/preview.rst', self)

        self.assertGreater(compared, 6)
