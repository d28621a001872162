# SPDX-License-Identifier: Apache-2.0
import dataclasses
import decimal
import pathlib
import types

import hypothesis
import yaml
from hypothesis import strategies as st
from oslotest import base

import heat_spreader
from heat_spreader import schema
from heat_spreader.osc import documents
from heat_spreader.osc import manifest
from heat_spreader.planning import specification
from heat_spreader.tests.unit.planning import strategies
from heat_spreader.tests.unit.sdk import fixtures

SAMPLE = (
    pathlib.Path(heat_spreader.__file__).parents[1]
    / 'doc/source/user/samples/stacks.yaml'
)
TEXT = st.text(
    st.characters(exclude_categories=('C', 'Z')), min_size=1, max_size=9
).filter(lambda text: not schema.problems(text, schema.NAME, 'It'))


@st.composite
def specifications(draw):
    """A specification with names of every kind."""
    drawn = draw(strategies.specifications(limits=True))
    clouds = draw(
        st.lists(
            TEXT,
            unique=True,
            min_size=len(drawn.parts),
            max_size=len(drawn.parts),
        )
    )
    return dataclasses.replace(
        drawn,
        name=draw(TEXT),
        count_parameter=draw(TEXT),
        failover=str(drawn.failover),
        failback=draw(st.sampled_from(['auto', 'manual'])),
        paused=draw(st.booleans()),
        parts=tuple(
            dataclasses.replace(part, cloud=cloud)
            for part, cloud in zip(drawn.parts, sorted(clouds), strict=True)
        ),
    )


def stack_of(asked):
    """The stack as the client has it."""
    return types.SimpleNamespace(
        **{name: getattr(asked, name) for name in specification.FIELDS},
        members=[
            fixtures.member(
                part.cloud,
                weight=float(part.weight),
                min_count=part.min_count,
                max_count=part.max_count,
            )
            for part in asked.parts
        ],
    )


def exported(asked):
    """What the export of a stack is read as."""
    text = yaml.safe_dump(
        manifest.document(stack_of(asked)), sort_keys=False, allow_unicode=True
    )
    (document,) = documents.parse(text)
    return document.value


def received(body):
    """A body as the service reads it."""
    weights = body.get('weights')
    return body | (
        {}
        if weights is None
        else {
            'weights': {k: decimal.Decimal(str(v)) for k, v in weights.items()}
        }
    )


class TestProperties(base.BaseTestCase):
    @hypothesis.settings(strategies.CONTRACT, max_examples=50)
    @hypothesis.given(specifications())
    def test_what_is_exported_is_valid_and_changes_nothing(self, asked):
        value = exported(asked)

        self.assertEqual([], schema.problems(value, manifest.SCHEMA, 'It'))
        self.assertEqual(asked, manifest.specification_of(stack_of(asked)))
        self.assertEqual(asked, manifest.asked(asked, value))
        self.assertEqual({}, manifest.body(asked, asked))

    @hypothesis.settings(strategies.CONTRACT, max_examples=50)
    @hypothesis.given(specifications(), specifications())
    def test_what_is_exported_makes_the_same_of_any_other_stack(
        self, before, wanted
    ):
        before = dataclasses.replace(before, name=wanted.name)
        after = manifest.asked(before, exported(wanted))
        body = received(manifest.body(before, after))

        self.assertEqual(wanted, after)
        self.assertEqual(wanted, specification.change(before, body))
        self.assertEqual(
            bool(body), bool(manifest.differences(before, wanted))
        )

    @hypothesis.settings(strategies.CONTRACT, max_examples=50)
    @hypothesis.given(specifications())
    def test_what_is_exported_creates_the_same_stack(self, wanted):
        after = manifest.asked(None, exported(wanted))

        self.assertEqual(wanted, after)
        self.assertEqual(
            wanted, specification.create(received(manifest.body(None, after)))
        )


class TestAsked(base.BaseTestCase):
    BEFORE = specification.create(
        {
            'name': 'web',
            'stack_name': 'web',
            'count_parameter': 'size',
            'count': 10,
            'failover': 'none',
            'weights': {'athens': decimal.Decimal('0.6'), 'berlin': 0},
            'members': {'athens': {'min_count': 1, 'max_count': 7}},
        }
    )

    def changes(self, **value):
        after = manifest.asked(self.BEFORE, {'name': 'web', **value})
        return manifest.differences(self.BEFORE, after)

    def test_what_is_left_out_stays(self):
        self.assertEqual([], self.changes())
        self.assertEqual(['count: 10 -> 12'], self.changes(count=12))

    def test_weights_replace_all(self):
        self.assertEqual(
            ['weight of berlin: 0 -> none'],
            self.changes(weights={'athens': decimal.Decimal('0.6')}),
        )

    def test_members_replace_all_limits(self):
        self.assertEqual(
            [
                'min_count of athens: 1 -> none',
                'max_count of athens: 7 -> none',
                'max_count of berlin: none -> 0',
            ],
            self.changes(members={'berlin': {'max_count': 0}}),
        )

    def test_limits_need_a_weight(self):
        self.assertRaisesRegex(
            specification.InvalidSpecification,
            "'cairo' has limits but no weight",
            self.changes,
            members={'cairo': {'min_count': 1}},
        )

    def test_only_what_differs_is_sent(self):
        after = manifest.asked(
            self.BEFORE, {'name': 'web', 'paused': True, 'members': {}}
        )

        self.assertEqual(
            {
                'paused': True,
                'members': {'athens': {'min_count': 0, 'max_count': None}},
            },
            manifest.body(self.BEFORE, after),
        )

    def test_new_stack_has_the_defaults(self):
        after = manifest.asked(
            None, {'name': 'web', 'count': 1, 'count_parameter': 'size'}
        )

        self.assertEqual(
            ('web', 'even', 'auto', False, ()),
            (
                after.stack_name,
                after.failover,
                after.failback,
                after.paused,
                after.parts,
            ),
        )


class TestSample(base.BaseTestCase):
    def test_sample_of_the_user_guide_declares_new_stacks(self):
        found = documents.parse(SAMPLE.read_text())

        self.assertEqual(2, len(found))
        for each in found:
            self.assertEqual(
                [], schema.problems(each.value, manifest.SCHEMA, 'It')
            )
            after = manifest.asked(None, each.value)
            self.assertEqual(1, after.weight)
