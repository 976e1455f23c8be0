"""Chains to be judged by algorithms and by policies."""

from __future__ import annotations

from collections.abc import Iterator

from tests import forge
from tests.forge import key
from tests.verdict_cases import CA, EXPIRED, KINDS, SAN, Case, leaf, lone, mid, root


def algorithms() -> Iterator[Case]:
    r = root()
    for kind in KINDS:
        own = key("kind", kind)
        yield Case(f"leaf {kind}", (lone(own=own),), (r,))
        issuer = mid(own=own)
        below = leaf(signer=own)
        for protocol in ("TLSv1.3", "TLSv1.2"):
            yield Case(f"intermediate {kind} {protocol}", (below, issuer), (r,), protocol=protocol)
        yield Case(f"intermediate {kind}, searched", (below, r, issuer), (r,))
        base = root(own=own)
        yield Case(f"root {kind}", (lone(signer=own),), (base,))
        yield Case(f"root {kind}, SunX509", (lone(signer=own),), (base,), manager="SunX509")
    rsa, ecc = key("rsa", "RSA2048"), key("root")
    for called in ("SHA384withRSA", "SHA512withRSA", "SHA224withRSA", "SHA1withRSA", "MD5withRSA",
                   "RSASSA-PSS", "SHA1withECDSA", "SHA224withECDSA", "SHA384withECDSA",
                   "SHA512withECDSA", "SHA1withDSA", "SHA256withDSA"):  # fmt: skip
        signer = (
            rsa
            if "RSA" in called
            else key("d", "DSA2048")
            if "DSA" in called and "EC" not in called
            else ecc
        )
        base = root(own=signer)
        for protocol in ("TLSv1.3", "TLSv1.2"):
            yield Case(
                f"leaf {called} {protocol}",
                (lone(signer=signer, called=called),),
                (base,),
                protocol=protocol,
            )
        issuer = mid(signer=signer, called=called)
        yield Case(f"intermediate {called}", (leaf(), issuer), (base,))
        yield Case(f"intermediate {called}, searched", (leaf(), base, issuer), (base,))
        yield Case(f"intermediate {called}, SunX509", (leaf(), issuer), (base,), manager="SunX509")
        yield Case(
            f"root {called}", (leaf(), mid(signer=signer)), (root(own=signer, called=called),)
        )
        yield Case(
            f"leaf {called} expired", (lone(signer=signer, called=called, **EXPIRED),), (base,)
        )
    small = key("small", "RSA1024")
    yield Case(
        "RSA1024 leaf below RSA1024 root", (lone(own=small, signer=small),), (root(own=small),)
    )
    yield Case("algorithm identifiers differ", (lone(inner="SHA384withECDSA"),), (r,))


def policies() -> Iterator[Case]:
    from storekeeper import der

    r = root()

    def named(*oids: str) -> bytes:
        return forge.extension("2.5.29.32", der.sequence(*(der.sequence(der.oid(o)) for o in oids)))

    def required(skip: int, *, critical: bool = True) -> bytes:
        return forge.extension(
            "2.5.29.36", der.sequence(der.encode(0x80, bytes([skip]))), critical=critical
        )

    any_policy, one, two = "2.5.29.32.0", "1.2.3.1", "1.2.3.2"
    for title, above, below in (
        ("same", (named(one), required(0)), (SAN, named(one))),
        ("other", (named(one), required(0)), (SAN, named(two))),
        ("any above", (named(any_policy), required(0)), (SAN, named(two))),
        ("any below", (named(one), required(0)), (SAN, named(any_policy))),
        ("none below", (named(one), required(0)), (SAN,)),
        ("none above", (required(0),), (SAN, named(one))),
        ("not required", (named(one),), (SAN, named(two))),
        ("required later", (named(one), required(1)), (SAN, named(two))),
        ("required much later", (named(one), required(5)), (SAN, named(two))),
        ("leaf requires", (named(one),), (SAN, named(two), required(0))),
        ("not critical", (named(one), required(0, critical=False)), (SAN, named(two))),
    ):
        e = leaf(extensions=below)
        m = mid(extensions=(*CA, *above))
        yield Case(f"policies {title}", (e, m), (r,))
        yield Case(f"policies {title}, searched", (e, r, m), (r,))
