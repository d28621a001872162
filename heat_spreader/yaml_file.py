# SPDX-License-Identifier: Apache-2.0
"""Read YAML files without ever quoting them: they may hold passwords."""

import yaml


def load(path):
    """Return the content of a YAML file.

    :raises FileNotFoundError: if there is no such file
    :raises ValueError: with the reason, if the file cannot be used
    """
    try:
        with open(path, encoding='utf-8') as file:
            return yaml.safe_load(file)
    except FileNotFoundError:
        raise
    except OSError as exc:
        raise ValueError(exc.strerror) from None
    except (ValueError, yaml.YAMLError) as exc:
        # The messages of the library quote the line that it stopped at.
        mark = getattr(exc, 'problem_mark', None)
        line = f' (line {mark.line + 1})' if mark else ''
        raise ValueError(f'it is not YAML{line}') from None
