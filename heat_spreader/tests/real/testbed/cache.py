# SPDX-License-Identifier: Apache-2.0
"""Directories that are expensive to make and kept between runs."""

import hashlib
import logging
import os
import pathlib
import shutil

import fasteners

LOG = logging.getLogger(__name__)

STAMP = 'complete'
# At the import, since tests run with a temporary home.
HOME = pathlib.Path.home()


def directory():
    """Return where the testbed keeps what the next run needs."""
    chosen = os.environ.get('HEAT_SPREADER_TESTBED_DIR')
    if chosen:
        return pathlib.Path(chosen).absolute()
    base = os.environ.get('XDG_CACHE_HOME') or HOME / '.cache'
    return pathlib.Path(base, 'heat-spreader', 'testbed')


def key(*parts):
    """Return a short name for these parts: equal parts, equal name."""
    text = '\0'.join(parts)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def keep(place, build):
    """Have build(place) make a directory, once and whole.

    The stamp is written last: what an interrupted run left is deleted and
    made again. Of several runs at once one builds and the others wait.
    """
    stamp = place / STAMP
    if stamp.exists():
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    LOG.info('preparing %s, once; the next run finds it', place.name)
    with fasteners.InterProcessLock(f'{place}.lock'):
        if not stamp.exists():
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir()
            build(place)
            stamp.touch()
