# SPDX-License-Identifier: Apache-2.0
"""The URLs of a cloud that a witness can request without a token."""

import contextlib
import re
import urllib.parse

from heat_spreader import exception
from heat_spreader.clouds import call
from heat_spreader.clouds import entry
from heat_spreader.conf import clouds
from heat_spreader.db import clouds as db

_VERSION = re.compile(r'/v\d+(\.\d+)?(/.*)?$')


def of_clouds(ctx, conf):
    """The URLs of every enabled cloud, as they are known now.

    It takes no longer than probe_timeout: an entry may have a profile that is
    a URL, which may not answer.
    """
    rows = db.get_all(ctx)
    calls = call.Calls('targets', conf.health.probe_timeout)
    begun = {
        name: calls.begin(
            of_cloud, conf, name, rows[name].heat_url if name in rows else ''
        )
        for name in conf.clouds.enabled
    }
    found = dict.fromkeys(begun, ())
    for name, each in begun.items():
        with contextlib.suppress(exception.CloudUnreachable):
            found[name] = each.result()
    return found


def of_cloud(conf, name, heat_url):
    """The URLs of a cloud, that of its Keystone first; none if unknown.

    :param heat_url: what versions() gave for its Heat; if empty, unknown
    """
    urls = conf[clouds.cloud_group(name)].witness_urls
    if urls:
        return urls
    try:
        region = entry.find(name, conf.clouds.config_files).region
    except exception.CloudError:
        return [heat_url] if heat_url else []
    keystone = plain(region.config['auth'].get('auth_url'))
    return [url for url in (keystone, heat_url) if url]


def versions(address):
    """The URL of the versions of a Heat, from its address in a catalog.

    :returns: None if it is no address of a web server
    """
    url = plain(address)
    if not url:
        return None
    # The rest of the path has the id of a project.
    parts = urllib.parse.urlsplit(url)
    path = _VERSION.sub('', parts.path).rstrip('/')
    return urllib.parse.urlunsplit((*parts[:2], f'{path}/', '', ''))


def plain(address):
    """A URL without a user, a password and a query; None if it is none."""
    try:
        parts = urllib.parse.urlsplit(address or '')
    except ValueError:
        return None
    if parts.scheme not in ('http', 'https') or not parts.hostname:
        return None
    host = parts.netloc.rpartition('@')[2]
    return urllib.parse.urlunsplit((parts.scheme, host, parts.path, '', ''))
