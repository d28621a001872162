# SPDX-License-Identifier: Apache-2.0
"""Names as parts of URLs."""

import urllib.parse

from openstack import exceptions


def quote_cloud(name):
    """The name of a cloud as a part of a URL.

    :raises InvalidRequest: if it cannot be one
    """
    if name in ('', '.', '..'):
        # In a path these lead to another URL, even if they are quoted.
        raise exceptions.InvalidRequest(
            f"'{name}' cannot be the name of a cloud."
        )
    return urllib.parse.quote(name, '')
