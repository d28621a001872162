# SPDX-License-Identifier: Apache-2.0
"""The variables HEAT_SPREADER_LOG_* as options of oslo.log."""

from oslo_utils import strutils

from heat_spreader import exception

LEVELS = ('DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL')
DEFAULT_LEVEL = 'INFO'
FILE = 'HEAT_SPREADER_LOG_FILE'


def log_options(environ):
    """The options of oslo.log, by name, that the variables set.

    :raises ConfigurationInvalid: if a variable is invalid
    """
    level = _level(environ, 'HEAT_SPREADER_LOG_LEVEL')
    verbose = _switch(environ, 'HEAT_SPREADER_LOG_VERBOSE')
    as_json = _switch(environ, 'HEAT_SPREADER_LOG_JSON')
    file = environ.get(FILE)
    options = {}
    if level or verbose is not None:
        levels = default_log_levels(level or DEFAULT_LEVEL, bool(verbose))
        options['default_log_levels'] = ','.join(levels)
    if as_json is not None:
        options['use_json'] = str(as_json)
    if file:
        options['log_file'] = file
    return options


def default_log_levels(level=DEFAULT_LEVEL, verbose=False):
    """Our messages from a level on; those of libraries from WARNING on.

    With verbose, those of libraries are from the same level on.
    """
    if verbose:
        # oslo.log cannot write the DEBUG messages of stevedore as JSON.
        return [f'root={level}', f'stevedore={_at_least("INFO", level)}']
    return [
        f'root={_at_least("WARNING", level)}',
        f'heat_spreader={level}',
        # It logs when a process dies; at DEBUG it logs only options.
        f'cotyledon={_at_least("INFO", level)}',
        # What they warn of in every survey is in our messages once.
        f'keystoneauth.identity={_at_least("ERROR", level)}',
        'sqlalchemy.pool=CRITICAL',
    ]


def _at_least(least, level):
    return max(least, level, key=LEVELS.index)


def _level(environ, variable):
    level = environ.get(variable, '').upper()
    if level and level not in LEVELS:
        raise exception.ConfigurationInvalid(
            f"{variable} must be one of {', '.join(LEVELS)}, not '{level}'."
        )
    return level


def _switch(environ, variable):
    """True or False, or None where the variable is not set."""
    text = environ.get(variable)
    if not text:
        return None
    try:
        return strutils.bool_from_string(text, strict=True)
    except ValueError:
        raise exception.ConfigurationInvalid(
            f"{variable} must be true or false, not '{text}'."
        ) from None
