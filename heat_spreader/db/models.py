# SPDX-License-Identifier: Apache-2.0
"""The tables."""

import datetime

import sqlalchemy as sa
from oslo_db.sqlalchemy import models
from oslo_db.sqlalchemy import types
from oslo_utils import timeutils
from oslo_utils import uuidutils
from sqlalchemy import orm
from sqlalchemy.dialects import mysql

from heat_spreader import states


class Weight(sa.types.TypeDecorator):
    """A decimal of six places, kept as a whole number of millionths.

    SQLite has no decimals: its NUMERIC columns go through floats.
    """

    impl = sa.Integer
    cache_ok = True

    def process_bind_param(self, value, dialect):
        return None if value is None else int(value / states.WEIGHT_STEP)

    def process_result_value(self, value, dialect):
        return None if value is None else value * states.WEIGHT_STEP


class Timestamp(sa.types.TypeDecorator):
    """An aware UTC time with microseconds, on every database."""

    impl = sa.DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect):
        if dialect.name == 'mysql':
            return dialect.type_descriptor(mysql.DATETIME(fsp=6))
        return dialect.type_descriptor(sa.DateTime())

    def process_bind_param(self, value, dialect):
        if value is None:
            return None
        return value.astimezone(datetime.UTC).replace(tzinfo=None)

    def process_result_value(self, value, dialect):
        return value and value.replace(tzinfo=datetime.UTC)


def utcnow():
    """The time now, aware."""
    return timeutils.utcnow().replace(tzinfo=datetime.UTC)


# Due now, by whatever clock: no host is earlier than this.
DUE_NOW = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


class Base(models.ModelBase, orm.DeclarativeBase):
    # The binary collation keeps names apart that differ by case, by an
    # accent or by an emoji; MySQL's others do not.
    __table_args__ = {
        'mysql_engine': 'InnoDB',
        'mysql_charset': 'utf8mb4',
        'mysql_collate': 'utf8mb4_bin',
    }


class Stack(Base):
    """What a user owns: a name, a total, a parameter, weights.

    ``due_at`` is when the engine must next plan for the stack, NULL for
    never: every change of what is asked for or read sets it.
    ``due_count`` changes with each such change, and ``due_since`` is when it
    was. ``lease_owner`` is the engine that alone may act on it now.
    ``weights_complete``: the weights have added up to 1 before. ``survives``:
    whether the others would carry it if any one cloud were lost, NULL where
    that is not known. ``adopting_until``: it is not managed but only read, to
    be adopted until then, or deleted; NULL for one that is managed.
    """

    __tablename__ = 'stacks'
    __table_args__ = (
        sa.UniqueConstraint(
            'project_id', 'name', name='uniq_stacks0project_id0name'
        ),
        sa.Index('stacks_due_at_idx', 'due_at'),
        sa.Index('stacks_lease_owner_idx', 'lease_owner'),
        # For each order of the list, of a project and of all. The first one
        # by name is the constraint.
        sa.Index('stacks_name_idx', 'name', 'id'),
        *(
            sa.Index(f'stacks_{"_".join([*of, key])}_idx', *of, key, 'id')
            for key in (
                *('created_at', 'updated_at'),
                *('status', 'count', 'survives'),
            )
            for of in (('project_id',), ())
        ),
        Base.__table_args__,
    )

    id = sa.Column(
        sa.String(36), primary_key=True, default=uuidutils.generate_uuid
    )
    project_id = sa.Column(sa.String(64), nullable=False)
    user_id = sa.Column(sa.String(64))
    name = sa.Column(sa.String(255), nullable=False)
    stack_name = sa.Column(sa.String(255), nullable=False)
    count_parameter = sa.Column(sa.String(255), nullable=False)
    count = sa.Column(sa.Integer, nullable=False)
    failover = sa.Column(sa.String(16), nullable=False)
    failback = sa.Column(
        sa.String(16), nullable=False, default=states.Failback.AUTO
    )
    paused = sa.Column(sa.Boolean, nullable=False, default=False)
    adopting_until = sa.Column(Timestamp)
    weights_complete = sa.Column(sa.Boolean, nullable=False, default=False)
    generation = sa.Column(sa.Integer, nullable=False, default=1)
    observed_generation = sa.Column(sa.Integer, nullable=False, default=0)
    status = sa.Column(
        sa.String(16), nullable=False, default=states.StackStatus.PENDING
    )
    status_reason = sa.Column(sa.Text, nullable=False, default='')
    unplaced = sa.Column(sa.Integer, nullable=False, default=0)
    survives = sa.Column(sa.Boolean)
    due_at = sa.Column(Timestamp, default=DUE_NOW)
    due_count = sa.Column(sa.Integer, nullable=False, default=1)
    due_since = sa.Column(Timestamp, nullable=False, default=utcnow)
    lease_owner = sa.Column(sa.String(36))
    created_at = sa.Column(Timestamp, nullable=False, default=utcnow)
    updated_at = sa.Column(Timestamp, nullable=False, default=utcnow)

    members = orm.relationship(
        'Member',
        order_by='Member.cloud',
        lazy='selectin',
        cascade='all, delete-orphan',
        back_populates='stack',
    )

    def make_due(self):
        """Have the engine plan for the stack."""
        self.due_at, self.due_since = DUE_NOW, utcnow()
        self.due_count = (self.due_count or 0) + 1


def due_now():
    """The same as Stack.make_due(), as values of an UPDATE."""
    return {
        'due_at': DUE_NOW,
        'due_since': utcnow(),
        'due_count': Stack.due_count + 1,
    }


class Member(Base):
    """A stack's part in one cloud: what is asked for, and what was read.

    ``read_at`` is when the stack there was last read and found changed, NULL
    for never; ``known_at`` is when that, or the outcome of an update, was last
    written. A read stack without ``heat_id`` is not there; one without
    ``count`` lacks the parameter; ``ready_problem`` is why ``ready`` is NULL.
    ``owned_heat_id`` is the ``heat_id`` of the member that had it first;
    ``duplicate_of``: the cloud of that member, in one that came later.
    ``read_error``: why the stack can no longer be read, ``unread_as`` the
    state that it means for the member, ``unread_since`` when it began.
    ``sent_count`` is what the engine last set the count to. ``rejection`` is
    the reason for rejecting that, and ``rejected_as`` the state that it means;
    ``last_error`` is why an update failed otherwise. ``failures`` and
    ``retry_at`` are the back-off. ``lease_owner`` is the engine whose update
    is not answered yet. ``set_backs``: when the engine set the count back, as
    ISO texts. ``failed_over``: an outage of the cloud made others take its
    share over, and no failback was ordered since. ``as_admin``: an
    administrator gave the cloud to the stack, so the projects option of the
    cloud does not matter. ``admin_state`` is what the owner orders for the
    time from ``admin_from`` to ``admin_until``; NULL is no limit. ``drill``:
    what the passes have seen during the last drill in the cloud, a drill.Note.
    ``unplaced_without``: how many instances of the stack would have no place
    if the cloud were lost; ``frozen_without``: since nothing would be moved.
    ``cap``: how many fitted when there was no room for more, NULL where there
    is room; one more is tried at ``cap_until``.
    ``flavor``: the name or the id of that of the instances, NULL for unknown;
    ``flavor_cores`` and ``flavor_ram`` (MiB) are what Nova says of it.
    ``flavor_heat_id`` is the stack that they were read of, and
    ``flavor_read_at`` when that was last tried.
    """

    __tablename__ = 'members'
    __table_args__ = (
        # A Heat stack has one master. The Heat id is the proof where two
        # entries lead to the same cloud.
        sa.UniqueConstraint(
            'cloud', 'stack_name', name='uniq_members0cloud0stack_name'
        ),
        sa.UniqueConstraint(
            'owned_heat_id', name='uniq_members0owned_heat_id'
        ),
        sa.Index('members_lease_owner_idx', 'lease_owner'),
        sa.Index('members_cloud_updated_idx', 'cloud', 'heat_updated_at'),
        Base.__table_args__,
    )

    stack_id = sa.Column(
        sa.String(36),
        sa.ForeignKey('stacks.id', ondelete='CASCADE'),
        primary_key=True,
    )
    cloud = sa.Column(sa.String(255), primary_key=True)
    stack_name = sa.Column(sa.String(255), nullable=False)
    weight = sa.Column(Weight, nullable=False)
    effective_weight = sa.Column(Weight)
    min_count = sa.Column(sa.Integer, nullable=False, default=0)
    max_count = sa.Column(sa.Integer)
    as_admin = sa.Column(sa.Boolean, nullable=False, default=False)
    admin_state = sa.Column(
        sa.String(16), nullable=False, default=states.AdminState.ENABLED
    )
    admin_from = sa.Column(Timestamp)
    admin_until = sa.Column(Timestamp)
    admin_reason = sa.Column(sa.Text, nullable=False, default='')
    target = sa.Column(sa.Integer)
    count = sa.Column(sa.Integer)
    count_problem = sa.Column(sa.String(255))
    settled_count = sa.Column(sa.Integer)
    ready = sa.Column(sa.Integer)
    ready_problem = sa.Column(sa.Text)
    state = sa.Column(
        sa.String(32), nullable=False, default=states.MemberState.UNKNOWN
    )
    reason = sa.Column(sa.Text, nullable=False, default='')
    since = sa.Column(Timestamp, nullable=False, default=utcnow)
    heat_id = sa.Column(sa.String(36))
    owned_heat_id = sa.Column(sa.String(36))
    duplicate_of = sa.Column(sa.String(255))
    heat_status = sa.Column(sa.String(64))
    heat_status_reason = sa.Column(sa.Text)
    heat_updated_at = sa.Column(sa.String(64))
    read_at = sa.Column(Timestamp)
    known_at = sa.Column(Timestamp, nullable=False, default=utcnow)
    read_error = sa.Column(sa.Text)
    unread_as = sa.Column(sa.String(32))
    unread_since = sa.Column(Timestamp)
    sent_count = sa.Column(sa.Integer)
    rejection = sa.Column(sa.Text)
    rejected_as = sa.Column(sa.String(32))
    last_error = sa.Column(sa.Text)
    failures = sa.Column(sa.Integer, nullable=False, default=0)
    retry_at = sa.Column(Timestamp)
    lease_owner = sa.Column(sa.String(36))
    set_backs = sa.Column(types.JsonEncodedList, default=list)
    failed_over = sa.Column(sa.Boolean, nullable=False, default=False)
    drill = sa.Column(types.JsonEncodedDict)
    unplaced_without = sa.Column(sa.Integer, nullable=False, default=0)
    frozen_without = sa.Column(sa.Boolean, nullable=False, default=False)
    cap = sa.Column(sa.Integer)
    cap_until = sa.Column(Timestamp)
    cap_tries = sa.Column(sa.Integer)
    cap_reason = sa.Column(sa.String(255))
    flavor = sa.Column(sa.String(255))
    flavor_cores = sa.Column(sa.Integer)
    flavor_ram = sa.Column(sa.Integer)
    flavor_heat_id = sa.Column(sa.String(36))
    flavor_read_at = sa.Column(Timestamp)
    updated_at = sa.Column(Timestamp, nullable=False, default=utcnow)

    stack = orm.relationship('Stack', back_populates='members')


class Cloud(Base):
    """What the engines know of an enabled cloud, and what is ordered for it.

    ``checked_at`` is when the last survey began, ``answered_at`` when the last
    one began that succeeded; ``outages`` is when those of the last outages
    began that were close to one another, as ISO texts; ``heat_url``: where the
    witnesses find the versions of its Heat; ``limits``: those of Nova and when
    they were read, NULL for unknown;
    ``lease_owner`` is the engine that alone may survey it now.

    ``admin_state`` is what an administrator orders and ``declared`` the state
    that one declares, NULL for none: both are in effect, from ``..._since``
    until ``..._until`` (NULL for no end). ``drill``: the drain is an exercise.
    ``planned_state`` is what will be in effect from ``planned_from`` on, NULL
    for nothing. Each ``..._by`` is the id of the user.

    ``full_since`` is when some stack there found no room for more instances,
    NULL while there is room; one stack tries one more at ``full_until``.
    """

    __tablename__ = 'clouds'

    name = sa.Column(sa.String(255), primary_key=True)
    state = sa.Column(
        sa.String(16), nullable=False, default=states.CloudState.UNKNOWN
    )
    since = sa.Column(Timestamp, nullable=False, default=utcnow)
    failures = sa.Column(sa.Integer, nullable=False, default=0)
    successes = sa.Column(sa.Integer, nullable=False, default=0)
    checked_at = sa.Column(Timestamp)
    answered_at = sa.Column(Timestamp)
    outages = sa.Column(types.JsonEncodedList, default=list)
    reason = sa.Column(sa.Text, nullable=False, default='')
    heat_url = sa.Column(sa.Text)
    limits = sa.Column(types.JsonEncodedDict)
    admin_state = sa.Column(
        sa.String(16), nullable=False, default=states.AdminState.ENABLED
    )
    admin_since = sa.Column(Timestamp)
    admin_until = sa.Column(Timestamp)
    admin_reason = sa.Column(sa.Text, nullable=False, default='')
    admin_by = sa.Column(sa.String(64))
    drill = sa.Column(sa.Boolean, nullable=False, default=False)
    planned_state = sa.Column(sa.String(16))
    planned_from = sa.Column(Timestamp)
    planned_until = sa.Column(Timestamp)
    planned_reason = sa.Column(sa.Text, nullable=False, default='')
    planned_by = sa.Column(sa.String(64))
    planned_drill = sa.Column(sa.Boolean, nullable=False, default=False)
    declared = sa.Column(sa.String(8))
    declared_since = sa.Column(Timestamp)
    declared_until = sa.Column(Timestamp)
    declared_reason = sa.Column(sa.Text, nullable=False, default='')
    declared_by = sa.Column(sa.String(64))
    full_since = sa.Column(Timestamp)
    full_until = sa.Column(Timestamp)
    full_tries = sa.Column(sa.Integer)
    full_reason = sa.Column(sa.String(255))
    lease_owner = sa.Column(sa.String(36))


class WitnessAnswer(Base):
    """What a witness said last about a cloud.

    ``answered_at`` is when it last gave an answer, NULL for never, and
    ``seconds`` how long that took. ``problem``: why it is silent.
    """

    __tablename__ = 'witness_answers'

    witness = sa.Column(sa.String(255), primary_key=True)
    cloud = sa.Column(sa.String(255), primary_key=True)
    vote = sa.Column(sa.String(16), nullable=False)
    problem = sa.Column(sa.Text, nullable=False)
    seconds = sa.Column(sa.Float)
    asked_at = sa.Column(Timestamp, nullable=False)
    answered_at = sa.Column(Timestamp)


class Engine(Base):
    """An engine process; ``beats`` counts its heartbeats."""

    __tablename__ = 'engines'

    id = sa.Column(sa.String(36), primary_key=True)
    host = sa.Column(sa.String(255), nullable=False)
    version = sa.Column(sa.String(64), nullable=False)
    beats = sa.Column(sa.Integer, nullable=False, default=0)
    started_at = sa.Column(Timestamp, nullable=False)
    heartbeat_at = sa.Column(Timestamp, nullable=False)
    stopped_at = sa.Column(Timestamp)


class Event(Base):
    """Something that happened, for people to read.

    ``number`` is the order of all events, and not public: it would show how
    much happens in other projects. It is given out before the transaction
    ends, so one with a smaller number may be seen later.
    """

    __tablename__ = 'events'
    __table_args__ = (
        sa.UniqueConstraint('id', name='uniq_events0id'),
        # The number is the order of a list.
        sa.Index('events_stack_id_idx', 'stack_id', 'number'),
        sa.Index('events_project_id_idx', 'project_id', 'number'),
        sa.Index('events_cloud_stack_id_idx', 'cloud', 'stack_id', 'number'),
        sa.Index('events_created_at_idx', 'created_at'),
        Base.__table_args__,
    )

    number = sa.Column(
        sa.BigInteger().with_variant(sa.Integer, 'sqlite'),
        primary_key=True,
        autoincrement=True,
    )
    id = sa.Column(
        sa.String(36), nullable=False, default=uuidutils.generate_uuid
    )
    project_id = sa.Column(sa.String(64))
    stack_id = sa.Column(sa.String(36))
    cloud = sa.Column(sa.String(255))
    kind = sa.Column(sa.String(32), nullable=False)
    message = sa.Column(sa.Text, nullable=False)
    details = sa.Column(types.JsonEncodedDict, nullable=False, default=dict)
    created_at = sa.Column(Timestamp, nullable=False, default=utcnow)
    request_id = sa.Column(sa.String(64))
