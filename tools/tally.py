# SPDX-License-Identifier: Apache-2.0
"""Count a subunit stream: print "passed failed skipped".

The exit status is 1 if there is no test.
"""

import sys

import subunit
import testtools

# A test that never ended (its process died) counts as failed.
COLUMNS = {'success': 0, 'xfail': 0, 'skip': 2}


def count(stream):
    """Return how many tests passed, failed and were skipped."""
    counts = [0, 0, 0]

    def add(test):
        counts[COLUMNS.get(test['status'], 1)] += 1

    result = testtools.StreamToDict(add)
    result.startTestRun()
    subunit.ByteStreamToStreamResult(stream, non_subunit_name='text').run(
        result
    )
    result.stopTestRun()
    return counts


def main():
    counts = count(sys.stdin.buffer)
    print(*counts)
    return 0 if sum(counts) else 1


if __name__ == '__main__':
    sys.exit(main())
