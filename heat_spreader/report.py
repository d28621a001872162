# SPDX-License-Identifier: Apache-2.0
"""Guru Meditation Reports: what a process is at, and its configuration."""

import os

from oslo_reports import guru_meditation_report

from heat_spreader import exception


class _Package:
    """What a report begins with."""

    def __init__(self, conf):
        self.conf = conf

    def vendor_string(self):
        return 'OpenStack'

    def product_string(self):
        return self.conf.project

    def version_string_with_package(self):
        return self.conf.version


def setup(conf, on_signal=True):
    """Let this process, and those that it forks, write a report when asked.

    :param on_signal: on SIGUSR2; a web server may want that for itself. A
        change of ``[oslo_reports] file_event_handler`` always will do.
    :raises ConfigurationInvalid: if there is no such file
    """
    watched = conf.oslo_reports.file_event_handler
    if watched and not os.access(watched, os.R_OK):
        raise exception.ConfigurationInvalid(
            f'The file {watched} of the option file_event_handler in '
            '[oslo_reports] cannot be read; make an empty one.'
        )
    _setup(conf, on_signal)
    # The thread that watches the file does not live on in a fork, and each
    # process has a file of its own to write to.
    os.register_at_fork(after_in_child=lambda: _setup(conf, on_signal))


def add_section(title, generate):
    """Let the reports of this process say more: the text of a function.

    It may be called while any thread holds any lock, so it must take none.
    """
    guru_meditation_report.TextGuruMeditation.register_section(title, generate)


def _setup(conf, on_signal):
    guru_meditation_report.TextGuruMeditation.setup_autorun(
        _Package(conf),
        service_name=f'{conf.prog}-{os.getpid()}',
        conf=conf,
        setup_signal=on_signal,
    )
