# SPDX-License-Identifier: Apache-2.0
"""Every policy rule; what a rule guards is in routes.py."""

from oslo_policy import policy

from heat_spreader import routes

ADMIN = 'role:admin'
MEMBER = 'role:admin or (role:member and project_id:%(project_id)s)'
READER = 'role:admin or (role:reader and project_id:%(project_id)s)'

# Rules that a request may need as well as that of its route.
LIST_ALL_PROJECTS = 'multicloud:stacks:list:all_projects'
LIST_ALL_EVENTS = 'multicloud:events:list:all_projects'
LIST_CLOUD_EVENTS = 'multicloud:clouds:list_events'
USE_ANY_CLOUD = 'multicloud:clouds:use_any'


def _rule(name, check, description, more=()):
    """Make a rule.

    :param more: pairs of method and path that the rule guards, where they
        are not those of a route
    """
    return policy.DocumentedRuleDefault(
        name=name,
        check_str=check,
        description=description,
        operations=[
            {'method': method, 'path': path}
            for method, path in [*routes.operations(name), *more]
        ],
        scope_types=['project'],
    )


RULES = [
    _rule('multicloud:stacks:list', READER, 'List the stacks of the project.'),
    _rule(
        LIST_ALL_PROJECTS,
        ADMIN,
        'List the stacks of all projects.',
        [('GET', f'{routes.STACKS}?all_projects=true')],
    ),
    _rule('multicloud:stacks:create', MEMBER, 'Create a stack.'),
    _rule('multicloud:stacks:get', READER, 'Show a stack with its members.'),
    _rule(
        'multicloud:stacks:preview',
        READER,
        'Preview what a new stack, or a change of one, would do. Nothing is '
        'written.',
    ),
    _rule('multicloud:stacks:update', MEMBER, 'Update a stack.'),
    _rule(
        'multicloud:stacks:delete',
        MEMBER,
        'Delete a stack. The Heat stacks in the clouds stay as they are.',
    ),
    _rule(
        'multicloud:weights:set',
        MEMBER,
        'Set the weight of a cloud in a stack.',
    ),
    _rule('multicloud:weights:unset', MEMBER, 'Remove a cloud from a stack.'),
    _rule(
        'multicloud:events:list',
        READER,
        'List the events of a stack, or of all stacks of the project.',
    ),
    _rule(
        LIST_ALL_EVENTS,
        ADMIN,
        'List the events of all projects and of all clouds.',
        [('GET', f'{routes.EVENTS}?all_projects=true')],
    ),
    _rule(
        'multicloud:clouds:list',
        READER,
        'List the clouds that the project may use.',
    ),
    _rule(
        'multicloud:clouds:get',
        READER,
        'Show a cloud that the project may use.',
    ),
    _rule(
        'multicloud:clouds:update',
        ADMIN,
        'Cordon, drain and enable a cloud, and declare its state.',
    ),
    _rule(
        LIST_CLOUD_EVENTS,
        ADMIN,
        'List the events of a cloud, which name stacks of all projects.',
        [('GET', f'{routes.EVENTS}?cloud={{cloud}}')],
    ),
    _rule(
        'multicloud:clouds:readiness',
        ADMIN,
        'Show what the loss of a cloud would do, for stacks of all projects.',
    ),
    _rule('multicloud:engines:list', ADMIN, 'List the engines.'),
    _rule('multicloud:witnesses:list', ADMIN, 'List the witnesses.'),
    _rule(
        USE_ANY_CLOUD,
        ADMIN,
        'List, show, update and give a weight to every enabled cloud, '
        'whatever its option projects is set to.',
        [
            ('GET', routes.CLOUDS),
            ('GET', routes.CLOUD),
            ('PATCH', routes.CLOUD),
            ('POST', routes.STACKS),
            ('POST', routes.STACKS_PREVIEW),
            ('PATCH', routes.STACK),
            ('POST', routes.STACK_PREVIEW),
            ('PUT', routes.WEIGHT),
        ],
    ),
]


def list_rules():
    """Every rule, for the enforcer and the oslopolicy tools."""
    return RULES
