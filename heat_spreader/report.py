# SPDX-License-Identifier: Apache-2.0
"""Guru Meditation Reports: what a process does, and its configuration."""

import os

from oslo_reports import guru_meditation_report

from heat_spreader import exception


class _Package:
    """The names and the version in the header of a report."""

    def __init__(self, conf):
        self.conf = conf

    def vendor_string(self):
        return 'OpenStack'

    def product_string(self):
        return self.conf.project

    def version_string_with_package(self):
        return self.conf.version


def setup(conf, on_signal=True):
    """Write reports on request, in this process and those that it forks.

    A change of the file ``[oslo_reports] file_event_handler`` always requests
    one.

    :param on_signal: whether SIGUSR2 requests one too; a web server may use
        the signal itself
    :raises ConfigurationInvalid: if the file cannot be read
    """
    watched = conf.oslo_reports.file_event_handler
    if watched and not os.access(watched, os.R_OK):
        raise exception.ConfigurationInvalid(
            f'The file {watched} cannot be read. It is the '
            'file_event_handler in [oslo_reports]; create an empty file.'
        )
    _setup(conf, on_signal)
    # A fork does not have the thread that watches the file, and each process
    # writes its own file.
    os.register_at_fork(after_in_child=lambda: _setup(conf, on_signal))


def add_section(title, generate):
    """Add a section to the reports of this process.

    :param generate: returns the text. It may be called while any thread holds
        any lock, so it must take none.
    """
    guru_meditation_report.TextGuruMeditation.register_section(title, generate)


def _setup(conf, on_signal):
    guru_meditation_report.TextGuruMeditation.setup_autorun(
        _Package(conf),
        service_name=f'{conf.prog}-{os.getpid()}',
        conf=conf,
        setup_signal=on_signal,
    )
