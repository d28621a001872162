# SPDX-License-Identifier: Apache-2.0
"""Lines of the log as JSON, with what oslo.log leaves out."""

import datetime
import logging

from oslo_log import formatters

from heat_spreader import version


class Formatter(formatters.JSONFormatter):
    """Times have their zone, and each line the name and version of us.

    oslo.log writes neither for the lines of libraries, and "unknown" for ours.
    """

    def __init__(self):
        super().__init__()
        self._about = {
            'project': version.PROJECT,
            'version': version.installed(),
        }

    def formatTime(self, record, datefmt=None):
        """The local time in ISO 8601, with its offset from UTC."""
        moment = datetime.datetime.fromtimestamp(record.created, datetime.UTC)
        return moment.astimezone().isoformat(timespec='milliseconds')

    def format(self, record):
        """The line of a record."""
        # oslo.log prefers these to attributes of the record, which it sets to
        # values of the context of a request.
        record.extra = {**getattr(record, 'extra', {}), **self._about}
        return super().format(record)


def install():
    """Have each handler that writes JSON write it so."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, formatters.JSONFormatter):
            handler.setFormatter(Formatter())
