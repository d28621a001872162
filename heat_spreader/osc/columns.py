# SPDX-License-Identifier: Apache-2.0
"""Columns that are short for people and complete in JSON."""

from cliff import columns


def plain(weight):
    """A weight without an exponent and without trailing zeros."""
    return f'{weight:.6f}'.rstrip('0').rstrip('.')


class Missing(columns.FormattableColumn):
    """An unknown value: empty for people, null in JSON."""

    def human_readable(self):
        return ''


class Ready(columns.FormattableColumn):
    """How many instances are ready: null in JSON where that is unknown."""

    def human_readable(self):
        return 'unknown' if self._value is None else str(self._value)


class Seconds(columns.FormattableColumn):
    """A short time, to the millisecond for people."""

    def human_readable(self):
        return '' if self._value is None else f'{self._value:.3f}'


class Unasked(columns.FormattableColumn):
    """A target that nothing is asked for now, since no one can."""

    def human_readable(self):
        return '-'


class LastKnown(columns.FormattableColumn):
    """What was last known, in brackets for people."""

    def human_readable(self):
        return '' if self._value is None else f'({self._value})'


class Weight(columns.FormattableColumn):
    """One weight."""

    def human_readable(self):
        return '' if self._value is None else plain(self._value)


class Weights(columns.FormattableColumn):
    """The weight of each cloud: athens=0.6, berlin=0.2."""

    def human_readable(self):
        return ', '.join(
            f'{cloud}={plain(weight)}'
            for cloud, weight in sorted((self._value or {}).items())
        )

    def machine_readable(self):
        return dict(self._value or {})


class Members(columns.FormattableColumn):
    """The members, one line each."""

    def human_readable(self):
        return '\n'.join(_line(member) for member in self._value or [])


class Use(columns.FormattableColumn):
    """How a cloud will be used: DRAINING from one time until another."""

    def human_readable(self):
        use = self._value
        if not use:
            return ''
        line = _window(use['admin_state'], use['from'], use['until'])
        if use['drill']:
            line += ', a drill'
        if use['by']:
            line += f', by {use["by"]}'
        return f'{line}: {use["reason"]}' if use['reason'] else line


class Answers(columns.FormattableColumn):
    """What a witness said, one line for each cloud."""

    def human_readable(self):
        return '\n'.join(
            f'{answer["cloud"]} {answer["vote"]} at {answer["asked_at"]}'
            + (f': {answer["problem"]}' if answer['problem'] else '')
            for answer in self._value or []
        )


def _window(state, begin, end):
    """What is ordered, and for which time."""
    times = {'from': begin, 'until': end}
    words = [f' {word} {time}' for word, time in times.items() if time]
    return ''.join([state, *words])


def progress(member):
    """The progress of a member: its count, its target and what is ready."""
    count, target = (
        '?' if member[key] is None else member[key]
        for key in ('count', 'target')
    )
    ready = member['ready']
    known = 'ready unknown' if ready is None else f'{ready} ready'
    return f'{member["cloud"]} {count}/{target}, {known}'


def _line(member):
    parts = [
        progress(member),
        _weight(member),
        f'{member["state"]} since {member["since"]}',
    ]
    if member['min_count']:
        parts.append(f'min {member["min_count"]}')
    if member['max_count'] is not None:
        parts.append(f'max {member["max_count"]}')
    if member['admin_state'] != 'ENABLED':
        parts.append(
            _window(
                member['admin_state'],
                member['admin_from'],
                member['admin_until'],
            )
        )
    line = ', '.join(parts)
    return f'{line}: {member["reason"]}' if member['reason'] else line


def _weight(member):
    text = f'weight {plain(member["weight"])}'
    effective = member['effective_weight']
    if effective not in (None, member['weight']):
        text += f' (now {plain(effective)})'
    return text


def titles(fields):
    """The titles of the columns of a list."""
    return tuple(
        field.replace('_', ' ').title().replace('Id', 'ID') for field in fields
    )


def known(row):
    """A row in which unknown values are marked as missing."""
    return tuple(Missing(None) if cell is None else cell for cell in row)
