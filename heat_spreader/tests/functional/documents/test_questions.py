# SPDX-License-Identifier: Apache-2.0
"""The output on the page of questions is what the commands really show."""

import shlex

import fixtures

from heat_spreader.tests.functional.documents import pages
from heat_spreader.tests.functional.emulator import faults
from heat_spreader.tests.functional.osc import test_pages


class TestQuestions(test_pages.PageTestCase):
    """Ten instances at 6/2/2."""

    def setUp(self):
        self.useFixture(
            fixtures.MonkeyPatch('socket.gethostname', lambda: 'control1')
        )
        super().setUp()

    def everything(self):
        """Let the engine do all that it wants to do."""
        self.settle(self.stack_id)

    def quota(self):
        """Athens has room for 4, when 10 are asked for again."""
        self.set('--count', '5')
        self.clouds['athens'].room = 4
        self.set('--count', '10')

    def outage(self):
        self.lose('cairo')
        self.everything()

    def end(self):
        """Cairo is back; then athens has room again."""
        self.restore('cairo')
        self.everything()
        self.everything()
        self.clouds['athens'].room = None
        self.set('--retry-capacity')
        self.everything()

    def password(self):
        """Cairo rejects the credentials, and more are asked for."""
        self.clouds['cairo'].fault = faults.answer(401)
        self.set('--count', '15')

    def set(self, *words):
        self.page('stack', 'set', 'web', *words)
        self.everything()
        self.everything()

    def type(self, command):
        shown = pages.with_cairo(self.page(*shlex.split(command)[2:]))
        return pages.replace(
            shown, self.clouds_yaml, '/etc/openstack/clouds.yaml'
        )

    def test_every_command_shows_what_the_page_says(self):
        compared = pages.play('user/questions.rst', self)

        self.assertGreater(compared, 4)
