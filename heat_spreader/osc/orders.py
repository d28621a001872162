# SPDX-License-Identifier: Apache-2.0
"""The options that order how a cloud or a member of a stack is used."""

import datetime

from heat_spreader.osc import options

_FORCE = (
    'Drain even if the others cannot take everything, or another cloud is '
    'down. Nothing is taken below the total: what the others cannot take '
    'stays where it is'
)


def add_states(group, thing):
    """Add --cordon, --drain and --enable to a group of options.

    :param thing: what they are about, for the help
    """
    for word, state, text in (
        ('cordon', 'CORDONED', 'keeps what it has and gets nothing more'),
        (
            'drain',
            'DRAINING',
            'is replaced by the others and shrinks as they become ready',
        ),
        ('enable', 'ENABLED', 'is used as its weight says'),
    ):
        group.add_argument(
            f'--{word}',
            dest='admin_state',
            action='store_const',
            const=state,
            help=f'{thing} {text}',
        )


def add_times(parser, begin_help='When it begins (default: now)'):
    """Add --from, --until, --for and --reason."""
    parser.add_argument(
        '--from',
        dest='begin',
        metavar='<time>',
        type=options.time,
        help=f'{begin_help}, with its zone, such as 2026-12-01T06:00Z or '
        '2026-12-01T08:00+02:00',
    )
    end = parser.add_mutually_exclusive_group()
    end.add_argument(
        '--until',
        metavar='<time>',
        type=options.time,
        help='When it ends by itself (default: never), with its zone',
    )
    end.add_argument(
        '--for',
        dest='duration',
        metavar='<duration>',
        type=options.duration,
        help='How long until it ends by itself: numbers with s, m, h or d, '
        'such as 4h or 1d12h; from now on by the clock of this computer, or '
        'after --from',
    )
    parser.add_argument(
        '--reason', metavar='<text>', help='Why, for others to read'
    )


def add_force(parser):
    """Add --force."""
    parser.add_argument(
        '--force', action='store_true', default=None, help=_FORCE
    )


def body(parsed_args, **more):
    """The values of a request that were given on the command line.

    :param more: further values
    """
    begin, until = parsed_args.begin, parsed_args.until
    if parsed_args.duration is not None:
        until = (begin or _now()) + parsed_args.duration
    given = {
        **more,
        'from': begin and _text(begin),
        'until': until and _text(until),
        'reason': parsed_args.reason,
    }
    return {name: value for name, value in given.items() if value is not None}


def is_planned(parsed_args):
    """Whether the order is for a later time."""
    return parsed_args.begin is not None and parsed_args.begin > _now()


def _now():
    return datetime.datetime.now(datetime.UTC)


def _text(moment):
    utc = moment.astimezone(datetime.UTC).replace(tzinfo=None)
    return f'{utc.isoformat(timespec="seconds")}Z'
