# SPDX-License-Identifier: Apache-2.0
"""Types of values on the command line, with their error messages."""

import argparse
import datetime
import decimal
import re

from heat_spreader import states

_UNITS = {'d': 'days', 'h': 'hours', 'm': 'minutes', 's': 'seconds'}
_DURATION = re.compile('(?:[0-9]+[dhms])+')
_DECIMAL = re.compile(r'[0-9]+\.?[0-9]*|\.[0-9]+')


def weight(text):
    """A weight: a decimal from 0 to 1 with at most six places."""
    if not _DECIMAL.fullmatch(text):
        raise argparse.ArgumentTypeError(
            f"'{text}' is not a weight: a number from 0 to 1, such as 0.25"
        )
    value = decimal.Decimal(text)
    if value > 1:
        raise argparse.ArgumentTypeError(f"the weight '{text}' is more than 1")
    if value % states.WEIGHT_STEP:
        raise argparse.ArgumentTypeError(
            f"the weight '{text}' has more than six decimal places"
        )
    # JSON has no decimals; a float keeps every digit of six places.
    return float(value)


def whole(text):
    """A whole number, 0 or more."""
    if not re.fullmatch('[0-9]+', text):
        raise argparse.ArgumentTypeError(
            f"'{text}' is not a whole number, 0 or more"
        )
    return int(text)


def whole_or_none(text):
    """A whole number, 0 or more, or None for the text none."""
    return None if text == 'none' else whole(text)


def positive(text):
    """A whole number, 1 or more."""
    if not whole(text):
        raise argparse.ArgumentTypeError(
            f"'{text}' is not a whole number, 1 or more"
        )
    return int(text)


def of_cloud(value_type):
    """The type of CLOUD=VALUE, for a type of the value."""

    def pair(text):
        cloud, equals, value = text.rpartition('=')
        if not (cloud and equals):
            raise argparse.ArgumentTypeError(
                f"'{text}' is not of the form CLOUD=VALUE, such as athens=1"
            )
        try:
            return cloud, value_type(value)
        except argparse.ArgumentTypeError as exc:
            raise argparse.ArgumentTypeError(
                f"for the cloud '{cloud}': {exc}"
            ) from None

    return pair


class Gather(argparse.Action):
    """Collect pairs of cloud and value in a dictionary, each cloud once."""

    def __call__(self, parser, namespace, pair, option_string=None):
        cloud, value = pair
        gathered = getattr(namespace, self.dest) or {}
        if cloud in gathered:
            raise argparse.ArgumentError(
                self, f"the cloud '{cloud}' is given more than once"
            )
        setattr(namespace, self.dest, gathered | {cloud: value})


def sort(text):
    """KEY[:asc|desc], as the sort key and the direction."""
    key, _, direction = text.partition(':')
    if not key or direction not in ('', 'asc', 'desc'):
        raise argparse.ArgumentTypeError(
            f"'{text}' is not of the form KEY, KEY:asc or KEY:desc, such as "
            'name:desc'
        )
    return key, direction or 'asc'


def time(text):
    """A time with its zone, in ISO 8601."""
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"'{text}' is not a time such as 2026-12-01T06:00Z"
        ) from None
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError(
            f"'{text}' has no time zone: add Z for UTC, or an offset such as "
            '+02:00'
        )
    return moment


def duration(text):
    """A duration of numbers with units, each unit once, such as 1d12h."""
    if not _DURATION.fullmatch(text):
        raise argparse.ArgumentTypeError(
            f"'{text}' is not a duration such as 30m, 4h or 1d12h"
        )
    parts = re.findall('([0-9]+)([dhms])', text)
    units = [unit for _, unit in parts]
    if len(units) > len(set(units)):
        raise argparse.ArgumentTypeError(f"'{text}' has a unit more than once")
    numbers = {_UNITS[unit]: int(number) for number, unit in parts}
    try:
        found = datetime.timedelta(**numbers)
        # What is so long would not be a time any more.
        datetime.datetime.now(datetime.UTC) + found
    except OverflowError:
        raise argparse.ArgumentTypeError(f"'{text}' is too long") from None
    if not found:
        raise argparse.ArgumentTypeError(f"'{text}' is no time at all")
    return found


def since(text):
    """A time in the past: the time itself, or how long ago it was."""
    if not _DURATION.fullmatch(text):
        try:
            return time(text)
        except argparse.ArgumentTypeError as exc:
            raise argparse.ArgumentTypeError(
                f'{exc}; or give a duration such as 2h or 1d12h'
            ) from None
    return datetime.datetime.now(datetime.UTC) - duration(text)
