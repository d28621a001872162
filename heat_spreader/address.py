# SPDX-License-Identifier: Apache-2.0
"""Network addresses."""

import ipaddress


def is_loopback(host):
    """Whether only this machine can reach the host.

    :param host: an IP address or a name; names are not resolved
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == 'localhost'
