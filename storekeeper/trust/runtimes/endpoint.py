"""Endpoint identification: does the certificate stand for the host, as JSSE sees it.

Source: sun.security.util.HostnameChecker as seen from outside on JDK 11 to 25; RFC 2818.
"""

from __future__ import annotations

import re

from .public_suffix import unicode_name
from .refusal import Refused
from .subtrees import alternative_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .public_suffix import PublicSuffixes
    from .seen import Seen

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"


class Suffixes:
    """What Java knows of public suffixes, and whether it was asked of it.

    Attributes:
        public: the anchor is a root of the JDK's own cacerts; below others nobody asks.
        listed: its list; None where it is not given.
        guessed: suffixes that were taken or not taken for public without a list.
    """

    __slots__ = ("guessed", "listed", "public")

    def __init__(self, listed: PublicSuffixes | None, *, public: bool) -> None:
        self.public = public
        self.listed = listed
        self.guessed: set[str] = set()

    def forbids(self, below: str) -> bool:
        """Whether a wildcard directly below a domain is one below a public suffix.

        Java asks for the suffix of a name ``z`` in the domain, so that a list with ``z.se``, or
        any rule ``*.ck``, does not forbid ``*.se`` or ``*.ck``.
        """
        if not self.public:
            return False
        if self.listed is None:
            self.guessed.add(below)
            return "." not in below
        return self.listed.registry_suffix(f"z.{below}") == unicode_name(below)


def check(host: str, leaf: Seen, feature: int, suffixes: Suffixes) -> None:
    """Raise unless the certificate names the host.

    Args:
        host: as the application says it.
        leaf: the server's own certificate.
        feature: the release line.
        suffixes: public ones, which wildcards may not stand below.

    Raises:
        Refused: with the message of the CertificateException.
    """
    name = host
    if feature >= 17 and name.endswith("."):
        name = name[:-1]
    asked = server_name(name)
    if asked is not None and asked.lower() != name.lower():
        try:
            _check(asked, leaf, feature, suffixes)
        except Refused:
            pass
        else:
            return
    if name.startswith("[") and name.endswith("]"):
        name = name[1:-1]
    _check(name, leaf, feature, suffixes)


def server_name(host: str) -> str | None:
    """The name the client sends as SNI, None where it sends none."""
    if "." not in host[1:] or host.endswith(".") or ip_literal(host) is not None:
        return None
    return to_ascii(host)


def _check(host: str, leaf: Seen, feature: int, suffixes: Suffixes) -> None:
    address = ip_literal(host)
    if address is not None:
        _check_ip(host, address, leaf)
    else:
        _check_name(host, leaf, feature, suffixes)


def _check_ip(host: str, address: bytes, leaf: Seen) -> None:
    names = alternative_names(leaf)
    if not names:
        raise Refused(
            "No subject alternative names present", "no-alternative-names", leaf.certificate
        )
    for tag, content in names:
        if tag == 0x87 and _folded(content) == _folded(address):
            return
    raise Refused(
        f"No subject alternative names matching IP address {host} found",
        "host-name",
        leaf.certificate,
    )


def _check_name(host: str, leaf: Seen, feature: int, suffixes: Suffixes) -> None:
    certificate = leaf.certificate
    if feature >= 9 and to_ascii(host) is None:
        raise Refused(f"Illegal given domain name: {host}", "illegal-host", certificate)
    _check_readable(leaf, feature)
    names = [
        content.decode("latin-1") for tag, content in alternative_names(leaf) or () if tag == 0x82
    ]
    if names:
        if any(_matches(host, one, feature, suffixes) for one in names):
            return
        raise Refused(
            f"No subject alternative DNS name matching {host} found.", "host-name", certificate
        )
    common = leaf.facts.subject.common_name
    if common is not None and _matches(host, common, feature, suffixes):
        return
    raise Refused(f"No name matching {host} found", "host-name", certificate)


def _check_readable(leaf: Seen, feature: int) -> None:
    encoded = leaf.facts.extension("2.5.29.17")
    if feature < 21 or encoded is None:
        return
    if encoded == b"\x30\x00":
        said = "No data available in passed DER encoded value."
    elif alternative_names(leaf) is None:
        said = "not enough content"
    else:
        return
    raise Refused(said, "unreadable-names", leaf.certificate)


def _matches(host: str, template: str, feature: int, suffixes: Suffixes) -> bool:
    plain, pattern = to_ascii(host), template
    if plain is None:
        return False
    if _bad_wildcard(pattern, suffixes):
        return False
    ascii_pattern = to_ascii(pattern.replace("*", "z"))
    if ascii_pattern is None or pattern.endswith("."):
        return False
    if not pattern.isascii():
        encoded = _idna(pattern)
        if encoded is None:
            return False
        pattern = encoded
    name, pattern = plain.lower(), pattern.lower()
    if feature >= 20:
        first, _, rest = pattern.partition(".")
        own, _, tail = name.partition(".")
        return rest == tail and ("." in name) == ("." in pattern) and _wild(own, first)
    labels, wanted = name.split("."), pattern.split(".")
    return len(labels) == len(wanted) and all(map(_wild, labels, wanted))


def _bad_wildcard(template: str, suffixes: Suffixes) -> bool:
    if template in ("*", "*."):
        return True
    at = template.rfind("*")
    if at < 0:
        return False
    after = template[at:]
    if "." not in after:
        return True
    return suffixes.forbids(after.partition(".")[2])


def _wild(name: str, template: str) -> bool:
    if "*" not in template:
        return name == template
    first, *middle, last = template.split("*")
    if not name.startswith(first):
        return False
    name = name[len(first) :]
    for part in middle:
        at = name.find(part)
        if at < 0:
            return False
        name = name[at + len(part) :]
    return name.endswith(last)


def to_ascii(host: str) -> str | None:
    """The host in ASCII if it is a legal host name (letters, digits, hyphens), else None."""
    if not host.isascii():
        encoded = _idna(host)
        if encoded is None:
            return None
        host = encoded
    if host.endswith(".") or not host:
        return None
    labels = host.split(".")
    if not all(re.fullmatch(_LABEL, label) for label in labels):
        return None
    return host


def _idna(host: str) -> str | None:
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return None


def ip_literal(host: str) -> bytes | None:
    """The address a host is, in any spelling Java takes for one; None for a name.

    IPv4 has one to four decimal parts, as inet_aton, IPv6 brackets or none.
    """
    if re.fullmatch(r"[0-9]{1,10}(?:\.[0-9]{1,10}){0,3}", host):
        *parts, last = (int(part) for part in host.split("."))
        size = 4 - len(parts)
        if any(part > 255 for part in parts) or last >= 1 << (8 * size):
            return None
        return bytes(parts) + last.to_bytes(size, "big")
    text = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if ":" not in text:
        return None
    from ipaddress import IPv6Address

    try:
        return IPv6Address(text.partition("%")[0]).packed
    except ValueError:
        return None


def _folded(address: bytes) -> bytes:
    """An IPv4 address mapped into IPv6 is the IPv4 address."""
    if len(address) == 16 and address[:12] == bytes(10) + b"\xff\xff":
        return address[12:]
    return address
