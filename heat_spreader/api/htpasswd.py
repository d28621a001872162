# SPDX-License-Identifier: Apache-2.0
"""User names and passwords of an htpasswd file."""

import hashlib
import os
import secrets
import threading

import bcrypt
from oslo_log import log as logging

from heat_spreader import exception

LOG = logging.getLogger(__name__)
# Checked for an unknown user, so that the time does not reveal who is known.
_UNKNOWN_USER = bcrypt.hashpw(secrets.token_bytes(16), bcrypt.gensalt(10))


class Passwords:
    """An htpasswd file with bcrypt hashes, read again when it changes."""

    def __init__(self, path):
        self.path = path
        self._lock = threading.Lock()
        # bcrypt is slow by design. What it accepted is remembered as a digest
        # that is useless outside this process.
        self._key = secrets.token_bytes(32)
        self._read()

    def match(self, user, password):
        """Whether the file has the user with this password.

        :raises Unavailable: if the file cannot be read now
        """
        users, passed = self._current()
        digest = hashlib.blake2b(
            f'{user}:{password}'.encode(), key=self._key
        ).digest()
        if digest in passed:
            return True
        try:
            same = bcrypt.checkpw(
                password.encode(), users.get(user, _UNKNOWN_USER)
            )
        except ValueError:
            # bcrypt accepts at most 72 bytes.
            same = False
        if same and user in users:
            passed.add(digest)
            return True
        return False

    def _current(self):
        try:
            with self._lock:
                if self._stamp() != self._read_at:
                    self._read()
                return self._users, self._passed
        except (OSError, exception.ConfigurationInvalid) as exc:
            LOG.error('HTTP basic authentication is not possible: %s', exc)
            raise exception.Unavailable from None

    def _stamp(self):
        status = os.stat(self.path)
        return status.st_mtime_ns, status.st_ino, status.st_size

    def _read(self):
        try:
            stamp = self._stamp()
            with open(self.path, encoding='utf-8') as lines:
                self._users = dict(self._entries(lines))
        except (OSError, UnicodeDecodeError) as exc:
            raise exception.ConfigurationInvalid(
                f'The http_basic_auth_user_file in [api] cannot be read: {exc}'
            ) from None
        self._passed = set()
        self._read_at = stamp

    def _entries(self, lines):
        for number, line in enumerate(lines, 1):
            entry = line.strip()
            if not entry or entry.startswith('#'):
                continue
            user, _, password_hash = entry.partition(':')
            if not user or not password_hash.startswith(
                ('$2a$', '$2b$', '$2y$')
            ):
                raise exception.ConfigurationInvalid(
                    f'Line {number} of {self.path} is not a user name and a '
                    'bcrypt hash. "htpasswd -nbB NAME PASSWORD" prints one.'
                )
            yield user, password_hash.encode()
