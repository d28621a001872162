# SPDX-License-Identifier: Apache-2.0
"""Write many rows of a table at once."""

import itertools


def update(ctx, statement, rows):
    """Execute an UPDATE for each of many rows, in the open transaction.

    :param statement: sa.update() of a table, with a condition that has
        parameters and no values
    :param rows: the parameters and the new values of each; their keys differ
        where other columns get new values
    """
    # Those with the same columns go to the database as one statement.
    for _, same in itertools.groupby(sorted(rows, key=sorted), key=sorted):
        ctx.session.execute(statement, list(same))
