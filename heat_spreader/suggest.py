# SPDX-License-Identifier: Apache-2.0
"""Which name was meant, where there is none of that name. Pure.

The only place that decides what is near: names of stacks, clouds, parameters,
options and commands. Who calls it passes only names that the caller may know.
"""

import collections.abc
import difflib

# The number of names that are suggested, and that are searched.
MOST = 3
SEARCHED = 1000
# A longer part of a name would make a search slow, and no one types it wrong.
_LENGTH = 64
_SIMILARITY = 0.6


def nearest(name: str, names: collections.abc.Iterable[str]) -> list[str]:
    """The names that are most like a name, the best first.

    Upper and lower case are the same. A name that begins with the given one
    is near, however long it is.
    """
    wanted = _form(name)
    forms: dict[str, str] = {}
    for each in sorted(names)[:SEARCHED]:
        forms.setdefault(_form(each), each)
    found = difflib.get_close_matches(wanted, forms, MOST, _SIMILARITY)
    # difflib does not know that two letters are often swapped.
    found.sort(key=lambda form: sorted(form) != sorted(wanted))
    begun = [form for form in forms if wanted and form.startswith(wanted)]
    return [forms[form] for form in dict.fromkeys([*found, *begun])][:MOST]


def did_you_mean(name: str, names: collections.abc.Iterable[str]) -> str:
    """A question that follows an error message, '' if nothing is near."""
    return question(nearest(name, names))


def question(names: list[str]) -> str:
    """The same for names that are known to be near."""
    *rest, last = [f"'{name}'" for name in names] or ['']
    if rest:
        last = f'{", ".join(rest)} or {last}'
    return last and f'Did you mean {last}?'


def _form(name: str) -> str:
    return name.casefold()[:_LENGTH]
