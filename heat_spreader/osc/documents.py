# SPDX-License-Identifier: Apache-2.0
"""YAML documents that know the line of each of their values.

Of YAML they may use what JSON has as well: no tags, no references, and keys
that are text. Pure: text goes in, documents come out.
"""

import dataclasses
import decimal
import math
import typing

import yaml


class Invalid(ValueError):
    """The text is not as it must be; the message has the line."""


@dataclasses.dataclass(frozen=True)
class Document:
    """One document.

    ``number``: from 1 on. ``lines``: where each value is, by its path.
    """

    number: int
    value: typing.Any
    lines: dict

    def line(self, path=()):
        """The line of a value, or of what should have it."""
        while path not in self.lines:
            path = path[:-1]
        return self.lines[path]


class _Loader(yaml.SafeLoader):
    """Reads decimals exactly, and dates as text."""

    yaml_implicit_resolvers = {
        first: [
            (tag, pattern)
            for tag, pattern in resolvers
            if not tag.endswith(':timestamp')
        ]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def compose_node(self, parent, index):
        # A few lines of references can stand for a very large document.
        if self.check_event(yaml.events.AliasEvent):
            raise _invalid(
                self.peek_event().start_mark,
                'references to other parts (*NAME) are not allowed',
            )
        return super().compose_node(parent, index)

    def construct_decimal(self, node):
        """The exact value, or the text of what is no number for JSON."""
        value = self.construct_yaml_float(node)
        if not math.isfinite(value):
            return node.value
        return decimal.Decimal(repr(value))


_Loader.add_constructor('tag:yaml.org,2002:float', _Loader.construct_decimal)


def parse(text):
    """The documents of a text that are not empty.

    :raises Invalid: with the line and the reason
    """
    try:
        return list(_parse(_Loader(text)))
    except yaml.MarkedYAMLError as exc:
        raise _invalid(exc.problem_mark, exc.problem) from None
    except yaml.YAMLError as exc:
        raise Invalid(f'it is not YAML: {exc}') from None
    except RecursionError:
        raise Invalid('it is nested too deeply') from None


def _parse(loader):
    number = 0
    while loader.check_node():
        node = loader.get_node()
        number += 1
        lines = dict(_lines(node))
        value = loader.construct_document(node)
        if value is not None:
            yield Document(number, value, lines)


def _lines(node, path=()):
    yield path, node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _lines(item, (*path, index))
    if isinstance(node, yaml.MappingNode):
        yield from _lines_of_mapping(node, path)


def _lines_of_mapping(node, path):
    seen = set()
    for key, value in node.value:
        if key.tag != 'tag:yaml.org,2002:str':
            text = key.value if isinstance(key, yaml.ScalarNode) else 'here'
            raise _invalid(
                key.start_mark,
                f'the key {text} is not text; write it in quotes',
            )
        if key.value in seen:
            raise _invalid(
                key.start_mark, f'the key {key.value} is there more than once'
            )
        seen.add(key.value)
        below = (*path, key.value)
        yield from _lines(value, below)
        # A value may begin in the line below its key.
        yield below, key.start_mark.line + 1


def _invalid(mark, reason):
    line = f'line {mark.line + 1}: ' if mark else ''
    return Invalid(f'{line}{reason}')
