# SPDX-License-Identifier: Apache-2.0
"""Plots and tables of results for the documentation.

python -m benchmarks.plot RESULTS.json ... --directory DIRECTORY

The files are the same each time for the same results.
"""

import argparse
import csv
import dataclasses
import io
import pathlib
import shlex
import sys

import matplotlib as mpl
from matplotlib import figure
from matplotlib import ticker

from benchmarks import report
from benchmarks.scenarios import change
from benchmarks.scenarios import convergence

INCLUDE = 'results.inc'
# Inches; the page shows them at its full width.
_SIZE = 7.5, 4.2
_STYLE = {'svg.hashsalt': 'benchmarks', 'svg.fonttype': 'none'}
_HEADER = (
    *('File', 'Scenario', 'Measured', 'Unit', 'Sizes', 'Median'),
    *('Floor', 'Ratio', 'Budget', 'Met'),
)


@dataclasses.dataclass(frozen=True)
class Plot:
    """What is drawn over the number of stacks.

    :param what: the row, and its scenario
    :param by: the sizes with a line for each of their values; of another one
        the smallest value is drawn
    :param scale: of the vertical axis, as matplotlib calls it
    """

    name: str
    title: str
    scenario: str
    what: str
    unit: str
    by: tuple
    scale: str = 'log'


_START = 'start of the engines to all stacks ACTIVE'
PLOTS = (
    Plot(
        *('time', 'From the start of the engines to all stacks ACTIVE'),
        *(convergence.NAME, _START, 'seconds', ('database',)),
    ),
    Plot(
        *('cpu', 'Engine CPU for a changed member'),
        *(change.ALL, 'engine CPU per changed member', 'milliseconds'),
        *(('database',), 'linear'),
    ),
    Plot(
        *('engines', 'One engine and several engines'),
        *(convergence.NAME, _START, 'seconds', ('engines', 'database')),
    ),
)


def main(argv=None):
    """Write the plots and the include file; return the exit status."""
    parser = argparse.ArgumentParser(
        prog='python -m benchmarks.plot',
        description='Write plots and tables of the results of benchmarks.',
    )
    parser.add_argument(
        'files', nargs='+', help='what --json of the benchmarks has written'
    )
    parser.add_argument(
        '--directory',
        type=pathlib.Path,
        required=True,
        help=f'where to write the plots, and {INCLUDE} for the documentation',
    )
    options = parser.parse_args(argv)
    try:
        results = [report.load(path) for path in options.files]
    except (OSError, ValueError) as exc:
        parser.error(f'The results cannot be used: {exc}')
    options.directory.mkdir(parents=True, exist_ok=True)
    rows = [row for each in results for row in each.rows]
    drawn = [plot for plot in PLOTS if draw(plot, rows, options.directory)]
    words = sys.argv[1:] if argv is None else argv
    text = '\n\n'.join(
        [
            '.. Written by python -m benchmarks.plot; do not edit.',
            *(_figure(plot, options.directory.name) for plot in drawn),
            _summary(rows),
            _table(results),
            *(_conditions(n, each) for n, each in enumerate(results, 1)),
            _code('The files were made into this page with:', words),
        ]
    )
    path = options.directory / INCLUDE
    path.write_text(f'{text}\n', encoding='utf-8')
    return 0


def draw(plot, rows, directory):
    """Write the SVG file of a plot; return whether there was anything."""
    rows = [
        row
        for row in rows
        if (row.scenario, row.what) == (plot.scenario, plot.what)
    ]
    others = set(report.SIZES) - {'stacks', *plot.by}
    fixed = {name: min(r.at[name] for r in rows) for name in others if rows}
    rows = [row for row in rows if fixed.items() <= row.at.items()]
    if not rows:
        return False
    with mpl.rc_context(_STYLE):
        drawn = figure.Figure(figsize=_SIZE, layout='constrained')
        _draw(drawn.add_subplot(), plot, rows, fixed)
        drawn.savefig(
            directory / f'{plot.name}.svg',
            metadata={'Date': None, 'Creator': None},
        )
    return True


def _draw(axes, plot, rows, fixed):
    for at in sorted({tuple(row.at[n] for n in plot.by) for row in rows}):
        line = [r for r in rows if tuple(r.at[n] for n in plot.by) == at]
        label = _sizes(dict(zip(plot.by, at, strict=True)))
        points = {row.at['stacks']: row.measured for row in line}
        axes.plot(*_line(points), marker='o', label=label)
    for name, style in (('floor', 'dashed'), ('budget', 'dotted')):
        points = {(r.at['stacks'], getattr(r, name)) for r in rows}
        points = {stacks: y for stacks, y in points if y is not None}
        # With several engines each number of them has its own.
        if points and 'engines' in fixed:
            axes.plot(
                *_line(points),
                color='grey',
                linestyle=style,
                marker='x',
                label=name,
            )
    stacks = sorted({row.at['stacks'] for row in rows})
    axes.set_xscale('log')
    axes.set_yscale(plot.scale)
    axes.set_xticks(stacks, [f'{n:,}' for n in stacks])
    axes.xaxis.set_minor_locator(ticker.NullLocator())
    if plot.scale == 'log':
        axes.yaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_minor_locator(ticker.NullLocator())
    else:
        axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(lambda value, _: report.number(value))
    axes.set_title(f'{plot.title} ({_sizes(fixed)})')
    axes.set_xlabel('stacks')
    axes.set_ylabel(plot.unit)
    axes.grid(alpha=0.4)
    axes.legend()


def _line(points):
    return zip(*sorted(points.items()), strict=True)


def _sizes(at):
    """Sizes as text, such as "100 stacks, 1 engine, sqlite"."""
    return ', '.join(
        at[name]
        if name == 'database'
        else f'{at[name]:,} {name if at[name] != 1 else name[:-1]}'
        for name in report.SIZES
        if name in at
    )


def _figure(plot, directory):
    return (
        f'.. figure:: {directory}/{plot.name}.svg\n'
        f'   :alt: {plot.title}, by the number of stacks\n'
        '   :width: 100%\n\n'
        f'   {plot.title}'
    )


def _summary(rows):
    limited = [row for row in rows if row.budget is not None]
    met = sum(row.is_met for row in limited)
    return f'{met} of the {len(limited)} rows with a budget meet it.'


def _table(results):
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator='\n   ')
    writer.writerow(_HEADER)
    for number, each in enumerate(results, 1):
        for row in each.rows:
            writer.writerow([number, *_cells(row)])
    return (
        '.. csv-table::\n'
        '   :header-rows: 1\n'
        '   :class: benchmarks\n'
        '   :widths: 4 10 22 9 18 8 8 7 8 6\n\n'
        f'   {written.getvalue().rstrip()}'
    )


def _cells(row):
    numbers = (row.measured, row.floor, row.ratio, row.budget)
    return [
        *(row.scenario, row.what, row.unit, _sizes(row.at)),
        *map(report.number, numbers),
        {True: 'yes', False: '**no**', None: ''}[row.is_met],
    ]


def _conditions(number, results):
    named = ', '.join(f'{k} {v}' for k, v in results.conditions.items())
    words = shlex.split(results.command)[3:]
    return _code(f'File {number} ({named}):', words, 'benchmarks')


def _code(text, words, module='benchmarks.plot'):
    command = shlex.join(['python', '-m', module, *map(str, words)])
    return f'{text}\n\n.. code-block:: console\n\n   $ {command}'


if __name__ == '__main__':
    sys.exit(main())
