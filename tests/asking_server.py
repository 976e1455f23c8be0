"""The server's side of a handshake that asks for a certificate: TLS 1.2, older, and 1.3.

It goes as far as the client's Certificate: TLS 1.2 (RFC 5246 section 7.4) is not encrypted up
to there, TLS 1.3 is: X25519 or P-256 and AES-128-GCM (RFC 8446 sections 4 and 7.1).
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import itertools
import os
from collections.abc import Iterable
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from storekeeper.tls.messages import CertificateRequest, certificates, extensions
from storekeeper.tls.wire import Fields, Messages
from tests import pki

TLS12, TLS13 = 0x0303, 0x0304
_ECDHE_RSA_AES128_GCM = b"\xc0\x2f"
_AES128_GCM = b"\x13\x01"
_X25519, _P256 = 29, 23
_PSS = b"\x08\x04"


@functools.cache
def _identity() -> tuple[bytes, rsa.RSAPrivateKey]:
    key = pki.key("server", "RSA")
    assert isinstance(key, rsa.RSAPrivateKey)
    return pki.certificate("server", kind="RSA"), key


def server_for(request: CertificateRequest, hello: bytes) -> Server:
    kinds = {"TLSv1.3": _Server13, "TLSv1.1": _OldServer, "TLSv1": _OldServer}
    return kinds.get(request.protocol, Server)(request, hello)


def _sized(data: bytes, size: int) -> bytes:
    return len(data).to_bytes(size, "big") + data


def _message(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + _sized(body, 3)


def _records(kind: int, data: bytes, version: bytes = b"\x03\x03") -> bytes:
    parts = [data[at : at + 16_000] for at in range(0, len(data), 16_000)]
    return b"".join(bytes([kind]) + version + _sized(part, 2) for part in parts)


def _split(data: bytes) -> list[tuple[int, bytes]]:
    found = []
    while data:
        length = int.from_bytes(data[3:5], "big")
        found.append((data[0], data[5 : 5 + length]))
        data = data[5 + length :]
    return found


def _authorities(names: tuple[bytes, ...]) -> bytes:
    return _sized(b"".join(_sized(one, 2) for one in names), 2)


def _schemes(numbers: tuple[int, ...]) -> bytes:
    return _sized(b"".join(one.to_bytes(2, "big") for one in numbers), 2)


def _extension(number: int, content: bytes) -> bytes:
    return number.to_bytes(2, "big") + _sized(content, 2)


@dataclass
class _Hello:
    raw: bytes
    random: bytes
    session: bytes
    extensions: dict[int, bytes] = field(default_factory=dict)


def _client_hello(data: bytes) -> _Hello:
    handshake = b"".join(payload for kind, payload in _split(data) if kind == 22)
    fields = Fields(handshake[4:], "client hello")
    fields.number(2)
    random = fields.take(32)
    session = fields.vector(1)
    fields.vector(2)
    fields.vector(1)
    return _Hello(handshake, random, session, dict(extensions(fields)))


def _certificate_of(payloads: Iterable[bytes], version: int) -> tuple[bytes, ...] | None:
    """The first Certificate message in these pieces of a handshake."""
    messages = Messages()
    for payload in payloads:
        for message in messages.feed(payload):
            if message.type == 11:
                return certificates(message.body, version)
    return None


class Server:
    """TLS 1.2, as far as the client's Certificate."""

    def __init__(self, request: CertificateRequest, hello: bytes) -> None:
        self.request = request
        self.hello = _client_hello(hello)
        self.random = b"\x01" + os.urandom(31)

    def flight(self) -> bytes:
        certificate, key = _identity()
        hello = (
            (TLS12).to_bytes(2, "big")
            + self.random
            + _sized(b"", 1)
            + _ECDHE_RSA_AES128_GCM
            + b"\0"
            + _sized(_extension(0xFF01, b"\0") + _extension(23, b""), 2)
        )
        share = ec.generate_private_key(ec.SECP256R1()).public_key()
        point = share.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        parameters = b"\x03" + _P256.to_bytes(2, "big") + _sized(point, 1)
        signature = key.sign(
            self.hello.random + self.random + parameters, padding.PKCS1v15(), hashes.SHA256()
        )
        asked = (
            _sized(bytes(self.request.certificate_types), 1)
            + _schemes(self.request.signature_algorithms)
            + _authorities(self.request.authorities)
        )
        return _records(
            22,
            _message(2, hello)
            + _message(11, _sized(_sized(certificate, 3), 3))
            + _message(12, parameters + b"\x04\x01" + _sized(signature, 2))
            + _message(13, asked)
            + _message(14, b""),
        )

    def chain(self, said: bytes) -> tuple[bytes, ...] | None:
        """The client's Certificate message."""
        clear = itertools.takewhile(lambda record: record[0] == 22, _split(said))
        return _certificate_of((payload for _, payload in clear), TLS12)


class _OldServer(Server):
    """TLS 1.0 and 1.1 with RSA as exchange of keys, which needs no signature of ours."""

    def flight(self) -> bytes:
        certificate, _ = _identity()
        version = b"\x03\x02" if self.request.protocol == "TLSv1.1" else b"\x03\x01"
        hello = version + self.random + _sized(b"", 1) + b"\x00\x2f" + b"\0"
        hello += _sized(_extension(0xFF01, b"\0"), 2)
        asked = _sized(bytes(self.request.certificate_types), 1)
        asked += _authorities(self.request.authorities)
        flight = (
            _message(2, hello)
            + _message(11, _sized(_sized(certificate, 3), 3))
            + _message(13, asked)
            + _message(14, b"")
        )
        return _records(22, flight, version)


def _expand(secret: bytes, label: str, context: bytes, length: int) -> bytes:
    info = length.to_bytes(2, "big") + _sized(b"tls13 " + label.encode(), 1) + _sized(context, 1)
    return hmac.digest(secret, info + b"\x01", "sha256")[:length]


def _extract(salt: bytes, secret: bytes) -> bytes:
    return hmac.digest(salt, secret, "sha256")


class _Sealed:
    """Records of one direction (RFC 8446 section 5.2)."""

    def __init__(self, secret: bytes) -> None:
        self._key = AESGCM(_expand(secret, "key", b"", 16))
        self._iv = int.from_bytes(_expand(secret, "iv", b"", 12), "big")
        self._number = 0

    def _nonce(self) -> bytes:
        number, self._number = self._number, self._number + 1
        return (self._iv ^ number).to_bytes(12, "big")

    def seal(self, data: bytes) -> bytes:
        out = b""
        for at in range(0, len(data), 16_000):
            plain = data[at : at + 16_000] + b"\x16"
            head = b"\x17\x03\x03" + (len(plain) + 16).to_bytes(2, "big")
            out += head + self._key.encrypt(self._nonce(), plain, head)
        return out

    def open(self, payload: bytes) -> tuple[int, bytes]:
        head = b"\x17\x03\x03" + len(payload).to_bytes(2, "big")
        plain = self._key.decrypt(self._nonce(), payload, head).rstrip(b"\0")
        return plain[-1], plain[:-1]


class _Server13(Server):
    """TLS 1.3; what the client sends is decrypted as far as its Certificate."""

    def flight(self) -> bytes:
        certificate, key = _identity()
        shares = Fields(self.hello.extensions[51], "key shares").fields(2)
        offered = {}
        while len(shares):
            group = shares.number(2)
            offered[group] = shares.vector(2)
        group = _X25519 if _X25519 in offered else _P256
        if group == _X25519:
            mine = x25519.X25519PrivateKey.generate()
            shared = mine.exchange(x25519.X25519PublicKey.from_public_bytes(offered[group]))
            public = mine.public_key().public_bytes_raw()
        else:
            own = ec.generate_private_key(ec.SECP256R1())
            peer = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), offered[group])
            shared = own.exchange(ec.ECDH(), peer)
            public = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        hello = _message(
            2,
            TLS12.to_bytes(2, "big")
            + self.random
            + _sized(self.hello.session, 1)
            + _AES128_GCM
            + b"\0"
            + _sized(
                _extension(43, TLS13.to_bytes(2, "big"))
                + _extension(51, group.to_bytes(2, "big") + _sized(public, 2)),
                2,
            ),
        )
        empty = hashlib.sha256(b"").digest()
        early = _extract(bytes(32), bytes(32))
        handshake = _extract(_expand(early, "derived", empty, 32), shared)
        said = self.hello.raw + hello
        at = hashlib.sha256(said).digest()
        client = _expand(handshake, "c hs traffic", at, 32)
        server = _expand(handshake, "s hs traffic", at, 32)
        self._client = _Sealed(client)
        asked = _extension(13, _schemes(self.request.signature_algorithms))
        if self.request.authorities:
            asked += _extension(47, _authorities(self.request.authorities))
        if self.request.signature_algorithms_cert:
            asked += _extension(50, _schemes(self.request.signature_algorithms_cert))
        flight = (
            _message(8, _sized(b"", 2))
            + _message(13, b"\0" + _sized(asked, 2))
            + _message(11, b"\0" + _sized(_sized(certificate, 3) + b"\0\0", 3))
        )
        context = b" " * 64 + b"TLS 1.3, server CertificateVerify\0"
        context += hashlib.sha256(said + flight).digest()
        pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
        flight += _message(15, _PSS + _sized(key.sign(context, pss, hashes.SHA256()), 2))
        finished = hmac.digest(
            _expand(server, "finished", b"", 32), hashlib.sha256(said + flight).digest(), "sha256"
        )
        flight += _message(20, finished)
        return _records(22, hello) + _Sealed(server).seal(flight)

    def chain(self, said: bytes) -> tuple[bytes, ...] | None:
        """The client's Certificate message."""
        opened = (self._client.open(payload) for kind, payload in _split(said) if kind == 23)
        handshake = itertools.takewhile(lambda record: record[0] == 22, opened)
        return _certificate_of((payload for _, payload in handshake), TLS13)
