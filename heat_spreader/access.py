# SPDX-License-Identifier: Apache-2.0
"""Which project may use which cloud: the one rule, for the API and the engine.

The operator gives a cloud to projects with the option projects of the cloud.
An administrator may give a stack any enabled cloud; the member then carries
that permission (``as_admin``).
"""

from heat_spreader import exception
from heat_spreader import suggest
from heat_spreader.conf import clouds


def is_allowed(conf, project_id, cloud, as_admin=False):
    """Whether a stack of the project may use the cloud.

    :param as_admin: whether an administrator gave it the cloud
    """
    if cloud not in conf.clouds.enabled:
        return False
    projects = conf[clouds.cloud_group(cloud)].projects
    return as_admin or '*' in projects or project_id in projects


def usable(conf, project_id, as_admin=False):
    """The names of the clouds that the project may use, sorted."""
    return [
        cloud
        for cloud in sorted(set(conf.clouds.enabled))
        if is_allowed(conf, project_id, cloud, as_admin)
    ]


def unknown(cloud, known):
    """The error for a cloud that does not exist.

    :param known: those that the caller may use, and no others
    """
    question = suggest.did_you_mean(cloud, known)
    listed = f'Clouds that can be used: {", ".join(known) or "none"}.'
    return exception.CloudUnknown(
        cloud=cloud, hint=f'{question} {listed}'.strip()
    )


def check(conf, project_id, requested, as_admin=False):
    """Check that a project may use clouds.

    :param as_admin: whether the caller may use any cloud
    :returns: those that only the caller's permission makes usable
    :raises CloudUnknown: if one of them is not enabled
    :raises CloudForbidden: if neither the project nor the caller may use it
    """
    for cloud in sorted(requested):
        if cloud not in conf.clouds.enabled:
            raise unknown(cloud, usable(conf, project_id, as_admin))
        if not is_allowed(conf, project_id, cloud, as_admin):
            raise exception.CloudForbidden(cloud=cloud)
    return {
        cloud for cloud in requested if not is_allowed(conf, project_id, cloud)
    }
