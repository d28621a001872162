# SPDX-License-Identifier: Apache-2.0
"""Files with passwords that every user of the host can read."""

import os
import stat

from oslo_log import log as logging

LOG = logging.getLogger(__name__)
# What our own programs create is at most readable for their group: databases,
# logs and reports.
UMASK = 0o027


def exposed(paths):
    """Return a sentence for each of these files that everyone can read.

    What does not exist, or cannot be looked at, is left out.
    """
    return [
        f'{path} may have passwords, and every user of this host can read it: '
        f'chmod o-rwx {path}'
        for path in paths
        if _mode(path) & (stat.S_IROTH | stat.S_IWOTH)
    ]


def warn_of_exposed(paths):
    """Log which of these files everyone can read."""
    for sentence in exposed(paths):
        LOG.warning(sentence)


def protect_new_ones():
    """Have the process create no file that everyone can read."""
    os.umask(os.umask(UMASK) | UMASK)


def _mode(path):
    try:
        return os.stat(path).st_mode
    except OSError:
        return 0
