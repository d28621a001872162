# SPDX-License-Identifier: Apache-2.0
from oslotest import base

from heat_spreader.cmd import programs


class TestPrograms(base.BaseTestCase):
    def test_missing_library_of_the_server_is_named_with_what_to_install(self):
        error = ModuleNotFoundError(name='sqlalchemy.orm')
        self.assertEqual(
            'heat-spreader-api: the library sqlalchemy is not installed. The '
            "server needs its extra: pip install 'heat-spreader[server]'",
            programs.explain('heat-spreader-api', error),
        )

    def test_missing_module_of_our_own_is_an_error_of_the_program(self):
        error = ModuleNotFoundError(name='heat_spreader.db')
        self.assertRaises(
            ModuleNotFoundError, programs.explain, 'heat-spreader-api', error
        )
