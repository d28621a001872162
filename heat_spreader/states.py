# SPDX-License-Identifier: Apache-2.0
"""Every state and event kind, with one sentence each for the documentation.

Each word is a plain string, so it goes to JSON and to the database as it is.
"""

import decimal
import enum
import typing

# Weights have six decimal places.
WEIGHT_STEP = decimal.Decimal('0.000001')
# The largest count, in a request and in a cloud.
MAX_COUNT = 1_000_000


class _Word(str, enum.Enum):
    sentence: str

    def __new__(cls, word: str, sentence: str) -> typing.Self:
        self = str.__new__(cls, word)
        self._value_ = word
        self.sentence = sentence
        return self

    __str__ = str.__str__


class StackStatus(_Word):
    PENDING = (
        'PENDING',
        'The engine has not processed the stack yet, or no cloud has a '
        'weight.',
    )
    SCALING = ('SCALING', 'Members are changing to their targets.')
    ACTIVE = ('ACTIVE', 'Every member is at its target and ready.')
    DEGRADED = (
        'DEGRADED',
        'The total is met, but at least one member cannot provide its share.',
    )
    ERROR = (
        'ERROR',
        'The total is not met, and waiting alone will not fix it.',
    )
    FROZEN = (
        'FROZEN',
        'Too many clouds are unreachable: nothing is changed anywhere.',
    )
    PAUSED = ('PAUSED', 'The user paused the stack: nothing is changed.')


class MemberState(_Word):
    UNKNOWN = (
        'UNKNOWN',
        'The stack in this cloud has not been read yet, or it is unreadable.',
    )
    OK = ('OK', 'The count is the target and Heat has finished.')
    SCALING = ('SCALING', 'The count is changing to the target.')
    UNREACHABLE = (
        'UNREACHABLE',
        'The cloud is down; its weight is spread over the others.',
    )
    UNAUTHORIZED = (
        'UNAUTHORIZED',
        "The cloud rejects the engine's credentials, they may not read or "
        'change this stack, or the project may not use the cloud; the last '
        'count is held.',
    )
    MISCONFIGURED = (
        'MISCONFIGURED',
        "The engine's configuration for the cloud is wrong; the last count is "
        'held.',
    )
    UNSEEN = (
        'UNSEEN',
        'The engine cannot reach the cloud, and the witnesses do not confirm '
        'that it is down; the last count is held.',
    )
    MISSING = (
        'MISSING',
        'The cloud has no stack of this name; its weight is spread.',
    )
    PARAMETER_MISSING = (
        'PARAMETER_MISSING',
        'The stack has no such count parameter; its weight is spread.',
    )
    REJECTED = (
        'REJECTED',
        'Heat rejected the update; the last count is held and the update is '
        'tried again.',
    )
    FAILED = (
        'FAILED',
        'Heat could not finish the update; it is tried again.',
    )
    BUSY = (
        'BUSY',
        'Heat is working on the stack, to another count than the target.',
    )
    FULL = (
        'FULL',
        'The cloud has no room for more; the rest goes to the others, and one '
        'more is tried from time to time.',
    )
    CONFLICT = (
        'CONFLICT',
        'The stack is the same Heat stack as that of another cloud entry; '
        'nothing is changed there and its weight is spread.',
    )
    CONTESTED = (
        'CONTESTED',
        'Something else changes the count again and again; it is set back '
        'with increasing delay.',
    )
    WAITING = (
        'WAITING',
        'The cloud is back, but its weight stays spread over the others until '
        'a user orders the failback.',
    )
    DRAINING = (
        'DRAINING',
        'The member is being drained: it shrinks as the others become ready.',
    )
    DRAINED = (
        'DRAINED',
        'The member is drained: nothing is left there that could move.',
    )


# In these states a member cannot provide its share.
TROUBLE = frozenset(
    {
        MemberState.UNREACHABLE,
        MemberState.UNAUTHORIZED,
        MemberState.MISCONFIGURED,
        MemberState.UNSEEN,
        MemberState.MISSING,
        MemberState.PARAMETER_MISSING,
        MemberState.REJECTED,
        MemberState.FAILED,
        MemberState.FULL,
        MemberState.CONFLICT,
        MemberState.CONTESTED,
        MemberState.WAITING,
    }
)
# In these it is changing, or waits for Heat or for other members.
MOVING = frozenset(
    {MemberState.SCALING, MemberState.BUSY, MemberState.DRAINING}
)


class CloudState(_Word):
    UNKNOWN = ('UNKNOWN', 'The cloud has not been surveyed recently.')
    UP = ('UP', 'The cloud answers.')
    SUSPECT = (
        'SUSPECT',
        'The last survey failed, but not yet enough of them in a row.',
    )
    DOWN = ('DOWN', 'The cloud cannot be reached.')
    RECOVERING = (
        'RECOVERING',
        'The cloud answers again, but has not done so for long enough.',
    )
    UNAUTHORIZED = (
        'UNAUTHORIZED',
        "The cloud rejects the engine's credentials.",
    )
    MISCONFIGURED = (
        'MISCONFIGURED',
        "The engine's configuration for the cloud is wrong; the reason says "
        'what to correct.',
    )
    UNSEEN = (
        'UNSEEN',
        'The engine cannot reach the cloud, and the witnesses do not confirm '
        'that it is down.',
    )


class AdminState(_Word):
    ENABLED = ('ENABLED', 'Used as its weight says.')
    CORDONED = ('CORDONED', 'It keeps what it has and gets nothing more.')
    DRAINING = (
        'DRAINING',
        'Its weight is spread; it shrinks as the others become ready.',
    )
    DRAINED = ('DRAINED', 'Nothing is left there that could move.')


class Declared(_Word):
    UP = (
        'UP',
        'An administrator declared that the cloud is up, whatever the surveys '
        'find.',
    )
    DOWN = (
        'DOWN',
        'An administrator declared that the cloud is down, whatever the '
        'surveys find.',
    )


class Vote(_Word):
    REACHES = ('REACHES', 'The observer reaches the cloud.')
    CANNOT_REACH = (
        'CANNOT_REACH',
        'The observer does not reach the cloud, but another one or its '
        'reference.',
    )
    CUT_OFF = (
        'CUT_OFF',
        'The observer reaches neither the cloud nor anything else, so this '
        'says nothing about the cloud.',
    )
    SILENT = (
        'SILENT',
        'The observer gives no answer, or none that can be used.',
    )


class Failover(_Word):
    EVEN = ('even', 'The lost weight is divided equally among the others.')
    PROPORTIONAL = (
        'proportional',
        'The lost weight is divided among the others by their weights.',
    )
    NONE = ('none', 'The lost weight stays where it is.')


class Failback(_Word):
    AUTO = ('auto', 'A cloud that returns gets its weight back.')
    MANUAL = (
        'manual',
        'The weight of a cloud that returns stays spread until a user orders '
        'the failback.',
    )


class EventKind(_Word):
    STACK_CREATED = ('STACK_CREATED', 'A user created or adopted a stack.')
    STACK_CHANGED = ('STACK_CHANGED', 'A user changed a stack.')
    STACK_DELETED = ('STACK_DELETED', 'A user deleted a stack.')
    STACK_STATUS = ('STACK_STATUS', 'The status of a stack changed.')
    STACK_READINESS = (
        'STACK_READINESS',
        'A stack no longer survives the loss of any one cloud, or does so '
        'again.',
    )
    MEMBER_STATE = (
        'MEMBER_STATE',
        'A problem of a member began or ended.',
    )
    MEMBER_PATCHED = (
        'MEMBER_PATCHED',
        'The engine asked Heat to change a count.',
    )
    CLOUD_STATE = ('CLOUD_STATE', 'The state of a cloud changed.')
    CLOUD_ADMIN = (
        'CLOUD_ADMIN',
        'An administrator changed how a cloud may be used, or such an order '
        'began or ended.',
    )
    CLOUD_CAPACITY = (
        'CLOUD_CAPACITY',
        'A cloud has no room for more instances, or has room again.',
    )
    PASS_FAILED = (
        'PASS_FAILED',
        'An unexpected error stopped a pass over a stack.',
    )
