# SPDX-License-Identifier: Apache-2.0
"""A stack as a document: what its owner declares, and nothing else.

A document is the body of a request that creates a stack. In it ``weights``
and ``members`` replace all weights and all limits; what it leaves out stays
as it is. Orders to cordon or drain are no part of it: they are for a time, and
a file that is applied again would end or repeat them.

Pure: values in, values out.
"""

import fractions

from heat_spreader import schema
from heat_spreader.planning import specification

SCHEMA = schema.mapping(schema.STACK, required=['name'])
_NO_LIMITS = {'min_count': 0, 'max_count': None}


def specification_of(stack):
    """What the owner of an sdk.Stack asks for."""
    return specification.Specification(
        **{name: getattr(stack, name) for name in specification.FIELDS},
        parts=tuple(
            specification.Part(
                cloud=member['cloud'],
                weight=fractions.Fraction(str(member['weight'])),
                min_count=member['min_count'],
                max_count=member['max_count'],
            )
            for member in stack.members
        ),
    )


def document(stack):
    """The document of an sdk.Stack, complete."""
    asked = specification_of(stack)
    values = {
        **{name: getattr(asked, name) for name in specification.FIELDS},
        'weights': {p.cloud: float(p.weight) for p in asked.parts},
        'members': {
            part.cloud: limits
            for part in asked.parts
            if (limits := _limits(part))
        },
    }
    return {name: values[name] for name in SCHEMA['properties']}


def _limits(part):
    limits = {'min_count': part.min_count, 'max_count': part.max_count}
    return {k: v for k, v in limits.items() if v != _NO_LIMITS[k]}


def missing(value):
    """Which values the document of a new stack lacks."""
    return [name for name in schema.REQUIRED if name not in value]


def asked(before, value):
    """The specification that a document asks for.

    :param before: that of the stack, None if there is none
    :param value: what matches the schema, complete for a new stack
    :raises InvalidSpecification: if the values do not fit together
    """
    if before is None:
        value = {'stack_name': value['name'], **value}
    if 'members' in value:
        clouds = value.get('weights')
        if clouds is None:
            clouds = [part.cloud for part in before.parts] if before else ()
        value = {
            **value,
            'members': {
                **dict.fromkeys(clouds, _NO_LIMITS),
                **{
                    cloud: _NO_LIMITS | limits
                    for cloud, limits in value['members'].items()
                },
            },
        }
    if before is None:
        return specification.create(value)
    return specification.change(before, value)


def body(before, after):
    """The body of the request that makes one specification of another.

    :param before: None for a new stack
    """
    known = {part.cloud: part for part in before.parts} if before else {}
    changed = {
        name: getattr(after, name)
        for name in specification.FIELDS
        if before is None or getattr(before, name) != getattr(after, name)
    }
    weights = {part.cloud: part.weight for part in after.parts}
    if weights != {cloud: part.weight for cloud, part in known.items()}:
        # JSON has no decimals; a float keeps every digit of six places.
        changed['weights'] = {c: float(w) for c, w in weights.items()}
    limits = {
        part.cloud: {'min_count': part.min_count, 'max_count': part.max_count}
        for part in after.parts
        if _limits(part)
        != (_limits(known[part.cloud]) if part.cloud in known else {})
    }
    return changed | ({'members': limits} if limits else {})


def differences(before, after):
    """Sentences about what differs: the value that was and the new one."""
    found = specification.differences(before, after)
    if before is None:
        del found['name']
    return [
        f'{name}: {_text(old)} -> {_text(new)}'
        for name, (old, new) in found.items()
    ]


def _text(value):
    if isinstance(value, bool):
        return str(value).lower()
    return 'none' if value is None else f'{value}'


def leaving(before, after):
    """The clouds that the new specification has no weight for."""
    if before is None:
        return []
    kept = {part.cloud for part in after.parts}
    return [part.cloud for part in before.parts if part.cloud not in kept]
