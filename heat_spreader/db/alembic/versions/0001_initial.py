# SPDX-License-Identifier: Apache-2.0
"""The first schema

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op
from oslo_db.sqlalchemy import types
from sqlalchemy.dialects import mysql

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None

TABLE = {
    'mysql_engine': 'InnoDB',
    'mysql_charset': 'utf8mb4',
    'mysql_collate': 'utf8mb4_bin',
}


def _time():
    return sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql')


def upgrade():
    _create_stacks()
    _create_members()
    _create_clouds()
    _create_witness_answers()
    _create_engines()
    _create_events()


def _create_table(name, *columns):
    """Make a table, unless a run that was cut short has made it."""
    wanted = {item.name for item in columns if isinstance(item, sa.Column)}
    inspector = sa.inspect(op.get_bind())
    there = inspector.has_table(name) and {
        column['name'] for column in inspector.get_columns(name)
    }
    # A table that is not ours stops the migration: creating ours fails.
    if there != wanted:
        op.create_table(name, *columns, **TABLE)


def _create_index(name, table, columns):
    indexes = sa.inspect(op.get_bind()).get_indexes(table)
    if name not in {index['name'] for index in indexes}:
        op.create_index(name, table, columns)


def _create_stacks():
    _create_table(
        'stacks',
        sa.Column('id', sa.String(36), primary_key=True),
        sa.Column('project_id', sa.String(64), nullable=False),
        sa.Column('user_id', sa.String(64)),
        sa.Column('name', sa.String(255), nullable=False),
        sa.Column('stack_name', sa.String(255), nullable=False),
        sa.Column('count_parameter', sa.String(255), nullable=False),
        sa.Column('count', sa.Integer(), nullable=False),
        sa.Column('failover', sa.String(16), nullable=False),
        sa.Column('failback', sa.String(16), nullable=False),
        sa.Column('paused', sa.Boolean(), nullable=False),
        sa.Column('adopting_until', _time()),
        sa.Column('weights_complete', sa.Boolean(), nullable=False),
        sa.Column('generation', sa.Integer(), nullable=False),
        sa.Column('observed_generation', sa.Integer(), nullable=False),
        sa.Column('status', sa.String(16), nullable=False),
        sa.Column('status_reason', sa.Text(), nullable=False),
        sa.Column('unplaced', sa.Integer(), nullable=False),
        sa.Column('survives', sa.Boolean()),
        sa.Column('due_at', _time()),
        sa.Column('due_count', sa.Integer(), nullable=False),
        sa.Column('due_since', _time(), nullable=False),
        sa.Column('lease_owner', sa.String(36)),
        sa.Column('created_at', _time(), nullable=False),
        sa.Column('updated_at', _time(), nullable=False),
        sa.UniqueConstraint(
            'project_id', 'name', name='uniq_stacks0project_id0name'
        ),
    )
    _create_index('stacks_due_at_idx', 'stacks', ['due_at'])
    _create_index('stacks_lease_owner_idx', 'stacks', ['lease_owner'])
    _create_index('stacks_name_idx', 'stacks', ['name', 'id'])
    for key in ('created_at', 'updated_at', 'status', 'count', 'survives'):
        for of in (['project_id'], []):
            columns = [*of, key]
            _create_index(
                f'stacks_{"_".join(columns)}_idx', 'stacks', [*columns, 'id']
            )


def _found_columns():
    """What the engine finds out about a member."""
    return (
        sa.Column('target', sa.Integer()),
        sa.Column('count', sa.Integer()),
        sa.Column('count_problem', sa.String(255)),
        sa.Column('settled_count', sa.Integer()),
        sa.Column('ready', sa.Integer()),
        sa.Column('ready_problem', sa.Text()),
        sa.Column('state', sa.String(32), nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('since', _time(), nullable=False),
        sa.Column('heat_id', sa.String(36)),
        sa.Column('owned_heat_id', sa.String(36)),
        sa.Column('duplicate_of', sa.String(255)),
        sa.Column('heat_status', sa.String(64)),
        sa.Column('heat_status_reason', sa.Text()),
        sa.Column('heat_updated_at', sa.String(64)),
        sa.Column('read_at', _time()),
        sa.Column('known_at', _time(), nullable=False),
        sa.Column('read_error', sa.Text()),
        sa.Column('unread_as', sa.String(32)),
        sa.Column('unread_since', _time()),
        sa.Column('sent_count', sa.Integer()),
        sa.Column('rejection', sa.Text()),
        sa.Column('rejected_as', sa.String(32)),
        sa.Column('last_error', sa.Text()),
        sa.Column('failures', sa.Integer(), nullable=False),
        sa.Column('retry_at', _time()),
        sa.Column('lease_owner', sa.String(36)),
        sa.Column('set_backs', types.JsonEncodedList()),
        sa.Column('failed_over', sa.Boolean(), nullable=False),
        sa.Column('drill', types.JsonEncodedDict()),
        sa.Column('unplaced_without', sa.Integer(), nullable=False),
        sa.Column('frozen_without', sa.Boolean(), nullable=False),
        sa.Column('cap', sa.Integer()),
        sa.Column('cap_until', _time()),
        sa.Column('cap_tries', sa.Integer()),
        sa.Column('cap_reason', sa.String(255)),
        sa.Column('flavor', sa.String(255)),
        sa.Column('flavor_cores', sa.Integer()),
        sa.Column('flavor_ram', sa.Integer()),
        sa.Column('flavor_heat_id', sa.String(36)),
        sa.Column('flavor_read_at', _time()),
    )


def _create_members():
    _create_table(
        'members',
        sa.Column(
            'stack_id',
            sa.String(36),
            sa.ForeignKey('stacks.id', ondelete='CASCADE'),
            primary_key=True,
        ),
        sa.Column('cloud', sa.String(255), primary_key=True),
        sa.Column('stack_name', sa.String(255), nullable=False),
        sa.Column('weight', sa.Integer(), nullable=False),
        sa.Column('effective_weight', sa.Integer()),
        sa.Column('min_count', sa.Integer(), nullable=False),
        sa.Column('max_count', sa.Integer()),
        sa.Column('as_admin', sa.Boolean(), nullable=False),
        sa.Column('admin_state', sa.String(16), nullable=False),
        sa.Column('admin_from', _time()),
        sa.Column('admin_until', _time()),
        sa.Column('admin_reason', sa.Text(), nullable=False),
        *_found_columns(),
        sa.Column('updated_at', _time(), nullable=False),
        sa.UniqueConstraint(
            'cloud', 'stack_name', name='uniq_members0cloud0stack_name'
        ),
        sa.UniqueConstraint(
            'owned_heat_id', name='uniq_members0owned_heat_id'
        ),
    )
    _create_index('members_lease_owner_idx', 'members', ['lease_owner'])
    _create_index(
        'members_cloud_updated_idx', 'members', ['cloud', 'heat_updated_at']
    )


def _create_clouds():
    _create_table(
        'clouds',
        sa.Column('name', sa.String(255), primary_key=True),
        sa.Column('state', sa.String(16), nullable=False),
        sa.Column('since', _time(), nullable=False),
        sa.Column('failures', sa.Integer(), nullable=False),
        sa.Column('successes', sa.Integer(), nullable=False),
        sa.Column('checked_at', _time()),
        sa.Column('answered_at', _time()),
        sa.Column('outages', types.JsonEncodedList()),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('heat_url', sa.Text()),
        sa.Column('limits', types.JsonEncodedDict()),
        sa.Column('admin_state', sa.String(16), nullable=False),
        sa.Column('admin_since', _time()),
        sa.Column('admin_until', _time()),
        sa.Column('admin_reason', sa.Text(), nullable=False),
        sa.Column('admin_by', sa.String(64)),
        sa.Column('drill', sa.Boolean(), nullable=False),
        sa.Column('planned_state', sa.String(16)),
        sa.Column('planned_from', _time()),
        sa.Column('planned_until', _time()),
        sa.Column('planned_reason', sa.Text(), nullable=False),
        sa.Column('planned_by', sa.String(64)),
        sa.Column('planned_drill', sa.Boolean(), nullable=False),
        sa.Column('declared', sa.String(8)),
        sa.Column('declared_since', _time()),
        sa.Column('declared_until', _time()),
        sa.Column('declared_reason', sa.Text(), nullable=False),
        sa.Column('declared_by', sa.String(64)),
        sa.Column('full_since', _time()),
        sa.Column('full_until', _time()),
        sa.Column('full_tries', sa.Integer()),
        sa.Column('full_reason', sa.String(255)),
        sa.Column('lease_owner', sa.String(36)),
    )


def _create_witness_answers():
    _create_table(
        'witness_answers',
        sa.Column('witness', sa.String(255), primary_key=True),
        sa.Column('cloud', sa.String(255), primary_key=True),
        sa.Column('vote', sa.String(16), nullable=False),
        sa.Column('problem', sa.Text(), nullable=False),
        sa.Column('seconds', sa.Float()),
        sa.Column('asked_at', _time(), nullable=False),
        sa.Column('answered_at', _time()),
    )


def _create_engines():
    _create_table(
        'engines',
        sa.Column('id', sa.String(36), primary_key=True),
        sa.Column('host', sa.String(255), nullable=False),
        sa.Column('version', sa.String(64), nullable=False),
        sa.Column('beats', sa.Integer(), nullable=False),
        sa.Column('started_at', _time(), nullable=False),
        sa.Column('heartbeat_at', _time(), nullable=False),
        sa.Column('stopped_at', _time()),
    )


def _create_events():
    _create_table(
        'events',
        sa.Column(
            'number',
            sa.BigInteger().with_variant(sa.Integer(), 'sqlite'),
            primary_key=True,
            autoincrement=True,
        ),
        sa.Column('id', sa.String(36), nullable=False),
        sa.Column('project_id', sa.String(64)),
        sa.Column('stack_id', sa.String(36)),
        sa.Column('cloud', sa.String(255)),
        sa.Column('kind', sa.String(32), nullable=False),
        sa.Column('message', sa.Text(), nullable=False),
        sa.Column('details', types.JsonEncodedDict(), nullable=False),
        sa.Column('created_at', _time(), nullable=False),
        sa.Column('request_id', sa.String(64)),
        sa.UniqueConstraint('id', name='uniq_events0id'),
    )
    _create_index('events_stack_id_idx', 'events', ['stack_id', 'number'])
    _create_index('events_project_id_idx', 'events', ['project_id', 'number'])
    _create_index(
        'events_cloud_stack_id_idx', 'events', ['cloud', 'stack_id', 'number']
    )
    _create_index('events_created_at_idx', 'events', ['created_at'])
