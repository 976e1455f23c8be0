"""A proxy that opens TLS: it shows its own certificate for every name, as companies' proxies do."""

from __future__ import annotations

import contextlib
import functools
import select
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests import pki
from tests.servers.bench import HOST, Running, folder, pem_file

INSPECTOR = "Inspecting CA"
"""Whose name and key sign what it shows: ``pki.certificate(INSPECTOR)`` is the root."""

_PIECE = 65_536


@functools.cache
def _shown(name: str) -> bytes:
    """A certificate for a name, made a moment ago."""
    try:
        san: x509.GeneralName = x509.IPAddress(ip_address(name))
    except ValueError:
        san = x509.DNSName(name)
    signer = pki.key(INSPECTOR)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.load_der_x509_certificate(pki.certificate(INSPECTOR)).subject)
        .public_key(pki.key("inspected").public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([san]), critical=False)
        .sign(signer, SHA256())
        .public_bytes(Encoding.DER)
    )


class _Proxy(socketserver.ThreadingTCPServer):
    daemon_threads = True
    before: tuple[str, int] | None
    where: Path

    def finish_request(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        with contextlib.suppress(OSError, ValueError, IndexError):
            request.settimeout(15)
            there = self.before or _asked(request)
            with socket.create_connection(there, 10) as onward:
                if self.before is None:
                    request.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                self._between(request, onward, there[0])

    def _between(self, request: socket.socket, onward: socket.socket, host: str) -> None:
        wanted = [host]
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._file(host))

        def named(connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
            if name:
                wanted[0] = name
                other = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                other.load_cert_chain(self._file(name))
                connection.context = other

        context.sni_callback = named
        outside = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        outside.check_hostname, outside.verify_mode = False, ssl.CERT_NONE
        with (
            context.wrap_socket(request, server_side=True) as client,
            outside.wrap_socket(onward, server_hostname=wanted[0]) as server,
        ):
            _relay(client, server)

    def _file(self, name: str) -> Path:
        path = self.where / f"{name.replace(':', '_')}.pem"
        if not path.exists():
            pem_file(path, _shown(name), key=pki.pkcs8(pki.key("inspected")))
        return path

    def handle_error(self, request: object, client_address: object) -> None:
        """What clients and servers do is their own business."""


def _asked(request: socket.socket) -> tuple[str, int]:
    """Host and port of a CONNECT."""
    head = bytearray()
    while not head.endswith(b"\r\n\r\n") and len(head) < 8_192:
        piece = request.recv(1)
        if not piece:
            break
        head += piece
    host, _, port = head.split(b" ")[1].decode("ascii").rpartition(":")
    return host.strip("[]"), int(port)


def _relay(client: ssl.SSLSocket, server: ssl.SSLSocket) -> None:
    """Everything from one side to the other, until one is done; in one thread, as TLS wants it."""
    other = {client: server, server: client}
    while True:
        ready = [one for one in other if one.pending()]
        ready = ready or select.select(list(other), [], [], 15)[0]
        if not ready:
            return
        for source in ready:
            source.settimeout(0)
            try:
                piece = source.recv(_PIECE)
            except ssl.SSLWantReadError:  # a ticket, or half a record
                continue
            except OSError:
                piece = b""
            finally:
                source.settimeout(15)
            if not piece:
                other[source].shutdown(socket.SHUT_WR)
                return
            other[source].sendall(piece)


@contextlib.contextmanager
def inspecting(before: Running | None = None) -> Iterator[Running]:
    """An inspecting proxy: asked by CONNECT, or, unasked, ``before`` a server it stands for."""
    with folder() as where, _Proxy((HOST, 0), socketserver.BaseRequestHandler) as server:
        server.before = None if before is None else (HOST, before.port)
        server.where = where
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            scheme = "http" if before is None else before.scheme
            yield Running("inspecting", server.server_address[1], where, scheme)
        finally:
            server.shutdown()
            thread.join(5)


__all__ = ["INSPECTOR", "inspecting"]
