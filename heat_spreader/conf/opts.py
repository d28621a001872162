# SPDX-License-Identifier: Apache-2.0
"""All option groups of Heat Spreader; the import registers nothing."""

from heat_spreader.conf import api
from heat_spreader.conf import clouds
from heat_spreader.conf import database_timeouts
from heat_spreader.conf import engine
from heat_spreader.conf import health
from heat_spreader.conf import metrics
from heat_spreader.conf import witnesses

_GROUPS = (api, clouds, database_timeouts, engine, health, metrics)


def register_opts(conf):
    """Register every group that is known before the files are parsed."""
    for group in _GROUPS:
        group.register_opts(conf)


def list_opts():
    """Every option, for oslo-config-generator."""
    groups = [(group.GROUP, group.OPTS) for group in _GROUPS]
    return [
        *groups,
        (clouds.cloud_group('NAME'), clouds.CLOUD_OPTS),
        (witnesses.group('NAME'), witnesses.WITNESS_OPTS),
    ]
