# SPDX-License-Identifier: Apache-2.0
import enum
import json

from oslotest import base

from heat_spreader import states
from heat_spreader.db import models

VOCABULARIES = [
    value
    for value in vars(states).values()
    if isinstance(value, enum.EnumMeta) and list(value)
]
WORDS = [word for vocabulary in VOCABULARIES for word in vocabulary]

COLUMNS = {
    states.StackStatus: models.Stack.status,
    states.MemberState: models.Member.state,
    states.CloudState: models.Cloud.state,
    states.AdminState: models.Cloud.admin_state,
    states.Declared: models.Cloud.declared,
    states.Failover: models.Stack.failover,
    states.Failback: models.Stack.failback,
    states.Vote: models.WitnessAnswer.vote,
    states.EventKind: models.Event.kind,
}


class TestWords(base.BaseTestCase):
    def test_a_word_is_a_plain_string_everywhere(self):
        for word in WORDS:
            self.assertEqual(word.value, word)
            self.assertEqual(word.value, str(word))
            self.assertEqual(word.value, f'{word}')
            self.assertEqual(f'"{word.value}"', json.dumps(word))

    def test_a_word_is_its_own_name(self):
        for word in WORDS:
            self.assertEqual(word.name.lower(), word.lower())

    def test_a_word_read_from_the_database_is_found_again(self):
        for word in WORDS:
            self.assertIs(word, type(word)(word.value))

    def test_a_sentence_explains_every_word(self):
        for word in WORDS:
            self.assertRegex(word.sentence, r'^[A-Z][^.]+\.$')

    def test_no_sentence_explains_two_words(self):
        sentences = [word.sentence for word in WORDS]

        self.assertEqual(len(sentences), len(set(sentences)))

    def test_every_vocabulary_has_a_column_that_is_wide_enough(self):
        self.assertEqual(set(VOCABULARIES), set(COLUMNS))
        for vocabulary, column in COLUMNS.items():
            for word in vocabulary:
                self.assertLessEqual(len(word), column.type.length)
