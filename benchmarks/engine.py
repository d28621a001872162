# SPDX-License-Identifier: Apache-2.0
"""heat-spreader-engine, with counters for what it does in the database.

``python -m benchmarks.engine COUNTERS`` and then the arguments of the program;
COUNTERS is the file of a counters.Counters.
"""

# First, as it chooses the backend of oslo.service.
from heat_spreader.cmd import engine  # isort: skip

import sys

from benchmarks import counters

if __name__ == '__main__':
    counters.Counters(sys.argv.pop(1)).listen()
    engine.main()
