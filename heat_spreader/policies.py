# SPDX-License-Identifier: Apache-2.0
"""Every rule, with the methods and paths it guards."""

from oslo_policy import policy

ADMIN = 'role:admin'
MEMBER = 'role:admin or (role:member and project_id:%(project_id)s)'
READER = 'role:admin or (role:reader and project_id:%(project_id)s)'


def _rule(name, check, description, *operations):
    return policy.DocumentedRuleDefault(
        name=f'multicloud:{name}',
        check_str=check,
        description=description,
        operations=[
            {'method': method, 'path': path} for method, path in operations
        ],
        scope_types=['project'],
    )


RULES = [
    _rule(
        'stacks:list',
        READER,
        'List the stacks of the project.',
        ('GET', '/v1/stacks'),
    ),
    _rule(
        'stacks:list:all_projects',
        ADMIN,
        'List the stacks of every project.',
        ('GET', '/v1/stacks?all_projects=true'),
    ),
    _rule(
        'stacks:create',
        MEMBER,
        'Put a stack under control.',
        ('POST', '/v1/stacks'),
    ),
    _rule(
        'stacks:get',
        READER,
        'Show a stack with its members.',
        ('GET', '/v1/stacks/{stack_id}'),
    ),
    _rule(
        'stacks:update',
        MEMBER,
        'Change a stack.',
        ('PATCH', '/v1/stacks/{stack_id}'),
    ),
    _rule(
        'stacks:delete',
        MEMBER,
        'End the control of a stack. The stacks in the clouds stay.',
        ('DELETE', '/v1/stacks/{stack_id}'),
    ),
    _rule(
        'weights:set',
        MEMBER,
        'Set the weight of a cloud in a stack.',
        ('PUT', '/v1/stacks/{stack_id}/weights/{cloud}'),
    ),
    _rule(
        'weights:unset',
        MEMBER,
        'Take a cloud out of a stack.',
        ('DELETE', '/v1/stacks/{stack_id}/weights/{cloud}'),
    ),
    _rule(
        'events:list',
        READER,
        'List what happened to a stack.',
        ('GET', '/v1/stacks/{stack_id}/events'),
    ),
    _rule(
        'clouds:list',
        READER,
        'List the clouds that the project may use.',
        ('GET', '/v1/clouds'),
    ),
    _rule(
        'clouds:get',
        READER,
        'Show a cloud that the project may use.',
        ('GET', '/v1/clouds/{cloud}'),
    ),
    _rule(
        'clouds:use_any',
        ADMIN,
        'See every cloud and give any of them a weight, whatever the '
        'projects option of the cloud says.',
        ('GET', '/v1/clouds'),
        ('GET', '/v1/clouds/{cloud}'),
        ('POST', '/v1/stacks'),
        ('PATCH', '/v1/stacks/{stack_id}'),
        ('PUT', '/v1/stacks/{stack_id}/weights/{cloud}'),
    ),
]


def list_rules():
    """Every rule, for the enforcer and the oslopolicy tools."""
    return RULES
