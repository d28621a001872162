# SPDX-License-Identifier: Apache-2.0
"""Refuse drains that would do harm.

Nothing is ever taken below the total: what the other clouds cannot take stays
where it is. So a drain that is ordered all the same is only incomplete.
"""

import dataclasses

from heat_spreader import exception
from heat_spreader import snapshot
from heat_spreader.db import admin
from heat_spreader.planning import drain
from heat_spreader.planning import facts

# How many stacks a message names.
_NAMED = 10
_FORCE = (
    'To drain it as far as the others can replace it, repeat the request with '
    'force.'
)


def of_cloud(conf, cloud, use, now):
    """What may refuse to drain a cloud, as admin.Check.

    :param use: facts.Use, the drain
    """

    def refuse(ctx):
        known = snapshot.open_clouds(ctx, conf)
        known = {
            name: _at(other, use.order) if name != cloud else other
            for name, other in known.items()
        }
        begin = use.order.since
        stacks = snapshot.stacks_in(ctx, conf, cloud, known)
        reasons = _harm(drain.of_cloud(stacks, cloud, begin))
        # Nobody knows what will be down when a planned drain begins.
        if begin <= now and (down := drain.down(known.values(), cloud)):
            names = ', '.join(other.name for other in down)
            reasons.append(f'Another cloud is down: {names}.')
        _refuse(f"The cloud '{cloud}' is not drained.", reasons)

    return admin.Check(conf.clouds.enabled, refuse)


def of_members(conf, begins):
    """What may refuse to drain members of a stack, as db.stacks takes it.

    :param begins: when the drain begins, by cloud
    """

    def refuse(ctx, stack_id):
        known = snapshot.open_clouds(ctx, conf)
        [stack] = snapshot.stacks_of(ctx, conf, [stack_id], known)
        for refusal in refusals(stack, begins):
            raise exception.DrainRefused(refusal)

    return refuse


def refusals(stack, begins):
    """Yield why drains of members would be refused.

    :param stack: facts.Stack, after the change
    :param begins: when each drain begins, by cloud
    """
    for cloud, begin in begins.items():
        effect = drain.of_member(stack, cloud, begin)
        if reasons := _harm([effect] if effect else []):
            what = f"The member in the cloud '{cloud}' is not drained."
            yield ' '.join([what, *reasons, _FORCE])


def _at(cloud, order):
    """Another cloud as it is used in the time of an order."""
    planned, use = cloud.planned, cloud.use
    if planned and _overlap(planned.order, order):
        return dataclasses.replace(cloud, use=planned)
    if use.order and not _overlap(use.order, order):
        return dataclasses.replace(cloud, use=facts.Use())
    return cloud


def _overlap(one, other):
    return _begins_before_end(one, other) and _begins_before_end(other, one)


def _begins_before_end(one, other):
    return other.until is None or one.since < other.until


def _harm(effects):
    """Sentences with what a drain would do to stacks."""
    unplaced = {e: e.unplaced for e in effects if e.unplaced}
    last = [effect for effect in effects if effect.last]
    reasons = []
    if unplaced:
        listed = _listed([f'{_name(e)} {n}' for e, n in unplaced.items()])
        reasons.append(
            f'No other cloud could take {sum(unplaced.values())} instances: '
            f'{listed}.'
        )
    if last:
        listed = _listed([_name(effect) for effect in last])
        reasons.append(f'No other cloud serves {listed}.')
    return reasons


def _name(effect):
    return f'{effect.name} ({effect.stack_id})'


def _listed(names):
    more = len(names) - _NAMED
    text = ', '.join(names[:_NAMED])
    return f'{text} and {more} more' if more > 0 else text


def _refuse(what, reasons):
    if reasons:
        raise exception.DrainRefused(' '.join([what, *reasons, _FORCE]))
