# SPDX-License-Identifier: Apache-2.0
"""Pages whose commands are typed, and whose output is what they show.

With HEAT_SPREADER_WRITE_DOCUMENTS in the environment a page gets the output.
"""

import os
import pathlib
import re
import textwrap

import heat_spreader

TOP = pathlib.Path(heat_spreader.__file__).parents[1]
DOCUMENTS = TOP / 'doc' / 'source'
WRITES = 'HEAT_SPREADER_WRITE_DOCUMENTS' in os.environ
# A comment that names what has happened; a block of what a console shows.
_STEP = re.compile(
    r'(?m)^\.\. after (?P<event>\w+)\n|'
    r'^(?P<margin> *)\.\. code-block:: console\n'
    r'(?P<block>(?:(?:(?P=margin) +.+)?\n)+)'
)
# A command and what it shows, which ends with the block or at the next one.
_COMMAND = re.compile(
    r'(?m)^(?P<indent> +)(?P<prompt>[$#]) '
    r'(?P<command>for (?:.+\n)+? +done|(?:.+\\\n)*.+)\n'
    r'(?P<output>(?:(?:(?P=indent)(?![$#] ).+)?\n)*)'
)
# A block of the README, whose lines are all typed.
_BLOCK = re.compile(r'::\n\n((?:(?:    .*)?\n)+)')
# As long as the text that takes its place, so that lines stay as they are.
_ADDRESS = re.compile(r'http://127\.0\.0\.1:\d{5}|http://127\.0\.0\.1:\d{4}')
WIDTH = 80
_ID = re.compile(r'\w{8}(-\w{4}){3}-\w{12}')
# What differs each time, in texts of the same length.
_VARIES = {
    r'\d{4}-\d\d-\d\d \d\d:\d\d:\d\d': '2026-12-01 12:00:00',
    r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ': '2026-12-01T12:00:00Z',
    r'_ssl\.c:\d+': '_ssl.c:1006',
    r'\b\d\d:\d\d(:\d\d)?\b': '12:00',
    _ID.pattern: '0a1c5f3e-5cbe-4a8e-8f0e-6d1f1d3a7c11',
    r'\b\d+ ?s\b': '1s',
    r'\bin \d+m\b': 'in 5m',
    r'\b(4|5)m( \d+s)?\b': '5m',
}


class Failed(AssertionError):
    """A command has failed; ``shown`` is its output."""

    def __init__(self, command, shown):
        super().__init__(f'{command}: {shown}')
        self.shown = shown


def play(name, actor):
    """Type each command of a page; return how many outputs were compared.

    Where the page shows no output, the command only has to succeed, and one of
    root is not typed. The output may be an error.

    :param name: the path below doc/source
    :param actor: a test case with ``type(command)``, which returns the output,
        and with a method for each comment ``.. after NAME``; with
        ``root(command)`` if the page shows the output of a command of root
    """
    path, compared = DOCUMENTS / name, []

    def step(part):
        if part['event']:
            getattr(actor, part['event'])()
            return part[0]
        before = part[0].removesuffix(part['block'])
        return before + _COMMAND.sub(act, part['block'])

    def act(part):
        command, said = part['command'], part['output'].rstrip('\n')
        shown = _type(actor, part['prompt'], command, said)
        if not said:
            return part[0]
        compared.append((command, said, shown))
        indent, rest = part['indent'], part['output'][len(said) :]
        lines = [f'{indent}{line}'.rstrip() for line in shown.splitlines()]
        typed = f'{indent}{part["prompt"]} {command}'
        return '\n'.join([typed, *lines]) + rest

    written = _STEP.sub(step, path.read_text())
    if WRITES:
        path.write_text(written)
    for command, said, shown in compared:
        actor.assertEqual(plain(shown), plain(said), command)
    return len(compared)


def _type(actor, prompt, command, said):
    """What the page is to show of a command."""
    if prompt == '#' and not said:
        return ''
    run = actor.root if prompt == '#' else actor.type
    try:
        shown = run(command.replace('\\\n', ' '))
    except Failed as exc:
        if not said:
            raise
        shown = exc.shown
    return _ID.sub(_VARIES[_ID.pattern], shown).rstrip('\n')


def outputs(path):
    """The commands of a page whose output the page shows."""
    return [
        found['command']
        for part in _STEP.finditer(path.read_text())
        for found in _COMMAND.finditer(part['block'] or '')
        if found['output'].strip()
    ]


def fold(line):
    """A line as a terminal shows it, but for the words that it would split."""
    if len(line) <= WIDTH:
        return line
    return '\n'.join(textwrap.wrap(line, WIDTH, break_on_hyphens=False))


def with_cairo(output):
    """The output, with the address that the lost cloud has on the pages."""
    return _ADDRESS.sub('https://cairo.example/', output)


def replace(output, old, new):
    """The output with another text, in tables of the same width."""
    return '\n'.join(
        _fit(line.replace(old, new), len(line)) for line in output.split('\n')
    )


def _fit(line, width):
    if not line.endswith(' |'):
        return line
    return f'{line[:-1].rstrip().ljust(width - 2)} |'


def plain(output):
    """What must be the same each time.

    Lines and columns may end elsewhere, also between a date and its time.
    """
    output = re.sub(r'[|\s]+', ' ', output)
    for pattern, text in _VARIES.items():
        output = re.sub(pattern, text, output)
    return re.sub(r'[-+ ]+', ' ', output).strip()


def blocks(section):
    """The blocks of a section of the README, each a list of commands."""
    text = (TOP / 'README.rst').read_text()
    part = re.search(
        rf'^{section}\n=+\n(.*?)\n\S[^\n]*\n=+\n',
        text,
        re.MULTILINE | re.DOTALL,
    )
    return [
        [line.strip() for line in block.replace('\\\n', ' ').splitlines()]
        for block in (found.strip('\n') for found in _BLOCK.findall(part[1]))
    ]
