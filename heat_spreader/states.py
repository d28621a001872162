# SPDX-License-Identifier: Apache-2.0
"""The closed vocabularies: every state and event kind, one sentence each.

Each member is a plain string, so it goes to JSON and to the database as it
stands; ``sentence`` is what the documentation and the reader are told.
"""

import decimal
import enum

# Weights have six decimal places.
WEIGHT_STEP = decimal.Decimal('0.000001')


class _Word(str, enum.Enum):
    sentence: str

    def __new__(cls, word, sentence):
        self = str.__new__(cls, word)
        self._value_ = word
        self.sentence = sentence
        return self

    __str__ = str.__str__


class StackStatus(_Word):
    PENDING = (
        'PENDING',
        'The engine has not acted on the stack yet, or no cloud has a weight.',
    )
    SCALING = ('SCALING', 'Members are on their way to their targets.')
    ACTIVE = ('ACTIVE', 'Every member is at its target and ready.')
    DEGRADED = (
        'DEGRADED',
        'The total is met although at least one member cannot do its part.',
    )
    ERROR = ('ERROR', 'The total is not met, and waiting will not mend it.')
    FROZEN = (
        'FROZEN',
        'So many clouds are unreachable that nothing is changed anywhere.',
    )
    PAUSED = ('PAUSED', 'The user has paused the stack: nothing is changed.')


class MemberState(_Word):
    UNKNOWN = ('UNKNOWN', 'The stack in this cloud has not been read yet.')
    OK = ('OK', 'The count is the target and Heat is done.')
    SCALING = ('SCALING', 'The count is on its way to the target.')
    UNREACHABLE = (
        'UNREACHABLE',
        'The cloud is down; its weight is spread over the others.',
    )
    UNAUTHORIZED = (
        'UNAUTHORIZED',
        'The cloud does not let the engine in; the last count is held.',
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
        'Heat refused the count; the last count is held and tried again.',
    )
    FAILED = (
        'FAILED',
        'Heat could not finish the update; it is tried again.',
    )
    BUSY = ('BUSY', 'Heat is at work on the stack for somebody else.')


# Members in these states cannot do their part, and someone should know.
TROUBLE = frozenset(
    {
        MemberState.UNREACHABLE,
        MemberState.UNAUTHORIZED,
        MemberState.MISSING,
        MemberState.PARAMETER_MISSING,
        MemberState.REJECTED,
        MemberState.FAILED,
    }
)


class CloudState(_Word):
    UNKNOWN = ('UNKNOWN', 'The cloud has not been surveyed lately.')
    UP = ('UP', 'The cloud answers.')
    SUSPECT = (
        'SUSPECT',
        'The last survey failed, but too few in a row to call it down.',
    )
    DOWN = ('DOWN', 'The cloud cannot be reached.')
    RECOVERING = (
        'RECOVERING',
        'The cloud answers again, but not for long enough to be up.',
    )
    UNAUTHORIZED = (
        'UNAUTHORIZED',
        'The cloud does not accept the credentials of the engine.',
    )


class Failover(_Word):
    EVEN = ('even', 'A lost weight is divided equally among the others.')
    PROPORTIONAL = (
        'proportional',
        'A lost weight is divided among the others by their weights.',
    )
    NONE = ('none', 'A lost weight is left where it is.')


class EventKind(_Word):
    STACK_CREATED = ('STACK_CREATED', 'A user put a stack under control.')
    STACK_CHANGED = ('STACK_CHANGED', 'A user changed a stack.')
    STACK_DELETED = ('STACK_DELETED', 'A user ended the control of a stack.')
    STACK_STATUS = ('STACK_STATUS', 'The status of a stack changed.')
    MEMBER_STATE = ('MEMBER_STATE', 'The state of a member changed.')
    MEMBER_PATCHED = ('MEMBER_PATCHED', 'The engine changed a count in Heat.')
    CLOUD_STATE = ('CLOUD_STATE', 'The state of a cloud changed.')
    PASS_FAILED = ('PASS_FAILED', 'The engine failed on a stack.')
