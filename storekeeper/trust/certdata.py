"""NSS ``certdata.txt``: Mozilla's root list with trust per purpose and distrust dates.

The file is a list of PKCS#11 objects, one ``CKA_... type value`` a line, binary values in
octal between ``MULTILINE_OCTAL`` and ``END``. A root is two objects, a certificate and a
trust object, joined by issuer and serial number. Source of the attribute names: the header
of the file itself, and PKCS#11 3.2 for the ``CKO_TRUST`` spelling of newer files.
"""

from __future__ import annotations

from ..der import UTC_TIME
from ..errors import Damaged, LimitExceeded
from ..frozen import Frozen
from ..model import LIMITS, Certificate
from ..times import parse_time
from .anchors import CODE_SIGNING, EMAIL, SERVER, Anchor, RootList
from .findings import Findings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Limits

_OCTAL = {f"{octet:03o}": octet for octet in range(256)}

_PURPOSES = {"SERVER_AUTH": SERVER, "EMAIL_PROTECTION": EMAIL, "CODE_SIGNING": CODE_SIGNING}
_DISTRUST = {
    "CKA_NSS_SERVER_DISTRUST_AFTER": SERVER,
    "CKA_NSS_EMAIL_DISTRUST_AFTER": EMAIL,
}
_TRUSTED = ("CKT_NSS_TRUSTED_DELEGATOR", "CKT_TRUST_ANCHOR")
_REJECTED = ("CKT_NSS_NOT_TRUSTED", "CKT_NOT_TRUSTED")
_TRUST_CLASSES = ("CKO_NSS_TRUST", "CKO_TRUST")


class _Object(Frozen):
    line: int
    kind: str
    label: str
    words: tuple[tuple[str, str], ...]
    octets: tuple[tuple[str, bytes], ...]

    def binary(self, name: str) -> bytes | None:
        return dict(self.octets).get(name)


def read(text: str, *, limits: Limits = LIMITS) -> RootList:
    """The list in a ``certdata.txt``: roots trusted for TLS, and apart from them the others.

    A distrust date is taken from either object: of the dates in NSS 2.86, one stands in the
    trust object only.

    Raises:
        Damaged: no object could be used.
        LimitExceeded: it has more objects than ``limits.entries``.
    """
    findings = Findings()
    certificates: list[_Object] = []
    trusts: dict[tuple[bytes | None, bytes | None], _Object] = {}
    for count, found in enumerate(_objects(text, findings)):
        if count >= limits.entries:
            raise LimitExceeded(f"certdata.txt with more than {limits.entries} objects")
        if found.kind == "CKO_CERTIFICATE":
            certificates.append(found)
        elif found.kind in _TRUST_CLASSES:
            trusts[found.binary("CKA_ISSUER"), found.binary("CKA_SERIAL_NUMBER")] = found
    anchors: dict[str, Anchor] = {}
    others: dict[str, Anchor] = {}
    for found in certificates:
        value = found.binary("CKA_VALUE")
        if not value:
            findings.add(found.line, f"certificate {found.label!r} without a value")
            continue
        key = found.binary("CKA_ISSUER"), found.binary("CKA_SERIAL_NUMBER")
        trust = trusts.pop(key, None)
        if trust is None:
            findings.add(found.line, f"certificate {found.label!r} without a trust object")
        anchor = _anchor(found, trust, Certificate(value), findings)
        chosen = anchors if SERVER in (anchor.purposes or ()) else others
        chosen.setdefault(anchor.sha256, anchor)
    for trust in trusts.values():
        findings.add(trust.line, f"trust object {trust.label!r} without a certificate", "info")
    if not anchors and not others:
        raise Damaged("certdata.txt without a readable certificate")
    return RootList(
        "certdata",
        "Mozilla's roots (NSS certdata.txt)",
        source="Mozilla's certdata.txt, the root list built into NSS",
        anchors=tuple(anchors.values()),
        others=tuple(others.values()),
        findings=findings.all(),
        note="trusted means trusted for TLS servers; a distrust date is compared with the "
        "issue date of the server's certificate",
        licence="MPL-2.0",
    )


def _anchor(
    found: _Object, trust: _Object | None, certificate: Certificate, findings: Findings
) -> Anchor:
    purposes, rejected = [], []
    for name, value in trust.words if trust else ():
        purpose = _PURPOSES.get(name.partition("_TRUST_")[2])
        if purpose and value in _TRUSTED:
            purposes.append(purpose)
        elif purpose and value in _REJECTED:
            rejected.append(purpose)
    dates: dict[str, int] = {}
    for holder in (found, trust):
        for name, octets in holder.octets if holder else ():
            if name in _DISTRUST:
                try:
                    dates[_DISTRUST[name]] = parse_time(UTC_TIME, octets)
                except Damaged as error:
                    findings.add(found.line, f"{name} of {found.label!r}: {error.message}")
    return Anchor(
        certificate.sha256,
        found.label,
        certificate=certificate,
        purposes=tuple(purposes),
        rejected=tuple(rejected),
        distrust_after=tuple(sorted(dates.items())),
    )


def _objects(text: str, findings: Findings) -> Iterator[_Object]:
    current: _Object | None = None
    words: list[tuple[str, str]] = []
    octets: list[tuple[str, bytes]] = []
    label = ""
    lines = iter(enumerate(text.splitlines(), 1))
    for number, line in lines:
        if not line.startswith("CKA_"):
            continue
        name, _, rest = line.partition(" ")
        kind, _, value = rest.partition(" ")
        if name == "CKA_CLASS":
            if current:
                yield _Object(current.line, current.kind, label, tuple(words), tuple(octets))
            current, words, octets, label = _Object(number, value.strip(), "", (), ()), [], [], ""
        elif kind == "MULTILINE_OCTAL":
            block = []
            for _, part in lines:
                if part.strip() == "END":
                    break
                block.append(part.strip())
            try:
                octets.append((name, _unoctal("".join(block))))
            except KeyError as error:
                findings.add(number, f"{name}: expected octal, found {str(error.args[0])[:20]!r}")
        elif name == "CKA_LABEL":
            label = _label(value.strip())
        else:
            words.append((name, value.strip()))
    if current:
        yield _Object(current.line, current.kind, label, tuple(words), tuple(octets))


def _unoctal(block: str) -> bytes:
    first, *octets = block.split("\\")
    if first:
        raise KeyError(first)
    return bytes(map(_OCTAL.__getitem__, octets))


def _label(quoted: str) -> str:
    text = quoted[1:-1] if len(quoted) > 1 and quoted[0] == quoted[-1] == '"' else quoted
    if "\\x" not in text:
        return text
    first, *rest = text.split("\\x")
    octets = bytearray(first.encode("utf-8", "surrogatepass"))
    for part in rest:
        try:
            octets.append(int(part[:2], 16))
        except ValueError:
            return text
        octets += part[2:].encode("utf-8", "surrogatepass")
    return octets.decode("utf-8", "replace")
