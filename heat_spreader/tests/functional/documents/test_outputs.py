# SPDX-License-Identifier: Apache-2.0
"""What the documents show of a program is what a test has seen."""

import ast
import pathlib

from oslotest import base

from heat_spreader.tests.functional.documents import pages

# Pages with the output of a program that no test runs, and why.
EXCEPTIONS = {
    'admin/monitoring.rst': 'a real Prometheus, for several minutes',
}
TESTS = pathlib.Path(__file__).parent


def played():
    """The pages that a test plays: the arguments of each pages.play()."""
    found = set()
    for path in TESTS.glob('test_*.py'):
        tree = ast.parse(path.read_text())
        constants = {
            node.targets[0].id: node.value
            for node in tree.body
            if isinstance(node, ast.Assign)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == (
                'pages.play'
            ):
                name, _ = node.args
                name = constants.get(getattr(name, 'id', None), name)
                found.add(ast.literal_eval(name))
    return found


class TestOutputs(base.BaseTestCase):
    def test_every_output_on_a_page_is_made_by_a_test(self):
        shown = {
            str(path.relative_to(pages.DOCUMENTS)): commands
            for path in pages.DOCUMENTS.rglob('*.rst')
            if (commands := pages.outputs(path))
        }

        self.assertGreater(len(shown), 12)
        self.assertEqual({*EXCEPTIONS}, {*shown} - played())
