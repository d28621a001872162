# SPDX-License-Identifier: Apache-2.0
"""--watch: what a command shows, again and again until Ctrl-C.

On a terminal it is redrawn in place. Elsewhere there is a line for each thing
that has changed.
"""

import contextlib
import io
import shutil

from openstack import utils
from osc_lib import exceptions

from heat_spreader.osc import terminal
from heat_spreader.osc import when

INTERVAL = 2
_HOME, _CLEAR_LINE, _CLEAR_REST = '\x1b[H', '\x1b[K', '\x1b[J'
_CLEAR = '\x1b[2J'


class Watching:
    """A command that can show what it shows until Ctrl-C.

    Its method ``lines`` returns what the lines without a terminal say, by the
    name of the thing.
    """

    def add_watch_option(self, parser):
        """Add --watch."""
        parser.add_argument(
            '--watch',
            action='store_true',
            help='Show it until Ctrl-C: redrawn in place on a terminal, '
            'otherwise one line for each change',
        )

    def run(self, parsed_args):
        """Run the command once, or until Ctrl-C."""
        if not parsed_args.watch:
            return super().run(parsed_args)
        if parsed_args.formatter != 'table':
            raise exceptions.CommandError(
                '--watch is for people. For programs use "event list '
                '--follow -f json".'
            )
        with self.plain_errors():
            return self._watch(parsed_args)

    def _watch(self, parsed_args):
        is_terminal = self.app.stdout.isatty()
        if is_terminal:
            parsed_args.max_width = (
                parsed_args.max_width
                or terminal.width(self.app.stdout)
                or terminal.NARROW
            )
            self.app.stdout.write(_CLEAR)
        read = self._page if is_terminal else self.lines
        show = self._redraw if is_terminal else Changes(self.app.stdout).show
        for _ in utils.iterate_timeout(None, '', INTERVAL):
            # The service may be away for a while.
            if (found := self.client.poll(read, parsed_args)) is not None:
                show(found)
                self.app.stdout.flush()

    def _page(self, parsed_args):
        """What the command prints."""
        # As the framework does it.
        self.formatter = self._formatter_plugins[parsed_args.formatter].obj
        page = io.StringIO()
        with _output_to(self.app, page):
            self.produce_output(parsed_args, *self.take_action(parsed_args))
        return page.getvalue()

    def _redraw(self, page):
        lines = page.splitlines()
        height = shutil.get_terminal_size().lines - 1
        if len(lines) > height:
            lines[height - 1 :] = [f'... {len(lines) - height + 1} more lines']
        drawn = ''.join(f'{line}{_CLEAR_LINE}\n' for line in lines)
        self.app.stdout.write(f'{_HOME}{drawn}{_CLEAR_REST}')


@contextlib.contextmanager
def _output_to(app, page):
    """What the command writes, errors included, is in the page."""
    before = app.stdout, app.stderr
    app.stdout = app.stderr = page
    try:
        yield
    finally:
        app.stdout, app.stderr = before


class Changes:
    """Prints a line for each thing that has changed."""

    def __init__(self, stdout):
        self._stdout = stdout
        self._printed = {}

    def show(self, lines):
        """Print those lines that were not printed last, by their names."""
        for name, line in lines.items():
            if self._printed.get(name) != line:
                self._write(f'{name} {line}')
        for name in self._printed.keys() - lines.keys():
            self._write(f'{name} is not listed any more')
        self._printed = dict(lines)

    def _write(self, line):
        self._stdout.write(f'{when.text(when.now())} {line}\n')
