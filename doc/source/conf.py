# SPDX-License-Identifier: Apache-2.0
"""Sphinx configuration of the documentation."""

import pathlib
import sys

from oslo_service import backend

# The options of oslo.service select eventlet if no backend was selected.
backend.init_backend(backend.BackendType.THREADING)

TOP = pathlib.Path(__file__).parents[2]
sys.path[:0] = [str(TOP), str(TOP / 'doc' / 'ext')]

extensions = [
    'cliff.sphinxext',
    'cloud_rules',
    'health_diagram',
    'openstackdocstheme',
    'oslo_config.sphinxext',
    'oslo_policy.sphinxext',
    'programs',
    'sphinx.ext.autodoc',
    'vocabulary',
    'worked',
]

project = 'Heat Spreader'
copyright = 'Heat Spreader developers'
html_theme = 'openstackdocs'
html_static_path = ['_static']
html_css_files = ['heat-spreader.css']
pygments_style = 'native'
# It would turn the two dashes of an option into one.
smartquotes = False

openstackdocs_auto_name = False
openstackdocs_repo_name = 'heat-spreader'
openstackdocs_pdf_link = False

# cliff finds the commands as the openstack command does.
autoprogram_cliff_application = 'openstack'
autoprogram_cliff_app_dist_name = 'heat-spreader'
# Every command has these; the OSC reference documents them once.
autoprogram_cliff_ignored = [
    '--help',
    '--format',
    '--column',
    '--quote',
    '--noindent',
    '--max-width',
    '--fit-width',
    '--print-empty',
    '--prefix',
    '--sort-column',
    '--sort-ascending',
    '--sort-descending',
]
