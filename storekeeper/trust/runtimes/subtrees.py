"""Name constraints as the JDK applies them.

Source: sun.security.x509.NameConstraintsExtension and the ``constrains`` of each kind of
name, as seen from outside on JDK 11 to 25; RFC 5280 section 4.2.1.10 where they agree.
"""

from __future__ import annotations

import re
from ipaddress import ip_address

from ... import der
from ...errors import StorekeeperError
from ...names import Name
from ..issuance import match_key
from .refusal import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .jdk import Release
    from .seen import Seen

    # Tag of the GeneralName, and its contents.
    Raw = tuple[int, bytes]

NAME_CONSTRAINTS = "2.5.29.30"
_EMAIL, _DNS, _DIRECTORY, _URI, _IP = 0x81, 0x82, 0xA4, 0x86, 0x87
_EMAIL_ADDRESS = "1.2.840.113549.1.9.1"
_COMMON_NAME = "2.5.4.3"
_SAN = "2.5.29.17"
# What the JDK takes for a DNSName: a CN that is none stands for no host.
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_HOST = rf"(?:\*\.)?{_LABEL}(?:\.{_LABEL})*"


class Subtrees:
    """The permitted and excluded subtrees of one certificate."""

    __slots__ = ("excluded", "permitted")

    def __init__(self, permitted: tuple[Raw, ...] | None, excluded: tuple[Raw, ...]) -> None:
        self.permitted = permitted
        self.excluded = excluded

    def allow(self, name: Raw, release: Release) -> bool:
        """Whether a name is in no excluded subtree, and in a permitted one of its kind."""
        if any(_within(tree, name, release) for tree in self.excluded):
            return False
        same = [tree for tree in self.permitted or () if _same_kind(tree, name)]
        return not same or any(_within(tree, name, release) for tree in same)


def subtrees(one: Seen) -> Subtrees | None:
    """What a certificate constrains; None without the extension.

    Raises:
        Damaged: the extension can't be read.
    """
    encoded = one.facts.extension(NAME_CONSTRAINTS)
    if encoded is None:
        return None
    permitted: tuple[Raw, ...] | None = None
    excluded: tuple[Raw, ...] = ()
    for part in der.read(encoded).children():
        bases = tuple(
            (base.tag, base.content)
            for base in (tree.items("subtree", at_least=1)[0] for tree in part.children())
        )
        if part.tag == 0xA0:
            permitted = bases
        elif part.tag == 0xA1:
            excluded = bases
    return Subtrees(permitted, excluded)


def names_of(one: Seen) -> list[Raw]:
    """The names constraints are applied to: subject, alternative names, and of the subject's
    attributes those that stand for an alternative name that is missing.
    """
    facts = one.facts
    names: list[Raw] = []
    if facts.subject.rdns:
        names.append((_DIRECTORY, facts.subject.der))
    others = alternative_names(one)
    if others is None:
        others = [
            (_EMAIL, (attribute.text or "").encode())
            for rdn in facts.subject.rdns
            for attribute in rdn
            if attribute.oid == _EMAIL_ADDRESS
        ]
    common = facts.subject.common_name
    if common:
        kind = _IP if is_ip(common) else _DNS
        if not any(tag == kind for tag, _ in others):
            if kind == _IP:
                others.append((_IP, ip_address(common).packed))
            elif re.fullmatch(_HOST, common):
                others.append((_DNS, common.encode()))
    return names + others


def traversed(one: Seen, feature: int) -> list[Raw]:
    """The names that a search for a path applies constraints to."""
    if feature >= 17:
        return names_of(one)
    if alternative_names(one) is None:
        return [(_DIRECTORY, one.facts.subject.der)]
    return [(_DIRECTORY, one.facts.subject.der), *(n for n in names_of(one) if n[0] != _DIRECTORY)]


def alternative_names(one: Seen) -> list[Raw] | None:
    """Tag and contents of each subject alternative name; None without the extension."""
    encoded = one.facts.extension(_SAN)
    if encoded is None:
        return None
    try:
        return [
            (
                part.tag,
                part.explicit("directoryName").raw if part.tag == _DIRECTORY else part.content,
            )
            for part in der.read(encoded).children()
        ]
    except StorekeeperError:
        return None


def is_ip(text: str) -> bool:
    """Whether a name is an IP literal in the usual notation."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _same_kind(tree: Raw, name: Raw) -> bool:
    return tree[0] == name[0]


def _within(tree: Raw, name: Raw, release: Release) -> bool:
    """Whether a name matches or narrows a subtree of its own kind."""
    kind, base = tree
    if kind != name[0]:
        return False
    value = name[1]
    try:
        if kind == _DNS:
            return _dns(base.decode("latin-1").lower(), value.decode("latin-1").lower(), release)
        if kind == _EMAIL:
            return _email(base.decode("latin-1").lower(), value.decode("latin-1").lower())
        if kind == _URI:
            return _uri(base.decode("latin-1").lower(), value.decode("latin-1"))
        if kind == _IP:
            return _ip(base, value)
        if kind == _DIRECTORY:
            return _directory(base, value)
    except (StorekeeperError, ValueError):
        return False
    return base == value


def _dns(base: str, name: str, release: Release) -> bool:
    if not base and release.leading_dot:
        # It looks at the first character of the constraint, which has none.
        crash = Refused("Index 0 out of bounds for length 0", "name-constraints")
        crash.uncaught = True
        raise crash
    if name == base:
        return True
    if not name.endswith(base):
        return False
    before = name[: len(name) - len(base)]
    if base.startswith("."):
        return release.leading_dot
    return before.endswith(".")


def _email(base: str, name: str) -> bool:
    if name == base:
        return True
    if "@" in base:
        return False
    host = name.rpartition("@")[2]
    if base.startswith("."):
        return host.endswith(base)
    return host == base


def _uri(base: str, name: str) -> bool:
    from urllib.parse import urlsplit

    host = (urlsplit(name).hostname or "").lower()
    if not host or is_ip(host):
        return False
    if base.startswith("."):
        return host.endswith(base)
    return host == base


def _ip(base: bytes, name: bytes) -> bool:
    half = len(base) // 2
    if half != len(name):
        return False
    mask = base[half:]
    return all(a & m == b & m for a, b, m in zip(base[:half], name, mask, strict=True))


def _directory(base: bytes, name: bytes) -> bool:
    outer = Name(base if base[:1] == b"\x30" else der.read(base).raw)
    inner = Name(name)
    if not outer.rdns:
        return True
    wanted, found = _rdns(outer), _rdns(inner)
    return len(found) >= len(wanted) and found[: len(wanted)] == wanted


def _rdns(name: Name) -> list[object]:
    """Each RDN as a name of its own, for a comparison that folds cases and spaces."""
    return [match_key(Name(der.sequence(rdn.raw))) for rdn in der.read(name.der).children()]
