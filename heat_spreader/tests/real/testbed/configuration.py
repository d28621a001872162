# SPDX-License-Identifier: Apache-2.0
"""Configuration files as oslo.config reads them."""


def write(path, groups):
    """Write a mapping of groups to options and values."""
    lines = []
    for group, options in groups.items():
        lines.append(f'[{group}]')
        lines += [f'{name} = {value}' for name, value in options.items()]
        lines.append('')
    path.write_text('\n'.join(lines))


def sqlite(path):
    """Give the database options of a file that may go with the machine."""
    return {
        'connection': f'sqlite:///{path}?timeout=60',
        'sqlite_synchronous': False,
    }
