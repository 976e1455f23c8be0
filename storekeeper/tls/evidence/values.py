"""What was found in files that people send: values, each with its place, and no conclusions."""

from __future__ import annotations

from ...frozen import Frozen
from ..messages import CertificateRequest
from ..transcript import Seen, Transcript
from ..wire import Alert

SERVER, CLIENT = "server", "client"


class Place(Frozen):
    """Where something stands.

    Attributes:
        file: its name, as given.
        line: counted from 1; 0 in a capture.
        packet: counted from 1, as Wireshark does; 0 in a text.
    """

    file: str
    line: int = 0
    packet: int = 0

    def __str__(self) -> str:
        if self.packet:
            return f"{self.file}, packet {self.packet}"
        return f"{self.file}, line {self.line}" if self.line else self.file


class Certified(Frozen):
    """A certificate: its bytes, or what was printed of it.

    Attributes:
        der: b"" where only words were printed.
        subject: in RFC 4514; as printed where that is no name.
        issuer: likewise.
        serial: None when it is not told.
        not_before: seconds since 1970; None when it is not told or not in words known here.
        not_after: likewise.
        signature_algorithm: "SHA256withRSA", as printed.
        names: subject alternative names, "DNS:example.net", as far as printed.
        sha256: of the DER, 64 lower-case hex digits; "" when unknown.
    """

    der: bytes = b""
    subject: str = ""
    issuer: str = ""
    serial: int | None = None
    not_before: int | None = None
    not_after: int | None = None
    signature_algorithm: str = ""
    names: tuple[str, ...] = ()
    sha256: str = ""


class Evidence(Frozen):
    """One piece.

    Attributes:
        place: where it begins.
    """

    place: Place


class Handshake(Evidence):
    """A handshake, as bytes.

    Attributes:
        client: its address, "192.0.2.1:40000"; "" when unknown.
        server: likewise.
        seen: what both sides said.
        places: of each of `seen`.
        at: seconds since 1970 of its begin; None when unknown.
    """

    client: str
    server: str
    seen: tuple[Seen, ...]
    places: tuple[Place, ...]
    at: int | None = None

    @property
    def transcript(self) -> Transcript:
        """`seen`, to ask questions of."""
        return Transcript(self.seen)


class Chain(Evidence):
    """Certificates as one side sent them, or as they stand in a file.

    Attributes:
        by: "server", "client", or "" when nobody sent them.
        certificates: in that order.
        complete: whether the end of it was found.
    """

    by: str
    certificates: tuple[Certified, ...]
    complete: bool = True


class Wanted(Evidence):
    """A server's request for a client certificate.

    Attributes:
        request: ``authorities`` is empty where the names are only printed.
        names: of the acceptable CAs, in RFC 4514; as printed where that is no name.
        exact: whether the DER of the names is known.
        listed: whether the source tells the names; where it does, none means none.
    """

    request: CertificateRequest
    names: tuple[str, ...] = ()
    exact: bool = False
    listed: bool = True


class AlertSeen(Evidence):
    """A TLS alert.

    Attributes:
        by: who sent it, "server" or "client"; "" when that is not told. In a log of one side
            this is "client" for what a client calls sent.
        alert: its description is -1 where the name is none of TLS.
    """

    by: str
    alert: Alert


class Cause(Frozen):
    """One exception.

    Attributes:
        kind: its class, "javax.net.ssl.SSLHandshakeException"; "" for a bare message.
        message: "" without one.
    """

    kind: str
    message: str


class Failure(Evidence):
    """An error in a program's words.

    Attributes:
        kind: as `Cause.kind`, of the outermost.
        message: likewise.
        causes: what is behind it, the innermost last.
        stack: whose words they are: "java", "dotnet", "openssl", "python", "go", "node",
            "schannel", "gnutls", "iaik".
        number: of OpenSSL's verification error; None otherwise.
    """

    kind: str
    message: str
    causes: tuple[Cause, ...] = ()
    stack: str = "java"
    number: int | None = None


class Program(Evidence):
    """A program with its version.

    Attributes:
        name: "java", "OpenSSL", "IAIK", "curl", "Python", "Go", "Node.js".
        version: as printed.
    """

    name: str
    version: str


class StorePath(Evidence):
    """A store that is named.

    Attributes:
        use: "trust", "key" or "".
        path: as printed.
        type: "jks", "pkcs12", ...; "" when it is not told.
    """

    use: str
    path: str
    type: str = ""


class Anchors(Evidence):
    """Certificates that a program trusts, as it lists them.

    Attributes:
        certificates: in the order listed.
    """

    certificates: tuple[Certified, ...]


class Listed(Evidence):
    """An entry of a listed keystore.

    Attributes:
        alias: as printed; "" when there is none.
        kind: "trustedCertEntry", "PrivateKeyEntry", "SecretKeyEntry" or "".
        certificates: its chain, the leaf first.
        created: seconds since 1970 of that day; None when it is not told.
    """

    alias: str
    kind: str
    certificates: tuple[Certified, ...] = ()
    created: int | None = None


class Host(Evidence):
    """A server's name, or its address.

    Attributes:
        name: as printed.
        port: None when it is not told.
        how: "sni" (in the ClientHello), "connect" (whom a program connects to).
    """

    name: str
    port: int | None = None
    how: str = "connect"


class ClientIdentity(Evidence):
    """What a client sent of itself.

    Attributes:
        certificates: none were sent when empty.
        alias: of the entry, where it is told.
    """

    certificates: tuple[Certified, ...] = ()
    alias: str = ""

    @property
    def sent(self) -> bool:
        """Whether there was a certificate."""
        return bool(self.certificates)


class Offered(Evidence):
    """A ClientHello.

    Attributes:
        protocols: "TLSv1.3", ..., the preferred one first.
        ciphers: as IANA spells them.
        schemes: signature schemes; () where the client did not say.
        server_name: "" without server name indication.
    """

    protocols: tuple[str, ...]
    ciphers: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ()
    server_name: str = ""


class Negotiated(Evidence):
    """What both sides agreed on.

    Attributes:
        protocol: "TLSv1.2"; "" when it is not told.
        cipher: as printed.
        key_exchange: "X25519, 253 bits", as printed.
    """

    protocol: str
    cipher: str = ""
    key_exchange: str = ""


class Verified(Evidence):
    """OpenSSL's result for a whole chain.

    Attributes:
        number: 0 when it is fine.
        message: as printed.
    """

    number: int
    message: str


class Ended(Evidence):
    """How a connection ended where a handshake should have begun or gone on.

    Attributes:
        how: "refused" (no program listens), "reset", "closed", "silent" (no answer to the
            ClientHello), "not-tls" (an answer that is none of TLS).
        said: the first words of that answer, in quotes; "" otherwise.
    """

    how: str
    said: str = ""

    def __str__(self) -> str:
        if self.how == "not-tls":
            return f"the server's answer is no TLS: {self.said}"
        return {
            "refused": "the server refuses the connection: no program listens on that port",
            "reset": "the server resets the connection after the ClientHello",
            "closed": "the server ends the connection after the ClientHello",
            "silent": "the server does not answer the ClientHello in this capture",
        }.get(self.how, self.how)


class Moment(Evidence):
    """When it was.

    Attributes:
        at: seconds since 1970.
    """

    at: int


class Note(Evidence):
    """What could not be read, and why; what a capture does not show.

    Attributes:
        text: a sentence, in lower case, without a full stop.
    """

    text: str


def certified(der: bytes) -> Certified:
    """Everything told of a certificate by its bytes; only those where they can't be read."""
    from hashlib import sha256

    from ...errors import StorekeeperError
    from ...model import Certificate
    from ...x509 import facts

    digest = sha256(der).hexdigest()
    try:
        found = facts(Certificate(der))
        names = tuple(map(str, found.subject_alt_names))
        return Certified(
            der,
            found.subject.rfc4514(),
            found.issuer.rfc4514(),
            found.serial,
            found.not_before,
            found.not_after,
            found.signature_algorithm,
            names,
            digest,
        )
    except StorekeeperError:
        return Certified(der, sha256=digest)


def name_text(der: bytes) -> str:
    """A distinguished name in RFC 4514; its hex where it is none."""
    from ...errors import StorekeeperError
    from ...names import Name

    try:
        return Name(der).rfc4514()
    except StorekeeperError:
        return f"#{der.hex()}"
