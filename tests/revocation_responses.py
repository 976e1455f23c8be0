"""Stapled responses, by whom they are signed, and each way Java takes them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests import forge
from tests.forge import AT, DAY, key, make, purposes
from tests.revocation_questions import CRITICAL, LEAF_ID, MID_ID, ask, of_mid, of_root
from tests.revoking import (
    OCSP_SIGNING,
    SHA256,
    UNKNOWN,
    Question,
    answer,
    cert_id,
    line,
    refusal,
    response,
    revoked,
)
from tests.verdict_cases import MID, ROOT, leaf, mid, root


def responses() -> Iterator[Question]:
    e, m = leaf(), mid()
    mk, rk = key("mid"), key("root")
    both = (response(mk, answer(LEAF_ID)), response(rk, answer(MID_ID)))

    def with_leaf(name: str, found: bytes, **options: Any) -> Question:
        return ask(name, (e, m), responses=(found, both[1]), **options)

    yield ask("both stapled", (e, m), responses=both)
    yield ask("both stapled, off", (e, m), responses=both, enabled=False)
    yield ask("both stapled, ocsp on", (e, m), responses=both, ocsp=True)
    yield ask("only the leaf's", (e, m), responses=both[:1])
    yield ask("only the leaf's, lists", (e, m), of_root(), of_mid(), responses=both[:1])
    yield ask("none of two", (e, m), of_root(), of_mid(), responses=(b"", b""))
    yield ask("stapled good, listed revoked", (e, m), of_root(), of_mid(line(1)), responses=both)
    yield ask("searched", (e, root(), m), responses=(both[0], b"", both[1]))
    yield ask("searched, revoked", (e, root(), m),
              responses=(response(mk, answer(LEAF_ID, revoked())), b"", both[1]))  # fmt: skip
    yield with_leaf("revoked", response(mk, answer(LEAF_ID, revoked())))
    for number in (0, 1, 4, 6, 9):
        yield with_leaf(f"reason {number}", response(mk, answer(LEAF_ID, revoked(number=number))))
    yield with_leaf("revoked later", response(mk, answer(LEAF_ID, revoked(AT + DAY))))
    yield with_leaf("extension of an answer",
                    response(mk, answer(LEAF_ID, revoked(),
                             extensions=(forge.extension("1.2.3", b"\5\0"),))))  # fmt: skip
    yield with_leaf("critical extension of an answer",
                    response(mk, answer(LEAF_ID,
                             extensions=(CRITICAL,))))  # fmt: skip
    yield with_leaf("critical extension",
                    response(mk, answer(LEAF_ID),
                             extensions=(CRITICAL,)))  # fmt: skip
    yield with_leaf("unknown", response(mk, answer(LEAF_ID, UNKNOWN)))
    yield ask("unknown, listed", (e, m), of_root(), of_mid(),
              responses=(response(mk, answer(LEAF_ID, UNKNOWN)), both[1]))  # fmt: skip
    yield ask("unknown, listed as revoked", (e, m), of_root(), of_mid(line(1)),
              responses=(response(mk, answer(LEAF_ID, UNKNOWN)), both[1]))  # fmt: skip
    yield with_leaf("by name", response(mk, answer(LEAF_ID), by_name=MID))
    yield with_leaf("by another name", response(mk, answer(LEAF_ID), by_name="CN=Else"))
    yield with_leaf("broken", response(mk, answer(LEAF_ID), broken=True))
    yield with_leaf("by another key", response(key("else"), answer(LEAF_ID)))
    yield with_leaf("by another key under the name",
                    response(key("else"), answer(LEAF_ID), by_name=MID))  # fmt: skip
    yield with_leaf("for another", response(mk, answer(cert_id(MID, mk, 2))))
    yield with_leaf("for both", response(mk, answer(cert_id(MID, mk, 2)), answer(LEAF_ID)))
    yield with_leaf("for both, one old",
                    response(mk, answer(cert_id(MID, mk, 2), this=AT - 9 * DAY, until=AT - DAY),
                             answer(LEAF_ID)))  # fmt: skip
    yield with_leaf("by SHA-256", response(mk, answer(cert_id(MID, mk, 1, SHA256))))
    yield with_leaf("old", response(mk, answer(LEAF_ID, this=AT - 9 * DAY, until=AT - DAY)))
    yield with_leaf("just old", response(mk, answer(LEAF_ID, this=AT - 9 * DAY, until=AT - 900)))
    yield with_leaf("future", response(mk, answer(LEAF_ID, this=AT + DAY)))
    yield with_leaf("just future", response(mk, answer(LEAF_ID, this=AT + 900)))
    yield with_leaf("without an end", response(mk, answer(LEAF_ID, until=None)))
    yield with_leaf("fresh without an end",
                    response(mk, answer(LEAF_ID, this=AT - 800, until=None)))  # fmt: skip
    yield with_leaf("old and revoked",
                    response(mk, answer(LEAF_ID, revoked(), this=AT - 9 * DAY,
                                        until=AT - DAY)))  # fmt: skip
    for status in (1, 2, 3, 5, 6, 7):
        yield with_leaf(f"status {status}", refusal(status))
    yield with_leaf("no response at all", b"\x30\x00")
    yield with_leaf("cut off", both[0][:60])
    yield with_leaf("text", b"<html>")
    yield ask("status 3, listed", (e, m), of_root(), of_mid(), responses=(refusal(3), both[1]))


def responders() -> Iterator[Question]:
    e, m = leaf(), mid()
    own, mk = key("responder"), key("mid")
    other = response(key("root"), answer(MID_ID))

    def by(name: str, certificate: bytes, **options: Any) -> Question:
        signer = options.pop("signer", own)
        found = response(signer, answer(LEAF_ID, options.pop("status", b"\x80\0")),
                         certificates=(certificate,), **options)  # fmt: skip
        return ask(name, (e, m), responses=(found, other))

    def delegate(*extensions: bytes, **options: Any) -> bytes:
        return make("CN=Responder", own, options.pop("issuer", MID), options.pop("signer", mk),
                    *extensions, **options)  # fmt: skip

    right = delegate(purposes(OCSP_SIGNING))
    yield by("delegated", right)
    yield by("delegated, by name", right, by_name="CN=Responder")
    yield by("delegated, revoked", right, status=revoked())
    yield by("delegated without the purpose", delegate())
    yield by("delegated for another purpose", delegate(purposes(forge.SERVER)))
    yield by("delegated for any purpose", delegate(purposes(forge.ANY)))
    yield by("delegated, expired", delegate(purposes(OCSP_SIGNING), end=AT - DAY))
    yield by("delegated, not yet valid", delegate(purposes(OCSP_SIGNING), start=AT + DAY))
    yield by("delegated, badly signed", delegate(purposes(OCSP_SIGNING), broken=True))
    yield by("delegated, signed by another", delegate(purposes(OCSP_SIGNING), signer=key("else")))
    yield by("delegated by another", delegate(purposes(OCSP_SIGNING), issuer="CN=Else"))
    yield by("delegated by the root", delegate(purposes(OCSP_SIGNING), issuer=ROOT,
             signer=key("root")))  # fmt: skip
    yield by("delegated, broken", right, broken=True)
    yield by("delegated, another signed", right, signer=key("else"), by_name="CN=Responder")
    yield by("delegated by MD5", delegate(purposes(OCSP_SIGNING), signer=key("rsa", "RSA2048"),
             called="MD5withRSA"))  # fmt: skip
