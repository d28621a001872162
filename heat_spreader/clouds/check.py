# SPDX-License-Identifier: Apache-2.0
"""Try each step of the way to a cloud; nothing is changed there."""

import concurrent.futures
import dataclasses
import socket
import ssl

import requests

from heat_spreader import exception
from heat_spreader.clouds import cloud
from heat_spreader.clouds import entry

ENTRY, NAME, CONNECTION, TLS = 'Entry', 'Name lookup', 'Connection', 'TLS'
TOKEN, CATALOG, LIST, PATCH = 'Token', 'Catalog', 'List', 'PATCH'
STEPS = (ENTRY, NAME, CONNECTION, TLS, TOKEN, CATALOG, LIST, PATCH)
# These happen inside the others. requests.ReadTimeout is none of them: there
# is a connection, and no answer.
_INNER = {
    NAME: socket.gaierror,
    TLS: ssl.SSLError,
    CONNECTION: requests.ConnectionError,
}


@dataclasses.dataclass
class Report:
    """How far the way to a cloud leads.

    ``outcomes`` has a word for each of the STEPS; that of ENTRY is the file.
    """

    cloud: str
    outcomes: dict = dataclasses.field(
        default_factory=lambda: dict.fromkeys(STEPS, '-')
    )
    error: exception.CloudError | None = None
    remark: str = ''

    def passed(self, *steps):
        """Note that steps succeeded."""
        self.outcomes.update(dict.fromkeys(steps, 'ok'))

    def failed(self, step, error):
        """Note why a step failed, or one that happens inside it."""
        inner = _inner(error) if step != ENTRY else None
        self.outcomes[inner or step] = 'failed'
        self.error = error
        # Where it stopped is not known of one that only took too long.
        if inner or not isinstance(error, exception.CloudUnreachable):
            earlier = STEPS[: STEPS.index(inner or step)]
            self.passed(*(name for name in _INNER if name in earlier))


def _inner(error):
    for name, inner in _INNER.items():
        if any(issubclass(kind, inner) for kind in error.kinds):
            return name
    return None


def check(names, options):
    """Return a Report for each cloud; all of them are tried at once.

    :param names: of entries, whether they are enabled or not
    :param options: the [clouds] options
    """
    with concurrent.futures.ThreadPoolExecutor(len(names) or 1) as pool:
        return list(pool.map(lambda name: _check(name, options), names))


def _check(name, options):
    report = Report(name)
    try:
        found = entry.find(name, options.config_files)
    except exception.CloudError as exc:
        report.failed(ENTRY, exc)
        return report
    report.outcomes[ENTRY] = found.source
    addresses = [found.region.config['auth'].get('auth_url')]
    _check_cloud(report, cloud.make(name, options), addresses)
    if report.outcomes[TLS] == 'ok':
        report.outcomes[TLS] = _tls(found, filter(None, addresses))
    return report


def _check_cloud(report, remote, addresses):
    step = TOKEN
    try:
        remote.authenticate()
        # Without a Keystone, there is no connection yet.
        report.passed(TOKEN, *(_INNER if any(addresses) else ()))
        step = CATALOG
        addresses.append(remote.find_heat())
        report.passed(CATALOG)
        step = LIST
        remote.list_stacks([])
        report.passed(LIST, *_INNER)
        step = PATCH
        _check_update(report, remote)
    except exception.CloudError as exc:
        report.failed(step, exc)


def _tls(found, addresses):
    if not all(address.startswith('https:') for address in addresses):
        return 'not used'
    return 'ok' if found.region.get_session().verify else 'not verified'


def _check_update(report, remote):
    try:
        remote.check_update()
    except exception.CloudUnauthorized:
        raise
    except exception.CloudError as exc:
        report.outcomes[PATCH] = 'not checked'
        report.remark = str(exc)
    else:
        report.outcomes[PATCH] = 'allowed'
