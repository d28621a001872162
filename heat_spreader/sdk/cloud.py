# SPDX-License-Identifier: Apache-2.0
"""A remote cloud that the caller may use."""

from openstack import exceptions
from openstack import resource
from openstack import utils

from heat_spreader import suggest
from heat_spreader.sdk import paths


class Cloud(resource.Resource):
    resources_key = 'clouds'
    base_path = '/clouds'
    _max_microversion = '1.0'

    allow_list = True

    #: The name, which is also the id.
    name = resource.Body('name', alternate_id=True)
    #: UNKNOWN, UP, SUSPECT, DOWN, RECOVERING, UNAUTHORIZED, MISCONFIGURED or
    #: UNSEEN.
    state = resource.Body('state')
    #: Why it is in that state.
    reason = resource.Body('reason')
    #: The time since which it has been in that state.
    since = resource.Body('since')
    #: When the engine last surveyed it.
    checked_at = resource.Body('checked_at')
    #: The number of consecutive failed surveys.
    failures = resource.Body('failures', type=int)
    #: The number of consecutive successful surveys.
    successes = resource.Body('successes', type=int)
    #: When a survey last succeeded.
    answered_at = resource.Body('answered_at')
    #: How many failed surveys in a row make it DOWN.
    failures_needed = resource.Body('failures_needed', type=int)
    #: How many successful ones in a row bring it back.
    successes_needed = resource.Body('successes_needed', type=int)
    #: When any engine last reported; None if none ever did.
    engine_reported_at = resource.Body('engine_reported_at')
    #: Whether that is too long ago: nothing is surveyed or changed.
    engine_silent = resource.Body('engine_silent', type=bool)
    #: The number of stacks with a member there that the caller may list.
    stacks = resource.Body('stacks', type=int)

    #: The limits of Nova there and when they were read, for administrators: a
    #: dictionary of instances, cores and ram (MiB), each with used and
    #: maximum (None for no limit), and of read_at. None where not known.
    limits = resource.Body('limits', type=dict)

    # How an administrator lets it be used.
    #: ENABLED, CORDONED, DRAINING or DRAINED.
    admin_state = resource.Body('admin_state')
    #: Since when.
    admin_since = resource.Body('admin_since')
    #: When it will be ENABLED again; None for never.
    admin_until = resource.Body('admin_until')
    #: Why, in the words of the administrator.
    admin_reason = resource.Body('admin_reason')
    #: The ID of the administrator.
    admin_by = resource.Body('admin_by')
    #: Whether the drain is an exercise.
    drill = resource.Body('drill', type=bool)
    #: The order that will be in effect later, a dictionary of admin_state,
    #: from, until, reason, by and drill; None for none.
    planned = resource.Body('planned', type=dict)

    # The state that an administrator declares, whatever the surveys find.
    #: UP or DOWN, None for none.
    declared = resource.Body('declared')
    #: Since when.
    declared_since = resource.Body('declared_since')
    #: When it ends; None for never.
    declared_until = resource.Body('declared_until')
    #: Why, in the words of the administrator.
    declared_reason = resource.Body('declared_reason')
    #: The ID of the administrator.
    declared_by = resource.Body('declared_by')

    # Whether some stack there found no room for more instances.
    #: Since when; None while there is room.
    full_since = resource.Body('full_since')
    #: When one stack there tries one more.
    full_until = resource.Body('full_until')
    #: Why there is no room, such as "quota: instances".
    full_reason = resource.Body('full_reason')

    @classmethod
    def find(cls, session, name_or_id, ignore_missing=False, **params):
        """Find a cloud by its exact name."""
        # By the list, which every caller may read: a name with a slash or
        # dots would lead to another URL.
        clouds = list(cls.list(session))
        found = cls._get_one_match(name_or_id, clouds)
        if found is None and not ignore_missing:
            question = suggest.did_you_mean(
                name_or_id, [cloud.name for cloud in clouds]
            )
            raise exceptions.NotFoundException(
                f"There is no cloud '{name_or_id}'. {question}".rstrip()
            )
        return found

    def order(self, session, **body):
        """Order how the cloud is used, or declare its state."""
        response = session.patch(
            utils.urljoin(self.base_path, paths.quote_cloud(self.name)),
            json=body,
            microversion=self._get_microversion(session),
        )
        self._translate_response(response)
        return self
