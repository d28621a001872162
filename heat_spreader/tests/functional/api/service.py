# SPDX-License-Identifier: Apache-2.0
"""The fixtures that gabbi files name."""

import fixtures as testing_fixtures
from gabbi import fixture

from heat_spreader.tests.functional import fixtures


class Service(fixture.GabbiFixture):
    """The API with the personas and clouds of functional/fixtures.py.

    A token is the name of a persona. A page has two rows at most.
    """

    served = None

    def start_fixture(self):
        self.api = fixtures.Api(
            api={'max_limit': 2},
            cors={'allowed_origin': ['https://horizon.example.com']},
        )
        self.log = testing_fixtures.FakeLogger()
        self.log.setUp()
        self.api.setUp()
        Service.served = self.api.application

    def stop_fixture(self):
        Service.served = None
        self.api.cleanUp()
        self.log.cleanUp()


def application(environ, start_response):
    """The API of the file that is run now.

    gabbi asks for the application before it starts any fixture.
    """
    return Service.served(environ, start_response)
