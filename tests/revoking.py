"""Revocation lists and OCSP responses built byte by byte, and questions about them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from storekeeper import der
from storekeeper.trust.runtimes.revocation import Revocation
from tests import forge
from tests.forge import AT, DAY

SHA1, SHA256 = "1.3.14.3.2.26", "2.16.840.1.101.3.4.2.1"
GOOD = der.encode(0x80)
UNKNOWN = der.encode(0x82)
OCSP_SIGNING = "1.3.6.1.5.5.7.3.9"


def generalized(seconds: int) -> bytes:
    from datetime import UTC, datetime

    text = datetime.fromtimestamp(seconds, UTC).strftime("%Y%m%d%H%M%SZ")
    return der.encode(0x18, text.encode())


def line(serial: int, date: int = AT - DAY, *extensions: bytes) -> bytes:
    """A revoked certificate of a list."""
    tail = der.sequence(*extensions) if extensions else b""
    return der.sequence(der.integer(serial), forge.when(date), tail)


def reason(number: int, *, critical: bool = False) -> bytes:
    return forge.extension("2.5.29.21", der.encode(0x0A, bytes([number])), critical=critical)


def crl(
    issuer: str,
    signer: Any,
    *lines: bytes,
    this: int = AT - DAY,
    until: int | None = AT + DAY,
    extensions: Sequence[bytes] = (),
    called: str | None = None,
    broken: bool = False,
) -> bytes:
    """The DER of a list."""
    called = called or forge.usual_algorithm(signer)
    tbs = der.sequence(
        der.integer(1),
        forge.algorithm(called),
        forge.name(issuer),
        forge.when(this),
        b"" if until is None else forge.when(until),
        der.sequence(*lines) if lines else b"",
        der.explicit(0, der.sequence(*extensions)) if extensions else b"",
    )
    signature = forge.sign(signer, called, tbs)
    if broken:
        signature = signature[:-1] + bytes([signature[-1] ^ 1])
    return der.sequence(tbs, forge.algorithm(called), der.bit_string(signature))


def point(
    *names: tuple[str, bytes | str],
    users: bool = False,
    cas: bool = False,
    attributes: bool = False,
    reasons: bytes | None = None,
    indirect: bool = False,
    critical: bool = True,
) -> bytes:
    """An issuing distribution point."""
    full = der.encode(0xA0, der.encode(0xA0, der.read(forge.general(*names)).content))
    parts = [full] if names else []
    flags = ((0x81, users), (0x82, cas))
    parts += [der.encode(tag, b"\xff") for tag, on in flags if on]
    if reasons is not None:
        parts.append(der.encode(0x83, reasons))
    parts += [der.encode(tag, b"\xff") for tag, on in ((0x84, indirect), (0x85, attributes)) if on]
    return forge.extension("2.5.29.28", der.sequence(*parts), critical=critical)


def points(*places: bytes) -> bytes:
    """The distribution points of a certificate, each made by `place`."""
    return forge.extension("2.5.29.31", der.sequence(*places))


def place(*names: tuple[str, bytes | str], reasons: bytes | None = None) -> bytes:
    full = der.encode(0xA0, der.encode(0xA0, der.read(forge.general(*names)).content))
    return der.sequence(full if names else b"", der.encode(0x81, reasons) if reasons else b"")


def revoked(date: int = AT - DAY, number: int | None = None) -> bytes:
    """The status of a revoked certificate."""
    why = b"" if number is None else der.explicit(0, der.encode(0x0A, bytes([number])))
    return der.encode(0xA1, generalized(date), why)


def cert_id(issuer: str, key: Any, serial: int = 1, digest: str = SHA1) -> bytes:
    bits = der.read(forge.spki(key)).items("key")[1].bits("key")
    chosen = hashlib.sha1 if digest == SHA1 else hashlib.sha256
    return der.sequence(
        der.sequence(der.oid(digest), der.null()),
        der.octet_string(chosen(forge.name(issuer)).digest()),
        der.octet_string(chosen(bits).digest()),
        der.integer(serial),
    )


def answer(
    named: bytes,
    status: bytes = GOOD,
    *,
    this: int = AT - DAY,
    until: int | None = AT + DAY,
    extensions: Sequence[bytes] = (),
) -> bytes:
    return der.sequence(
        named,
        status,
        generalized(this),
        b"" if until is None else der.explicit(0, generalized(until)),
        der.explicit(1, der.sequence(*extensions)) if extensions else b"",
    )


def response(
    signer: Any,
    *answers: bytes,
    by_name: str | None = None,
    certificates: Sequence[bytes] = (),
    called: str | None = None,
    broken: bool = False,
    extensions: Sequence[bytes] = (),
) -> bytes:
    """The DER of a successful response; the responder is named by its key unless ``by_name``."""
    called = called or forge.usual_algorithm(signer)
    bits = der.read(forge.spki(signer)).items("key")[1].bits("key")
    who = der.explicit(2, der.octet_string(hashlib.sha1(bits).digest()))
    if by_name is not None:
        who = der.explicit(1, forge.name(by_name))
    data = der.sequence(
        who,
        generalized(AT - DAY),
        der.sequence(*answers),
        der.explicit(1, der.sequence(*extensions)) if extensions else b"",
    )
    signature = forge.sign(signer, called, data)
    if broken:
        signature = signature[:-1] + bytes([signature[-1] ^ 1])
    basic = der.sequence(
        data,
        forge.algorithm(called),
        der.bit_string(signature),
        der.explicit(0, der.sequence(*certificates)) if certificates else b"",
    )
    inner = der.sequence(der.oid("1.3.6.1.5.5.7.48.1.1"), der.octet_string(basic))
    return der.sequence(der.encode(0x0A, b"\0"), der.explicit(0, inner))


def refusal(status: int) -> bytes:
    """The DER of a response that is none."""
    return der.sequence(der.encode(0x0A, bytes([status])))


@dataclass(frozen=True)
class Question:
    """A chain, anchors, and what is given and asked about revocation."""

    name: str
    chain: tuple[bytes, ...]
    anchors: tuple[bytes, ...]
    revocation: Revocation
    protocol: str = "TLSv1.3"
    security: dict[str, str] = field(default_factory=dict)

    def fields(self) -> list[tuple[str, bytes | str]]:
        """As `Oracle.judge` has them."""
        asked = self.revocation
        found: list[tuple[str, bytes | str]] = [("revocation", "true")] if asked.enabled else []
        found += [("crl", one) for one in asked.crls]
        found += [("staple", one) for one in asked.responses]
        if asked.options is not None:
            found += [("option", one) for one in (*sorted(asked.options), "")]
        if asked.ocsp:
            found.append(("security:ocsp.enable", "true"))
        if asked.only_end_entity:
            found.append(("security:com.sun.security.onlyCheckRevocationOfEECert", "true"))
        if asked.crl_points:
            found.append(("property:com.sun.security.enableCRLDP", "true"))
        return found
