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
# What may have several values in one run: a row has one of each.
SIZES = ('stacks', 'clouds', 'engines', 'database')
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
    :param at: the SIZES with which it was measured
    """

    scenario: str
    what: str
    unit: str
    values: list
    floor: float | None = None
    budget: float | None = None
    at: dict = dataclasses.field(default_factory=dict)

    @property
    def key(self):
        """What it has in common with the same row of another run."""
        return self.scenario, self.what, *sorted(self.at.items())

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


@dataclasses.dataclass(frozen=True)
class Results:
    """The rows of one run of the benchmarks, and how they were measured.

    :param conditions: what another run must have in common with this one
    :param command: that made them
    """

    conditions: dict
    rows: list
    command: str = ''


def table(rows):
    """The rows as text for people; only sizes that differ have a column."""
    sizes = [
        name for name in SIZES if len({row.at.get(name) for row in rows}) > 1
    ]
    first, *rest = _COLUMNS
    drawn = prettytable.PrettyTable(
        [first, *map(str.capitalize, sizes), *rest], align='r'
    )
    for column in ('Scenario', 'Measured', 'Unit'):
        drawn.align[column] = 'l'
    for row in rows:
        drawn.add_row(
            [
                row.scenario,
                *(row.at.get(name, '') for name in sizes),
                row.what,
                row.unit,
                number(row.measured),
                f'{number(min(row.values))} - {number(max(row.values))}',
                number(row.floor),
                number(row.ratio),
                number(row.budget),
                {True: 'yes', False: 'NO', None: ''}[row.is_met],
            ]
        )
    return drawn.get_string()


def number(value):
    """A number as text, with three digits; '' for None."""
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


def save(path, results):
    """Write the results as JSON."""
    with open(path, 'w', encoding='utf-8') as file:
        json.dump(
            {
                'command': results.command,
                'conditions': results.conditions,
                'rows': [row.to_dict() for row in results.rows],
            },
            file,
            indent=2,
        )
        file.write('\n')


def load(path):
    """Read the results that were saved.

    :raises ValueError: if the file is not one of these
    """
    with open(path, encoding='utf-8') as file:
        saved = json.load(file)
    fields = [field.name for field in dataclasses.fields(Row)]
    try:
        rows = [
            Row(**{field: row[field] for field in fields})
            for row in saved['rows']
        ]
        return Results(saved['conditions'], rows, saved['command'])
    except (KeyError, TypeError) as exc:
        raise ValueError(f'it has no results of a benchmark: {exc}') from exc


def differences(conditions, others):
    """Lines for the conditions in which two runs differ."""
    return [
        f'{name}: {others.get(name)} there, {value} here'
        for name, value in conditions.items()
        if others.get(name) != value
    ]


def new(rows, others):
    """The rows that another run does not have."""
    known = {row.key for row in others}
    return [row for row in rows if row.key not in known]


def slower(rows, others):
    """Lines for the rows that became slower, the worst first."""
    before = {row.key: row for row in others}
    found = []
    for row in rows:
        other = before.get(row.key)
        if other is None or not _is_slower(row, other):
            continue
        factor = row.measured / other.measured if other.measured else None
        times = f' ({factor:.2f} times)' if factor else ''
        found.append(
            (
                factor or float('inf'),
                f'{_title(row)}: {number(other.measured)} -> '
                f'{number(row.measured)} {row.unit}{times}',
            )
        )
    return [line for _, line in sorted(found, reverse=True)]


def _title(row):
    sizes = [f'{name} {value}' for name, value in row.at.items()]
    return ', '.join([row.scenario, row.what, *sizes])


def _is_slower(row, other):
    return row.measured > other.measured * (1 + TOLERANCE) and min(
        row.values
    ) > max(other.values)
