"""Everyday chains and stores, and every rule by which Java judges them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests import forge
from tests.forge import AT, DAY, basic, key, make, names, purposes, usage

HOST = "server.example.net"


@dataclass(frozen=True)
class Case:
    """A chain as sent, a store, and what is asked."""

    name: str
    chain: tuple[bytes, ...]
    anchors: tuple[bytes, ...]
    host: str | None = HOST
    manager: str = "PKIX"
    protocol: str = "TLSv1.3"
    more: dict[str, str] = field(default_factory=dict)


ROOT, MID, LEAF = "CN=Root,O=Example", "CN=Issuing,O=Example", "CN=server.example.net,O=Example"
SAN = names(("dns", HOST))
CA = (basic(), usage(5, 6))


def root(**options: Any) -> bytes:
    own = options.pop("own", key("root"))
    subject = options.pop("subject", ROOT)
    return make(subject, own, subject, own, *options.pop("extensions", CA), **options)


def mid(**options: Any) -> bytes:
    extensions = options.pop("extensions", CA)
    return make(options.pop("subject", MID), options.pop("own", key("mid")),
                options.pop("issuer", ROOT), options.pop("signer", key("root")),
                *extensions, **options)  # fmt: skip


def leaf(**options: Any) -> bytes:
    extensions = options.pop("extensions", (SAN,))
    return make(options.pop("subject", LEAF), options.pop("own", key("leaf")),
                options.pop("issuer", MID), options.pop("signer", key("mid")),
                *extensions, **options)  # fmt: skip


def lone(**options: Any) -> bytes:
    """A leaf directly below the root."""
    return leaf(**({"issuer": ROOT, "signer": key("root")} | options))


KINDS = (
    *("RSA1024", "RSA2048", "RSA3072", "P-256", "P-384", "P-521", "P-224", "P-192"),
    *("secp256k1", "brainpoolP256r1", "Ed25519", "Ed448", "DSA2048", "DSA1024"),
)
EXPIRED: dict[str, Any] = {"start": AT - 400 * DAY, "end": AT - DAY}
FUTURE: dict[str, Any] = {"start": AT + DAY, "end": AT + 400 * DAY}


def routes() -> Iterator[Case]:
    r, m, e = root(), mid(), leaf()
    yield Case("good", (e, m), (r,))
    yield Case("root sent", (e, m, r), (r,))
    yield Case("missing intermediate", (e,), (r,))
    yield Case("unknown root", (e, m), (root(subject="CN=Other", own=key("other")),))
    yield Case("unknown root sent", (e, m, r), (root(subject="CN=Other", own=key("other")),))
    yield Case("shuffled", (e, r, m), (r,))
    yield Case("intermediate twice", (e, m, m), (r,))
    yield Case("leaf twice", (e, e, m), (r,))
    yield Case("leaf trusted", (e,), (e,))
    yield Case("leaf trusted expired", (leaf(**EXPIRED),), (leaf(**EXPIRED),))
    yield Case("leaf trusted with chain", (e, m), (e,))
    yield Case("intermediate trusted", (e,), (m,))
    yield Case("intermediate trusted and sent", (e, m), (m,))
    yield Case("intermediate trusted, root sent", (e, m, r), (m,))
    yield Case("self-signed leaf trusted", (root(),), (root(),), host=None)
    selfish = make(LEAF, key("leaf"), LEAF, key("leaf"), SAN)
    yield Case("self-signed leaf", (selfish,), (r,))
    yield Case("self-signed leaf pinned", (selfish,), (selfish,))
    renewed = make(LEAF, key("leaf"), LEAF, key("leaf"), SAN, serial=2)
    yield Case("self-signed leaf renewed, same key", (renewed,), (selfish,))
    renewed_ca = make(LEAF, key("leaf"), LEAF, key("leaf"), SAN, *CA, serial=2)
    selfish_ca = make(LEAF, key("leaf"), LEAF, key("leaf"), SAN, *CA)
    yield Case("self-signed CA leaf renewed, same key", (renewed_ca,), (selfish_ca,))
    new_key = make(LEAF, key("leaf2"), LEAF, key("leaf2"), SAN, serial=2)
    yield Case("self-signed leaf, new key", (new_key,), (selfish,))
    other_root = root(own=key("root2"))
    yield Case("same name, other root key", (e, m), (other_root,))
    yield Case("same name, other root key, root sent", (e, m, r), (other_root,))
    with_id = root(extensions=(*CA, forge.subject_id(b"one")))
    other_id = root(own=key("root2"), extensions=(*CA, forge.subject_id(b"two")))
    m_id = mid(extensions=(*CA, forge.authority_id(b"one")))
    yield Case("other root key, key identifiers", (e, m_id), (other_id,))
    yield Case("key identifiers fit", (e, m_id), (with_id,))
    yield Case("key identifiers choose", (e, m_id), (other_id, with_id))
    m_serial = mid(extensions=(*CA, forge.authority_id(b"one", 99)))
    yield Case("authority serial wrong", (e, m_serial), (with_id,))
    m_right = mid(extensions=(*CA, forge.authority_id(b"one", 1)))
    yield Case("authority serial right", (e, m_right), (with_id,))
    yield Case("authority serial wrong, searched", (e, r, m_serial), (with_id,))
    yield Case("key identifier wrong, searched", (e, r, m_id), (other_id, r))
    cross = make(ROOT, key("root"), "CN=Old", key("old"), *CA)
    old = root(subject="CN=Old", own=key("old"))
    yield Case("cross-signed, new root known", (e, m, cross), (r,))
    yield Case("cross-signed, old root known", (e, m, cross), (old,))
    yield Case("cross-signed, both known", (e, m, cross), (r, old))
    expired_cross = make(ROOT, key("root"), "CN=Old", key("old"), *CA, **EXPIRED)
    yield Case("expired cross, new root known", (e, m, expired_cross), (r,))
    yield Case("expired cross, old root known", (e, m, expired_cross), (old,))
    expired_root = root(**EXPIRED)
    yield Case("expired root", (e, m), (expired_root,))
    yield Case("expired root sent", (e, m, expired_root), (expired_root,))
    yield Case("expired root, searched", (e, expired_root, m), (expired_root,))
    yield Case("expired root, one step, searched", (lone(), m), (expired_root,))
    yield Case("expired root sent, renewed known", (e, m, expired_root), (r,))
    yield Case("expired intermediate", (e, mid(**EXPIRED)), (r,))
    yield Case("expired intermediate, searched", (e, r, mid(**EXPIRED)), (r,))
    yield Case("expired leaf", (leaf(**EXPIRED), m), (r,))
    yield Case("expired leaf, missing intermediate", (leaf(**EXPIRED),), (r,))
    yield Case("expired leaf below trusted intermediate", (leaf(**EXPIRED),), (m,))
    yield Case("future leaf", (leaf(**FUTURE), m), (r,))
    yield Case("future intermediate", (e, mid(**FUTURE)), (r,))
    yield Case("future root", (e, m), (root(**FUTURE),))
    yield Case("no anchors", (e, m), ())
    unrelated = make("CN=Else", key("else"), "CN=Elsewhere", key("else2"), SAN)
    yield Case("unrelated before", (e, unrelated, m), (r,))
    yield Case("unrelated after", (e, m, unrelated), (r,))
    yield Case("wrong signature", (leaf(signer=key("else")), m), (r,))
    yield Case("broken signature", (leaf(broken=True), m), (r,))
    yield Case("broken signature of the intermediate", (e, mid(broken=True)), (r,))
    yield Case("broken signature, searched", (leaf(broken=True), r, m), (r,))
    yield Case("leaf below root", (lone(),), (r,))
    yield Case("two intermediates of one name", (e, mid(own=key("mid2")), m), (r,))
    yield Case("two intermediates, right first", (e, m, mid(own=key("mid2"))), (r,))


def roles() -> Iterator[Case]:
    r, m, e = root(), mid(), leaf()
    yield Case("intermediate without CA", (e, mid(extensions=(basic(False),))), (r,))
    yield Case("intermediate without constraints", (e, mid(extensions=(usage(5),))), (r,))
    yield Case("intermediate without extensions", (e, mid(extensions=())), (r,))
    yield Case("intermediate without keyCertSign", (e, mid(extensions=(basic(), usage(0)))), (r,))
    yield Case("intermediate without CA, searched", (e, r, mid(extensions=(usage(5),))), (r,))
    yield Case(
        "intermediate without keyCertSign, searched",
        (e, r, mid(extensions=(basic(), usage(0)))),
        (r,),
    )
    yield Case("v1 intermediate", (e, mid(extensions=(), version=1)), (r,))
    yield Case("v1 root", (e, m), (root(extensions=(), version=1),))
    yield Case(
        "v1 root valid shorter than the intermediate",
        (e, m),
        (root(extensions=(), version=1, end=AT + 50 * DAY),),
    )
    yield Case("v1 leaf", (leaf(extensions=(), version=1), m), (r,))
    yield Case("leaf is a CA", (leaf(extensions=(SAN, *CA)), m), (r,))
    yield Case("leaf is a CA and may sign", (leaf(extensions=(SAN, basic(), usage(0, 5))), m), (r,))
    yield Case("leaf is a CA, searched", (leaf(extensions=(SAN, basic())), r, m), (r,))
    yield Case("root without CA", (e, m), (root(extensions=(basic(False),)),))
    yield Case("root without constraints", (e, m), (root(extensions=(usage(5),)),))
    yield Case("root without extensions", (e, m), (root(extensions=()),))
    yield Case("root without keyCertSign", (e, m), (root(extensions=(basic(), usage(0))),))
    yield Case("root without CA, searched", (e, r, m), (root(extensions=(basic(False),)),))
    yield Case(
        "leaf below another leaf that is trusted", (leaf(issuer=LEAF, signer=key("leaf")),), (e,)
    )
    yield Case(
        "root path length 0, one intermediate",
        (e, m),
        (root(extensions=(basic(length=0), usage(5))),),
    )
    zero = mid(extensions=(basic(length=0), usage(5)))
    deep = make("CN=Deep", key("deep"), MID, key("mid"), *CA)
    bottom = leaf(issuer="CN=Deep", signer=key("deep"))
    yield Case("path length 0 kept", (e, zero), (r,))
    yield Case("path length 0 broken", (bottom, deep, zero), (r,))
    yield Case("path length 0 broken, searched", (bottom, zero, deep), (r,))
    one = mid(extensions=(basic(length=1), usage(5)))
    yield Case("path length 1 kept", (bottom, deep, one), (r,))
    selfissued = make(MID, key("mid3"), MID, key("mid"), *CA)
    below = leaf(signer=key("mid3"))
    yield Case("self-issued does not count", (below, selfissued, zero), (r,))
    chain, signer, above = [], key("root"), ROOT
    for number in range(8):
        own = key(f"long{number}")
        chain.append(make(f"CN=Long{number}", own, above, signer, *CA))
        signer, above = own, f"CN=Long{number}"
    last = leaf(issuer=above, signer=signer)
    yield Case("eight intermediates", (last, *reversed(chain)), (r,))
    yield Case("eight intermediates, searched", (last, *chain), (r,))
    yield Case("five intermediates, searched",
               (leaf(issuer="CN=Long4", signer=key("long4")), *chain[:5]), (r,))  # fmt: skip
    yield Case("six intermediates, searched",
               (leaf(issuer="CN=Long5", signer=key("long5")), *chain[:6]), (r,))  # fmt: skip


def purposes_of_leaves() -> Iterator[Case]:
    r, m = root(), mid()
    for title, extensions in {
        "no digitalSignature": (SAN, usage(2)),
        "digitalSignature": (SAN, usage(0)),
        "keyEncipherment and digitalSignature": (SAN, usage(0, 2)),
        "keyAgreement only": (SAN, usage(4)),
        "no usage bits": (SAN, usage()),
        "serverAuth": (SAN, purposes(forge.SERVER)),
        "clientAuth": (SAN, purposes(forge.CLIENT)),
        "any purpose": (SAN, purposes(forge.ANY)),
        "critical clientAuth": (SAN, purposes(forge.CLIENT, critical=True)),
        "critical serverAuth": (SAN, purposes(forge.SERVER, critical=True)),
        "netscape SGC": (SAN, purposes("2.16.840.1.113730.4.1")),
        "microsoft SGC": (SAN, purposes("1.3.6.1.4.1.311.10.3.3")),
        "netscape client": (SAN, forge.extension("2.16.840.1.113730.1.1", b"\x03\x02\x07\x80")),
        "netscape server": (SAN, forge.extension("2.16.840.1.113730.1.1", b"\x03\x02\x06\x40")),
        "critical unknown": (SAN, forge.extension("1.2.3.4", b"\x05\x00", critical=True)),
        "unknown": (SAN, forge.extension("1.2.3.4", b"\x05\x00")),
        "critical SAN": (names(("dns", HOST), critical=True),),
    }.items():
        e = leaf(extensions=extensions)
        yield Case(f"leaf {title}", (e, m), (r,))
        yield Case(f"leaf {title}, searched", (e, r, m), (r,))
        yield Case(f"leaf {title}, pinned", (e,), (e,))
        yield Case(f"leaf {title}, SunX509", (e, m), (r,), manager="SunX509")
    bad = mid(extensions=(*CA, purposes(forge.CLIENT)))
    yield Case("intermediate clientAuth", (leaf(), bad), (r,))
    bad = mid(extensions=(*CA, forge.extension("1.2.3.4", b"\x05\x00", critical=True)))
    yield Case("intermediate critical unknown", (leaf(), bad), (r,))
    yield Case("intermediate critical unknown, searched", (leaf(), r, bad), (r,))
    strange = root(extensions=(*CA, forge.extension("1.2.3.4", b"\x05\x00", critical=True)))
    yield Case("root critical unknown", (leaf(), m), (strange,))
    yield Case("root critical unknown, searched", (leaf(), r, m), (strange,))


def unparsable() -> Iterator[Case]:
    from storekeeper import der

    r, m = root(), mid()

    def of(title: str, e: bytes) -> Iterator[Case]:
        yield Case(f"unparsable {title}", (e, m), (r,))
        yield Case(f"unparsable {title}, pinned", (e,), (r, e))

    yield from of("repeated extension", leaf(extensions=(SAN, SAN)))
    yield from of("empty issuer", leaf(issuer=""))
    yield from of("empty subject", leaf(subject=""))
    yield from of("empty subject, critical names",
                  leaf(subject="", extensions=(names(("dns", HOST), critical=True),)))  # fmt: skip
    yield from of("no subject at all", leaf(subject="", extensions=()))
    yield from of("extensions in version 1", leaf(version=1))
    yield from of("extensions in version 2", leaf(version=2))
    yield from of("negative serial", leaf(serial=-5))
    yield from of("serial zero", leaf(serial=0))
    yield from of("serial of 30 bytes", leaf(serial=1 << 230))
    yield from of("cut off", leaf()[:-10])
    yield from of("more behind it", leaf() + b"more")
    yield from of("no certificate", b"hello")
    yield from of(
        "malformed unknown extension", leaf(extensions=(SAN, forge.extension("1.2.3", b"x")))
    )
    yield from of(
        "malformed constraints",
        leaf(extensions=(SAN, forge.extension("2.5.29.19", b"\x30\x05\x01"))),
    )
    broken = forge.extension("2.5.29.19", b"\x30\x05\x01", critical=True)
    yield from of("malformed constraints, critical", leaf(extensions=(SAN, broken)))
    yield from of(
        "malformed names", leaf(extensions=(forge.extension("2.5.29.17", b"\x30\x09\x82\x01"),))
    )
    yield from of(
        "malformed usage", leaf(extensions=(SAN, forge.extension("2.5.29.15", b"\x04\x01\x00")))
    )
    yield from of(
        "malformed purposes",
        leaf(extensions=(SAN, forge.extension("2.5.29.37", b"\x30\x03\x04\x01\x00"))),
    )
    yield from of(
        "odd names",
        leaf(
            extensions=(
                names(
                    ("dns", HOST),
                    ("other", b"\x06\x03\x2a\x03\x04\xa0\x02\x05\x00"),
                    ("x400", b"\x05\x00"),
                    ("rid", b"\x2a\x03"),
                ),
            )
        ),
    )
    yield from of(
        "unknown key algorithm",
        leaf(own=der.sequence(der.sequence(der.oid("1.2.3.4")), der.bit_string(b"key"))),
    )
    yield from of(
        "RSA key of 256 bits",
        leaf(
            own=der.sequence(
                der.sequence(der.oid("1.2.840.113549.1.1.1"), der.null()),
                der.bit_string(der.sequence(der.integer((1 << 255) + 95), der.integer(65537))),
            )
        ),
    )
    yield from of(
        "RSA exponent 1",
        leaf(
            own=der.sequence(
                der.sequence(der.oid("1.2.840.113549.1.1.1"), der.null()),
                der.bit_string(der.sequence(der.integer((1 << 2047) + 95), der.integer(1))),
            )
        ),
    )
    yield from of(
        "RSA key that is none",
        leaf(
            own=der.sequence(
                der.sequence(der.oid("1.2.840.113549.1.1.1"), der.null()), der.bit_string(b"key")
            )
        ),
    )
    yield from of(
        "EC point that is none",
        leaf(
            own=der.sequence(
                der.sequence(der.oid("1.2.840.10045.2.1"), der.oid("1.2.840.10045.3.1.7")),
                der.bit_string(b"\x04key"),
            )
        ),
    )
    yield from of("dates reversed", leaf(start=AT + DAY, end=AT - DAY))
    yield from of("year 9999", leaf(end=253402300799))
    yield from of("unique identifiers", leaf())


def all_cases() -> Iterator[Case]:
    """Every case, PKIX ones a second time with SunX509 where that is not asked already."""
    # Both are made of what stands above.
    from tests.verdict_case_algorithms import algorithms, policies
    from tests.verdict_case_names import constraints_and_hosts, hosts, name_constraints, spellings

    for group in (routes, roles, purposes_of_leaves, hosts, algorithms, name_constraints,
                  constraints_and_hosts, policies, spellings, unparsable):  # fmt: skip
        found = list(group())
        yield from found
        if group in (routes, roles, hosts, spellings, unparsable):
            for case in found:
                yield Case(case.name + ", SunX509", case.chain, case.anchors, case.host, "SunX509")
