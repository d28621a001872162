# SPDX-License-Identifier: Apache-2.0
"""Options that the services of the testbed share."""


def sqlite(path):
    """Give the database options of a file that may go with the machine."""
    return {
        'connection': f'sqlite:///{path}?timeout=60',
        'sqlite_synchronous': False,
    }
