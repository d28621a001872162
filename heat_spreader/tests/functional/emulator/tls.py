# SPDX-License-Identifier: Apache-2.0
"""A TLS server whose certificate no one has signed."""

import contextlib
import datetime
import ipaddress
import socket
import ssl
import threading

import fixtures
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import oid

HOST = '127.0.0.1'


class UntrustedServer(fixtures.Fixture):
    """Ends each connection after the handshake; ``url`` is its address."""

    def _setUp(self):
        folder = self.useFixture(fixtures.TempDir()).path
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(write_certificate(f'{folder}/tls.pem'))
        self.socket = socket.create_server((HOST, 0))
        self.url = f'https://{HOST}:{self.socket.getsockname()[1]}'
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.thread.start()
        self.addCleanup(self._stop)

    def _accept(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                self.context.wrap_socket(connection, server_side=True).close()

    def _stop(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.socket.close()


def write_certificate(path):
    """Write a certificate that signs itself, and its key; return the path."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(oid.NameOID.COMMON_NAME, HOST)])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address(HOST))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), False)
        .sign(key, hashes.SHA256())
    )
    with open(path, 'wb') as file:
        file.write(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        file.write(certificate.public_bytes(serialization.Encoding.PEM))
    return path
