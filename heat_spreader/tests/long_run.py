# SPDX-License-Identifier: Apache-2.0
"""Long runs of tests of which the suites have a short form."""

import argparse
import os
import sys
import unittest


def run(case_class, method, size, default):
    """Run a method of a test case as the command line asks.

    :param size: the attribute of the class that is how much is tried, and the
        option that sets it; the option --seed sets ``seed``
    :returns: the test case, and the exit status
    """
    module = sys.modules[case_class.__module__]
    parser = argparse.ArgumentParser(
        description=module.__doc__.splitlines()[0]
    )
    parser.add_argument(f'--{size}', type=int, default=default)
    parser.add_argument('--seed', type=int)
    for name, value in vars(parser.parse_args()).items():
        setattr(case_class, name, value)
    # It takes as long as it takes.
    os.environ['OS_TEST_TIMEOUT'] = '0'
    case = case_class(method)
    return case, not unittest.TextTestRunner().run(case).wasSuccessful()
