# SPDX-License-Identifier: Apache-2.0
"""Pages of a list, by the key of their last row: every page costs the same."""

import sqlalchemy as sa


def order(table, sort_key, sort_dir):
    """The order of a list; the id decides between equal keys."""
    ordered = [table.c[sort_key], table.c.id]
    return [c.desc() for c in ordered] if sort_dir == 'desc' else ordered


def find(table, column, marker, visible):
    """Select a column of the marker, if it is among the visible rows.

    :param visible: values that a row must have, by column
    """
    other = table.alias()
    return sa.select(other.c[column]).where(
        other.c.id == marker,
        *(other.c[name] == value for name, value in visible.items()),
    )


def after(ctx, table, sort_key, sort_dir, marker, visible):
    """The condition for the rows after a marker, in the order above.

    The key of the marker is read by the same statement. No row is after a
    marker that is not there.

    :param sort_key: a column that is never NULL
    :param marker: the id of a row
    :param visible: values that the marker must have, by column
    """
    key, row_id = table.c[sort_key], table.c.id
    last = find(table, sort_key, marker, visible).scalar_subquery()

    def is_beyond(column, value):
        return column < value if sort_dir == 'desc' else column > value

    if ctx.session.get_bind().dialect.name != 'mysql':
        return is_beyond(sa.tuple_(key, row_id), sa.tuple_(last, marker))
    # MySQL and MariaDB use no index to compare rows.
    return sa.or_(
        is_beyond(key, last), sa.and_(key == last, is_beyond(row_id, marker))
    )
