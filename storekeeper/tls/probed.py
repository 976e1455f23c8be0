"""What a probe found out about a server: raw bytes beside what was read from them."""

from __future__ import annotations

from ..errors import NetworkError
from ..frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..model import Certificate, Finding
    from ..trust.asked import Served
    from ..trust.ocsp import OcspAnswer
    from .connect import Address
    from .messages import CertificateRequest, KeyExchange
    from .wire import Alert

STATES = {
    "not-asked": "not asked for",
    "requested": "asked for, not required by TLS",
    "required": "required",
    "required-later": "required, later than the handshake",
    "refused": "the one that was given is refused",
    "unknown": "unknown",
}
"""Whether a client certificate is wanted, as words.

"requested": the server asks, and goes on without one; an application behind it may still want
it, which is "required-later" where that was seen. "refused": the one that was given.
"""


class NoHandshake(NetworkError):
    """No address of a server spoke TLS.

    Attributes:
        members: what each did instead, at least one.
    """

    members: tuple[Member, ...] = ()


class Offer(Frozen):
    """One protocol version, tried by itself.

    Attributes:
        version: its number.
        accepted: whether the server speaks it; None when that can't be told.
        ciphers: numbers of the suites it takes, the preferred first; only the preferred one
            unless all were asked for.
        server_orders: whether the server's order decides, not the client's; None when it has
            only one, or it was not tried.
        key_exchange: with the preferred suite.
        alert, problem: with which it refused.
    """

    version: int
    accepted: bool | None
    ciphers: tuple[int, ...] = ()
    server_orders: bool | None = None
    key_exchange: KeyExchange | None = None
    alert: Alert | None = None
    problem: str = ""


class Member(Frozen):
    """One address of a server, and the handshake with it.

    Attributes:
        address: None behind a proxy, which resolves the name itself.
        connect_ms: how long the connection took.
        problem: why there is no handshake, or why it was not completed; "".
        hint: what to do about the problem, "" for nothing special.
        version, cipher: numbers; 0 where none was agreed on.
        key_exchange: the ephemeral key.
        chain: as sent.
        request: what is asked of a client, at any moment; None when nothing is.
        client: one of `STATES`.
        why: what `client` rests on, in words.
        stapled: an OCSP response, b"" without one.
        alert: the server's, None for none.
        alpn: the application protocol, "" for none.
        server_time: what its web server says the time is, seconds since 1970 UTC, or None.
        raw: whether only the first flight was read, as OpenSSL refuses this server.
        proved: whether it has shown that it has the key of its certificate.
    """

    address: Address | None = None
    connect_ms: float = 0.0
    problem: str = ""
    version: int = 0
    cipher: int = 0
    key_exchange: KeyExchange | None = None
    chain: tuple[Certificate, ...] = ()
    request: CertificateRequest | None = None
    client: str = "unknown"
    why: str = ""
    stapled: bytes = b""
    alert: Alert | None = None
    alpn: str = ""
    server_time: int | None = None
    raw: bool = False
    hint: str = ""
    proved: bool = False

    @property
    def spoke(self) -> bool:
        """Whether TLS was agreed on."""
        return self.version != 0


class Probe(Frozen):
    """A server, probed.

    Attributes:
        name: as it was asked for.
        host, port: of it.
        server_name: what was sent for server name indication, or None.
        at: seconds since 1970 UTC.
        members: one for each address, in the resolver's order.
        plain: the chain without server name indication, None when not tried.
        offers: protocol versions, when asked for.
        ocsp: what is known of the leaf's revocation: stapled, and as its responder says.
        weak_dhe: the ephemeral key of DHE alone; None when it takes none, or not tried.
        proxy: through which, "" for none.
        notes: what limits the answer.
        findings: what is worth telling.
    """

    name: str
    host: str
    port: int
    server_name: str | None
    at: int
    members: tuple[Member, ...] = ()
    plain: tuple[Certificate, ...] | None = None
    offers: tuple[Offer, ...] = ()
    ocsp: tuple[OcspAnswer, ...] = ()
    weak_dhe: KeyExchange | None = None
    proxy: str = ""
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def member(self) -> Member:
        """The first that spoke TLS, else the first."""
        return next((one for one in self.members if one.spoke), self.members[0])


def served_by(found: Probe) -> Served:
    """The chain of a probed server; its older protocols are judged as TLS 1.2."""
    from ..trust.asked import Served
    from .words import TLS13

    protocol = "TLSv1.3" if found.member.version >= TLS13 else "TLSv1.2"
    return Served(found.member.chain, found.host, protocol)
