# SPDX-License-Identifier: Apache-2.0
"""The engines that share the work."""

import datetime

import pecan

from heat_spreader.api import answers
from heat_spreader.api import resource
from heat_spreader.api import views
from heat_spreader.db import engines as db


class Engines(resource.Resource):
    @resource.operation(answer=answers.ENGINES)
    def get(self):
        """List the engines that have not stopped."""
        ctx = pecan.request.context
        ctx.authorize(self.rule, {'project_id': ctx.project_id})
        self.query()
        found, now = db.get_all(ctx)
        timeout = datetime.timedelta(
            seconds=self.conf.engine.heartbeat_timeout
        )
        return {
            'engines': [
                views.engine(
                    row, now - row.heartbeat_at < timeout, clouds, stacks
                )
                for row, clouds, stacks in found
            ]
        }
