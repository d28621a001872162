# SPDX-License-Identifier: Apache-2.0
"""The flavor of a group in its template, and the flavors in answers of Nova.

Pure. A template shows the flavor if the count parameter sizes one group of
servers there, and the flavor is a text or a parameter of the same template.
What is computed, or is in another file or in a launch configuration, is not
followed.
"""

import dataclasses

from heat_spreader.clouds import group
from heat_spreader.planning import room

# Where a group has the definition of its instances.
_DEFINITIONS = {
    'OS::Heat::ResourceGroup': 'resource_def',
    'OS::Heat::AutoScalingGroup': 'resource',
}
_PROPERTIES = {
    'OS::Nova::Server': 'flavor',
    'AWS::EC2::Instance': 'InstanceType',
}
MAX_NAME = 255
# Of cores, and of MiB of RAM: what the database can keep.
MAX_SIZE = 2**31 - 1
_HIDDEN = '******'


@dataclasses.dataclass(frozen=True)
class Shown:
    """What a template shows of a flavor.

    ``name``: the name or the id of the flavor, None for unknown.
    ``parameter``: the parameter that has it, where one does; the name is then
    the default of that.
    """

    name: str | None = None
    parameter: str | None = None


def of_group(template, count_parameter):
    """Return what is Shown of the flavor of the group of a parameter.

    :raises ValueError: if it is no template
    """
    groups = group.uses(template, count_parameter).groups
    if len(groups) != 1:
        return Shown()
    value = _flavor_of(group.part(template, 'resources')[groups[0]])
    parameter = _parameter(value)
    if parameter is None:
        return Shown(_name(value))
    declared = group.part(group.part(template, 'parameters'), parameter)
    return Shown(_name(group.part(declared, 'default', object)), parameter)


def of_stack(shown, body):
    """Return the name of the flavor of a stack, None if it is not shown.

    :param body: the stack, as Heat shows it
    """
    values = group.part(group.part(body, 'stack'), 'parameters') or {}
    if shown.parameter in values:
        return _name(values[shown.parameter])
    return shown.name


def parse(body):
    """Return the flavors of a page, and the id of the last if there are more.

    :returns: pairs of the names of a flavor, its name and its id, and the
        room.Flavor; and the id, None for the last page
    :raises ValueError: if the body is not such a page
    """
    rows = body.get('flavors') if isinstance(body, dict) else None
    if not isinstance(rows, list):
        raise ValueError('it has no flavors')
    found = [_flavor(row) for row in rows]
    links = body.get('flavors_links')
    more = isinstance(links, list) and any(
        isinstance(link, dict) and link.get('rel') == 'next' for link in links
    )
    return found, found[-1][0][1] if found and more else None


def _flavor_of(found):
    """The value of the flavor in the definition of a group."""
    name = _DEFINITIONS.get(group.part(found, 'type', str))
    definition = name and group.part(group.part(found, 'properties'), name)
    name = _PROPERTIES.get(group.part(definition, 'type', str))
    return name and group.part(
        group.part(definition, 'properties'), name, object
    )


def _flavor(row):
    if not isinstance(row, dict):
        raise ValueError('its flavors are not objects')
    names = row.get('name'), row.get('id')
    if not all(isinstance(name, str) and _is_name(name) for name in names):
        raise ValueError('a flavor has no valid name or no valid id')
    sizes = row.get('vcpus'), row.get('ram')
    if not all(type(n) is int and 0 <= n <= MAX_SIZE for n in sizes):
        raise ValueError('the size of a flavor is invalid')
    return names, room.Flavor(*sizes)


def _parameter(value):
    """The name of the parameter that a value is, None for no parameter."""
    if not isinstance(value, dict) or len(value) != 1:
        return None
    [(function, name)] = value.items()
    if isinstance(name, list) and len(name) == 1:
        [name] = name
    if function in ('get_param', 'Ref') and isinstance(name, str):
        return name
    return None


def _name(value):
    # YAML reads the id 1 as a number.
    if type(value) is int and 0 <= value <= MAX_SIZE:
        value = str(value)
    if not isinstance(value, str) or value == _HIDDEN:
        return None
    return value if _is_name(value) else None


def _is_name(text):
    return 0 < len(text) <= MAX_NAME and text.isprintable()
