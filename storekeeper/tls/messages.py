"""What servers say in a handshake: hello, chain, key exchange, request for a certificate.

Sources: RFC 8446 section 4, RFC 5246 section 7.4, RFC 4346 section 7.4.4 for TLS 1.1 and
before, RFC 8422 section 5.4.
"""

from __future__ import annotations

from ..errors import LimitExceeded
from ..frozen import Frozen
from .wire import Fields
from .words import CERTIFICATE_TYPES, TLS12, TLS13, group_name, scheme_name, version_name

MOST_CERTIFICATES = 1_000
"""In one message; JSSE refuses more than ten."""

MOST_AUTHORITIES = 20_000
"""Of the 65,535 bytes that names may have, none can be shorter than three."""

HELLO_RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
"""The random of a ServerHello that asks for another one (RFC 8446 section 4.1.3)."""

_SUPPORTED_VERSIONS, _KEY_SHARE, _ALPN = 43, 51, 16
_SIGNATURE_ALGORITHMS, _AUTHORITIES, _SIGNATURE_ALGORITHMS_CERT = 13, 47, 50
_NAMED_CURVE = 3
_SIZES = (256, 384, 512, 768, 1024)


class ServerHello(Frozen):
    """What was agreed on.

    Attributes:
        version: the protocol, 0x0304 for TLS 1.3.
        cipher: number of the cipher suite.
        extensions: (number, content) as sent.
        group: of the key share, in TLS 1.3; None otherwise.
        retry: it asks for another ClientHello.
    """

    version: int
    cipher: int
    extensions: tuple[tuple[int, bytes], ...] = ()
    group: int | None = None
    retry: bool = False


class KeyExchange(Frozen):
    """How the keys of a connection come about.

    Attributes:
        kind: "DHE", "ECDHE", "RSA", "hybrid", "" when unknown.
        group: "x25519", "secp256r1", "ffdhe2048"; "" for a group of the server's own.
        bits: of the prime or the curve; None when unknown.
        prime: of DHE, as sent; b"" otherwise.
    """

    kind: str
    group: str = ""
    bits: int | None = None
    prime: bytes = b""


class CertificateRequest(Frozen):
    """What a server asks of a client: a certificate, of whom, with what key.

    Attributes:
        protocol: "TLSv1.2", ...
        authorities: DER of the acceptable CA names, in the order sent; () says nothing about
            whom, or anybody.
        certificate_types: of TLS 1.2 and before, as in `words.CERTIFICATE_TYPES`; () in 1.3.
        signature_algorithms: numbers as in `words.SCHEMES`; () before TLS 1.2.
        signature_algorithms_cert: those for the chain, where they are others (TLS 1.3).
        when: "handshake", "renegotiation" or "post-handshake".
    """

    protocol: str
    authorities: tuple[bytes, ...] = ()
    certificate_types: tuple[int, ...] = ()
    signature_algorithms: tuple[int, ...] = ()
    signature_algorithms_cert: tuple[int, ...] = ()
    when: str = "handshake"

    @property
    def key_types(self) -> tuple[str, ...]:
        """Words for `certificate_types`."""
        return tuple(CERTIFICATE_TYPES.get(one, f"type {one}") for one in self.certificate_types)

    @property
    def schemes(self) -> tuple[str, ...]:
        """Words for `signature_algorithms`."""
        return tuple(map(scheme_name, self.signature_algorithms))


def server_hello(body: bytes) -> ServerHello:
    """A ServerHello (RFC 8446 section 4.1.3, RFC 5246 section 7.4.1.3).

    Raises:
        Damaged: it is cut or malformed.
    """
    fields = Fields(body, "server hello")
    version = fields.number(2)
    random = fields.take(32)
    fields.vector(1)
    cipher = fields.number(2)
    fields.number(1)
    found = extensions(fields) if len(fields) else ()
    known = dict(found)
    if _SUPPORTED_VERSIONS in known:
        version = Fields(known[_SUPPORTED_VERSIONS], "supported versions").number(2)
    group = None
    if _KEY_SHARE in known and version >= TLS13:
        group = Fields(known[_KEY_SHARE], "key share").number(2)
    return ServerHello(version, cipher, found, group, random == HELLO_RETRY)


def extensions(fields: Fields) -> tuple[tuple[int, bytes], ...]:
    """(number, content) of each extension.

    Raises:
        Damaged: they are cut.
    """
    inner = fields.fields(2)
    found = []
    while len(inner):
        number = inner.number(2)
        found.append((number, inner.vector(2)))
    return tuple(found)


def certificates(body: bytes, version: int) -> tuple[bytes, ...]:
    """The DER of a chain as sent, whatever it is.

    Args:
        body: of a Certificate message.
        version: of the protocol.

    Raises:
        Damaged: the message is cut or malformed.
        LimitExceeded: more than `MOST_CERTIFICATES`.
    """
    fields = Fields(body, "certificate message")
    if version >= TLS13:
        fields.vector(1)
    inner = fields.fields(3)
    found: list[bytes] = []
    while len(inner):
        if len(found) >= MOST_CERTIFICATES:
            raise LimitExceeded(f"a chain of more than {MOST_CERTIFICATES} certificates")
        found.append(inner.vector(3))
        if version >= TLS13:
            inner.vector(2)
    return tuple(found)


def stapled(body: bytes) -> bytes:
    """The OCSP response of a CertificateStatus message (RFC 6066 section 8); b"" for another.

    Raises:
        Damaged: the message is cut.
    """
    fields = Fields(body, "certificate status")
    return fields.vector(3) if fields.number(1) == 1 else b""


def stapled_in(body: bytes) -> bytes:
    """The OCSP response with the leaf in a Certificate message of TLS 1.3; b"" without one.

    Raises:
        Damaged: the message is cut.
    """
    fields = Fields(body, "certificate message")
    fields.vector(1)
    inner = fields.fields(3)
    if not len(inner):
        return b""
    inner.vector(3)
    for number, content in extensions(inner):
        if number == 5:
            return stapled(content)
    return b""


def key_exchange(body: bytes, kind: str) -> KeyExchange:
    """What a ServerKeyExchange says of the ephemeral key.

    Args:
        body: of the message.
        kind: "DHE" or "ECDHE", which the cipher suite says.

    Raises:
        Damaged: the message is cut.
    """
    fields = Fields(body, "server key exchange")
    if kind == "DHE":
        prime = fields.vector(2).lstrip(b"\0")
        return KeyExchange(
            "DHE", _known_prime(prime), int.from_bytes(prime, "big").bit_length(), prime
        )
    if kind == "ECDHE":
        if fields.number(1) != _NAMED_CURVE:
            return KeyExchange("ECDHE", "", None)
        return of_group(fields.number(2))
    return KeyExchange(kind)


def of_group(number: int) -> KeyExchange:
    """The key exchange with a named group."""
    from .words import GROUPS

    name, bits = GROUPS.get(number, ("", 0))
    kind = "DHE" if name.startswith("ffdhe") else "hybrid" if "MLKEM" in name else "ECDHE"
    return KeyExchange(kind, name or group_name(number), bits or None)


def _known_prime(prime: bytes) -> str:
    """The name of a group of RFC 7919, whose primes begin and end alike; "" for others.

    They are 2^b - 2^(b-64) + ..., so 64 ones, the digits of e, and 64 ones.
    """
    ones = b"\xff" * 8
    if (
        prime[:8] == ones
        and prime[-8:] == ones
        and prime[8:16] == bytes.fromhex("adf85458a2bb4a9a")
    ):
        return f"ffdhe{len(prime) * 8}" if len(prime) in _SIZES else ""
    return ""


def certificate_request(body: bytes, version: int, when: str = "handshake") -> CertificateRequest:
    """A CertificateRequest, in any of its three layouts.

    Args:
        body: of the message.
        version: of the protocol.
        when: as `CertificateRequest.when`.

    Raises:
        Damaged: it is cut or malformed.
        LimitExceeded: it names more than `MOST_AUTHORITIES`.
    """
    fields = Fields(body, "certificate request")
    protocol = version_name(version)
    if version >= TLS13:
        fields.vector(1)
        known = dict(extensions(fields))
        authorities: tuple[bytes, ...] = ()
        if _AUTHORITIES in known:
            authorities = _names(Fields(known[_AUTHORITIES], "certificate authorities"))
        return CertificateRequest(
            protocol,
            authorities,
            (),
            _schemes(known.get(_SIGNATURE_ALGORITHMS)),
            _schemes(known.get(_SIGNATURE_ALGORITHMS_CERT)),
            when,
        )
    types = tuple(fields.vector(1))
    schemes = fields.numbers(2, 2) if version >= TLS12 else ()
    return CertificateRequest(protocol, _names(fields), types, schemes, (), when)


def _schemes(content: bytes | None) -> tuple[int, ...]:
    return () if content is None else Fields(content, "signature algorithms").numbers(2, 2)


def _names(fields: Fields) -> tuple[bytes, ...]:
    inner = fields.fields(2)
    found: list[bytes] = []
    while len(inner):
        if len(found) >= MOST_AUTHORITIES:
            raise LimitExceeded(f"more than {MOST_AUTHORITIES} acceptable CA names")
        found.append(inner.vector(2))
    return tuple(found)


def server_name_list(content: bytes) -> tuple[str, ...]:
    """The host names of a server_name extension of a ClientHello (RFC 6066 section 3).

    Raises:
        Damaged: it is cut.
    """
    if not content:
        return ()
    inner = Fields(content, "server name").fields(2)
    found = []
    while len(inner):
        kind = inner.number(1)
        name = inner.vector(2)
        if kind == 0:
            found.append(name.decode("ascii", "backslashreplace"))
    return tuple(found)


__all__ = [
    "HELLO_RETRY",
    "CertificateRequest",
    "KeyExchange",
    "ServerHello",
    "certificate_request",
    "certificates",
    "extensions",
    "key_exchange",
    "of_group",
    "server_hello",
    "server_name_list",
    "stapled",
    "stapled_in",
]
