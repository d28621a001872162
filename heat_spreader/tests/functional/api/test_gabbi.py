# SPDX-License-Identifier: Apache-2.0
"""The requests of each file in gabbits/, with an API of its own."""

import pathlib

from gabbi import driver

from heat_spreader.tests.functional.api import service


def load_tests(loader, tests, pattern):
    """Make a test of every request; unittest and stestr call this."""
    return driver.build_tests(
        str(pathlib.Path(__file__).parent / 'gabbits'),
        loader,
        intercept=lambda: service.application,
        fixture_module=service,
        test_loader_name=__name__,
    )
