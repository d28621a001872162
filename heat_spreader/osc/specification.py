# SPDX-License-Identifier: Apache-2.0
"""The options that specify a stack, shared by create and set."""

from heat_spreader import states
from heat_spreader.osc import options


def add_options(parser, required, weight_help):
    """Add every option except the name; create requires two of them."""
    parser.add_argument(
        '--count',
        metavar='<count>',
        type=options.whole,
        required=required,
        help='The total number of instances over all clouds',
    )
    add_names_and_modes(parser, required)
    _add_per_cloud(parser, 'weight', options.weight, weight_help)
    _add_per_cloud(
        parser,
        'min',
        options.whole,
        'The minimum count in a cloud that has a weight; 0 for no limit',
    )
    _add_per_cloud(
        parser,
        'max',
        options.whole_or_none,
        'The maximum count in a cloud that has a weight; "none" for no limit',
    )


def add_names_and_modes(parser, required):
    """Add the options that say what is managed, and how it fails over."""
    parser.add_argument(
        '--parameter',
        metavar='<parameter>',
        required=required,
        help='The parameter of the Heat template that sets the number of '
        'instances in each cloud: the count of an OS::Heat::ResourceGroup',
    )
    parser.add_argument(
        '--stack-name',
        metavar='<stack-name>',
        help='Name of the Heat stacks in the clouds (default on create: '
        '<name>)',
    )
    parser.add_argument(
        '--failover',
        choices=[str(mode) for mode in states.Failover],
        help='How the weight of a cloud that cannot serve is spread over the '
        'others: equally (even), by their weights (proportional), or not at '
        'all (none) (default on create: even)',
    )
    parser.add_argument(
        '--failback',
        choices=[str(mode) for mode in states.Failback],
        help='Whether a cloud that returns gets its weight back by itself '
        '(auto), or only when a user orders it with "set --failback-now" '
        '(manual) (default on create: auto)',
    )


def add_changes(parser):
    """Add the options that change a stack that exists."""
    parser.add_argument(
        '--name', metavar='<name>', help='New name of the stack'
    )
    add_options(
        parser,
        required=False,
        weight_help='The part of the total for a cloud, from 0 to 1. The '
        'clouds that are not named keep their weights; a new one joins the '
        'stack',
    )
    parser.add_argument(
        '--no-weight',
        action='store_true',
        default=None,
        help='Remove all clouds from the stack; with --weight, those that are '
        'not named. What runs in a removed cloud keeps running there. Use '
        '"weight unset" to remove one cloud',
    )
    pausing = parser.add_mutually_exclusive_group()
    pausing.add_argument(
        '--pause',
        dest='paused',
        action='store_true',
        default=None,
        help='Pause the stack: nothing is changed in the clouds until it is '
        'resumed',
    )
    pausing.add_argument(
        '--resume',
        dest='paused',
        action='store_false',
        default=None,
        help='Resume a paused stack',
    )
    parser.add_argument(
        '--failback-now',
        action='store_true',
        default=None,
        help='Give the clouds that wait for failback their weights back',
    )
    parser.add_argument(
        '--retry-capacity',
        action='store_true',
        default=None,
        help='Try now whether the clouds that are full have room again, for '
        'example after a quota was raised',
    )


def changes(parsed_args, stack):
    """The attributes that such options change.

    :param stack: as it is now: the weights are added to those that it has
    """
    changed = attributes(parsed_args)
    if parsed_args.no_weight:
        changed['weights'] = parsed_args.weight or {}
    elif parsed_args.weight:
        changed['weights'] = {**stack.weights, **parsed_args.weight}
        # If another user has changed them meanwhile, that is refused.
        changed['generation'] = stack.generation
    return changed | _orders(parsed_args)


def has_changes(parsed_args):
    """Whether any of these options is given."""
    given = attributes(parsed_args) | _orders(parsed_args)
    return bool(given or parsed_args.no_weight)


def _orders(parsed_args):
    return {
        name: True
        for name in ('failback_now', 'retry_capacity')
        if getattr(parsed_args, name)
    }


def _add_per_cloud(parser, name, value_type, text):
    parser.add_argument(
        f'--{name}',
        metavar=f'<cloud>=<{name}>',
        type=options.of_cloud(value_type),
        action=options.Gather,
        help=f'{text} (repeat for several clouds)',
    )


def attributes(parsed_args):
    """The attributes of a stack that were given on the command line."""
    given = {
        'name': parsed_args.name,
        'count': parsed_args.count,
        'paused': parsed_args.paused,
        'weights': parsed_args.weight,
        'members': _limits(
            min_count=parsed_args.min, max_count=parsed_args.max
        ),
    }
    return names_and_modes(parsed_args) | _known(given)


def names_and_modes(parsed_args):
    """The attributes of add_names_and_modes() that were given."""
    return _known(
        {
            'count_parameter': parsed_args.parameter,
            'stack_name': parsed_args.stack_name,
            'failover': parsed_args.failover,
            'failback': parsed_args.failback,
        }
    )


def _known(given):
    return {key: value for key, value in given.items() if value is not None}


def _limits(**given):
    limits = {}
    for key, counts in given.items():
        for cloud, count in (counts or {}).items():
            limits.setdefault(cloud, {})[key] = count
    return limits or None
