# SPDX-License-Identifier: Apache-2.0
"""The rows of a benchmark: a table, JSON, and what became slower."""

import dataclasses
import json
import os
import platform
import statistics

import prettytable

# A row is slower if its median is by that much above the other's, and each of
# its runs above each of the other's.
TOLERANCE = 0.1
_COLUMNS = (
    'Scenario',
    'Measured',
    'Unit',
    'Median',
    'Range',
    'Floor',
    'Ratio',
    'Budget',
    'Met',
)


@dataclasses.dataclass(frozen=True)
class Row:
    """Something that was measured, once in each run. Less is better.

    :param floor: what the requests alone need, or what it is compared with
    :param budget: of section 14 of the design, None where there is none
    """

    scenario: str
    what: str
    unit: str
    values: list
    floor: float | None = None
    budget: float | None = None

    @property
    def measured(self):
        """The median of the runs."""
        return statistics.median(self.values)

    @property
    def ratio(self):
        """How many times the floor was measured; None without a floor."""
        return self.measured / self.floor if self.floor else None

    @property
    def is_met(self):
        """Whether the budget is met; None without one."""
        return None if self.budget is None else self.measured <= self.budget

    def to_dict(self):
        """The row for a JSON file."""
        return {
            **dataclasses.asdict(self),
            'measured': self.measured,
            'ratio': self.ratio,
            'met': self.is_met,
        }


def table(rows):
    """The rows as text for people."""
    drawn = prettytable.PrettyTable(_COLUMNS, align='r')
    for column in ('Scenario', 'Measured', 'Unit'):
        drawn.align[column] = 'l'
    for row in rows:
        drawn.add_row(
            [
                row.scenario,
                row.what,
                row.unit,
                _number(row.measured),
                f'{_number(min(row.values))} - {_number(max(row.values))}',
                _number(row.floor),
                _number(row.ratio),
                _number(row.budget),
                {True: 'yes', False: 'NO', None: ''}[row.is_met],
            ]
        )
    return drawn.get_string()


def _number(value):
    if value is None:
        return ''
    return f'{value:.0f}' if value >= 1000 else f'{value:.3g}'


def conditions(options):
    """What another run must have in common to be compared with this one.

    :param options: of the command line, by name
    """
    return {
        **options,
        'processors': os.cpu_count(),
        'python': platform.python_version(),
    }


def save(path, measured_with, rows):
    """Write the rows as JSON."""
    with open(path, 'w', encoding='utf-8') as file:
        json.dump(
            {
                'conditions': measured_with,
                'rows': [row.to_dict() for row in rows],
            },
            file,
            indent=2,
        )
        file.write('\n')


def load(path):
    """Read the conditions and the rows that were saved.

    :raises ValueError: if the file is not one of these
    """
    with open(path, encoding='utf-8') as file:
        saved = json.load(file)
    fields = [field.name for field in dataclasses.fields(Row)]
    try:
        return saved['conditions'], [
            Row(**{field: row[field] for field in fields})
            for row in saved['rows']
        ]
    except (KeyError, TypeError) as exc:
        raise ValueError(f'it has no results of a benchmark: {exc}') from exc


def differences(conditions, others):
    """Lines for the conditions in which two runs differ."""
    return [
        f'{name}: {others.get(name)} there, {value} here'
        for name, value in conditions.items()
        if others.get(name) != value
    ]


def slower(rows, others):
    """Lines for the rows that became slower, the worst first."""
    before = {(row.scenario, row.what): row for row in others}
    found = []
    for row in rows:
        other = before.get((row.scenario, row.what))
        if other is None or not _is_slower(row, other):
            continue
        factor = row.measured / other.measured if other.measured else None
        times = f' ({factor:.2f} times)' if factor else ''
        found.append(
            (
                factor or float('inf'),
                f'{row.scenario}, {row.what}: {_number(other.measured)} -> '
                f'{_number(row.measured)} {row.unit}{times}',
            )
        )
    return [line for _, line in sorted(found, reverse=True)]


def _is_slower(row, other):
    return row.measured > other.measured * (1 + TOLERANCE) and min(
        row.values
    ) > max(other.values)
