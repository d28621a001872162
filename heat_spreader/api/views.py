# SPDX-License-Identifier: Apache-2.0
"""The bodies of responses: from rows to what becomes JSON."""

from heat_spreader import states
from heat_spreader.api import microversion
from heat_spreader.db import models
from heat_spreader.planning import facts
from heat_spreader.planning import specification

_NO_ORDER = models.Member(
    admin_state=states.AdminState.ENABLED, admin_reason=''
)


def _time(value):
    # All times are UTC. strftime() takes five times as long.
    return value and f'{value.isoformat(timespec="seconds")[:19]}Z'


def _weight(value):
    # A float is exact enough: its shortest form, which JSON has, represents
    # every decimal of six places exactly.
    return None if value is None else float(value)


def versions(url):
    """The document at /, which lists the versions."""
    return {'versions': [_version(url)]}


def version(url):
    """The document at /v1."""
    return {'version': _version(url)}


def _version(url):
    return {
        'id': 'v1.0',
        'status': 'CURRENT',
        'min_version': microversion.VERSIONS[0],
        'version': microversion.VERSIONS[-1],
        'links': [{'rel': 'self', 'href': f'{url}/v1'}],
    }


def page(name, rows, view, limit, next_url):
    """A page of a list, and the link to the next one.

    :param rows: one row more than the limit if there is a next page
    """
    shown = rows[:limit]
    links = []
    if len(rows) > limit:
        links.append({'rel': 'next', 'href': next_url(shown[-1].id)})
    return {name: [view(row) for row in shown], f'{name}_links': links}


def stack(row):
    """A stack with its members, by cloud."""
    members = sorted(row.members, key=lambda member: member.cloud)
    return {
        'id': row.id,
        'name': row.name,
        'project_id': row.project_id,
        'user_id': row.user_id,
        'stack_name': row.stack_name,
        'count': row.count,
        'placed': specification.total(
            row.count,
            sum(member.weight for member in members),
            sum(member.min_count for member in members),
        ),
        'count_parameter': row.count_parameter,
        'weights': {
            member.cloud: _weight(member.weight) for member in members
        },
        'failover': row.failover,
        'failback': row.failback,
        'paused': row.paused,
        'status': row.status,
        'status_reason': row.status_reason,
        'generation': row.generation,
        'observed_generation': row.observed_generation,
        'unplaced': row.unplaced,
        'readiness': _readiness(row),
        'created_at': _time(row.created_at),
        'updated_at': _time(row.updated_at),
        'members': [_member(member) for member in members],
    }


def _readiness(row):
    """What the loss of one of its clouds would do to a stack."""
    return {
        'survives': row.survives,
        'unplaced': {
            member.cloud: member.unplaced_without
            for member in row.members
            if row.survives is not None and member.unplaced_without
        },
        'frozen': [
            member.cloud
            for member in row.members
            if row.survives is not None and member.frozen_without
        ],
    }


def _member(row):
    return {
        'cloud': row.cloud,
        'weight': _weight(row.weight),
        'effective_weight': _weight(row.effective_weight),
        'min_count': row.min_count,
        'max_count': row.max_count,
        'target': row.target,
        'count': row.count,
        'ready': row.ready,
        'state': row.state,
        'reason': row.reason,
        'since': _time(row.since),
        'retry_at': _time(row.retry_at),
        **_member_order(row),
        'heat_id': row.heat_id,
        'heat_status': row.heat_status,
        'cap': row.cap,
        'cap_until': _time(row.cap_until),
        'cap_reason': row.cap_reason or '',
        'updated_at': _time(row.updated_at),
    }


def _member_order(row):
    """What the owner orders; what is over is nothing."""
    if row.admin_until is not None and row.admin_until <= models.utcnow():
        row = _NO_ORDER
    return {
        'admin_state': row.admin_state,
        'admin_from': _time(row.admin_from),
        'admin_until': _time(row.admin_until),
        'admin_reason': row.admin_reason,
    }


def event_for_owner(row, stack_ids):
    """An event as the owner of stacks may see it.

    The report of a drill has numbers of other projects' stacks as well.
    """
    shown = event(row)
    if report := row.details.get('report'):
        own = {
            key: {i: n for i, n in value.items() if i in stack_ids}
            if isinstance(value, dict)
            else value
            for key, value in report.items()
        }
        shown['details'] = {**row.details, 'report': own}
    return shown


def event(row):
    """An event."""
    return {
        'id': row.id,
        'stack_id': row.stack_id,
        'stack': row.stack,
        'cloud': row.cloud,
        'kind': row.kind,
        'message': row.message,
        'details': row.details,
        'request_id': row.request_id,
        'created_at': _time(row.created_at),
    }


def cloud(found, stacks, report, thresholds, limits=None):
    """A cloud.

    :param found: facts.Cloud
    :param stacks: how many stacks that the caller may see are there
    :param report: engine_report.Report
    :param thresholds: health.Thresholds
    :param limits: room.Limits, None where the caller may not see them
    """
    reason = found.reason
    if found.checked_at is None and not reason:
        reason = 'The engine has not surveyed the cloud yet.'
    return {
        'name': found.name,
        'state': found.state,
        'reason': reason,
        'since': _time(found.since),
        'checked_at': _time(found.checked_at),
        'failures': found.failures,
        'successes': found.successes,
        'answered_at': _time(found.answered_at),
        'failures_needed': thresholds.failure_threshold,
        'successes_needed': thresholds.successes_needed(found),
        'engine_reported_at': _time(report.reported_at),
        'engine_silent': report.silent,
        'stacks': stacks,
        'limits': limits and _limits(limits),
        'admin_state': found.use.state,
        **_order('admin', found.use.order),
        'drill': found.use.drill,
        'planned': _planned(found.planned),
        'declared': found.declared,
        **_order('declared', found.declaration),
        'full_since': _time(found.full and found.full.since),
        'full_until': _time(found.full and found.full.until),
        'full_reason': found.full.reason if found.full else '',
    }


def outage(found, limits):
    """What the loss of a cloud would do.

    :param found: outage.Outage
    :param limits: room.Limits by cloud, where they are known
    """
    return {
        'name': found.cloud,
        'stacks': found.stacks,
        'instances': found.instances,
        'moves': found.moves,
        'estimates': {
            cloud: {
                'limit': estimate.limit,
                'needed': estimate.needed,
                'free': estimate.free,
                'lacking': estimate.lacking,
                'unknown': estimate.unknown,
                'read_at': _time(estimate.read_at),
            }
            for cloud, estimate in found.estimates(limits).items()
        },
        'unplaced': found.unplaced,
        'frozen': found.frozen,
        'stacks_harmed': found.harmed,
        'harmed': [
            {'id': each.stack_id, 'name': each.name, 'unplaced': each.unplaced}
            for each in found.harms
        ],
    }


def _limits(limits):
    return {
        **{
            name: {'used': limit.used, 'maximum': limit.maximum}
            for name, limit in limits.by_name.items()
        },
        'read_at': _time(limits.read_at),
    }


def _order(prefix, order):
    order = order or facts.Order()
    return {
        f'{prefix}_since': _time(order.since),
        f'{prefix}_until': _time(order.until),
        f'{prefix}_reason': order.reason,
        f'{prefix}_by': order.by,
    }


def _planned(use):
    return use and {
        'admin_state': use.state,
        'from': _time(use.order.since),
        'until': _time(use.order.until),
        'reason': use.order.reason,
        'by': use.order.by,
        'drill': use.drill,
    }


def witness(name, url, near, rows):
    """A witness, and what it said last about each cloud.

    :param url: without what may be secret
    :param rows: models.WitnessAnswer, for each cloud it was asked about
    """
    last = max(
        (row for row in rows if row.answered_at),
        key=lambda row: row.answered_at,
        default=None,
    )
    return {
        'name': name,
        'url': url,
        'near': near,
        'answered_at': _time(last and last.answered_at),
        'latency': last and last.seconds,
        'answers': [
            {
                'cloud': row.cloud,
                'vote': row.vote,
                'problem': row.problem,
                'asked_at': _time(row.asked_at),
            }
            for row in rows
        ],
    }


def engine(row, alive, clouds, stacks):
    """An engine, with how many clouds and stacks it holds now."""
    return {
        'id': row.id,
        'host': row.host,
        'version': row.version,
        'started_at': _time(row.started_at),
        'heartbeat_at': _time(row.heartbeat_at),
        'alive': alive,
        'clouds': clouds,
        'stacks': stacks,
    }
