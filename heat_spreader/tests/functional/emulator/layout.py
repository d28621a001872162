# SPDX-License-Identifier: Apache-2.0
"""The templates and the resources of emulated stacks, as Heat shows them."""

import enum
import uuid

POOL = 'pool'
GROUP = 'OS::Heat::ResourceGroup'


class Layout(enum.Enum):
    """Where the group of a stack is."""

    DIRECT = 'in the template of the stack'
    NESTED = 'in a nested stack'
    COMPUTED = 'in the template, which computes its size'


def template(stack, inner):
    """The template of a stack, or of the one nested in it."""
    size = {'get_param': stack.parameter}
    if stack.where is Layout.NESTED and not inner:
        part = {'type': 'pool.yaml', 'properties': {'size': size}}
        return {
            'heat_template_version': '2018-08-31',
            'resources': {POOL: part},
        }
    if inner:
        size = {'get_param': 'size'}
    elif stack.where is Layout.COMPUTED:
        size = {'yaql': {'expression': '$.data', 'data': size}}
    part = {
        'type': GROUP,
        'properties': {
            'count': size,
            'resource_def': _instance(stack),
        },
    }
    return {
        'heat_template_version': '2018-08-31',
        'resources': {'group': part},
    }


def _instance(stack):
    if stack.flavor is None:
        return {'type': 'OS::Heat::TestResource'}
    return {
        'type': 'OS::Nova::Server',
        'properties': {'flavor': stack.flavor},
    }


def pool_of(stack):
    """The name and the id of the stack nested in a stack."""
    return _nested((stack.name, stack.id), POOL)


def resources(stack, inner, depth, url):
    """The resources of a stack, or of the one nested in it.

    :param depth: how many levels of nested stacks to go down
    :param url: before the name of a stack in a link
    """
    own = (stack.name, stack.id)
    owner = pool_of(stack) if stack.where is Layout.NESTED else own
    levels = [
        [_row(url, owner, 'group', GROUP, stack.status, nested=True)],
        [
            _row(
                url,
                _nested(owner, 'group'),
                name,
                'OS::Heat::TestResource',
                status,
                parent='group',
            )
            for name, status in stack.members()
        ],
    ]
    if stack.where is Layout.NESTED and not inner:
        pool = _row(url, own, POOL, 'pool.yaml', stack.status, nested=True)
        levels.insert(0, [pool])
    return [row for level in levels[: depth + 1] for row in level]


def _nested(owner, name):
    return f'{owner[0]}-{name}', str(uuid.uuid5(uuid.UUID(owner[1]), name))


def _row(url, owner, name, kind, status, nested=False, parent=None):
    links = {'stack': owner}
    if nested:
        links['nested'] = _nested(owner, name)
    row = {
        'resource_name': name,
        'resource_type': kind,
        'resource_status': status,
        'links': [
            {'rel': rel, 'href': f'{url}/{stack}/{stack_id}'}
            for rel, (stack, stack_id) in links.items()
        ],
    }
    return row if parent is None else {**row, 'parent_resource': parent}
