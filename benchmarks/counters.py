# SPDX-License-Identifier: Apache-2.0
"""Count the statements and transactions of SQLAlchemy, on any database."""

import mmap
import re
import threading

import sqlalchemy as sa

# writes: statements that change a stack, a member or an event; beats: those
# that change what is written all the time, as heartbeats and leases of clouds.
FIELDS = (
    'statements',
    'writes',
    'beats',
    'transactions',
    'write_transactions',
)
_SIZE = 8 * len(FIELDS)
_BEGIN = re.compile(r'BEGIN|COMMIT|ROLLBACK|PRAGMA', re.IGNORECASE)
_WRITE = re.compile(
    r'\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+[`"]?(\w+)', re.IGNORECASE
)
_BEATING = ('clouds', 'engines')


class Counters:
    """Numbers that another process can read while they are counted.

    :param path: of the file that both use; None for this process alone
    """

    def __init__(self, path=None):
        if path is None:
            self._memory = mmap.mmap(-1, _SIZE)
        else:
            with open(path, 'a+b') as file:
                file.truncate(_SIZE)
                self._memory = mmap.mmap(file.fileno(), _SIZE)
        self._numbers = memoryview(self._memory).cast('Q')
        self._lock = threading.Lock()

    def read(self):
        """The numbers as they are now, by the names in FIELDS."""
        return dict(zip(FIELDS, self._numbers, strict=True))

    def listen(self, engine=sa.Engine):
        """Count from now on, for one engine or for all."""
        sa.event.listen(engine, 'begin', self._begin)
        sa.event.listen(engine, 'before_cursor_execute', self._execute)

    def remove(self, engine=sa.Engine):
        """Count no more."""
        sa.event.remove(engine, 'begin', self._begin)
        sa.event.remove(engine, 'before_cursor_execute', self._execute)

    def _add(self, *fields):
        with self._lock:
            for field in fields:
                self._numbers[FIELDS.index(field)] += 1

    def _begin(self, connection):
        connection.info['has_written'] = False
        self._add('transactions')

    def _execute(self, connection, cursor, statement, *_):
        if _BEGIN.match(statement):
            return
        self._add('statements')
        written = _WRITE.match(statement)
        if not written:
            return
        self._add('beats' if written[1] in _BEATING else 'writes')
        if not connection.info.get('has_written'):
            connection.info['has_written'] = True
            self._add('write_transactions')
