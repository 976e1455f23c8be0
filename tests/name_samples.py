# ruff: noqa: RUF001, RUF003 - letters that look alike are the point
"""Distinguished names: made, of real roots, and asked of Java."""

from __future__ import annotations

import functools
from typing import Any

from storekeeper import der
from storekeeper.names import Name
from storekeeper.x509 import Facts
from tests.jvm import JavaError, Jvm
from tests.real_roots import real_roots
from tests.strategies_names import ENCODINGS

CN, O, EMAIL = "2.5.4.3", "2.5.4.10", "1.2.840.113549.1.9.1"  # noqa: E741


def name(*pairs: tuple[str, int, str | bytes]) -> Name:
    """A name of one attribute in each RDN."""
    return Name(
        der.sequence(
            *(
                der.set_of(
                    der.sequence(
                        der.oid(oid),
                        der.encode(
                            tag, text if isinstance(text, bytes) else text.encode(ENCODINGS[tag])
                        ),
                    )
                )
                for oid, tag, text in pairs
            )
        )
    )


def utf8(text: str | bytes, oid: str = O) -> Name:
    return name((oid, der.UTF8_STRING, text))


@functools.cache
def root_names() -> tuple[bytes, ...]:
    """Every subject and issuer of the roots at hand."""
    found: dict[bytes, None] = {}
    for encoded in real_roots():
        facts = Facts(encoded)
        found |= {facts.subject.der: None, facts.issuer.der: None}
    return tuple(found)


def asked(java: Jvm, encoded: bytes, **more: Any) -> dict[str, Any] | None:
    """What Java says of a name; None where it refuses it."""
    try:
        said: dict[str, Any] = java.worker.call("x500", der=encoded, **more)
    except JavaError as error:
        if "improperly specified input name" not in error.message:
            raise
        return None
    return said


def folded_sigma(text: str) -> str:
    # Where a word ends Java sees differently from Unicode ("Α1Σ"), so the small sigma may
    # differ; as both sides of a comparison go through capitals, equality does not.
    return text.replace("ς", "σ")
