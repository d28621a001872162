# SPDX-License-Identifier: Apache-2.0
"""Sphinx configuration of the API reference."""

import pathlib
import sys

TOP = pathlib.Path(__file__).parents[2]
sys.path[:0] = [str(TOP), str(TOP / 'doc' / 'ext')]

extensions = ['openstackdocstheme', 'os_api_ref', 'vocabulary', 'description']

project = 'Heat Spreader API Reference'
copyright = 'Heat Spreader developers'
html_theme = 'openstackdocs'
html_static_path = [str(TOP / 'doc' / 'source' / '_static')]
html_css_files = ['heat-spreader.css']
html_theme_options = {'sidebar_dropdown': 'api_ref', 'sidebar_mode': 'toc'}
pygments_style = 'native'

openstackdocs_auto_name = False
openstackdocs_repo_name = 'heat-spreader'
