# SPDX-License-Identifier: Apache-2.0
"""heat-spreader: the whole service in one command, and its client."""

import sys

from heat_spreader.standalone import shell


def main(argv=None):
    """Run the command of the command line and return its exit code."""
    return shell.Shell().run(sys.argv[1:] if argv is None else argv)


if __name__ == '__main__':
    sys.exit(main())
