# SPDX-License-Identifier: Apache-2.0
"""The entries of clouds.yaml that the engine will use, before it does."""

from heat_spreader import exception
from heat_spreader.clouds import connection


def unusable(options):
    """What is wrong with the entries of enabled clouds; no cloud is asked.

    :param options: the [clouds] options
    :returns: a sentence for each cloud whose entry cannot be used
    """
    sentences = []
    for name in options.enabled:
        try:
            connection.find_region(name, options.config_files)
        except exception.CloudUnauthorized as exc:
            sentences.append(str(exc))
    return sentences
