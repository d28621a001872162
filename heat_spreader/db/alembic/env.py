# SPDX-License-Identifier: Apache-2.0
"""Run migrations on the connection that heat_spreader.db.migration gives."""

from alembic import context

from heat_spreader.db import models


def run():
    """Upgrade within the transaction of the connection."""
    context.configure(
        connection=context.config.attributes['connection'],
        target_metadata=models.Base.metadata,
        # SQLite cannot alter most of a table: it is made anew and filled.
        render_as_batch=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
