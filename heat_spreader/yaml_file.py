# SPDX-License-Identifier: Apache-2.0
"""Read YAML and JSON without ever quoting them: they may hold passwords."""

import json

import yaml


def load(path):
    """Return the content of a file: JSON if its name ends so, else YAML.

    :raises FileNotFoundError: if there is no such file
    :raises ValueError: with the reason, if the file cannot be used
    """
    is_json = str(path).endswith('.json')
    try:
        with open(path, encoding='utf-8') as file:
            return json.load(file) if is_json else yaml.safe_load(file)
    except FileNotFoundError:
        raise
    except OSError as exc:
        raise ValueError(exc.strerror) from None
    except (ValueError, RecursionError, yaml.YAMLError) as exc:
        # The messages of the library quote the line that it stopped at.
        line = _line(exc)
        where = f' (line {line})' if line else ''
        kind = 'JSON' if is_json else 'YAML'
        raise ValueError(f'it is not {kind}{where}') from None


def _line(exc):
    if isinstance(exc, json.JSONDecodeError):
        return exc.lineno
    mark = getattr(exc, 'problem_mark', None)
    return mark and mark.line + 1
