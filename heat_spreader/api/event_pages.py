# SPDX-License-Identifier: Apache-2.0
"""The query of every list of events, and its default order."""

from heat_spreader.api import request


def query(resource):
    """Return the query as the functions of db.events take it, and the limit.

    They are asked for one event more than the limit, which shows whether
    there is a next page. The newest events come first, unless sort_dir is asc.

    :raises Invalid: if the query does not match the schema
    """
    values = resource.query()
    limit = request.limit(values, resource.conf.api.max_limit)
    if 'since' in values:
        values['since'] = request.time(values['since'])
    return {'sort_dir': 'desc', **values, 'limit': limit + 1}, limit
