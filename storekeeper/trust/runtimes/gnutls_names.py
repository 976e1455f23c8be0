"""Names as GnuTLS compares them: the host, and name constraints.

Source: the GnuTLS manual (gnutls_x509_crt_check_hostname2, gnutls_x509_name_constraints_check_crt),
and GnuTLS 3.7.9 as seen from outside.
"""

from __future__ import annotations

import re

from ... import der
from ...errors import StorekeeperError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .gnutls_seen import GnuCertificate

_EMAIL, _DNS, _URI, _IP, _DIRECTORY = 0x81, 0x82, 0x86, 0x87, 0xA4
_EMPTY_NAME = (b"", b"\x30\x00")
_COMMON_NAME, _EMAIL_ADDRESS = "2.5.4.3", "1.2.840.113549.1.9.1"


def matches_host(leaf: GnuCertificate, host: str) -> bool:
    """Whether the certificate names the host."""
    address = _address(host)
    if address is not None:
        return any(tag == _IP and value == address for tag, value in leaf.names)
    wanted = _ascii(host)
    fallback = True
    for tag, value in leaf.names:
        if tag in (_DNS, _IP, _URI):
            fallback = False
        if tag == _DNS and _printable(value) and _equal(value, wanted):
            return True
    if not fallback or not leaf.fits(server=True, any_purpose=True):
        return False
    names = leaf.attributes(_COMMON_NAME)
    if len(names) != 1 or not _printable(names[0]):
        return False
    # It compares the escaped form, as in a distinguished name.
    return names[0].strip(b" ") == names[0] and _equal(names[0], wanted)


def _address(host: str) -> bytes | None:
    from ipaddress import IPv4Address, IPv6Address

    try:
        if ":" in host:
            return IPv6Address(host).packed if "%" not in host else None
        return IPv4Address(host).packed
    except ValueError:
        return None


def _ascii(host: str) -> bytes:
    """IDNA 2008 as far as labels go: lower case, composed, and no letter replaced."""
    from unicodedata import normalize

    labels = []
    for label in normalize("NFC", host.lower()).split("."):
        if label.isascii():
            labels.append(label.encode())
        else:
            labels.append(b"xn--" + label.encode("punycode", "replace"))
    return b".".join(labels)


def _printable(name: bytes) -> bool:
    return re.fullmatch(rb"[\x20-\x7e]*", name) is not None


def _equal(pattern: bytes, host: bytes) -> bool:
    pattern, host = pattern.lower(), host.lower()
    if not pattern:
        return False
    if pattern[:1] != b"*":
        return pattern == host
    if pattern.count(b".") < 2 or pattern[-1:] == b".":
        return False
    # The wildcard stands for the first label, or for the beginning of it.
    own, _, _ = host.partition(b".")
    return any(host[skip:] == pattern[1:] for skip in range(len(own) + 1))


class Constraints:
    """The name constraints of all issuers so far, the anchor's first."""

    def __init__(self) -> None:
        self._permitted: list[list[tuple[int, bytes]]] = []
        self._excluded: list[tuple[int, bytes]] = []

    def add(self, issuer: GnuCertificate) -> bool:
        """Take those of one more issuer; False when they can't be read."""
        encoded = issuer.facts.extension("2.5.29.30")
        if encoded is None:
            return True
        try:
            for part in der.read(encoded).children():
                trees = []
                for tree in part.children():
                    base = tree.items("subtree", at_least=1)[0]
                    if base.tag == _DIRECTORY and base.content in _EMPTY_NAME:
                        # It takes that for the end of the list.
                        break
                    if not _wellformed(base.tag, base.content):
                        return False
                    trees.append((base.tag, base.content))
                if part.tag == 0xA0:
                    self._permitted.append(trees)
                else:
                    self._excluded += trees
        except StorekeeperError:
            return False
        return True

    def allow(self, leaf: GnuCertificate) -> bool:
        """Whether the names of the server's certificate are within them."""
        return (
            self._allow_kind(leaf, _DNS, _COMMON_NAME)
            and self._allow_kind(leaf, _EMAIL, _EMAIL_ADDRESS)
            and self._allow_kind(leaf, _IP, "")
            and not self._excludes(_DIRECTORY)
            and not (self._excludes(_URI) and any(tag == _URI for tag, _ in leaf.names))
        )

    def _excludes(self, kind: int) -> bool:
        """Of kinds it can't compare: nothing is permitted, all is excluded."""
        return any(tag == kind for tag, _ in self._excluded)

    def _constrain(self, kind: int) -> bool:
        trees = [tree for group in self._permitted for tree in group]
        return any(tag == kind for tag, _ in [*trees, *self._excluded])

    def _allow_kind(self, leaf: GnuCertificate, kind: int, attribute: str) -> bool:
        if not self._constrain(kind):
            return True
        names = [value for tag, value in leaf.names if tag == kind]
        if not names and attribute:
            if kind == _DNS and not leaf.fits(server=True, any_purpose=True):
                return True
            names = leaf.attributes(attribute)
            if len(names) > 1:
                return False
        return all(self._allows(kind, name) for name in names)

    def _allows(self, kind: int, name: bytes) -> bool:
        match = _MATCH[kind]
        if any(tag == kind and match(name, tree) for tag, tree in self._excluded):
            return False
        for group in self._permitted:
            trees = [
                tree
                for tag, tree in group
                if tag == kind and (kind != _IP or len(tree) == 2 * len(name))
            ]
            if kind != _IP:
                # What permits all is overruled by what permits some.
                trees = [tree for tree in trees if tree] or trees
            if trees and not any(match(name, tree) for tree in trees):
                return False
        return True


def _wellformed(tag: int, base: bytes) -> bool:
    if tag == _IP:
        half = len(base) // 2
        if half not in (4, 16) or len(base) != 2 * half:
            return False
        mask = int.from_bytes(base[half:], "big")
        ones = mask.bit_count()
        return mask == ((1 << ones) - 1) << (8 * half - ones)
    if tag in (_EMAIL, _DNS):
        return base != b"." and b".." not in base
    return tag in (_URI, _DIRECTORY)


def _dns(name: bytes, base: bytes) -> bool:
    name, base = name.lower().rstrip(b"."), base.lower().rstrip(b".")
    if not base or name == base:
        return True
    if not name.endswith(base):
        return False
    return base[:1] == b"." or name[: len(name) - len(base)].endswith(b".")


def _email(name: bytes, base: bytes) -> bool:
    own, at, host = name.rpartition(b"@")
    if b"@" in base:
        local, _, wanted = base.rpartition(b"@")
        return bool(at) and own == local and _same_domain(host, wanted)
    if base[:1] == b".":
        return host.lower().endswith(base.lower())
    return not base or _same_domain(host, base)


def _same_domain(one: bytes, other: bytes) -> bool:
    return one.lower().rstrip(b".") == other.lower().rstrip(b".")


def _ip(name: bytes, base: bytes) -> bool:
    half = len(base) // 2
    if half != len(name):
        return False
    return all((a ^ b) & m == 0 for a, b, m in zip(name, base, base[half:], strict=False))


_MATCH = {_EMAIL: _email, _DNS: _dns, _IP: _ip}
