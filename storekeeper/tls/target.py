"""What people write for a server, as where to connect and how TLS begins there.

Default ports are those of the service name registry; which protocols begin in the clear and
change to TLS on request is RFC 3207 (SMTP), RFC 2595 and 8314 (IMAP, POP3), RFC 4511 (LDAP),
RFC 4217 (FTP), RFC 4642 (NNTP), RFC 5804 (ManageSieve) and RFC 6120 (XMPP).
"""

from __future__ import annotations

import re

from ..errors import UsageError
from ..frozen import Frozen
from .hosts import host_of, is_address

# scheme: (default port or 0, how TLS is asked for or "", application protocol)
SCHEMES: dict[str, tuple[int, str, str]] = {
    "https": (443, "", "http"),
    "wss": (443, "", "http"),
    "tls": (0, "", ""),
    "ssl": (0, "", ""),
    "smtp": (25, "smtp", "smtp"),
    "submission": (587, "smtp", "smtp"),
    "smtps": (465, "", "smtp"),
    "lmtp": (24, "lmtp", "lmtp"),
    "imap": (143, "imap", "imap"),
    "imaps": (993, "", "imap"),
    "pop3": (110, "pop3", "pop3"),
    "pop3s": (995, "", "pop3"),
    "sieve": (4190, "sieve", "sieve"),
    "ldap": (389, "ldap", "ldap"),
    "ldaps": (636, "", "ldap"),
    "postgres": (5432, "postgres", "postgres"),
    "postgresql": (5432, "postgres", "postgres"),
    "mysql": (3306, "mysql", "mysql"),
    "mariadb": (3306, "mysql", "mysql"),
    "mssql": (1433, "mssql", "mssql"),
    "sqlserver": (1433, "mssql", "mssql"),
    "ftp": (21, "ftp", "ftp"),
    "ftps": (990, "", "ftp"),
    "xmpp": (5222, "xmpp", "xmpp"),
    "xmpps": (5223, "", "xmpp"),
    "xmpp-server": (5269, "xmpp-server", "xmpp"),
    "xmpps-server": (5270, "", "xmpp"),
    "nntp": (119, "nntp", "nntp"),
    "nntps": (563, "", "nntp"),
    "rdp": (3389, "rdp", "rdp"),
    "amqps": (5671, "", "amqp"),
    "mqtts": (8883, "", "mqtt"),
    "rediss": (6379, "", "redis"),
    "ircs": (6697, "", "irc"),
    "sips": (5061, "", "sip"),
    "telnets": (992, "", "telnet"),
    "tcps": (2484, "", "oracle"),
    "t3s": (7002, "", "t3"),
}

STARTTLS = tuple(dict.fromkeys(how for _, how, _ in SCHEMES.values() if how))
"""Protocols in which TLS is asked for, as ``--starttls`` takes them."""

DEFAULT_PORT = 443

_ALSO = {"postgresql": "postgres", "mariadb": "mysql", "submission": "smtp", "sqlserver": "mssql"}
_PLAIN = {
    "http": "https",
    "ws": "wss",
    "amqp": "amqps",
    "mqtt": "mqtts",
    "redis": "rediss",
    "irc": "ircs",
    "sip": "sips",
    "telnet": "telnets",
    "tcp": "tcps",
    "t3": "t3s",
}
_IN_THE_CLEAR = {
    25: "smtp",
    587: "smtp",
    143: "imap",
    110: "pop3",
    4190: "sieve",
    389: "ldap",
    5432: "postgres",
    3306: "mysql",
    1433: "mssql",
    21: "ftp",
    5222: "xmpp",
    5269: "xmpp-server",
    119: "nntp",
    3389: "rdp",
}
_SCHEME = r"([A-Za-z][A-Za-z0-9+.-]*)://"
_LONGEST = 8_192
_ESCAPED = re.compile(r"[^A-Za-z0-9/?%:@!$&'()*+,;=~._-]")


class Target(Frozen):
    """A server.

    Attributes:
        host: to connect to: a name in ASCII, or an address without brackets.
        port: of TCP.
        starttls: one of `STARTTLS`; None where TLS begins at once.
        server_name: for server name indication; None for an address.
        application: the protocol inside, "http", "smtp", ...; "" when unknown.
        path: of a URL with its query, "" without one.
        notes: what is unusual about it, each a sentence.
    """

    host: str
    port: int
    starttls: str | None = None
    server_name: str | None = None
    application: str = ""
    path: str = ""
    notes: tuple[str, ...] = ()

    @property
    def peer(self) -> str:
        """Host and port, as in "[2001:db8::1]:443"."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def host_header(self) -> str:
        """As HTTP writes it: without the port where it is https's own."""
        return self.peer.removesuffix(f":{DEFAULT_PORT}")


def target(text: str, *, starttls: str | None = None, server_name: str | None = None) -> Target:
    """A server out of ``host``, ``host:port``, ``[address]:port`` or a URL.

    Without a scheme TLS begins at once, on port 443 unless one is named: which protocol a port
    number stands for is not guessed, only noted.

    Args:
        text: what somebody wrote.
        starttls: one of `STARTTLS`, in place of what the scheme says; it names the port, too,
            where the text has none.
        server_name: for server name indication, in place of the host's; in any script.

    Raises:
        UsageError: it is no server's name, has a password in it, or a protocol without TLS.
    """
    given = text.strip()
    scheme, rest = _split(given)
    authority, path = _authority(rest)
    if "@" in authority:
        # Whatever is before the @ may be a password, and is not repeated.
        raise UsageError(
            "a server with a user name or password before an @",
            hint="write it without: nobody is logged in",
        )
    shown = _shown(given)
    if not authority:
        raise UsageError(f"expected a server as HOST or HOST:PORT, found {shown}")
    host, port = _host_and_port(authority, shown)
    name, notes = host_of(host, shown)
    default, how, application = SCHEMES.get(scheme, (DEFAULT_PORT, "", ""))
    if starttls is not None:
        how = _starttls(starttls)
        if not scheme:
            default, _, application = SCHEMES[how]
    elif not scheme and port in (None, DEFAULT_PORT, 8443):
        application = "http"
    number = default if port is None else port
    if not number:
        raise UsageError(f"{scheme}: has no port of its own: expected HOST:PORT, found {shown}")
    if not scheme and not how and number in _IN_THE_CLEAR:
        usual = _IN_THE_CLEAR[number]
        notes += (f"port {number} is where {usual} begins in the clear: write {usual}://HOST",)
    own = name if server_name is None else _server_name(server_name)
    indicated = None if is_address(own) else own.removesuffix(".")
    return Target(name, number, how or None, indicated, application, path, notes)


def _server_name(text: str) -> str:
    name, _ = host_of(text, repr(text[:80]))
    if is_address(name):
        raise UsageError(
            f"expected a name to send, found the address {name}",
            hint="server name indication is of names alone (RFC 6066): --no-sni sends none",
        )
    return name


def _split(given: str) -> tuple[str, str]:
    """(scheme in lower case, what follows it); ("", all) without one."""
    if len(given) > _LONGEST:
        raise UsageError(f"expected a server, found {len(given)} characters")
    found = re.match(_SCHEME, given)
    if found is None:
        return "", given
    scheme = found[1].lower()
    if scheme in _PLAIN:
        raise UsageError(f"{scheme}: has no TLS", hint=f"write {_PLAIN[scheme]}://HOST:PORT")
    if scheme not in SCHEMES:
        raise UsageError(
            f"{found[1][:40]}: is no protocol that is known here",
            hint=f"for one that begins with TLS write HOST:PORT; known are {', '.join(SCHEMES)}",
        )
    return scheme, given[found.end() :]


def _authority(rest: str) -> tuple[str, str]:
    end = min((at for mark in "/?#\\" if (at := rest.find(mark)) >= 0), default=len(rest))
    return rest[:end], path_of(rest[end:])


def path_of(text: str) -> str:
    """Path and query of a URL as HTTP sends them, "" for none; the fragment is not sent.

    What a URL can't have in it (RFC 3986) is escaped.
    """
    path = text.partition("#")[0].replace("\\", "/")
    if path and not path.startswith("/"):
        path = "/" + path
    return _ESCAPED.sub(lambda one: "".join(f"%{byte:02X}" for byte in one[0].encode()), path)


def without_query(text: str) -> str:
    """A URL without its query and fragment: what is kept of it may be shown to anybody."""
    return re.split(r"[?#]", text, maxsplit=1)[0] if "://" in text else text


def _shown(given: str) -> str:
    """The text for a message; nothing of it where a password may be."""
    return "something with an @" if "@" in given else repr(given[:80])


def _host_and_port(authority: str, shown: str) -> tuple[str, int | None]:
    bracketed = re.fullmatch(r"\[([^\[\]]*)\](?::(.*))?", authority)
    if bracketed:
        host, digits = bracketed[1], bracketed[2]
        if ":" not in host:
            raise UsageError(f"expected an IPv6 address in brackets, found {shown}")
    elif authority.count(":") > 1:  # an IPv6 address without brackets and so without a port
        host, digits = authority, None
    else:
        host, colon, text = authority.partition(":")
        digits = text if colon else None
    if digits is None:
        return host, None
    if not re.fullmatch("[0-9]{1,5}", digits) or not 0 < int(digits) < 65_536:
        raise UsageError(f"expected a port from 1 to 65535 after the colon, found {shown}")
    return host, int(digits)


def _starttls(word: str) -> str:
    known = _ALSO.get(word.lower(), word.lower())
    if known not in STARTTLS:
        raise UsageError(
            f"expected a protocol with STARTTLS, found {word[:40]!r}",
            hint=f"known are {', '.join(STARTTLS)}",
        )
    return known


__all__ = ["DEFAULT_PORT", "SCHEMES", "STARTTLS", "Target", "path_of", "target", "without_query"]
