# SPDX-License-Identifier: Apache-2.0
"""Which group of a stack a parameter sizes, and its complete instances.

Pure: it reads templates and lists of resources as a cloud has sent them. A
body that is neither is a ValueError; what has an unexpected form inside a
template sizes nothing.
"""

import dataclasses
import re
import urllib.parse

# The properties that must get the parameter, in one way or another. Without a
# desired capacity, both limits of an autoscaling group force its size.
_SIZES = {
    'OS::Heat::ResourceGroup': [{'count'}],
    'OS::Heat::InstanceGroup': [{'Size'}],
    'OS::Heat::AutoScalingGroup': [
        {'desired_capacity'},
        {'min_size', 'max_size'},
    ],
    'AWS::AutoScaling::AutoScalingGroup': [
        {'DesiredCapacity'},
        {'MinSize', 'MaxSize'},
    ],
}
_READY = re.compile(r'(?!DELETE|INIT|SUSPEND)[A-Z]+_COMPLETE')
_STACK = re.compile(r'/stacks/([^/?#\s]{1,1024})/([A-Za-z0-9-]{1,36})')


@dataclasses.dataclass(frozen=True)
class Uses:
    """What a template does with a parameter.

    ``groups``: the names of the groups that it sizes. ``passed``: names of
    resources, and of their properties that get it; where the resource is a
    nested stack, these are parameters there.
    """

    groups: tuple[str, ...]
    passed: tuple[tuple[str, str], ...]


@dataclasses.dataclass(frozen=True)
class Resource:
    """A resource in the list of a stack and of the stacks nested in it.

    ``stack_id``: of the stack that has it. ``nested``: the name and the id of
    the stack that it is, if it is one.
    """

    name: str
    status: str
    stack_id: str
    nested: tuple[str, str] | None


def uses(template, parameter):
    """Return the Uses of a parameter.

    :param template: of any version: HOT, or CloudFormation
    :raises ValueError: if it is no template
    """
    groups, passed = [], []
    found = part(template, 'resources')
    if found is None:
        raise ValueError('its template has no resources')
    for name, resource in found.items():
        properties = [
            key
            for key, value in (part(resource, 'properties') or {}).items()
            if _gives(value, parameter)
        ]
        ways = _SIZES.get(part(resource, 'type', str))
        if ways is None:
            passed += [(name, key) for key in properties]
        elif any(way.issubset(properties) for way in ways):
            groups.append(name)
    return Uses(tuple(groups), tuple(passed))


def resources(body):
    """Return each Resource of the body of a list of resources.

    :raises ValueError: if the body is not such a list
    """
    rows = body.get('resources') if isinstance(body, dict) else None
    if not isinstance(rows, list):
        raise ValueError('it has no resources')
    return [_resource(row) for row in rows]


def count_complete(found, stack_id, group):
    """Return how many instances of a group are complete.

    :param found: the resources of the stack and of its groups
    :param stack_id: the stack that has the group
    """
    nested = {stack for _, stack in find_nested(found, stack_id, group)}
    # By name: while an instance is replaced, there are two of it.
    return len(
        {
            resource.name
            for resource in found
            if resource.stack_id in nested
            and _READY.fullmatch(resource.status)
        }
    )


def find_nested(found, stack_id, name):
    """Return the name and the id of each stack that a resource is.

    :param stack_id: the stack that has the resource
    """
    return [
        resource.nested
        for resource in found
        if (resource.stack_id, resource.name) == (stack_id, name)
        and resource.nested
    ]


def part(value, key, kind=dict):
    """Return a part of a template, None if it is not of that kind.

    In CloudFormation its key is capitalized.
    """
    if not isinstance(value, dict):
        return None
    found = value.get(key, value.get(key.capitalize()))
    return found if isinstance(found, kind) else None


def _gives(value, parameter):
    """Whether a value of a template is that of a parameter.

    A condition may choose it: where it does not, the group has another size,
    and is still the one that the parameter sizes otherwise.
    """
    branches = [value]
    if isinstance(value, dict) and len(value) == 1:
        argument = value.get('if', value.get('Fn::If'))
        if isinstance(argument, list):
            branches = argument[1:]
    return any(
        branch == {function: argument}
        for branch in branches
        for function in ('get_param', 'Ref')
        for argument in (parameter, [parameter])
    )


def _resource(row):
    if not isinstance(row, dict):
        raise ValueError('its resources are not objects')
    links = row.get('links')
    if not isinstance(links, list):
        raise ValueError('a resource has no links')
    stacks = {}
    for link in links:
        if isinstance(link, dict) and link.get('rel') in ('stack', 'nested'):
            stacks[link['rel']] = _stack(link.get('href'))
    if 'stack' not in stacks:
        raise ValueError('a resource has no link to its stack')
    return Resource(
        _text(row, 'resource_name'),
        _text(row, 'resource_status'),
        stacks['stack'][1],
        stacks.get('nested'),
    )


def _stack(href):
    # Only the path: what the cloud calls its own host is not known here.
    match = _STACK.search(href) if isinstance(href, str) else None
    if match is None or not href.endswith(match.group()):
        raise ValueError('a link to a stack is invalid')
    name = urllib.parse.unquote(match[1])
    # It becomes a part of a URL again, which a surrogate cannot be.
    if not name.isprintable():
        raise ValueError('the name in a link to a stack is invalid')
    return name, match[2]


def _text(row, key):
    value = row.get(key)
    if not isinstance(value, str):
        raise ValueError(f'it has no {key}')
    return value
