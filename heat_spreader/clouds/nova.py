# SPDX-License-Identifier: Apache-2.0
"""Requests to the Nova of a cloud, for cloud.py: its limits and flavors.

A cloud need not have a Nova. What Nova answers says nothing of Heat: the
connection is kept.
"""

import urllib.parse

from keystoneauth1 import exceptions as ksa_exc

from heat_spreader.clouds import call
from heat_spreader.clouds import failure
from heat_spreader.clouds import flavor
from heat_spreader.clouds import limits

PAGE = 1000
# A cloud has some dozens of flavors. Of more, the rest is unknown.
MAX_PAGES = 10


def read_limits(cloud, heat):
    """Return the limits, as limits.parse() does; None for no Nova.

    :param cloud: the name of the cloud
    :param heat: the client of its Heat
    :raises CloudError: if the request failed
    """
    return _get(cloud, heat, '/limits', limits.parse)


def read_flavors(cloud, heat):
    """Return each room.Flavor by its name and by its id; {} for no Nova.

    :param cloud: the name of the cloud
    :param heat: the client of its Heat
    :raises CloudError: if a request failed
    """
    by_name, by_id, marker = {}, {}, ''
    for _ in range(MAX_PAGES):
        path = f'/flavors/detail?limit={PAGE}{marker}'
        found, last = _get(cloud, heat, path, flavor.parse) or ([], None)
        for (name, flavor_id), each in found:
            by_name[name] = by_id[flavor_id] = each
        if last is None:
            break
        marker = f'&{urllib.parse.urlencode({"marker": last})}'
        call.renew()
    # Heat looks for the id first, too.
    return by_name | by_id


def _get(cloud, heat, path, parse):
    with failure.classified(cloud, heat.session):
        try:
            response = heat.compute.get(path, log=False)
        except ksa_exc.CatalogException:
            return None
    if response.status_code != 200:
        raise failure.of_response(cloud, response, heat.session)
    try:
        return parse(failure.json_of(response))
    except ValueError as exc:
        raise failure.invalid(cloud, exc) from exc
