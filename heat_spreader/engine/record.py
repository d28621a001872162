# SPDX-License-Identifier: Apache-2.0
"""What a pass over a stack found and did, to be written.

One happening is one event. A pass writes one for each member that it updated
or whose problem began or ended; the change of the status of the stack is
appended to the last of them, and is an event of its own only where there is
no other. A member that follows its cloud has none: the event of the cloud
says it. Notifications are sent for every change of a state.
"""

import dataclasses
import datetime
import decimal

from heat_spreader import states
from heat_spreader.db import leases
from heat_spreader.db import members as members_db
from heat_spreader.engine import act
from heat_spreader.engine import notify
from heat_spreader.engine import safety
from heat_spreader.planning import drill
from heat_spreader.planning import override
from heat_spreader.planning import plan
from heat_spreader.planning import status

SENT = (act.Result.ACCEPTED, act.Result.REJECTED, act.Result.BACKED_OFF)
# A member in one of these states has its target.
_SETTLED = (states.MemberState.OK, states.MemberState.WAITING)
_FAILED = (act.Result.REJECTED, act.Result.BACKED_OFF)
_HELD_BACK = (act.Result.HELD, act.Result.PACED, act.Result.FULL)
# The state of a member that only follows its cloud in such a state.
_HELD = {
    states.CloudState.UNAUTHORIZED: states.MemberState.UNAUTHORIZED,
    states.CloudState.MISCONFIGURED: states.MemberState.MISCONFIGURED,
    states.CloudState.UNSEEN: states.MemberState.UNSEEN,
}


@dataclasses.dataclass(frozen=True)
class Record:
    """What a pass has to write, and the notify.Changes once it is written."""

    settlement: leases.Settlement
    changes: list[notify.Change]


def make(ctx, snap, planned, outcomes, owner, now):
    """The Record of a plan and the outcomes of its updates.

    :param ctx: of the pass
    :param snap: the snapshot.Snapshot that was planned for
    :param planned: plan.Plan
    :param owner: who holds the lease, None where nothing was to be done
    """
    row = snap.row
    known = {m.cloud.name: m for m in snap.stack.members}
    before = {member.cloud: member.state for member in snap.members}
    overrides = {member.cloud: member.overridden for member in planned.members}
    found = safety.find(snap, planned, now)
    members = {
        member.cloud: _member_values(
            member, known[member.cloud], before[member.cloud], now
        )
        | safety.member_values(found, member.cloud)
        for member in planned.members
    }
    for each in snap.members:
        members[each.cloud].update(_drill_values(planned, known, each))
    for outcome in outcomes:
        cloud = outcome.update.cloud
        failures = known[cloud].failures
        members[cloud].update(_outcome_values(outcome, failures, now))
        if outcome.result is act.Result.UNANSWERED:
            members[cloud]['lease_owner'] = owner
        if outcome.update.set_back and outcome.result is act.Result.ACCEPTED:
            members[cloud]['set_backs'] = _texts(overrides[cloud].after(now))
    changed = [m for m in planned.members if m.state != before[m.cloud]]
    values = {
        'status': planned.status,
        'status_reason': _status_reason(planned, outcomes),
        'unplaced': planned.unplaced,
        'survives': safety.survives(row, found, snap.stack),
        'observed_generation': row.generation,
        'due_at': _due_at(planned, outcomes, now),
    }
    events = _events(snap, planned, outcomes, before)
    safety.add_event(events, row, found)
    return Record(
        leases.Settlement(row, owner, values, members, events, ctx.request_id),
        [
            *_changes(ctx, row, planned, changed, before),
            *safety.changes(row, found, ctx.request_id),
        ],
    )


def _status_reason(planned, outcomes):
    paced = [o.update.cloud for o in outcomes if o.result is act.Result.PACED]
    if not paced:
        return planned.status_reason
    waiting = (
        f'The update in {", ".join(paced)} waits for its turn: failover_rate '
        'limits how many are sent in a second.'
    )
    return f'{planned.status_reason} {waiting}'.lstrip()


def save_late(ctx, row, late, owner, now):
    """Write what became of updates that were answered late.

    :param row: the stack as it was loaded, of which ``owner`` has the lease
    :param late: triples of the engine that sent the update, the facts.Member
        that it was planned for, and its act.Outcome
    """
    waiting = {member.cloud: member.lease_owner for member in row.members}
    members, happened = {}, []
    for sender, member, outcome in late:
        cloud = member.cloud.name
        if waiting.get(cloud) != sender:
            # Another engine has taken over, it is no longer a member, or a
            # later pass has waited for the same update.
            continue
        waiting[cloud] = None
        members[cloud] = {
            **_outcome_values(outcome, member.failures, now),
            'lease_owner': None,
        }
        if outcome.update.set_back and outcome.result is act.Result.ACCEPTED:
            before = override.Override(member.set_backs, now=True)
            members[cloud]['set_backs'] = _texts(before.after(now))
        if outcome.result in SENT and not _is_repeated(outcome, member):
            happened.append(_patched(outcome, (None, None)))
    values = {'due_at': now}
    leases.settle(
        ctx,
        leases.Settlement(
            row, owner, values, members, happened, ctx.request_id
        ),
    )


def fail(ctx, row, owner, exc, due_at):
    """Write that a pass failed unexpectedly, and when to try again."""
    event = {
        'kind': states.EventKind.PASS_FAILED,
        'message': f'The engine failed on the stack ({type(exc).__name__}); '
        'its log has the traceback. It will try again.',
    }
    values = {'due_at': due_at}
    leases.settle(
        ctx,
        leases.Settlement(row, owner, values, {}, [event], ctx.request_id),
    )


def _member_values(member, known, before, now):
    """New values of the row of a member.

    :param known: the facts.Member that was planned for
    :param before: its state
    """
    values = {
        'target': member.target,
        'effective_weight': round(
            decimal.Decimal(member.effective_weight.numerator)
            / member.effective_weight.denominator,
            6,
        ),
        'state': member.state,
        'reason': member.reason,
        'failures': member.back_off.failures,
        'retry_at': member.back_off.retry_at,
        'set_backs': _texts(member.overridden.set_backs),
        'failed_over': member.failed_over,
        **members_db.cap_values(member.cap),
    }
    if member.back_off.failures > known.failures:
        # The reason is shown during the next attempt, too.
        values['last_error'] = status.heat_reason(known.stack)
    if member.state in _SETTLED or _is_settled_as_full(member, known):
        values |= {
            'sent_count': member.target,
            'rejection': None,
            'rejected_as': None,
            'last_error': None,
        }
    if member.state != before:
        values['since'] = now
    return values


def _is_settled_as_full(member, known):
    heat, full = known.stack, states.MemberState.FULL
    return (member.state, member.target) == (
        full,
        heat.count,
    ) and heat.complete


def _drill_values(planned, known, row):
    """What the pass has seen of a drill, as new values of a member."""
    member = known[row.cloud]
    target = next(m.target for m in planned.members if m.cloud == row.cloud)
    stays = max(0, target - member.part.min_count)
    note = drill.of_member(
        member, row.drill, planned.missing, planned.unplaced + stays
    )
    return {'drill': note.values} if note else {}


def _texts(times):
    return [time.isoformat() for time in times]


def _outcome_values(outcome, failures, now):
    """New values of the row of a member whose update was tried."""
    if outcome.result not in _FAILED:
        return outcome.values
    wait = datetime.timedelta(seconds=outcome.wait)
    pause = plan.back_off(failures, now, wait)
    return {
        **outcome.values,
        'failures': pause.failures,
        'retry_at': pause.retry_at,
    }


def _events(snap, planned, outcomes, before):
    """Keyword arguments of events.add for what happened in a pass."""
    sent = {o.update.cloud: o for o in outcomes if o.result in SENT}
    known = {m.cloud.name: m for m in snap.stack.members}
    happened = []
    for member in planned.members:
        change = before[member.cloud], member.state
        outcome = sent.get(member.cloud)
        if outcome and not _is_repeated(outcome, known[member.cloud]):
            happened.append(_patched(outcome, change))
        elif _is_reported(change, known[member.cloud]):
            happened.append(_member_changed(member, change))
    old, new = snap.row.status, planned.status
    if old != new:
        _add_status(happened, snap.row.name, (old, new), planned)
    return happened


def _is_repeated(outcome, member):
    """Whether an attempt is not the first one, and did not succeed yet."""
    if outcome.update.repeats:
        return True
    if outcome.result is act.Result.ACCEPTED:
        again = outcome.update.new == member.sent_count
        return again and member.failing and member.failures > 0
    return outcome.result in _FAILED and outcome.message in (
        member.rejection,
        member.last_error,
    )


def _is_reported(change, member):
    """Whether a change of the state of a member is an event of its own.

    Where Heat is only working it is not; nor where the member follows its
    cloud, which has an event.
    """
    old, new = change
    if new == states.MemberState.UNKNOWN:
        return old != new and member.read_error is not None
    if old == new or not states.TROUBLE.intersection(change):
        return False
    if new == states.MemberState.WAITING:
        # The event of the cloud says that it is back, but not this.
        return True
    follows = {states.MemberState.UNREACHABLE}
    if member.cloud.declared == states.Declared.UP:
        follows.add(states.MemberState.UNSEEN)
    if member.cloud.state in _HELD:
        follows.add(_HELD[member.cloud.state])
    return new not in follows and old not in follows


def _patched(outcome, change):
    update = outcome.update
    message = (
        f'{update.cloud}: {update.old} -> {update.new} because {update.why}.'
    )
    if outcome.result is not act.Result.ACCEPTED:
        message += f' It failed: {outcome.message}'
    changes = {'count': [update.old, update.new]}
    if change[0] != change[1]:
        changes['state'] = list(change)
    return {
        'kind': states.EventKind.MEMBER_PATCHED,
        'cloud': update.cloud,
        'message': message,
        'changes': changes,
        'result': outcome.result.name,
    }


def _member_changed(member, change):
    return {
        'kind': states.EventKind.MEMBER_STATE,
        'cloud': member.cloud,
        'message': _sentence(member.cloud, change, member.reason),
        'changes': {'state': list(change)},
    }


def _add_status(happened, name, change, planned):
    """Append the change of the status to the last event, or write one."""
    verdict = planned.verdict
    if not happened:
        reason = verdict.reason
        if verdict.status == states.StackStatus.ACTIVE:
            # It is what people look for after an outage.
            counts = ', '.join(
                f'{m.cloud} {m.target}' for m in planned.members
            )
            reason = f'{counts}. {reason}'.rstrip()
        happened.append(
            {
                'kind': states.EventKind.STACK_STATUS,
                'message': _sentence(name, change, reason),
                'changes': {'status': list(change)},
            }
        )
        return
    last = happened[-1]
    summary = verdict.summary
    if verdict.status == states.StackStatus.SCALING:
        # The steps are the events themselves.
        summary = ''
    last['message'] += f' {_sentence(name, change, summary)}'
    last['changes']['status'] = list(change)


def _sentence(name, change, reason):
    old, new = change
    return f'{name}: {old} -> {new}.' + (f' {reason}' if reason else '')


def _changes(ctx, row, planned, changed, before):
    about = {'stack': row, 'request_id': ctx.request_id}
    changes = [
        notify.Change(
            states.EventKind.MEMBER_STATE,
            before[member.cloud],
            member.state,
            member.reason,
            cloud=member.cloud,
            **about,
        )
        for member in changed
    ]
    if row.status != planned.status:
        changes.append(
            notify.Change(
                states.EventKind.STACK_STATUS,
                row.status,
                planned.status,
                planned.status_reason,
                **about,
            )
        )
    return changes


def _due_at(planned, outcomes, now):
    """When to plan again: at once where an update did not go as planned.

    What a cloud does not take yet waits until the cloud may take it, and what
    is paced until its turn.
    """
    held = [o.wait for o in outcomes if o.result in _HELD_BACK]
    accepted = [o for o in outcomes if o.result is act.Result.ACCEPTED]
    if len(held) + len(accepted) < len(outcomes):
        return now
    if not held:
        return planned.due_at
    due_at = now + datetime.timedelta(seconds=min(held))
    return min(planned.due_at or due_at, due_at)
