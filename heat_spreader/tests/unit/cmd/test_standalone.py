# SPDX-License-Identifier: Apache-2.0
"""What ends the programs early is no error of theirs."""

import contextlib
import io
import tempfile
from unittest import mock

from oslotest import base

from heat_spreader.cmd import manage
from heat_spreader.cmd import standalone
from heat_spreader.cmd import status


class Closed(io.StringIO):
    """A pipe whose reader, such as head, has ended."""

    def __init__(self, file):
        super().__init__()
        self.fileno = file.fileno

    def flush(self):
        raise BrokenPipeError


class TestEarlyEnd(base.BaseTestCase):
    def test_reader_that_has_enough_is_no_error(self):
        for words in (['version'], ['--help'], ['weight', '--help']):
            with (
                tempfile.TemporaryFile() as file,
                contextlib.redirect_stdout(Closed(file)),
                contextlib.redirect_stderr(io.StringIO()) as errors,
            ):
                self.assertEqual(0, standalone.main(words))
            self.assertEqual('', errors.getvalue())

    def test_interrupt_while_a_program_is_loaded_ends_it_quietly(self):
        for program, begins in (
            (standalone, 'heat_spreader.standalone.shell.Shell'),
            (manage, 'heat_spreader.service.prepare'),
            (status, 'oslo_upgradecheck.upgradecheck.main'),
        ):
            with (
                mock.patch(
                    begins, autospec=True, side_effect=KeyboardInterrupt
                ),
                contextlib.redirect_stderr(io.StringIO()) as errors,
            ):
                self.assertEqual(130, program.main([]))
            self.assertEqual('', errors.getvalue())
