# SPDX-License-Identifier: Apache-2.0
"""What the loss of a cloud would do to the stacks there."""

from openstack import resource
from openstack import utils

from heat_spreader.sdk import paths


class CloudReadiness(resource.Resource):
    resources_key = 'clouds'
    base_path = '/clouds/readiness'
    _max_microversion = '1.0'

    allow_list = True

    #: The name of the cloud, which is also the id.
    name = resource.Body('name', alternate_id=True)
    #: How many stacks would fail over.
    stacks = resource.Body('stacks', type=int)
    #: How many instances they have there.
    instances = resource.Body('instances', type=int)
    #: How many more each other cloud would have to take.
    moves = resource.Body('moves', type=dict)
    #: Whether there is room for these, estimated from the limits of Nova: by
    #: cloud a dictionary of limit (instances, cores or ram: the one that is
    #: used up first), of needed, free and lacking in its unit (that of ram is
    #: MiB), of unknown (the number of stacks whose flavor is unknown), and of
    #: read_at.
    estimates = resource.Body('estimates', type=dict)
    #: How many instances would have no place.
    unplaced = resource.Body('unplaced', type=int)
    #: Whether nothing would be moved, since too many clouds would be down.
    frozen = resource.Body('frozen', type=bool)
    #: Of how many stacks instances would have no place.
    stacks_harmed = resource.Body('stacks_harmed', type=int)
    #: The first of them, a list of dictionaries of id, name and unplaced.
    harmed = resource.Body('harmed', type=list, list_type=dict)

    @classmethod
    def of_cloud(cls, session, cloud):
        """What the loss of one cloud would do."""
        found = cls.existing(name=cloud)
        response = session.get(
            utils.urljoin('/clouds', paths.quote_cloud(cloud), 'readiness'),
            microversion=found._get_microversion(session),
        )
        found._translate_response(response)
        return found
