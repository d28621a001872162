# SPDX-License-Identifier: Apache-2.0
"""Send the updates of a plan; what becomes of each is a value."""

import concurrent.futures
import dataclasses
import enum
import time

from oslo_log import log as logging

from heat_spreader import context
from heat_spreader import exception
from heat_spreader.engine import metrics
from heat_spreader.engine import survey
from heat_spreader.planning import facts
from heat_spreader.planning import plan

LOG = logging.getLogger(__name__)


class Result(enum.Enum):
    """What became of an update."""

    ACCEPTED = 'Heat took it'
    MOVED = 'the stack is no longer as it was planned for'
    REJECTED = 'Heat refused it'
    BACKED_OFF = 'it did not work, and is tried again later'
    LATE = 'the lease ran out first'


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What became of an update, and new values for the row of its member.

    ``wait``: the seconds that the cloud asks to wait.
    """

    update: plan.Update
    result: Result
    values: dict
    message: str = ''
    wait: float = 0


class Actor:
    """Sends updates to the clouds, to each so many at the same time."""

    def __init__(self, conf, clouds):
        self.clouds = clouds
        self.pools = {
            name: concurrent.futures.ThreadPoolExecutor(
                conf.engine.max_updates_per_cloud,
                thread_name_prefix=f'update-{name}',
            )
            for name in clouds
        }

    def perform(self, rows, updates, deadline):
        """Send the updates of one stack, in parallel; return the outcomes.

        :param rows: the rows of its members by cloud
        :param deadline: on the monotonic clock, after which nothing is sent
        """
        futures = [
            self.pools[update.cloud].submit(
                context.propagate(_send, cloud=update.cloud),
                self.clouds[update.cloud],
                rows[update.cloud],
                update,
                deadline,
            )
            for update in updates
        ]
        return [future.result() for future in futures]

    def see(self, rows):
        """Look at members, in parallel; skip those that cannot be seen.

        :returns: pairs of a row and its new values
        """
        futures = {
            self.pools[row.cloud].submit(
                context.propagate(survey.see, cloud=row.cloud),
                self.clouds[row.cloud],
                row,
            ): row
            for row in rows
        }
        for future in concurrent.futures.as_completed(futures):
            try:
                yield futures[future], future.result()
            except exception.CloudError as exc:
                LOG.info(
                    'No look at %(cloud)s yet: %(reason)s',
                    {'cloud': futures[future].cloud, 'reason': exc},
                )

    def stop(self):
        """Let the updates under way end."""
        for pool in self.pools.values():
            pool.shutdown(wait=True)


def _send(cloud, row, update, deadline):
    outcome = apply(cloud, row, update, deadline)
    _log(row, outcome)
    metrics.updated(update.cloud, outcome.result)
    return outcome


def apply(cloud, row, update, deadline):
    """Send one update, if the stack is still as it was planned for.

    The stack is read first: an engine that was killed may have sent an update
    that nobody wrote down, and Heat must not get a second one while it is at
    work on the first.
    """
    try:
        values = survey.read(cloud, row, update.heat_id)
        seen = (values['count'], values['heat_status'])
        if seen != (update.old, update.heat_status):
            return Outcome(update, Result.MOVED, values)
        if time.monotonic() > deadline:
            return Outcome(update, Result.LATE, {})
        cloud.set_parameter(
            row.stack_name, update.heat_id, row.count_parameter, update.new
        )
    except exception.RemoteStackNotFound:
        # It may be there again under another id: look by name.
        return Outcome(update, Result.MOVED, _look_again(cloud, row))
    except exception.RemoteRejected as exc:
        return Outcome(
            update, Result.REJECTED, {'rejection': str(exc)}, str(exc)
        )
    except exception.CloudThrottled as exc:
        wait = min(exc.retry_after or 0, survey.LONGEST_WAIT)
        return Outcome(update, Result.BACKED_OFF, {}, str(exc), wait)
    except exception.CloudError as exc:
        # The update may have arrived all the same: count on what is left if
        # it has, until the next survey reads the stack.
        values = {
            'heat_updated_at': facts.STALE,
            'ready': min(row.ready or 0, update.new),
        }
        return Outcome(update, Result.BACKED_OFF, values, str(exc))
    settled = values['settled_count']
    return Outcome(
        update,
        Result.ACCEPTED,
        {
            'heat_status': 'UPDATE_IN_PROGRESS',
            'heat_updated_at': facts.STALE,
            'count': update.new,
            'ready': min(settled or 0, update.new),
            'rejection': None,
            'retry_at': None,
        },
    )


def _log(row, outcome):
    update = outcome.update
    LOG.info(
        'Stack %(stack)s in %(cloud)s: %(old)s -> %(new)s, because %(why)s: '
        '%(result)s. %(message)s',
        {
            'stack': row.stack_name,
            'cloud': update.cloud,
            'old': update.old,
            'new': update.new,
            'why': update.why,
            'result': outcome.result.value,
            'message': outcome.message,
        },
    )


def _look_again(cloud, row):
    try:
        return survey.see(cloud, row)
    except exception.CloudError:
        return {'heat_updated_at': facts.STALE}
