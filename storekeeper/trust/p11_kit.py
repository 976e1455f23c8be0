"""``.p11-kit`` files: Fedora's and Red Hat's roots with what they are trusted for.

Objects begin with ``[p11-kit-object-v1]``; attributes are lines ``name: value``, octets in
``"..."`` with ``%xx``, and PEM blocks stand for certificates and keys. An object of class
``x-certificate-extension`` gives every certificate of its public key another extension: the
extended key usages it is trusted for, or those it is rejected for. Source:
trust/persist.c and trust/p11-kit docs; compared with what ``trust extract`` makes of files.
"""

from __future__ import annotations

from hashlib import sha256

from .. import der
from ..der import UTC_TIME
from ..errors import Damaged, LimitExceeded, StorekeeperError
from ..frozen import Frozen
from ..model import LIMITS, replace
from ..times import parse_time
from ..x509 import facts_or_none
from . import openssl_trust
from .anchors import EMAIL, SERVER, Anchor, RootList, by_trust, titled
from .findings import Findings
from .pem import blocks_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..model import Limits

__all__ = ["FIRST_LINE", "anchors_in", "is_p11_kit", "read"]

FIRST_LINE = "[p11-kit-object-v1]"
_BLOCKS = (openssl_trust.TRUSTED, "CERTIFICATE", "X509 CERTIFICATE", "PUBLIC KEY")
_USAGES = "2.5.29.37"
_REJECTED_USAGES = "1.3.6.1.4.1.3319.6.10.1"
# OpenSSL knows "any purpose", p11-kit takes it for one of its own.
_ANY = "2.5.29.37.0"
_ALL = openssl_trust.purposes_of([_ANY])
_DATES = {"nss-server-distrust-after": SERVER, "nss-email-distrust-after": EMAIL}


class _Object(Frozen):
    line: int
    attributes: tuple[tuple[str, str], ...]
    blocks: tuple[tuple[int, str, bytes | None], ...]

    def get(self, name: str) -> str:
        return dict(self.attributes).get(name, "")

    @property
    def of_certificate(self) -> bool:
        return self.get("class") in ("", "certificate")


def is_p11_kit(text: str) -> bool:
    """Whether a text has an object in this format."""
    return text.startswith(FIRST_LINE) or f"\n{FIRST_LINE}" in text


def read(text: str, *, limits: Limits = LIMITS) -> RootList:
    """The certificates of a file: trusted for TLS, and apart from them the rest.

    Raises:
        Damaged: it has no certificate that could be read.
        LimitExceeded: more objects than ``limits.entries``.
    """
    findings = Findings()
    found = anchors_in(text, findings, limits)
    if not found:
        raise Damaged("a p11-kit file without a certificate that could be read")
    anchors, others = by_trust(found)
    return RootList(
        "p11-kit",
        titled("p11-kit trust objects", others),
        source="a .p11-kit file, as Fedora and Red Hat have them",
        anchors=anchors,
        others=others,
        findings=findings.all(),
        note="a distrust date is compared with the issue date of the server's certificate",
    )


def anchors_in(text: str, findings: Findings, limits: Limits) -> list[Anchor]:
    """Every certificate of a file with its trust; one that says nothing is trusted for nothing."""
    objects = _objects(text, limits)
    extensions: dict[str, dict[str, tuple[str, ...]]] = {}
    for one in objects:
        if one.get("class") == "x-certificate-extension":
            _extension(one, extensions, findings)
    found: list[Anchor] = []
    for one in objects:
        if not one.of_certificate:
            continue
        try:
            anchor = _certificate(one, findings)
        except StorekeeperError as error:
            findings.add(one.line, error.message)
            continue
        if anchor is not None:
            found.append(_limited(anchor, extensions))
    return found


def _objects(text: str, limits: Limits) -> list[_Object]:
    found: list[_Object] = []
    parts = text.split(FIRST_LINE)
    if len(parts) > limits.entries:
        raise LimitExceeded(f"more than {limits.entries} objects")
    line = 1 + parts[0].count("\n")
    for part in parts[1:]:
        head, _, _ = part.partition("-----BEGIN ")
        pairs: list[tuple[str, str]] = []
        for row in head.split("\n"):
            name, colon, value = row.partition(":")
            if colon and not name.lstrip().startswith("#"):
                pairs.append((name.strip(), value.strip()))
        blocks = tuple(
            (line + at - 1, label, octets) for at, label, octets in blocks_in(part, _BLOCKS)
        )
        found.append(_Object(line, tuple(pairs), blocks))
        line += part.count("\n")
    return found


def _certificate(one: _Object, findings: Findings) -> Anchor | None:
    encoded: bytes | None = None
    for line, label, octets in one.blocks:
        if label == "PUBLIC KEY":
            continue
        if octets is None:
            findings.add(line, "a certificate in PEM that can't be decoded")
            continue
        encoded = octets
    if encoded is None:
        encoded = _octets(one.get("value"))
        if not encoded:
            return None
    anchor = openssl_trust.anchor(encoded, _octets(one.get("label")).decode("utf-8", "replace"))
    dates: list[tuple[str, int]] = []
    for name, purpose in _DATES.items():
        said = _octets(one.get(name))
        if said in (b"", b"\0", b"false"):  # no date
            continue
        try:
            dates.append((purpose, parse_time(UTC_TIME, said)))
        except Damaged as error:
            findings.add(one.line, f"{name}: {error.message}")
    purposes, rejected = anchor.purposes, anchor.rejected
    if one.get("x-distrusted") == "true":
        purposes, rejected = (), _ALL
    elif one.get("trusted") == "true":
        purposes = _ALL if purposes is None else purposes
    elif purposes is None:
        purposes = ()
    return replace(
        anchor, purposes=purposes, rejected=rejected, distrust_after=tuple(sorted(dates))
    )  # fmt: skip


def _limited(anchor: Anchor, extensions: dict[str, dict[str, tuple[str, ...]]]) -> Anchor:
    """The anchor with what extensions attached to its key take away."""
    facts = facts_or_none(anchor.certificate) if anchor.certificate else None
    attached = extensions.get(sha256(facts.spki).hexdigest(), {}) if facts else {}
    if not attached or not anchor.purposes:
        return anchor
    refused = attached.get(_REJECTED_USAGES, ())
    # Who lists what he rejects, and nothing else, trusts nothing else either.
    usages = attached.get(_USAGES, ())
    return replace(
        anchor,
        purposes=tuple(p for p in anchor.purposes if p in usages and p not in refused),
        rejected=tuple(dict.fromkeys((*anchor.rejected, *refused))),
    )


def _extension(
    one: _Object, extensions: dict[str, dict[str, tuple[str, ...]]], findings: Findings
) -> None:
    oid = one.get("object-id")
    if oid not in (_USAGES, _REJECTED_USAGES):
        return
    keys = [octets for _, label, octets in one.blocks if label == "PUBLIC KEY" and octets]
    keys += [octets for octets in [_octets(one.get("public-key-info"))] if octets]
    try:
        parts = der.only(_octets(one.get("value")), "extension").items("extension", 2)
        content = der.only(parts[-1].octets("extension value"), "key usages")
        usages = [usage.oid("key usage") for usage in content.items("key usages")]
    except StorekeeperError as error:
        findings.add(one.line, f"extension {oid}: {error.message}")
        return
    for key in keys:
        extensions.setdefault(sha256(key).hexdigest(), {})[oid] = openssl_trust.purposes_of(
            usage for usage in usages if usage != _ANY
        )


def _octets(value: str) -> bytes:
    """What a quoted value stands for; text without quotes as it is."""
    if len(value) < 2 or value[0] != '"' or value[-1] != '"':
        return value.encode("utf-8", "surrogatepass")
    first, *parts = value[1:-1].split("%")
    octets = bytearray(first.encode("utf-8", "surrogatepass"))
    for part in parts:
        try:
            octets.append(int(part[:2], 16))
        except ValueError:
            return b""
        octets += part[2:].encode("utf-8", "surrogatepass")
    return bytes(octets)
