# SPDX-License-Identifier: Apache-2.0
"""PromQL as its parser reads it, checked against what is exported."""

import itertools
import re

import promql_parser as promql

_OR = promql.parse('a or b').op


class Mistake(Exception):
    """A query can never return what it is for."""


def labels(text, samples):
    """The labels of what a query returns.

    :param samples: the labels of each exported sample, by its name
    :raises Mistake: if a part of it selects nothing that is exported, or has a
        label that its metrics lack
    """
    try:
        return _labels(promql.parse(text), samples)
    except ValueError as exc:
        raise Mistake(f'{text}: {exc}') from exc


def _labels(expression, samples):
    match expression:
        case promql.NumberLiteral() | promql.StringLiteral():
            return set()
        case promql.VectorSelector():
            return _selected(expression, samples)
        case promql.MatrixSelector():
            return _selected(expression.vector_selector, samples)
        case promql.AggregateExpr():
            return _aggregated(expression, samples)
        case promql.BinaryExpr():
            return _combined(expression, samples)
        case promql.Call():
            found = [_labels(each, samples) for each in expression.args]
            used = {'le'} if expression.func.name.startswith('hist') else set()
            return set().union(*found) - used
    # In parentheses, with a sign, or a subquery.
    return _labels(expression.expr, samples)


def _selected(selector, samples):
    rows = samples.get(selector.name)
    if rows is None:
        raise Mistake(f'no metric {selector.name} is exported')
    found = set().union(*rows)
    choices = []
    for matcher in selector.matchers.matchers:
        _check({matcher.name}, found, selector)
        choices.append(_alternatives(matcher))
    for tests in itertools.product(*choices):
        if not any(all(test(row) for test in tests) for row in rows):
            raise Mistake(f'{selector} selects nothing that is exported')
    return found


def _alternatives(matcher):
    """A test of labels for each word of a matcher."""
    name, value = matcher.name, matcher.value
    match matcher.op:
        case promql.MatchOp.Equal:
            return [lambda row: row[name] == value]
        case promql.MatchOp.NotEqual:
            return [lambda row: row[name] != value]
        case promql.MatchOp.NotRe:
            return [lambda row: not re.fullmatch(value, row[name])]
    return [
        lambda row, word=word: bool(re.fullmatch(word, row[name]))
        for word in value.split('|')
    ]


def _aggregated(expression, samples):
    found = _labels(expression.expr, samples)
    if expression.modifier is None:
        return set()
    named = set(expression.modifier.labels)
    _check(named, found, expression)
    by = expression.modifier.type == promql.AggModifierType.By
    return named if by else found - named


def _combined(expression, samples):
    sides = expression.lhs, expression.rhs
    left, right = (_labels(side, samples) for side in sides)
    if any(isinstance(side, promql.NumberLiteral) for side in sides):
        return left | right
    if expression.op == _OR:
        return left | right
    modifier = expression.modifier
    if modifier is not None and modifier.matching is not None:
        for side in (left, right):
            _check(set(modifier.matching.labels), side, expression)
    elif left != right:
        raise Mistake(f'{expression.prettify()}: {left} never matches {right}')
    return left


def _check(named, found, expression):
    if not named <= found:
        raise Mistake(
            f'{expression.prettify()}: there is no label {named - found}'
        )
