# SPDX-License-Identifier: Apache-2.0
"""The witnesses, and what they said last."""

import pecan

from heat_spreader.api import answers
from heat_spreader.api import resource
from heat_spreader.api import views
from heat_spreader.conf import witnesses as options
from heat_spreader.db import witnesses as db


class Witnesses(resource.Resource):
    @resource.operation(answer=answers.WITNESSES)
    def get(self):
        """List the configured witnesses."""
        ctx = pecan.request.context
        ctx.authorize(self.rule, {'project_id': ctx.project_id})
        self.query()
        rows, enabled = db.get_all(ctx), self.conf.clouds.enabled
        return {
            'witnesses': [
                views.witness(
                    name,
                    options.public_url(self.conf, name),
                    self.conf[options.group(name)].near,
                    [
                        row
                        for row in rows
                        if row.witness == name and row.cloud in enabled
                    ],
                )
                for name in self.conf.health.witnesses
            ]
        }
