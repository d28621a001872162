# SPDX-License-Identifier: Apache-2.0
"""Texts and names use the plain English of section 15 of the design.

A failure lists file, line and word. Each word is followed by what to write
instead.
"""

import ast
import pathlib
import re

from oslotest import base

import heat_spreader

SOURCE = pathlib.Path(heat_spreader.__file__).parent
TESTS = SOURCE / 'tests'
TOP = SOURCE.parent
BENCHMARKS = TOP / 'benchmarks'
INSTEAD = {
    r'shall': 'will, must, should',
    r'mend(s|ed|ing)?': 'fix',
    r'(no|some|every)body': 'no one, someone, everyone',
    r'whoever': 'the caller, anyone who',
    r'dear': 'expensive, slow',
    r'so many': 'that many',
    r'ever more': 'with increasing delay',
    r'owed': 'not reassigned',
    r'misspelt': 'misspelled',
    r'for ever': 'forever, indefinitely',
    r'told|tells?': 'reported, report, show',
    r'under control|end the control': 'manage, stop managing',
    r'lets? (go of|the engine in)': 'stop managing, accept the credentials',
    r'is unreachable since': 'has been unreachable since',
    r'wish(es)?': 'request, what the user asked for',
    r'sight': 'outcome',
    r'culprit': 'cause',
    r'whence|thereof': 'where, of it',
    r'of old|in a word|it is well': 'former, in short, valid',
    r'as good as|which is so': 'almost, which is true',
    r'is at work on|comes again': 'processes, retries',
}
AVOIDED = re.compile(
    rf'\b({"|".join(INSTEAD)})\b'.replace(' ', r'\s+'), re.IGNORECASE
)
DOCUMENTS = (
    *('*.rst', 'etc/heat_spreader/*', 'devstack/*', 'tools/*'),
    *('doc/source/**/*', 'api-ref/source/**/*', 'releasenotes/**/*'),
)
SUFFIXES = {
    *('', '.conf', '.inc', '.ini', '.json', '.py', '.rst', '.service'),
    *('.sh', '.yaml'),
}
# What others wrote and a document quotes: its path and the words.
QUOTED = frozenset()


def found(path, text, line=1):
    """The words to avoid in a text that begins at a line of a file."""
    name = str(path.relative_to(TOP))
    for match in AVOIDED.finditer(text):
        word = ' '.join(match[0].split())
        where = line + text[: match.start()].count('\n')
        if (name, word) not in QUOTED:
            yield f'{name}:{where}:{word}'


def nodes(path, *kinds):
    """The nodes of these kinds in a module."""
    tree = ast.parse(path.read_text())
    return [node for node in ast.walk(tree) if isinstance(node, kinds)]


class TestLanguage(base.BaseTestCase):
    def assert_plain(self, words):
        self.assertEqual([], sorted(words))

    def test_words_are_found_with_their_lines(self):
        text = 'It will show\nwhat nobody has so\nmany of; shallow.'

        self.assertEqual(
            ['README.rst:6:nobody', 'README.rst:6:so many'],
            list(found(TOP / 'README.rst', text, 5)),
        )

    def test_strings_and_docstrings_are_plain_english(self):
        modules = [
            path
            for path in [*SOURCE.rglob('*.py'), *BENCHMARKS.rglob('*.py')]
            if not path.is_relative_to(TESTS)
        ]

        self.assertIn(SOURCE / 'states.py', modules)
        self.assertIn(BENCHMARKS / 'clouds.py', modules)
        self.assert_plain(
            word
            for path in modules
            for node in nodes(path, ast.Constant)
            if isinstance(node.value, str)
            for word in found(path, node.value, node.lineno)
        )

    def test_documents_are_plain_english(self):
        paths = {
            path
            for pattern in DOCUMENTS
            for path in TOP.glob(pattern)
            if path.is_file() and path.suffix in SUFFIXES
        }

        self.assertIn(TOP / 'README.rst', paths)
        self.assert_plain(
            word for path in paths for word in found(path, path.read_text())
        )

    def test_names_of_tests_are_plain_english(self):
        functions = [
            (path, node)
            for path in TESTS.rglob('test_*.py')
            for node in nodes(path, ast.FunctionDef)
            if node.name.startswith('test_')
        ]
        requests = [
            (path, line, text)
            for path in TESTS.rglob('gabbits/*.yaml')
            for line, text in enumerate(path.read_text().splitlines(), 1)
            if text.lstrip().startswith('- name: ')
        ]

        self.assert_plain(
            [
                *(
                    word
                    for path, node in functions
                    for word in found(
                        path, node.name.replace('_', ' '), node.lineno
                    )
                ),
                *(
                    word
                    for path, line, text in requests
                    for word in found(path, text, line)
                ),
            ]
        )
