# SPDX-License-Identifier: Apache-2.0
"""The name and the version of the installed package."""

import pbr.version

PROJECT = 'heat-spreader'


def installed():
    """The version of the installed package."""
    return pbr.version.VersionInfo(PROJECT).version_string_with_vcs()
