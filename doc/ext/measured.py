# SPDX-License-Identifier: Apache-2.0
"""Numbers of the benchmarks, from the file that benchmarks.plot has written.

::

    .. measured:: all

       change to all stacks ACTIVE
       engine CPU per changed member

The argument is a scenario, and each line is what was measured in it: a column
of the table. A row is a combination of sizes. What was not measured stops the
build.
"""

import csv
import pathlib

import generated

RESULTS = (
    pathlib.Path(__file__).parents[1] / 'source/admin/performance/results.inc'
)


class Measured(generated.Generated):
    """``.. measured:: SCENARIO``"""

    required_arguments = 1
    has_content = True

    def run(self):
        self.env.note_dependency(str(RESULTS))
        columns, rows = [], {}
        for what in self.content:
            found = [
                row
                for row in read()
                if (row['Scenario'], row['Measured'])
                == (self.arguments[0], what)
            ]
            if not found:
                raise self.error(f'was not measured: {what}')
            columns.append(f'{what} ({found[0]["Unit"]})')
            for row in found:
                rows.setdefault(row['Sizes'], {})[columns[-1]] = row['Median']
        return self.write(
            generated.table(
                ['', *columns],
                [
                    [sizes, *(values.get(name, '') for name in columns)]
                    for sizes, values in rows.items()
                ],
            )
        )


def read():
    """The rows of the table as mappings from its header."""
    lines = [
        line.strip()
        for line in RESULTS.read_text().splitlines()
        if line.startswith('   "')
    ]
    return csv.DictReader(lines)


def setup(app):
    app.add_directive('measured', Measured)
    return {'parallel_read_safe': True}
