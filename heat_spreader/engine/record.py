# SPDX-License-Identifier: Apache-2.0
"""Write what a pass over a stack found and did, in one transaction."""

import datetime
import decimal

from heat_spreader import states
from heat_spreader.db import leases
from heat_spreader.engine import act
from heat_spreader.planning import plan

SENT = (act.Result.ACCEPTED, act.Result.REJECTED, act.Result.BACKED_OFF)


def save(ctx, stack, made, outcomes, owner, now):
    """Write a plan and what became of its updates, and give the lease back.

    :param stack: the row that was planned for
    :param made: plan.Plan
    :param owner: who holds the lease, None where nothing was to be done
    :returns: the row of the stack, and the events that were written
    """
    happened = []
    members = {}
    rows = {member.cloud: member for member in stack.members}
    for member in made.members:
        members[member.cloud], events = _member(
            rows[member.cloud], member, now
        )
        happened += events
    for outcome in outcomes:
        members[outcome.update.cloud].update(_outcome(outcome, rows, now))
        if outcome.result in SENT:
            happened.append(_patched(outcome))
    if stack.status != made.status:
        happened.append(_change_of_status(stack, made))
    values = {
        'status': made.status,
        'status_reason': made.status_reason,
        'unplaced': made.unplaced,
        'observed_generation': stack.generation,
        'due_at': _due_at(made, outcomes, now),
    }
    return leases.settle(ctx, stack, owner, values, members, happened)


def fail(ctx, stack, owner, exc, due_at):
    """Write that a pass failed unexpectedly, and when to try again."""
    event = {
        'kind': states.EventKind.PASS_FAILED,
        'message': f'The engine failed on the stack ({type(exc).__name__}); '
        'its log says more. It tries again.',
    }
    leases.settle(ctx, stack, owner, {'due_at': due_at}, {}, [event])


def _member(row, member, now):
    """New values of a row, and the events that tell of them."""
    values = {
        'target': member.target,
        'effective_weight': round(
            decimal.Decimal(member.effective_weight.numerator)
            / member.effective_weight.denominator,
            6,
        ),
        'state': member.state,
        'reason': member.reason,
        'failures': member.failures,
        'retry_at': member.retry_at,
    }
    if row.state == member.state:
        return values, []
    event = {
        'kind': states.EventKind.MEMBER_STATE,
        'cloud': member.cloud,
        'message': _told(member.cloud, row.state, member.state, member.reason),
        'changes': {'state': [row.state, member.state]},
    }
    return {**values, 'since': now}, [event]


def _outcome(outcome, rows, now):
    """New values of the row of a member whose update was tried."""
    if outcome.result not in (act.Result.REJECTED, act.Result.BACKED_OFF):
        return outcome.values
    failures = rows[outcome.update.cloud].failures + 1
    wait = max(
        plan.retry_delay(failures), datetime.timedelta(seconds=outcome.wait)
    )
    return {**outcome.values, 'failures': failures, 'retry_at': now + wait}


def _patched(outcome):
    update = outcome.update
    message = (
        f'{update.cloud}: {update.old} -> {update.new}, because {update.why}.'
    )
    if outcome.result is not act.Result.ACCEPTED:
        message += f' It did not work: {outcome.message}'
    return {
        'kind': states.EventKind.MEMBER_PATCHED,
        'cloud': update.cloud,
        'message': message,
        'changes': {'count': [update.old, update.new]},
        'result': outcome.result.name,
    }


def _change_of_status(stack, made):
    return {
        'kind': states.EventKind.STACK_STATUS,
        'message': _told(
            stack.name, stack.status, made.status, made.status_reason
        ),
        'changes': {'status': [stack.status, made.status]},
    }


def _told(name, before, after, reason):
    return f'{name}: {before} -> {after}.' + (f' {reason}' if reason else '')


def _due_at(made, outcomes, now):
    """When to plan again: at once where an update did not go as planned."""
    if any(o.result is not act.Result.ACCEPTED for o in outcomes):
        return now
    return made.due_at
