# SPDX-License-Identifier: Apache-2.0
"""A stack on one page: is it well, what is wrong, done and next; its parts.

Pure: what the service said goes in, lines come out.
"""

import itertools
import textwrap

from heat_spreader.osc import brief
from heat_spreader.osc import columns
from heat_spreader.osc import fitting
from heat_spreader.osc import readiness
from heat_spreader.osc import when

_MOVING = ('SCALING', 'BUSY', 'DRAINING')
HEADS = ('Cloud', 'Weight', 'Target', 'Count', 'Ready', 'State', 'Reason')
_NUMBERS = ('Target', 'Count', 'Ready')
_GAP = '  '


def render(stack, clouds, happened, width):
    """The lines of the page.

    :param clouds: sdk.Cloud by name, as far as they are known
    :param happened: summary.Happening, the oldest first
    :param width: how long a line may be
    """
    shown = set()
    parts = [
        _head(stack),
        ('What is wrong', _wrong(stack, clouds, shown)),
        ('What is being done', _doing(stack, shown)),
        ('What comes next', _next(stack, clouds, shown)),
    ]
    lines = []
    for part in parts:
        title, sentences = part
        lines += _paragraph(title, sentences, width)
    lines += _readiness(stack, width)
    lines += ['', *_table(stack, clouds, width), *_notes(stack, clouds, width)]
    if happened:
        lines += ['', *_events(happened, shown, width)]
    return lines


def _readiness(stack, width):
    if not stack.readiness:
        return []
    text = readiness.sentence(stack.readiness)
    if stack.readiness['survives'] is None:
        # As a sentence of its own it would not say what is not known.
        text = f'whether it survives the loss of any one cloud is {text}'
    return _wrapped(f'{text[0].upper()}{text[1:]}.', width, '')


def _head(stack):
    ready, total = brief.ready_count(stack), stack.count
    text = f'{stack.status}, {ready} of {total} instances are ready.'
    if stack.unplaced:
        text += f' {stack.unplaced} do not fit in any cloud.'
    return stack.name, [text]


def _wrong(stack, clouds, shown):
    """Sentences about what is wrong; those of ``shown`` are not repeated."""
    found = [
        member['reason']
        for member in stack.members
        if member['state'] not in brief.QUIET
    ]
    if stack.status in ('ERROR', 'DEGRADED', 'FROZEN'):
        found.insert(0, _rest(stack))
    found += [
        suspicion(stack, member, clouds)
        for member in stack.members
        if _state(clouds, member) == 'SUSPECT'
    ]
    return _new(found, shown) or ['Nothing.']


def _doing(stack, shown):
    if stack.members and stack.observed_generation < stack.generation:
        return ['The engine has not acted on the last change yet.']
    if stack.status in ('PAUSED', 'PENDING', 'SCALING'):
        found = [_rest(stack)]
    else:
        found = [m['reason'] for m in stack.members if m['state'] in _MOVING]
    return _new(found, shown) or ['Nothing: no count is to be changed.']


def _next(stack, clouds, shown):
    found = []
    for member in stack.members:
        cloud = clouds.get(member['cloud'])
        found += [
            *_retry(member),
            *_try(member),
            *_return(stack, member, cloud),
            *_order(member),
            *_plans(cloud),
        ]
    if stack.status == 'PAUSED':
        found = [f'Nothing until "stack set {stack.name} --resume".']
    if stack.status in ('ERROR', 'FROZEN') and not found:
        found = ['Nothing before what is wrong is corrected.']
    if stack.status == 'SCALING':
        found.append('ACTIVE, when every member is ready at its target.')
    return _new(found, shown) or ['Nothing is planned.']


def _retry(member):
    if not member['retry_at'] or member['state'] == 'OK':
        return []
    left = when.until(member['retry_at'])
    if not left:
        return [f'{member["cloud"]} is tried again now.']
    time = when.clock(member['retry_at'])
    if time in member['reason']:
        # The reason has the time of the next attempt already.
        return []
    return [f'{member["cloud"]} is tried again in {left}, at {time}.']


def _try(member):
    """When a cloud that is full gets one instance more."""
    if member['state'] != 'FULL' or not member['cap_until']:
        return []
    left = when.until(member['cap_until'])
    time = f'in {left}' if left else 'now'
    return [f'One instance more is tried in {member["cloud"]} {time}.']


def _return(stack, member, cloud):
    """What happens when a lost cloud is back."""
    name, share = member['cloud'], columns.plain(member['weight'])
    if member['state'] == 'WAITING':
        return [f'"stack set {stack.name} --failback-now" gives {name} back.']
    if member['state'] != 'UNREACHABLE' or not member['weight']:
        return []
    then = f'its {share} goes back to it'
    if stack.failback == 'manual':
        then = f'its {share} waits for "stack set {stack.name} --failback-now"'
    if stack.failover == 'none':
        then = 'it is controlled again'
    if cloud is None or cloud.declared:
        return [f'When {name} is no longer down, {then}.']
    surveys = cloud.successes_needed
    return [
        f'When {name} has answered {surveys} surveys in a row'
        f' ({cloud.successes} now), {then}.'
    ]


def _order(member):
    found = []
    if member['admin_until']:
        found.append(
            f'{member["cloud"]} is {member["admin_state"]} for this stack '
            f'until {when.clock(member["admin_until"])}.'
        )
    return found


def _plans(cloud):
    if cloud is None:
        return []
    found = []
    if cloud.admin_until:
        found.append(
            f'{cloud.name} is {cloud.admin_state} until '
            f'{when.clock(cloud.admin_until)}.'
        )
    if cloud.planned:
        begin = when.clock(cloud.planned['from'])
        found.append(
            f'{cloud.name} will be {cloud.planned["admin_state"]} at {begin}.'
        )
    return found


def suspicion(stack, member, clouds):
    """What happens if a cloud that does not answer now is lost."""
    cloud = clouds[member['cloud']]
    name, needed = cloud.name, cloud.failures_needed
    text = f'{name} does not answer ({cloud.failures} of {needed})'
    share = columns.plain(member['weight'])
    if not member['weight'] or stack.failover == 'none':
        return f'{text}; its share {share} stays where it is.'
    takers = [
        other['cloud']
        for other in stack.members
        if other is not member and _takes(other, clouds.get(other['cloud']))
    ]
    if stack.failover == 'proportional':
        weights = {m['cloud']: m['weight'] for m in stack.members}
        takers = [name for name in takers if weights[name]]
    if not takers:
        return f'{text}; no other cloud can take its {share}.'
    to = _join(takers)
    return f'{text}; at the {_ordinal(needed)} its {share} goes to {to}.'


def _takes(member, cloud):
    """Whether a member takes a part of the share of a lost one."""
    orders = {member['admin_state']}
    if cloud is not None:
        orders.add(cloud.admin_state)
    return member['state'] in ('OK', 'SCALING', 'BUSY') and orders == {
        'ENABLED'
    }


def _ordinal(number):
    words = {1: 'first', 2: 'second', 3: 'third'}
    return words.get(number, f'{number}th')


def _join(words):
    *rest, last = words
    return f'{", ".join(rest)} and {last}' if rest else last


def _rest(stack):
    """What the status says that no member in trouble says."""
    text = stack.status_reason
    for member in stack.members:
        if member['state'] not in brief.QUIET and member['reason']:
            text = text.replace(member['reason'], '')
    return ' '.join(text.split())


def _new(sentences, shown):
    """The sentences that were not shown yet."""
    found = []
    for each in sentences:
        if each and each not in shown:
            shown.add(each)
            found.append(each)
    return found


def _state(clouds, member):
    cloud = clouds.get(member['cloud'])
    return cloud and cloud.state


def _paragraph(title, sentences, width):
    """A title and what belongs to it, each sentence on lines of its own."""
    first, *rest = sentences
    return [
        *_wrapped(f'{title}: {first}', width, ''),
        *(line for each in rest for line in _wrapped(each, width, '  ')),
    ]


def _wrapped(text, width, indent):
    return fitting.lines(f'{indent}{text}', width, '  ')


def _table(stack, clouds, width):
    rows = [
        [str(cell) for cell in row(m, clouds.get(m['cloud']))]
        for m in stack.members
    ]
    if not rows:
        return ['No cloud has a weight yet.']
    room = width - len(_GAP) * (len(HEADS) - 1)
    sizes = fitting.widths(HEADS, rows, room) or [fitting.LEAST] * len(HEADS)
    return [line for cells in (HEADS, *rows) for line in _beside(cells, sizes)]


def _beside(cells, sizes):
    """The lines of a row, whose cells may be wrapped."""
    wrapped = map(fitting.lines, cells, sizes)
    for parts in itertools.zip_longest(*wrapped, fillvalue=''):
        padded = [
            part.rjust(size) if head in _NUMBERS else part.ljust(size)
            for head, part, size in zip(HEADS, parts, sizes, strict=True)
        ]
        yield _GAP.join(padded).rstrip()


def row(member, cloud=None):
    """The cells of a member, in the order of the heads.

    :param cloud: the sdk.Cloud that it is in, None if it is not known
    """
    count, ready, target = (
        '?' if member[name] is None else member[name]
        for name in ('count', 'ready', 'target')
    )
    if brief.is_unread(member, cloud):
        count, ready = f'({count})', f'({ready})'
    if member['state'] in brief.UNREAD:
        # Nothing is asked of it now.
        target = '-'
    weight = columns.plain(member['weight'])
    effective = member['effective_weight']
    if effective not in (None, member['weight']):
        weight += f' -> {columns.plain(effective)}'
    return (
        member['cloud'],
        weight,
        target,
        count,
        ready,
        member['state'],
        brief.of_member(member, cloud) or '',
    )


def _notes(stack, clouds, width):
    """When the numbers in brackets were known."""
    known = []
    for member in stack.members:
        cloud = clouds.get(member['cloud'])
        if not brief.is_unread(member, cloud):
            continue
        time = cloud and cloud.answered_at
        if time:
            clock, age = when.clock(time), when.age(time)
            known.append(f'in {cloud.name} at {clock}, {age} ago')
        else:
            known.append(f'in {member["cloud"]} at an unknown time')
    if not known:
        return []
    return _wrapped(f'( ): last known, {"; ".join(known)}.', width, '')


def _events(happened, shown, width):
    """What happened; no reason is there that was shown before."""
    ages = [when.age(each.created_at) for each in happened]
    size = max(map(len, ages))
    lines, causes = ['Last events:'], set()
    for age, each in zip(ages, happened, strict=True):
        lines += textwrap.wrap(
            _without_shown(each, shown, causes),
            width,
            initial_indent=f'  {age.rjust(size)}  ',
            subsequent_indent=' ' * (size + 4),
            # Names of clouds have some.
            break_on_hyphens=False,
        )
    return lines


def _without_shown(happening, shown, causes):
    """The message without reasons that were shown; ``causes`` grows."""
    message = happening.message
    for sentence in shown:
        for before in ('.', ' because'):
            message = message.replace(f'{before} {sentence}', '.')
    what, _, why = message.partition(': ')
    # "it cannot be reached: timeout", of which others have the end.
    cause = why.partition(': ')[2].rstrip('.')
    if happening.state and cause:
        if any(cause in text for text in shown | causes):
            return f'{what}.'
        causes.add(cause)
    steps, _, reason = message.rpartition(f' -> {happening.status}. ')
    if steps and any(cause in reason for cause in causes):
        return f'{steps} -> {happening.status}.'
    return message
