"""Names as OpenSSL compares them: the host, and name constraints.

Source: X509_check_host(3), X509_VERIFY_PARAM_set_hostflags(3), RFC 5280 section 4.2.1.10, and
the behaviour of libcrypto 1.1.1, 3.0 and 3.5.
"""

from __future__ import annotations

import re

from ... import der
from ...errors import StorekeeperError
from ...names import Name
from .openssl_seen import canonical
from .subtrees import alternative_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .openssl_seen import View
    from .subtrees import Raw

_EMAIL, _DNS, _X400, _DIRECTORY, _URI, _IP, _OTHER = 0x81, 0x82, 0xA3, 0xA4, 0x86, 0x87, 0xA0
_NAME_CONSTRAINTS = "2.5.29.30"
_COMMON_NAME, _EMAIL_ADDRESS = "2.5.4.3", "1.2.840.113549.1.9.1"
_VIOLATION, _EXCLUDED, _MINMAX, _TYPE, _SYNTAX = 47, 48, 49, 51, 53


def address(host: str, version: tuple[int, int]) -> bytes | None:
    """The address a host is, as a2i_IPADDRESS reads it; None for a name."""
    from ipaddress import IPv6Address

    if ":" in host:
        try:
            return IPv6Address(host).packed if "%" not in host else None
        except ValueError:
            return None
    number = r"\s*\+?([0-9]+)"
    found = re.match(rf"{number}\.{number}\.{number}\.{number}", host)
    if found is None or (version >= (3, 5) and found.end() != len(host)):
        return None
    if version >= (3, 5) and any(len(part) > 1 and part[0] == "0" for part in found.groups()):
        return None
    parts = [int(part) for part in found.groups()]
    return bytes(parts) if max(parts) < 256 else None


def matches_address(leaf: View, wanted: bytes) -> bool:
    """Whether an iPAddress of the certificate is the address."""
    return any(tag == _IP and value == wanted for tag, value in alternative_names_of(leaf))


def matches_host(leaf: View, host: str, *, partial: bool = True, common_name: bool = True) -> bool:
    """Whether the certificate names the host.

    Args:
        leaf: the server's certificate.
        host: a name.
        partial: a wildcard may stand for a part of a label.
        common_name: the subject's common names count where there is no dNSName.
    """
    names = [value for tag, value in alternative_names_of(leaf) if tag == _DNS]
    if not names and common_name:
        names = common_names(leaf)
    wanted = host.encode(errors="surrogatepass")
    return any(_equal(one, wanted, partial) for one in names)


def alternative_names_of(one: View) -> list[Raw]:
    """Tag and contents of each alternative name; a damaged extension has none."""
    from .seen import seen

    return alternative_names(seen(one.certificate)) or []


def common_names(one: View) -> list[bytes]:
    """Each common name, in UTF-8."""
    return [
        attribute.text.encode()
        for rdn in one.facts.subject.rdns
        for attribute in rdn
        if attribute.oid == _COMMON_NAME and attribute.text
    ]


def _equal(pattern: bytes, host: bytes, partial: bool) -> bool:
    if not pattern:
        return False
    if len(host) > 1 and host[:1] == b".":
        return len(pattern) >= len(host) and _same(pattern[-len(host) :], host)
    star = _star(pattern, partial)
    if star is None:
        return _same(pattern, host)
    before, after = pattern[:star], pattern[star + 1 :]
    if len(host) < len(before) + len(after):
        return False
    middle = host[len(before) : len(host) - len(after)]
    if not _same(host[: len(before)], before) or not _same(host[len(host) - len(after) :], after):
        return False
    whole = not before and after[:1] == b"."
    if whole and not middle:
        return False
    if not whole and host[:0] == b"" and middle[:4].lower() == b"xn--":
        return False
    return middle == b"*" or re.fullmatch(rb"[A-Za-z0-9-]*", middle) is not None


def _same(pattern: bytes, host: bytes) -> bool:
    return b"\0" not in pattern and pattern.lower() == host.lower()


def _star(pattern: bytes, partial: bool) -> int | None:
    """Where the wildcard of a well-formed pattern is; None without one."""
    if pattern.count(b"*") != 1:
        return None
    labels = pattern.split(b".")
    if len(labels) < 3 or b"*" not in labels[0]:
        return None
    first = labels[0]
    if first != b"*" and (not partial or not (first.startswith(b"*") or first.endswith(b"*"))):
        return None
    if first[:4].lower() == b"xn--":
        return None
    label = rb"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
    if not all(re.fullmatch(label, one) for one in labels[1:]):
        return None
    if (
        re.fullmatch(rb"(?:\*|[A-Za-z0-9][A-Za-z0-9-]*\*|\*[A-Za-z0-9-]*[A-Za-z0-9])", first)
        is None
    ):
        return None
    return pattern.index(b"*")


def constraint_error(
    one: View, issuer: View, version: tuple[int, int], *, leaf: bool, common_name: bool
) -> int | None:
    """How a certificate violates its issuer's name constraints; None where it does not.

    Args:
        one: the certificate.
        issuer: one above it in the chain, the anchor included.
        version: of OpenSSL.
        leaf: it is the server's own, whose common name counts too.
        common_name: common names are looked at.
    """
    encoded = issuer.facts.extension(_NAME_CONSTRAINTS)
    if encoded is None:
        return None
    try:
        permitted, excluded = _subtrees(encoded)
    except StorekeeperError:
        return None
    others = alternative_names_of(one)
    names: list[Raw] = []
    if one.facts.subject.rdns:
        names.append((_DIRECTORY, one.facts.subject.der))
        names += [
            (_EMAIL, (attribute.text or "").encode())
            for rdn in one.facts.subject.rdns
            for attribute in rdn
            if attribute.oid == _EMAIL_ADDRESS
        ]
    for name in [*names, *others]:
        error = _match(name, permitted, excluded, version)
        if error is not None:
            return error
    if leaf and common_name and not any(tag == _DNS for tag, _ in others):
        for text in common_names(one):
            if _plausible(text):
                error = _match((_DNS, text), permitted, excluded, version)
                if error is not None:
                    return error
    return None


def _subtrees(encoded: bytes) -> tuple[list[tuple[Raw, bool]], list[tuple[Raw, bool]]]:
    found: dict[int, list[tuple[Raw, bool]]] = {0xA0: [], 0xA1: []}
    for part in der.read(encoded).children():
        for tree in part.children():
            base, *bounds = tree.items("subtree", at_least=1)
            bounded = any(one.tag != 0x80 or any(one.content) for one in bounds)
            found.setdefault(part.tag, []).append(((base.tag, base.content), bounded))
    return found[0xA0], found[0xA1]


def _match(
    name: Raw,
    permitted: list[tuple[Raw, bool]],
    excluded: list[tuple[Raw, bool]],
    version: tuple[int, int],
) -> int | None:
    seen = within = False
    for base, bounded in permitted:
        if base[0] != name[0]:
            continue
        if bounded:
            return _MINMAX
        seen = True
        if within:
            continue
        error = _single(name, base, version)
        if error is None:
            within = True
        elif error != _VIOLATION:
            return error
    if seen and not within:
        return _VIOLATION
    for base, bounded in excluded:
        if base[0] != name[0]:
            continue
        if bounded:
            return _MINMAX
        error = _single(name, base, version)
        if error is None:
            return _EXCLUDED
        if error != _VIOLATION:
            return error
    return None


def _single(name: Raw, base: Raw, version: tuple[int, int]) -> int | None:
    kind, value = name
    tree = base[1]
    if kind == _DNS:
        return _dns(value.lower(), tree.lower())
    if kind == _DIRECTORY:
        own = canonical(Name(value))
        outer = canonical(Name(tree if tree[:1] == b"\x30" else der.read(tree).raw))
        return None if own.startswith(outer) else _VIOLATION
    if kind == _EMAIL:
        return _email(value, tree)
    if kind == _URI:
        return _uri(value.lower(), tree.lower(), version)
    if kind == _IP:
        return _ip(value, tree)
    return _TYPE


def _dns(name: bytes, base: bytes) -> int | None:
    if not base:
        return None
    if not name.endswith(base):
        return _VIOLATION
    before = name[: len(name) - len(base)]
    if before and base[:1] != b"." and before[-1:] != b".":
        return _VIOLATION
    return None


def _email(name: bytes, base: bytes) -> int | None:
    if b"@" not in name:
        return _SYNTAX
    if b"@" not in base and base[:1] == b".":
        inside = len(name) > len(base) and name.lower().endswith(base.lower())
        return None if inside else _VIOLATION
    own, _, host = name.rpartition(b"@")
    local, at, wanted = base.rpartition(b"@")
    if at and local and local != own:
        return _VIOLATION
    return None if host.lower() == wanted.lower() else _VIOLATION


def _uri(name: bytes, base: bytes, version: tuple[int, int]) -> int | None:
    _, colon, rest = name.partition(b":")
    if not colon or rest[:2] != b"//":
        return _SYNTAX
    if version >= (3, 5):
        authority = re.split(rb"[/?#]", rest[2:], maxsplit=1)[0]
        host = authority.rpartition(b"@")[2].partition(b":")[0]
    else:
        host = re.split(rb"[:/]", rest[2:], maxsplit=1)[0]
        if not host:
            return _SYNTAX
    if base[:1] == b".":
        return None if len(host) > len(base) and host.endswith(base) else _VIOLATION
    return None if host == base else _VIOLATION


def _ip(name: bytes, base: bytes) -> int | None:
    if len(name) not in (4, 16) or len(base) not in (8, 32):
        return _SYNTAX
    half = len(base) // 2
    if half != len(name):
        return _VIOLATION
    mask = base[half:]
    same = all(((a ^ b) & m) == 0 for a, b, m in zip(name, base, mask, strict=False))
    return None if same else _VIOLATION


def _plausible(name: bytes) -> bool:
    """Whether a common name looks like a host of at least two labels."""
    if b"." not in name or re.fullmatch(rb"[A-Za-z0-9_.-]+", name) is None:
        return False
    return not (name[:1] in b".-" or name[-1:] in b".-" or re.search(rb"\.\.|-\.|\.-", name))
