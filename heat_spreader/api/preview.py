# SPDX-License-Identifier: Apache-2.0
"""What a preview answers: the simulation, its explanation, and what to know.

The rows come from db.previews, the facts from the one reader of rows, and
what would happen from the planning of the engine. No cloud is asked.
"""

import dataclasses

from heat_spreader import exception
from heat_spreader import snapshot
from heat_spreader.api import drains as drains_api
from heat_spreader.planning import explain
from heat_spreader.planning import plan
from heat_spreader.planning import preview
from heat_spreader.planning import suggestions
from heat_spreader.planning import text
from heat_spreader.planning import waits

_HYPOTHESES = ('down', 'drained', 'back')


@dataclasses.dataclass(frozen=True)
class Member:
    """A member in a preview.

    ``now``: its plan.MemberPlan before the change, None if it is new; ``then``
    that after all waves. ``why``: the arithmetic of its target then;
    ``waits``: what holds it where it is now.
    """

    known: object
    now: object
    then: object
    why: list
    waits: list


@dataclasses.dataclass(frozen=True)
class Answer:
    """All that there is to show of a preview.

    ``course``: preview.Preview; ``specification``: what would be asked for.
    ``refusals``: why the real request would be refused. ``notes``: what the
    preview cannot know, and what it leaves out.
    """

    stack_id: str
    specification: object
    course: preview.Preview
    members: list
    suggestions: list
    refusals: list
    notes: list


def hypotheses(body):
    """What a body assumes about clouds, which is removed from it.

    :raises Invalid: if a cloud is to be both down and back
    """
    names = {field: frozenset(body.pop(field, ())) for field in _HYPOTHESES}
    if both := names['down'] & names['back']:
        raise exception.Invalid(
            f'A cloud cannot be both down and back: {text.join(sorted(both))}.'
        )
    return preview.Hypotheses(**names)


def make(conf, rows, assumed, drains, now):
    """The Answer to a request.

    :param rows: previews.Rows
    :param assumed: preview.Hypotheses
    :param drains: when the drains among the values of the request that may be
        refused begin, by cloud
    """
    before, after = snapshot.of_preview(
        conf, rows, lambda clouds: preview.suppose(clouds, assumed, now)
    )
    planned = before and plan.make(before.stack, now, before.frozen)
    course = preview.make(after.stack, now, after.frozen)
    explanation = explain.Explanation(course.last)
    return Answer(
        stack_id=after.row.id,
        specification=after.stack.specification,
        course=course,
        members=_members(planned, course, explanation),
        suggestions=suggestions.of_plan(course.last, now),
        refusals=list(drains_api.refusals(after.stack, drains)),
        notes=list(_notes(before, after, course, explanation)),
    )


def _members(planned, course, explanation):
    now = {m.cloud: m for m in planned.members} if planned else {}
    known = {m.cloud.name: m for m in course.first.basis.stack.members}
    return [
        Member(
            known=known[then.cloud],
            now=now.get(then.cloud),
            then=then,
            why=explanation.target(then.cloud),
            waits=waits.of_member(course.first, then.cloud),
        )
        for then in course.last.members
    ]


def _notes(before, after, course, explanation):
    """Sentences about what is not known, or is not part of the preview."""
    new = before is None
    if course.unread:
        yield (
            f'The Heat stacks in {text.join(list(course.unread))} have not '
            'been read'
            + (', because the stack does not exist yet' if new else ' yet')
            + ': which updates they need is not known.'
        )
    tied = explanation.tied
    if new and tied:
        yield (
            f'{text.join(tied)} have equal claims to an instance. The ID of '
            'the stack decides which of them gets it, and is not known yet.'
        )
    if not course.ended:
        yield f'Only the first {preview.MAX_WAVES} waves are shown.'
    if before and before.row.adopting_until is None:
        names = {member.cloud for member in after.members}
        gone = [m.cloud for m in before.members if m.cloud not in names]
        if gone:
            yield (
                f'{text.join(gone)} would no longer be part of the stack; the '
                'Heat stack there stays as it is.'
            )
