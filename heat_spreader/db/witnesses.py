# SPDX-License-Identifier: Apache-2.0
"""What the witnesses said last."""

import sqlalchemy as sa

from heat_spreader.db import models
from heat_spreader.db import session


@session.writer
def save(ctx, cloud, answers, asked_at):
    """Write the answers about one cloud, which replace those before them.

    Only the engine with the lease of the cloud calls this.

    :param answers: pairs of vote, problem and seconds by witness; seconds is
        None if it was silent
    """
    rows = {row.witness: row for row in _rows(ctx, cloud)}
    for witness, (vote, problem, seconds) in answers.items():
        row = rows.get(witness)
        if row is None:
            row = models.WitnessAnswer(witness=witness, cloud=cloud)
            ctx.session.add(row)
        row.vote, row.problem, row.asked_at = vote, problem, asked_at
        if seconds is not None:
            row.seconds, row.answered_at = seconds, asked_at


def _rows(ctx, cloud):
    query = sa.select(models.WitnessAnswer).where(
        models.WitnessAnswer.cloud == cloud
    )
    return ctx.session.scalars(query).all()


@session.reader
def get_all(ctx):
    """Every row, ordered by witness and cloud."""
    return ctx.session.scalars(
        sa.select(models.WitnessAnswer).order_by(
            models.WitnessAnswer.witness, models.WitnessAnswer.cloud
        )
    ).all()
