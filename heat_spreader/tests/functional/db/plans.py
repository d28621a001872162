# SPDX-License-Identifier: Apache-2.0
"""How a database finds the rows of statements, in its own words."""

import contextlib
import json
import re

import sqlalchemy as sa

from heat_spreader.db import session

# The tables that grow with the number of stacks.
LARGE = ('stacks', 'members', 'events')


@contextlib.contextmanager
def captured():
    """Yield a list that gets each statement, with its parameters."""
    statements = []

    def execute(conn, cursor, statement, parameters, context, many):
        if statement != 'BEGIN':
            first = parameters[0] if many else parameters
            statements.append((statement, first))

    engine = session.get_engine()
    sa.event.listen(engine, 'before_cursor_execute', execute)
    try:
        yield statements
    finally:
        sa.event.remove(engine, 'before_cursor_execute', execute)


def analyze():
    """Have the database learn how many rows there are, of which values."""
    with session.get_engine().begin() as connection:
        if connection.dialect.name == 'mysql':
            connection.exec_driver_sql(f'ANALYZE TABLE {", ".join(LARGE)}')
        elif connection.dialect.name == 'postgresql':
            connection.exec_driver_sql('ANALYZE')
        # No one does that with SQLite, which then goes by the columns alone.


def problems(statement, parameters):
    """What grows with the tables: scans, and sorts of more than a page.

    With a LIMIT, a walk through an index in its order is no scan.
    """
    with session.get_engine().connect() as connection:
        read = {'sqlite': _sqlite, 'mysql': _mysql, 'postgresql': _postgresql}
        found = read[connection.dialect.name](
            connection, statement, parameters
        )
        return [
            problem
            for problem in found
            if not ('LIMIT' in statement and problem.startswith('walk'))
        ]


def _sqlite(connection, statement, parameters):
    rows = connection.exec_driver_sql(
        f'EXPLAIN QUERY PLAN {statement}', parameters
    )
    for row in rows:
        scan = re.match(r'SCAN (\w+?)(_\d+)?( USING.*)?$', row.detail)
        if scan and scan[1] in LARGE:
            yield f'{"walk" if scan[3] else "scan"}: {row.detail}'
        if row.detail == 'USE TEMP B-TREE FOR ORDER BY':
            yield 'sort'


def _mysql(connection, statement, parameters):
    text = connection.exec_driver_sql(
        f'EXPLAIN FORMAT=JSON {statement}', parameters
    ).scalar()
    for name, node in _nodes(json.loads(text)):
        kind = node.get('access_type')
        table = re.sub(r'_\d+$', '', node.get('table_name', ''))
        if table in LARGE and kind in {'ALL', 'index'}:
            yield f'{"walk" if kind == "index" else "scan"}: {node}'
        if name == 'filesort':
            yield 'sort'


def _postgresql(connection, statement, parameters):
    # Tables of this size are read as a whole, whatever indexes they have.
    for method in ('seqscan', 'hashjoin', 'mergejoin'):
        connection.exec_driver_sql(f'SET LOCAL enable_{method} = off')
    plan = connection.exec_driver_sql(
        f'EXPLAIN (FORMAT JSON) {statement}', parameters
    ).scalar()
    for _, node in _nodes(plan):
        kind = node.get('Node Type', '')
        if node.get('Relation Name') in LARGE and kind == 'Seq Scan':
            yield f'scan: {node}'
        if kind.startswith('Index') and 'Index Cond' not in node:
            yield f'walk: {node}'
        if kind == 'Sort':
            yield 'sort'


def _nodes(plan, name=''):
    """Every object of a plan in JSON, with its name."""
    if isinstance(plan, dict):
        yield name, plan
        for key, value in plan.items():
            yield from _nodes(value, key)
    if isinstance(plan, list):
        for each in plan:
            yield from _nodes(each, name)
