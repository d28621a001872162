# SPDX-License-Identifier: Apache-2.0
"""Count a subunit stream: print "passed failed skipped".

Which tests failed, and how, goes to the standard error. The exit status is 1
if there is no test.
"""

import sys

import subunit
import testtools

# A test that never ended (its process died) counts as failed.
COLUMNS = {'success': 0, 'xfail': 0, 'skip': 2}
# How many lines of a traceback are shown: its end has the reason.
LINES = 30


def count(stream):
    """Count the tests that passed, failed and were skipped.

    :returns: the three numbers, and the tests that failed as testtools has
        them
    """
    counts, failed = [0, 0, 0], []

    def add(test):
        column = COLUMNS.get(test['status'], 1)
        counts[column] += 1
        if column == 1:
            failed.append(test)

    result = testtools.StreamToDict(add)
    result.startTestRun()
    subunit.ByteStreamToStreamResult(stream, non_subunit_name='text').run(
        result
    )
    result.stopTestRun()
    return counts, failed


def report(test):
    """What a test that failed is called, and the end of its traceback."""
    lines = [f'FAILED: {test["id"]}']
    for name, content in test['details'].items():
        if name.startswith('traceback'):
            lines += content.as_text().splitlines()[-LINES:]
    return '\n'.join(lines)


def main():
    counts, failed = count(sys.stdin.buffer)
    print(*counts)
    for test in failed:
        print(report(test), file=sys.stderr)
    return 0 if sum(counts) else 1


if __name__ == '__main__':
    sys.exit(main())
