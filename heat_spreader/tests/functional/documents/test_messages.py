# SPDX-License-Identifier: Apache-2.0
"""A message that a page quotes is one that the code can write."""

import ast
import re

from oslotest import base

from heat_spreader.tests.functional.documents import pages

CODE = pages.TOP / 'heat_spreader'
PAGES = ('admin/runbooks.rst', 'admin/troubleshooting.rst')
# What others write: Keystone, Python, the system, openstack, web servers.
FOREIGN = {
    'Connection refused',
    'Forbidden from',
    'Identity server rejected authorization',
    'Moved Permanently from',
    'Name or service not known',
    'Permission denied',
    'is not an openstack command',
    'unexpected keyword argument',
}
# The titles of graphs, and what the client adds to an error.
TITLES = {'Passes over stacks by outcome', 'Age of the queue of due stacks'}
_QUOTED = re.compile(r'(?<![\w*`])\*(?![\s*])([^*`]+?)\*(?![\w*])')
# What stands for something else in a string.
_PLACE = re.compile(r'%\(\w+\)[sd]|%[sd]|\{[^{}]*\}|\0')
# What stands for something else on a page: names, numbers, states, addresses.
_VALUE = re.compile(
    r"\.\.\.|'[^']*'|\b(?:athens|berlin|cairo|lab|office|valencia)\b|"
    r'https?:\S*|/etc/\S*|\b(?:control1|req-|because|observers)\b|'
    r'[/\w.:-]*\d[\w.:-]*|\b[A-Z_]{3,}\b|[;:,.?()]'
)


def texts():
    """The strings in the code, with 0 where something is put into one."""
    found = []
    for path in CODE.rglob('*.py'):
        if path.is_relative_to(CODE / 'tests'):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant):
                found.append(str(node.value))
            elif isinstance(node, ast.JoinedStr):
                found.append(''.join(map(_part, node.values)))
    return '\n'.join(
        ' '.join(_PLACE.sub('\0', text).split()) for text in found
    )


def _part(node):
    return str(node.value) if isinstance(node, ast.Constant) else '\0'


def phrases(message):
    """The parts of a message between its values, of two words or more."""
    parts = map(str.strip, _VALUE.split(' '.join(message.split())))
    return {each for each in parts if ' ' in each} - FOREIGN - TITLES


def is_in(known, phrase):
    """Whether the code has a phrase, or its words around one value."""
    words = phrase.split(' ')
    return phrase in known or any(
        f'{" ".join(words[:first])} \0' in known
        and f'\0 {" ".join(words[last:])}'.rstrip() in known
        for first in range(1, len(words))
        for last in (first, first + 1)
    )


class TestMessages(base.BaseTestCase):
    def test_every_quoted_message_is_in_the_code(self):
        known, checked, missing = texts(), 0, []
        for name in PAGES:
            text = (pages.DOCUMENTS / name).read_text()
            for message in _QUOTED.findall(text):
                found = phrases(message)
                checked += len(found)
                missing += [e for e in sorted(found) if not is_in(known, e)]

        self.assertGreater(checked, 100)
        self.assertEqual([], missing)
