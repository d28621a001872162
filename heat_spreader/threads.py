# SPDX-License-Identifier: Apache-2.0
"""Threads for oslo.service, which takes eventlet if no one chooses.

To be chosen before any other part of oslo.service is imported, or
oslo.messaging, or the options of oslo.service are listed.
"""

import warnings

from oslo_service import backend


def choose():
    """Have oslo.service use threads."""
    with warnings.catch_warnings():
        # futurist imports eventlet where that is installed, and uses none of
        # it; the warning would be the first thing that operators read.
        warnings.filterwarnings('ignore', r'\s*Eventlet is deprecated')
        backend.init_backend(backend.BackendType.THREADING)
