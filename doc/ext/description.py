# SPDX-License-Identifier: Apache-2.0
"""The description of the API by OpenAPI, made when the documents are.

``.. api-operations::`` has a row for each operation, and ``openapi.json`` is
written beside the pages.
"""

import json
import pathlib

import generated
from docutils.parsers import rst

from heat_spreader.api import openapi
from heat_spreader.api.controllers import root

NAME = 'openapi.json'
URL = 'http://controller:8784'


class ApiOperations(generated.Generated):
    """``.. api-operations::``"""

    def run(self):
        self.env.note_dependency(openapi.__file__)
        self.env.note_dependency(root.__file__)
        return self.write(
            generated.table(
                ('Method', 'URL', 'What it does', 'Policy rule', 'Statuses'),
                rows(openapi.describe(root.RESOURCES, URL)),
            )
        )


def rows(described):
    """The cells of each operation."""
    for route, item in described['paths'].items():
        for method, operation in item.items():
            if method == 'parameters':
                continue
            rule = operation.get('x-openstack-policy')
            yield (
                method.upper(),
                f'``{route}``',
                operation['summary'],
                f'``{rule}``' if rule else 'none',
                ', '.join(operation['responses']),
            )


def write(app, exception):
    """Write the file beside the pages, after they were built."""
    if exception is None and app.builder.format == 'html':
        described = openapi.describe(root.RESOURCES, URL)
        text = json.dumps(described, indent=2)
        pathlib.Path(app.outdir, NAME).write_text(f'{text}\n')


def setup(app):
    """Register the directive and the file with Sphinx."""
    rst.directives.register_directive('api-operations', ApiOperations)
    app.connect('build-finished', write)
    return {'parallel_read_safe': True}
