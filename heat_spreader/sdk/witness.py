# SPDX-License-Identifier: Apache-2.0
"""A witness: a probe at another site that is asked about clouds."""

from openstack import resource


class Witness(resource.Resource):
    resources_key = 'witnesses'
    base_path = '/witnesses'
    _max_microversion = '1.0'

    allow_list = True

    #: The name, which is also the id.
    name = resource.Body('name', alternate_id=True)
    #: The address of its exporter.
    url = resource.Body('url')
    #: The clouds at its site, about which it has no vote.
    near = resource.Body('near', type=list)
    #: When it last answered; None if it never did.
    answered_at = resource.Body('answered_at')
    #: How many seconds that took.
    latency = resource.Body('latency', type=float)
    #: What it said last: cloud, vote, problem and asked_at of each answer.
    answers = resource.Body('answers', type=list, list_type=dict)
