# SPDX-License-Identifier: Apache-2.0
import re
import string

from oslotest import base

from heat_spreader import exception

BASE = exception.HeatSpreaderException
EVERY = [
    value
    for value in vars(exception).values()
    if isinstance(value, type) and issubclass(value, BASE)
]
# Those of the engine and of start-up never become a response.
ANSWERS = [
    each
    for each in EVERY
    if not issubclass(
        each, (exception.CloudError, exception.ConfigurationInvalid)
    )
]
DRAWN = re.compile(r'^ {4}(?P<branch>[ |+-]*)(?P<name>[A-Z]\w+)(?P<rest>.*)$')


def drawing():
    """(name, parent, status) of every line of the tree that is drawn."""
    parents = {-1: None}
    for line in exception.__doc__.splitlines():
        if found := DRAWN.match(line):
            depth = len(found['branch']) // 5
            parents[depth] = found['name']
            status = re.search(r'\d{3}', found['rest'])
            yield (
                found['name'],
                parents[depth - 1],
                int(status[0]) if status else None,
            )


class TestTree(base.BaseTestCase):
    def test_the_diagram_matches_the_class_tree(self):
        self.assertEqual(
            {
                (each.__name__, each.__base__.__name__)
                for each in EVERY
                if each is not BASE
            }
            | {(BASE.__name__, None)},
            {(name, parent) for name, parent, _ in drawing()},
        )

    def test_the_diagram_has_the_statuses(self):
        drawn = {name: status for name, _, status in drawing()}

        self.assertEqual(
            {each.__name__: each.status for each in ANSWERS},
            {each.__name__: drawn[each.__name__] for each in ANSWERS},
        )


class TestCodes(base.BaseTestCase):
    def test_every_answer_has_a_status_of_an_error(self):
        for each in ANSWERS:
            self.assertIn(each.status // 100, (4, 5), each)

    def test_every_answer_has_a_code_of_its_own(self):
        codes = [each.error_code for each in ANSWERS]

        self.assertEqual(len(codes), len(set(codes)))
        for code in codes:
            self.assertRegex(code, r'^multicloud(\.[a-z_]+)+$')


class TestMessages(base.BaseTestCase):
    def test_a_template_is_filled_and_its_fields_are_kept(self):
        exc = exception.StackNotFound(stack='web')

        self.assertEqual("There is no stack 'web'.", str(exc))
        self.assertEqual({'stack': 'web'}, exc.fields)

    def test_a_message_takes_the_place_of_the_template(self):
        self.assertEqual('Why.', str(exception.Invalid('Why.')))

    def test_braces_in_a_message_are_literal(self):
        self.assertEqual('{why}', str(exception.Invalid('{why}')))

    def test_braces_in_a_field_are_literal(self):
        self.assertIn('{x}', str(exception.StackNotFound(stack='{x}')))

    def test_a_template_is_a_sentence(self):
        for each in ANSWERS:
            fields = {
                name: 'x'
                for _, name, _, _ in string.Formatter().parse(each.template)
                if name
            }
            self.assertRegex(str(each(**fields)), r'(?s)^[A-Z].*\.$')

    def test_throttled_keeps_the_time_to_wait(self):
        exc = exception.CloudThrottled('Slow down.', retry_after=30)

        self.assertEqual(('Slow down.', 30), (str(exc), exc.retry_after))
        self.assertEqual(0.0, exception.CloudThrottled('Slow.').retry_after)
