# SPDX-License-Identifier: Apache-2.0
"""A record of each request: who asked for what, and what the response was."""

import configparser
import logging

from oslo_utils import importutils

from heat_spreader import exception
from heat_spreader import threads

# It reads the file of the map, and warns at each start that it does not know
# this option.
_LIBRARY = 'keystonemiddleware._common.config'


def _is_justified(record):
    return record.args != ('audit_map_file',)


def middleware(application, conf):
    """Record requests with the audit middleware of Keystone, if configured.

    :raises ConfigurationInvalid: if the file cannot be used
    """
    path = conf.api.audit_map_file
    if not path:
        return application
    # Imported here, since most services do without oslo.messaging in the API.
    threads.choose()
    audit = importutils.import_module('keystonemiddleware.audit')
    logging.getLogger(_LIBRARY).addFilter(_is_justified)
    try:
        return audit.AuditMiddleware(
            application, audit_map_file=path, oslo_config_config=conf
        )
    except (
        OSError,
        UnicodeDecodeError,
        configparser.Error,
        audit.PycadfAuditApiConfigError,
    ) as exc:
        raise exception.ConfigurationInvalid(
            f'The audit_map_file in [api] cannot be used: {path}: {exc}'
        ) from None
