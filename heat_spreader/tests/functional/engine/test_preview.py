# SPDX-License-Identifier: Apache-2.0
"""What is previewed is what the engine then does, on emulated clouds."""

import itertools

import hypothesis
import sqlalchemy as sa
from hypothesis import strategies as st

from heat_spreader import states
from heat_spreader.api import preview as preview_api
from heat_spreader.db import admin
from heat_spreader.db import models
from heat_spreader.db import previews
from heat_spreader.db import session
from heat_spreader.db import stacks as stacks_db
from heat_spreader.planning import facts
from heat_spreader.planning import preview
from heat_spreader.tests.functional.db import base as db_base
from heat_spreader.tests.functional.emulator import faults
from heat_spreader.tests.functional.engine import base
from heat_spreader.tests.unit.planning import strategies

NAMES = base.NAMES
# Each example is a stack of its own on the same three clouds.
# To make a failing one smaller would take many minutes.
SETTINGS = hypothesis.settings(
    strategies.CONTRACT,
    max_examples=12,
    phases=[hypothesis.Phase.generate],
)


@st.composite
def requests(draw):
    """The values of a stack, with weights that add up to 1."""
    cuts = draw(st.lists(st.integers(0, 10), min_size=2, max_size=2))
    weights = [
        f'{(high - low) / 10}'
        for low, high in itertools.pairwise([0, *sorted(cuts), 10])
    ]
    limits = draw(st.lists(st.integers(-2, 9), min_size=3, max_size=3))
    return {
        'count': draw(st.integers(0, 20)),
        'weights': base.EngineTestCase.weights(*weights),
        'failover': draw(st.sampled_from(list(states.Failover))),
        'failback': draw(st.sampled_from(list(states.Failback))),
        'members': {
            name: {'min_count': 0, 'max_count': None if n < 0 else n}
            for name, n in zip(NAMES, limits, strict=True)
        },
    }


class PreviewTestCase(base.EngineTestCase):
    counts = (0, 0, 0)

    def setUp(self):
        super().setUp()
        self.numbers = itertools.count()
        self.engine.survey()

    def new_stack(self, counts, values):
        """Manage a stack that runs these counts; return its id."""
        self.name = f'web-{next(self.numbers)}'
        for cloud, count in zip(self.clouds.values(), counts, strict=True):
            cloud.add_stack(self.name, count)
        values = {'stack_name': self.name, 'name': self.name, **values}
        return db_base.create_stack(
            self.ctx, count_parameter='count', **values
        ).id

    def preview(self, stack_id, values=None, **hypotheses):
        """The Answer to what a user asks; nothing may come of it."""
        assumed = preview.Hypotheses(
            **{key: frozenset(names) for key, names in hypotheses.items()}
        )
        asked = self.requests()
        rows = previews.of_change(self.ctx, stack_id, values or {})
        answer = preview_api.make(
            self.configuration.conf, rows, assumed, {}, models.utcnow()
        )
        self.assertEqual(asked, self.requests())
        return answer

    def requests(self):
        return sum(len(cloud.requests) for cloud in self.clouds.values())

    def lose(self, *names):
        for name in names:
            self.clouds[name].fault = faults.REFUSE
        self.survey(3, names)

    def restore(self, *names):
        for name in names:
            self.clouds[name].fault = None
        self.survey(2, names)

    def survey(self, times, names):
        for _ in range(times if names else 0):
            self.engine.survey(*names)

    def use(self, state, *names):
        for name in names:
            order = facts.Order(models.utcnow())
            admin.set_use(self.ctx, name, facts.Use(state, order))

    def waves(self):
        """What the engine sends, with Heat ending all of it each time."""
        found = []
        for _ in range(10):
            before = {n: len(c.patches) for n, c in self.clouds.items()}
            self.engine.turn()
            sent = {
                name: self.clouds[name].stack(self.name).count
                for name, number in before.items()
                if len(self.clouds[name].patches) > number
            }
            if not sent and not self.is_changing():
                return found
            found += [sent] if sent else []
            self.finish()
        raise AssertionError(f'The engine sends more and more: {found}')

    def is_changing(self):
        return any(
            cloud.stack(self.name).status.endswith('IN_PROGRESS')
            for cloud in self.clouds.values()
        )

    def check(self, answer, stack_id):
        """Compare a preview with what the engine does."""
        waves = [
            {update.cloud: update.new for update in wave}
            for wave in answer.course.waves
        ]
        self.assertEqual(waves, self.waves())
        stack = self.stack(stack_id)
        last = answer.course.last
        self.assertEqual(
            (last.status, last.unplaced), (stack.status, stack.unplaced)
        )
        self.assertEqual(
            {m.cloud: (m.target, m.state) for m in last.members},
            {m.cloud: (m.target, m.state) for m in stack.members},
        )
        self.assertEqual(
            answer.specification.total,
            sum(m.target for m in last.members) + last.unplaced,
        )


class TestPreview(PreviewTestCase):
    @SETTINGS
    @hypothesis.given(
        st.lists(st.integers(0, 9), min_size=3, max_size=3),
        requests(),
        requests(),
        st.sampled_from(['', 'down', 'drained', 'back', 'again']),
        st.sampled_from(NAMES),
        st.booleans(),
    )
    def test_engine_does_what_was_previewed(
        self, counts, values, changed, what, cloud, changes
    ):
        if not changes:
            changed = {}
        stack_id = self.new_stack(counts, values)
        try:
            if changes:
                # It was read, and has its shares.
                self.waves()
            else:
                self.engine.survey()
            if what == 'back':
                self.lose(cloud)
            elif what == 'again':
                self.use(states.AdminState.DRAINING, cloud)
            if changes:
                self.waves()
            assumed = {'again': 'back', '': 'down'}.get(what, what)
            answer = self.preview(
                stack_id, changed, **{assumed: [cloud] if what else []}
            )
            if changed:
                stacks_db.update(self.ctx, stack_id, changed)
            if what == 'down':
                self.lose(cloud)
            elif what == 'drained':
                self.use(states.AdminState.DRAINING, cloud)
            elif what:
                self.restore(cloud)
                self.use(states.AdminState.ENABLED, cloud)
            self.check(answer, stack_id)
        finally:
            stacks_db.delete(self.ctx, stack_id)
            if what:
                self.restore(cloud)
                self.use(states.AdminState.ENABLED, cloud)

    def test_new_stack_is_previewed_before_it_is_read(self):
        stack_id = self.new_stack(
            (1, 1, 1),
            {'count': 10, 'weights': self.weights('0.6', '0.2', '0.2')},
        )

        answer = self.preview(stack_id)

        self.assertEqual([6, 2, 2], [m.then.target for m in answer.members])
        self.assertEqual(NAMES, answer.course.unread)
        self.assertEqual((), answer.course.waves)
        self.assertIn('have not been read yet', answer.notes[0])

    def test_preview_only_reads_the_database(self):
        stack_id = self.new_stack(
            (1, 1, 1),
            {'count': 10, 'weights': self.weights('0.6', '0.2', '0.2')},
        )
        self.engine.turn()
        verbs = []

        def note(conn, cursor, statement, *_):
            verbs.append(statement.split()[0])

        engine = session.get_engine()
        sa.event.listen(engine, 'before_cursor_execute', note)
        self.addCleanup(sa.event.remove, engine, 'before_cursor_execute', note)

        self.preview(
            stack_id,
            {
                'count': 20,
                'stack_name': 'other',
                'weights': self.weights('0.5', '0.5'),
            },
            down=['cairo'],
        )

        self.assertEqual({'BEGIN', 'SELECT'}, set(verbs))
