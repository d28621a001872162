# SPDX-License-Identifier: Apache-2.0
"""heat-spreader: the service in one command, and its client."""

import sys

from heat_spreader.standalone import commands
from heat_spreader.standalone import shell


def _load_run():
    # It imports the whole service, which no other command needs.
    from heat_spreader.cmd import run  # noqa: PLC0415

    return run.Run


def main(argv=None):
    """Run the command of the command line and return its exit code."""
    return shell.Shell(commands.Lazy('run', _load_run)).run(
        sys.argv[1:] if argv is None else argv
    )


if __name__ == '__main__':
    sys.exit(main())
