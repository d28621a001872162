# SPDX-License-Identifier: Apache-2.0
"""The programs of the server, as the package installs them.

They are installed with the client too, which has not the libraries of the
server: then each reports what to install.
"""

import contextlib
import sys


def explain(program, error):
    """Return what to install for a program that cannot be imported.

    :param error: a ModuleNotFoundError, raised again if the module is ours
    """
    library = error.name.partition('.')[0]
    if library == __name__.partition('.')[0]:
        raise error
    return (
        f'{program}: the library {library} is not installed. The server '
        "needs its extra: pip install 'heat-spreader[server]'"
    )


@contextlib.contextmanager
def _importing(program):
    try:
        yield
    except ModuleNotFoundError as exc:
        sys.exit(explain(program, exc))


def api():
    """Run heat-spreader-api."""
    with _importing('heat-spreader-api'):
        from heat_spreader.cmd import api  # noqa: PLC0415
    return api.main()


def engine():
    """Run heat-spreader-engine."""
    with _importing('heat-spreader-engine'):
        from heat_spreader.cmd import engine  # noqa: PLC0415
    return engine.main()


def manage():
    """Run heat-spreader-manage."""
    with _importing('heat-spreader-manage'):
        from heat_spreader.cmd import manage  # noqa: PLC0415
    return manage.main()


def status():
    """Run heat-spreader-status."""
    with _importing('heat-spreader-status'):
        from heat_spreader.cmd import status  # noqa: PLC0415
    return status.main()
