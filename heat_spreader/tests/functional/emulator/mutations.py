# SPDX-License-Identifier: Apache-2.0
"""Answers of a hostile cloud: real ones in which something was changed.

A Mutation changes whatever answer it gets, so that most of it stays valid and
reaches the code that reads it.
"""

import copy
import dataclasses
import json
import random

import hypothesis
from hypothesis import strategies as st

from heat_spreader.tests.functional.emulator import faults

DEEP = 5000
MANY = 1000
# Places of a document that is not repeated any more.
_REPEATED = 150
# What json.dumps() cannot write: a text that stands for it in the body.
_RAW = {
    '@NaN': 'NaN',
    '@Infinity': '-Infinity',
    '@huge': '1e999',
    '@digits': '9' * 5000,
    '@lists': '[' * DEEP + ']' * DEEP,
    '@objects': '{"a":' * DEEP + '1' + '}' * DEEP,
    '@open': '[' * DEEP,
    '@surrogate': '"a\\ud800b"',
    '@twice': '1, "id": 2, "id": "x"',
}
TEXTS = (
    *('', ' ', 'x' * 5000, '\x1b[31mred\x1b[0m\x07', 'a\r\nb: c', '\x00'),
    *('\u202egnp.exe', '\u2066x\u2069', 'we\u200bb', 'web\U000e0041'),
    *('\x85\u2028', '\ud800', '\ud800/x', 'e' + '\u0301' * 500, '$(id)'),
    *('../../etc/passwd', 'web', '{{7*7}}', "'; DROP TABLE stacks; --"),
    *('2999-12-31T23:59:59Z', '9999-12-31T23:59:59Z', '2026-11-30 12:00'),
    *('0001-01-01T00:00:00+14:00', '2026-02-30T00:00:00Z', 'yesterday'),
    *('CREATE_COMPLETE', 'UPDATE_FAILED', 'DELETE_COMPLETE', 'SNAP_x'),
    *('http://[', '//x:y@z/v1', 'ftp://x/', 'http://127.0.0.1:1/v3'),
    *('http://x.invalid/stacks/a\ud800/b', 'http://x/stacks/%ff%00/b-1'),
    *('******', '-1', '1e3', '6.5', '99999999999', '\u0663'),
)
VALUES = (
    *(None, True, False, 0, 1, -1, 0.5, -2.5, 1e308, 2**31, 2**63, -(2**63)),
    *(10**30, -(10**30), [], {}, [[]], [None], [{}], {'': ''}),
    *({'get_param': 'count'}, {'Ref': []}, *TEXTS, *_RAW),
)
_TYPES = ('text/html', 'application/json; charset=utf-16', '', 'x' * 300)
_ENCODINGS = ('gzip', 'deflate', 'br', 'x', 'gzip, gzip, gzip')
_LENGTHS = ('0', '1', '-1', '+5', '5, 6', 'x', '99999999999999999999')
_HEADERS = (
    *([('Content-Type', each)] for each in _TYPES),
    *([('Content-Encoding', each)] for each in _ENCODINGS),
    *([('Content-Length', each)] for each in _LENGTHS),
    *([('Retry-After', each)] for each in (*_LENGTHS, 'Fri, 31 Dec 9999')),
    *(
        [('Location', each)]
        for each in ('', 'http://[', '//', 'x:y', '\u202e')
    ),
    [('Transfer-Encoding', 'chunked')],
    [('Set-Cookie', f'a={"b" * 4000}; Max-Age=99999999')],
    [('X-Subject-Token', 'a\tb')],
    [('X-Subject-Token', 'ü')],
    [('Odd', 'x' * 70_000)],
    [(f'Odd-{n}', 'x') for n in range(200)],
)
_STATUSES = (
    *(200, 201, 202, 204, 300, 301, 302, 304, 307, 308, 400, 401, 403, 404),
    *(405, 409, 410, 413, 418, 429, 500, 502, 503, 504, 599, 999),
)


@dataclasses.dataclass(frozen=True)
class Edit:
    """One change of a document.

    :param place: chooses the place among all that it has
    :param kind: replace, remove, repeat, rename or copy
    :param value: the new value; that of another place for copy
    """

    place: int
    kind: str
    value: object = None

    def apply(self, document):
        """Return the document after the change."""
        places = list(_places(document))
        if not places:
            return copy.deepcopy(self.value)
        holder, key = places[self.place % len(places)]
        if self.kind == 'replace':
            holder[key] = copy.deepcopy(self.value)
        elif self.kind == 'remove':
            del holder[key]
        elif self.kind == 'copy':
            other, there = places[self.value % len(places)]
            holder[key] = copy.deepcopy(other[there])
        elif self.kind == 'rename' and isinstance(holder, dict):
            holder[str(self.value)] = holder.pop(key)
        elif len(places) > _REPEATED:
            # A body that is repeated twice would have a million values.
            pass
        elif isinstance(holder, list):
            holder += _repeated(holder[key])
        else:
            holder[key] = _repeated(holder[key])
        return document


def _repeated(value):
    # Each is one of its own: what changes it later does not change all.
    return [copy.deepcopy(value) for _ in range(MANY)]


@dataclasses.dataclass(frozen=True)
class Mutation:
    """Changes of an answer, and of the bytes that are sent.

    :param cut: the part of the bytes that is sent, of 100
    :param byte: inserted in the middle
    """

    edits: tuple = ()
    status: int | None = None
    headers: tuple = ()
    cut: int = 100
    byte: bytes = b''
    encoding: str = 'utf-8'

    def __call__(self, real):
        """Return the faults.Answer that is sent instead of the real one."""
        return faults.Answer(
            self.status or real.status,
            self._bytes(real.content),
            # Nothing of it is read as the next answer, or waited for.
            real.headers | dict(self.headers) | {'Connection': 'close'},
            real.content_type,
        )

    def _bytes(self, content):
        if content and self.edits:
            document = json.loads(content)
            for edit in self.edits:
                document = edit.apply(document)
            text = json.dumps(document, ensure_ascii=True)
            for name, raw in _RAW.items():
                text = text.replace(json.dumps(name), raw)
            content = text.encode(self.encoding)
        content = content[: len(content) * self.cut // 100]
        half = len(content) // 2
        return content[:half] + self.byte + content[half:]


def _places(document):
    """Yield each place of a document as the holder and the key in it."""
    if isinstance(document, dict):
        pairs = document.items()
    elif isinstance(document, list):
        pairs = enumerate(document)
    else:
        return
    for key, value in list(pairs):
        yield document, key
        yield from _places(value)


def try_each(number, seed, check, *strategies):
    """Call a check with that many cases; print the seed that repeats them.

    :param seed: None for a new one
    """
    if seed is None:
        seed = random.SystemRandom().randrange(2**32)
    print(f'{number} cases, seed {seed}')
    settings = hypothesis.settings(
        max_examples=number,
        deadline=None,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    given = hypothesis.given(*strategies)(check)
    hypothesis.seed(seed)(settings(given))()


def mutations():
    """Return a strategy of Mutations."""
    place = st.integers(0, 200)
    value = st.sampled_from(VALUES)
    edit = st.one_of(
        st.builds(Edit, place, st.just('replace'), value | _any_json()),
        st.builds(Edit, place, st.just('replace'), value),
        st.builds(Edit, place, st.just('remove')),
        st.builds(Edit, place, st.just('repeat')),
        st.builds(Edit, place, st.just('rename'), st.sampled_from(TEXTS)),
        st.builds(Edit, place, st.just('copy'), place),
    )
    edits = st.lists(edit, max_size=4).map(tuple)
    return st.one_of(
        st.builds(Mutation, edits),
        st.builds(Mutation, edits),
        st.builds(Mutation, edits, st.sampled_from(_STATUSES)),
        st.builds(
            Mutation,
            edits,
            st.none() | st.sampled_from(_STATUSES),
            st.sampled_from(_HEADERS).map(tuple),
            st.just(100) | st.integers(0, 100),
            st.sampled_from((b'', b'', b'\xff', b'\xef\xbb\xbf', b'\x00')),
            st.sampled_from(('utf-8', 'utf-8', 'utf-16', 'utf-32')),
        ),
    )


def _any_json():
    return st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=5,
    )
