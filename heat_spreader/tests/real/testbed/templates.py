# SPDX-License-Identifier: Apache-2.0
"""Heat templates for tests: groups of nothing, so no compute is needed."""


def group(parameter='count', **properties):
    """Give a group of TestResource, sized by the parameter.

    The properties are those of the instances, such as `wait_secs`. There
    are no outputs: on SQLite Heat loses rows when an output is read while
    the stack is updated.
    """
    return {
        'heat_template_version': '2018-08-31',
        'parameters': {parameter: {'type': 'number', 'default': 1}},
        'resources': {
            'group': {
                'type': 'OS::Heat::ResourceGroup',
                'properties': {
                    'count': {'get_param': parameter},
                    'resource_def': {
                        'type': 'OS::Heat::TestResource',
                        'properties': properties,
                    },
                },
            },
        },
    }
