# SPDX-License-Identifier: Apache-2.0
"""The body of the answer to a preview."""

import dataclasses


def preview(answer):
    """A preview.

    :param answer: preview.Answer
    """
    wanted, last = answer.specification, answer.course.last
    return {
        'stack_id': answer.stack_id or None,
        'name': wanted.name,
        'count': wanted.count,
        'placed': wanted.total,
        'status': last.status,
        'status_reason': last.status_reason,
        'unplaced': last.unplaced,
        'members': [_member(member) for member in answer.members],
        'waves': [
            [_update(update) for update in wave]
            for wave in answer.course.waves
        ],
        'unread': list(answer.course.unread),
        'suggestions': [
            dataclasses.asdict(found) for found in answer.suggestions
        ],
        'refusals': answer.refusals,
        'notes': answer.notes,
    }


def _member(member):
    heat = member.known.stack
    return {
        'cloud': member.then.cloud,
        'weight': float(member.known.part.weight),
        'effective_weight': round(float(member.then.effective_weight), 6),
        'min_count': member.known.part.min_count,
        'max_count': member.known.part.max_count,
        'count': heat.count,
        'ready': heat.ready if member.known.heat else None,
        'target_now': member.now and member.now.target,
        'target_then': member.then.target,
        'state': member.then.state,
        'reason': member.then.reason,
        'why': member.why,
        'waits': member.waits,
    }


def _update(update):
    return {
        'cloud': update.cloud,
        'old': update.old,
        'new': update.new,
        'why': update.why,
    }
