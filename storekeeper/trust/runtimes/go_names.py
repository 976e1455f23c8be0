"""Names as Go's crypto/x509 compares them: the host, and name constraints.

Source: pkg.go.dev/crypto/x509 (Certificate.VerifyHostname, HostnameError), RFC 5280 section
4.2.1.10, and Go 1.19, 1.23 and 1.27 as seen from outside.
"""

from __future__ import annotations

import re

from ... import der
from ...errors import StorekeeperError
from .refusal import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from ipaddress import IPv4Address, IPv6Address

    from .go_seen import GoCertificate

_EMAIL, _DNS, _URI, _IP = 0x81, 0x82, 0x86, 0x87
_TITLES = {_EMAIL: "email address", _DNS: "DNS name", _URI: "URI", _IP: "IP address"}
_MAILBOX = rb"(?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*)@(.*)"
_MOST_NAMES = 100


def quoted(text: str) -> str:
    """As %q prints a text."""
    out = []
    for char in text:
        if char in '"\\':
            out.append("\\" + char)
        elif char.isprintable():
            out.append(char)
        elif ord(char) < 0x80:
            out.append({"\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(char, f"\\x{ord(char):02x}"))
        else:
            out.append(f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}")
    return '"' + "".join(out) + '"'


def check_host(leaf: GoCertificate, host: str, version: tuple[int, int]) -> None:
    """Raise unless the certificate names the host.

    Raises:
        Refused: with the text of the HostnameError.
    """
    inside = host[1:-1] if len(host) >= 3 and host[0] == "[" and host[-1] == "]" else host
    address = _address(inside, zones=version >= (1, 26))
    if address is not None:
        wanted = _folded(address.packed)
        if any(_folded(value) == wanted for value in leaf.of(_IP)):
            return
        said = _text(address.packed) if version >= (1, 26) else inside
        raise _mismatch(leaf, said, version)
    name = _lower(host)
    valid = _valid(name.removesuffix("."), pattern=False)
    for one in _dns_names(leaf):
        if valid and _valid(one, pattern=True, star=version < (1, 20)):
            if _matches(one, name):
                return
        elif one not in ("", ".") and name not in ("", ".") and _lower(one) == name:
            return
    raise _mismatch(leaf, host, version)


def _mismatch(leaf: GoCertificate, host: str, version: tuple[int, int]) -> Refused:
    names = _dns_names(leaf)
    if leaf.sans is None and _matches(leaf.common_name, host):
        said = "certificate relies on legacy Common Name field, use SANs instead"
    elif _address(host, zones=False) is not None:
        addresses = [_text(value) for value in leaf.of(_IP)]
        said = f"certificate is valid for {', '.join(addresses)}, not {host}"
        if not addresses:
            said = f"cannot validate certificate for {host} because it doesn't contain any IP SANs"
    elif not any(names):
        said = f"certificate is not valid for any names, but wanted to match {host}"
    elif len(names) >= _MOST_NAMES and version >= (1, 25):
        said = f"certificate is valid for {len(names)} names, but none matched {host}"
    else:
        said = f"certificate is valid for {', '.join(names)}, not {host}"
    return Refused(f"x509: {said}", "host-name", leaf.certificate)


def _dns_names(leaf: GoCertificate) -> list[str]:
    return [value.decode("latin-1") for value in leaf.of(_DNS)]


def _lower(text: str) -> str:
    return "".join(char.lower() if char.isascii() else char for char in text)


def _valid(host: str, *, pattern: bool, star: bool = False) -> bool:
    if host == "*" and not star:
        return False
    for index, label in enumerate(host.split(".")):
        if pattern and index == 0 and label == "*":
            continue
        if re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]*", label) is None:
            return False
    return True


def _matches(pattern: str, host: str) -> bool:
    pattern = _lower(pattern)
    host = _lower(host.removesuffix("."))
    if not pattern or not host:
        return False
    wanted, found = pattern.split("."), host.split(".")
    if len(wanted) != len(found):
        return False
    return all(
        one == other or (index == 0 and one == "*")
        for index, (one, other) in enumerate(zip(wanted, found, strict=True))
    )


def _address(text: str, *, zones: bool) -> IPv4Address | IPv6Address | None:
    from ipaddress import ip_address

    if "%" in text:
        text, _, zone = text.partition("%")
        if not zones or not zone or ":" not in text:
            return None
    try:
        return ip_address(text)
    except ValueError:
        return None


def _folded(address: bytes) -> bytes:
    if len(address) == 16 and address[:12] == bytes(10) + b"\xff\xff":
        return address[12:]
    return address


def _text(address: bytes) -> str:
    from ipaddress import ip_address

    return str(ip_address(_folded(address)))


# -- name constraints -----------------------------------------------------------------


class Constraints:
    """Permitted and excluded subtrees of one certificate, by kind of name."""

    def __init__(self, encoded: bytes) -> None:
        self.permitted: dict[int, list[bytes]] = {}
        self.excluded: dict[int, list[bytes]] = {}
        for part in der.read(encoded).children():
            into = self.permitted if part.tag == 0xA0 else self.excluded
            for tree in part.children():
                base = tree.items("subtree", at_least=1)[0]
                into.setdefault(base.tag, []).append(base.content)


def constraints_of(one: GoCertificate) -> Constraints | None:
    """What a certificate constrains; None for nothing."""
    encoded = one.facts.extension("2.5.29.30") if one.facts.version == 3 else None
    if encoded is None:
        return None
    try:
        return Constraints(encoded)
    except StorekeeperError:
        return None


def check_names(
    one: GoCertificate, constraints: Constraints, version: tuple[int, int], *, whose: GoCertificate
) -> None:
    """Hold the alternative names of a certificate against constraints above it.

    Raises:
        Refused: with the text of the CertificateInvalidError.
    """
    new = version >= (1, 26)
    names: Sequence[tuple[int, bytes]] = one.names
    try:
        if new:
            _check_readable(one)
            names = [(tag, value) for tag in (_IP, _DNS, _URI, _EMAIL) for value in one.of(tag)]
        for tag, value in names:
            if tag not in _TITLES:
                continue
            unreadable = _unreadable(tag, value, version)
            if unreadable and not new:
                raise Refused(unreadable, "name-constraints", whose.certificate)
            if unreadable:
                raise _Violation(unreadable)
            parts = [_permit, _exclude] if new else [_exclude, _permit]
            for part in parts:
                part(tag, value, constraints, version)
    except _Violation as violation:
        raise Refused(
            "x509: a root or intermediate certificate is not authorized to sign for this name: "
            f"{violation}",
            "name-constraints",
            whose.certificate,
        ) from None


class _Violation(Exception):
    """A name is outside of what is permitted."""


def _check_readable(one: GoCertificate) -> None:
    """Since 1.26 all URIs and addresses of electronic mail, whatever is constrained."""
    for value in one.of(_URI):
        _host_of(value)
    for value in one.of(_EMAIL):
        if mailbox_problem(value, (1, 26)):
            raise _Violation(f"cannot parse rfc822Name {quoted(value.decode('latin-1'))}")


def _permit(tag: int, value: bytes, constraints: Constraints, version: tuple[int, int]) -> None:
    trees = constraints.permitted.get(tag)
    if trees and not any(_MATCH[tag](value, tree, version) for tree in trees):
        raise _Violation(f"{_TITLES[tag]} {_shown(tag, value)} is not permitted by any constraint")


def _exclude(tag: int, value: bytes, constraints: Constraints, version: tuple[int, int]) -> None:
    trees = constraints.excluded.get(tag, [])
    # Since 1.26 the widest is told, not the first.
    for tree in sorted(trees, key=len) if version >= (1, 26) else trees:
        if _MATCH[tag](value, tree, version) or (
            version >= (1, 26) and tag == _DNS and _same_parent(value, tree)
        ):
            raise _Violation(
                f"{_TITLES[tag]} {_shown(tag, value)} is excluded by constraint "
                f"{_shown(tag, tree, constraint=True)}"
            )


def _same_parent(name: bytes, tree: bytes) -> bool:
    """A wildcard stands for a name beside it that is excluded."""
    parent = name.lower().partition(b".")[2]
    return name[:1] == b"*" and bool(parent) and tree.lower().partition(b".")[2] == parent


def _shown(tag: int, value: bytes, *, constraint: bool = False) -> str:
    if tag != _IP:
        return quoted(value.decode("latin-1"))
    half = len(value) // 2
    if not constraint:
        return quoted(_text(value))
    ones = int.from_bytes(value[half:], "big").bit_count()
    from ipaddress import ip_address

    return quoted(f"{ip_address(value[:half])}/{ones}")


def _unreadable(tag: int, value: bytes, version: tuple[int, int]) -> str:
    if tag == _DNS and labels(value, version) is None:
        return f"x509: cannot parse dnsName {quoted(value.decode('latin-1'))}"
    if tag == _EMAIL and mailbox_problem(value, version):
        return 'x509: cannot parse rfc822Name {"" ""}'
    return ""


def mailbox_problem(value: bytes, version: tuple[int, int]) -> bool:
    """Whether a text is no mailbox of RFC 2821."""
    found = re.fullmatch(_MAILBOX, value)
    if found is None or labels(found[1], version) is None:
        return True
    return version >= (1, 26) and b"@" in found[1]


def labels(domain: bytes, version: tuple[int, int]) -> list[bytes] | None:
    """Labels from the right; None where it is no domain."""
    if not domain:
        return []
    if version < (1, 23) and domain[:1] == b"." and len(domain) > 1:
        # A label that is empty, at the left, was not noticed.
        domain = domain[1:]
    found = domain.split(b".")[::-1]
    if any(re.fullmatch(rb"[\x21-\x7e]+", label) is None for label in found):
        return None
    return found


def _domain(name: bytes, tree: bytes, version: tuple[int, int]) -> bool:
    if not tree:
        return True
    own = labels(name, version)
    if own is None:
        raise _Violation(
            f"x509: internal error: cannot parse domain {quoted(name.decode('latin-1'))}"
        )
    below = tree[:1] == b"."
    wanted = labels(tree[1:] if below else tree, version) or []
    if len(own) < len(wanted) or (below and len(own) == len(wanted)):
        return False
    return all(a.lower() == b.lower() for a, b in zip(wanted, own, strict=False))


def _email(name: bytes, tree: bytes, version: tuple[int, int]) -> bool:
    local, _, domain = name.partition(b"@")
    if b"@" in tree:
        wanted, _, host = tree.partition(b"@")
        return local == wanted and domain.lower() == host.lower()
    return _domain(domain, tree, version)


def _host_of(uri: bytes) -> bytes:
    text = uri.decode("latin-1")
    host = authority(uri).decode("latin-1")
    if not host:
        raise _Violation(
            f"URI with empty host ({quoted(text)}) cannot be matched against constraints"
        )
    if not host.endswith("]"):
        host = host.partition(":")[0]
    if host.endswith("]") or _address(host, zones=True) is not None:
        raise _Violation(f"URI with IP ({quoted(text)}) cannot be matched against constraints")
    return host.encode("latin-1")


def authority(uri: bytes) -> bytes:
    """Host and port of a URI; b"" without them."""
    found = re.match(rb"(?:[A-Za-z][A-Za-z0-9+.-]*:)?//([^/?#]*)", uri)
    return found[1].rpartition(b"@")[2] if found is not None else b""


def _uri(name: bytes, tree: bytes, version: tuple[int, int]) -> bool:
    return _domain(_host_of(name), tree, version)


def _ip(address: bytes, tree: bytes, _version: tuple[int, int]) -> bool:
    half = len(tree) // 2
    if half != len(address):
        return False
    return all((a ^ b) & m == 0 for a, b, m in zip(address, tree, tree[half:], strict=False))


_MATCH: dict[int, Callable[[bytes, bytes, tuple[int, int]], bool]] = {
    _EMAIL: _email,
    _DNS: _domain,
    _URI: _uri,
    _IP: _ip,
}
