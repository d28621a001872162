# SPDX-License-Identifier: Apache-2.0
"""heat-spreader: the service in one command, and its client."""

import os
import sys

from heat_spreader.cmd import programs


def _load_run():
    # It imports the whole service, which no other command needs.
    try:
        from heat_spreader.cmd import run  # noqa: PLC0415
    except ModuleNotFoundError as exc:
        return _without_server(programs.explain('heat-spreader run', exc))
    return run.Run


def _without_server(reason):
    """The command where only the client is installed: listed, but no more."""
    from heat_spreader.standalone import commands  # noqa: PLC0415

    class Run(commands.Command):
        """Run the API and the engine (here the server is not installed)"""

        def get_parser(self, prog_name):
            # Before its options, which are those of the server.
            sys.exit(reason)

        take_action = get_parser

    return Run


def main(argv=None):
    """Run the command of the command line and return its exit code."""
    try:
        try:
            return _run(sys.argv[1:] if argv is None else argv)
        finally:
            # What cannot be written must fail here, and not at the exit.
            sys.stdout.flush()
    except BrokenPipeError:
        # What reads the output, such as head, has enough of it.
        with open(os.devnull, 'w') as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        # As a shell reports a program that SIGINT has ended.
        return 130


def _run(argv):
    # These imports take so long that people interrupt them.
    from heat_spreader.standalone import commands  # noqa: PLC0415
    from heat_spreader.standalone import shell  # noqa: PLC0415

    return shell.Shell(commands.Lazy('run', _load_run)).run(argv)


if __name__ == '__main__':
    sys.exit(main())
