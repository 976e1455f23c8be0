"""Names that Go's crypto/x509 refuses to parse, with the certificate they are in.

Source: pkg.go.dev/crypto/x509#ParseCertificate, and Go 1.19, 1.23 and 1.27 as seen from outside.
"""

from __future__ import annotations

from ... import der
from .go_names import authority, labels, mailbox_problem, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .subtrees import Raw

_EMAIL, _DNS, _URI, _IP = 0x81, 0x82, 0x86, 0x87
_MAPPED = bytes(10) + b"\xff\xff"


def name_problem(names: list[Raw], version: tuple[int, int]) -> str:
    """Why the alternative names are not parsed; "" when they are."""
    kinds = {_EMAIL: "rfc822Name", _DNS: "dNSName", _URI: "uniformResourceIdentifier"}
    for tag, value in names:
        if tag in kinds and not value.isascii():
            return f"SAN {kinds[tag]} is malformed"
        if tag == _URI:
            host = authority(value)
            if host and labels(host, version) is None:
                return f"cannot parse URI {quoted(value.decode('latin-1'))}: invalid domain"
        if tag == _IP and len(value) not in (4, 16):
            return f"cannot parse IP address of length {len(value)}"
        if tag == _IP and version >= (1, 26) and len(value) == 16 and value[:12] == _MAPPED:
            return "SAN iPAddress contains IPv4-mapped IPv6 address"
    return ""


def constraint_problem(encoded: bytes, version: tuple[int, int]) -> str:
    """Why name constraints are not parsed; "" when they are.

    Raises:
        Damaged: they are no name constraints at all.
    """
    parts = list(der.read(encoded).children())
    if not any(list(part.children()) for part in parts):
        return "empty name constraints extension"
    for part in parts:
        for tree in part.children():
            base = tree.items("subtree", at_least=1)[0]
            why = _base_problem(base.tag, base.content, version)
            if why:
                return why
    return ""


def _base_problem(tag: int, base: bytes, version: tuple[int, int]) -> str:
    if tag == _IP:
        return _network_problem(base, version)
    if tag not in (_DNS, _EMAIL, _URI):
        return ""
    shown = quoted(base.decode("utf-8", "replace"))
    if not base.isascii():
        return f"invalid constraint value: x509: {shown} cannot be encoded as an IA5String"
    domain = base[1:] if base[:1] == b"." else base
    if version >= (1, 26) and base == b".":
        domain = base
    if tag == _EMAIL:
        broken = labels(domain, version) is None
        if b"@" in base:
            broken = mailbox_problem(base, version)
        return f"failed to parse rfc822Name constraint {shown}" if broken else ""
    if tag == _URI and _is_address(base):
        return f"failed to parse URI constraint {shown}: cannot be IP address"
    if labels(domain, version) is None:
        return f"failed to parse {'dnsName' if tag == _DNS else 'URI'} constraint {shown}"
    return ""


def _network_problem(base: bytes, version: tuple[int, int]) -> str:
    if len(base) not in (8, 32):
        return f"IP constraint contained value of length {len(base)}"
    half = len(base) // 2
    if version >= (1, 26) and base[:half][:12] == _MAPPED:
        return "IP constraint contained IPv4-mapped IPv6 address"
    mask = int.from_bytes(base[half:], "big")
    ones = mask.bit_count()
    if mask != ((1 << ones) - 1) << (8 * half - ones):
        return f"IP constraint contained invalid mask {base[half:].hex()}"
    return ""


def _is_address(text: bytes) -> bool:
    from ipaddress import ip_address

    try:
        ip_address(text.decode("latin-1"))
    except ValueError:
        return False
    return True
