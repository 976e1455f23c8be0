"""What is given and asked about revocation, and each way Java answers."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from storekeeper.trust.runtimes.revocation import Revocation
from tests import forge
from tests.forge import AT, DAY, basic, key, make, purposes, usage
from tests.revocation_questions import CRITICAL, KEY_ID, LEAF_ID, MID_ID, URL, ask, of_mid, of_root
from tests.revocation_responses import responders, responses
from tests.revoking import (
    UNKNOWN,
    Question,
    answer,
    cert_id,
    crl,
    line,
    place,
    point,
    points,
    reason,
    refusal,
    response,
    revoked,
)
from tests.verdict_cases import CA, MID, SAN, leaf, lone, mid, root


def lists() -> Iterator[Question]:
    e, m, r = leaf(), mid(), root()
    good = (of_root(), of_mid())
    yield ask("off", (e, m), enabled=False)
    yield ask("on, nothing given", (e, m))
    yield ask("on, leaf trusted", (e,), anchors=(e,))
    yield ask("both lists", (e, m), *good)
    yield ask("only the root's", (e, m), of_root())
    yield ask("only the intermediate's", (e, m), of_mid())
    yield ask("only the end's", (e, m), of_mid(), only_end_entity=True)
    yield ask("searched, both lists", (e, r, m), *good)
    yield ask("searched, nothing given", (e, r, m))
    yield ask("searched, revoked", (e, r, m), of_root(), of_mid(line(1)))
    yield ask("leaf revoked", (e, m), of_root(), of_mid(line(1)))
    yield ask("leaf revoked, reason", (e, m), of_root(), of_mid(line(1, AT - DAY, reason(1))))
    for number in (0, 2, 3, 4, 5, 6, 8, 9, 10):
        yield ask(f"reason {number}", (e, m), of_root(), of_mid(line(1, AT - DAY, reason(number))))
    invalid = forge.extension("2.5.29.24", bytes.fromhex("180f") + b"20200101000000Z")
    private = forge.extension("1.2.3.4", b"\x05\x00")
    yield ask("reason and invalidity", (e, m), of_root(),
              of_mid(line(1, AT - DAY, reason(1), invalid)))  # fmt: skip
    yield ask("many extensions of a line", (e, m), of_root(),
              of_mid(line(1, AT - DAY, private, reason(1), invalid)))  # fmt: skip
    yield ask("critical extension of a line", (e, m), of_root(),
              of_mid(line(1, AT - DAY, CRITICAL)))  # fmt: skip
    yield ask("critical reason", (e, m), of_root(),
              of_mid(line(1, AT - DAY, reason(4, critical=True))))  # fmt: skip
    yield ask("revoked later", (e, m), of_root(), of_mid(line(1, AT + DAY)))
    yield ask("revoked this moment", (e, m), of_root(), of_mid(line(1, AT)))
    yield ask("another is revoked", (e, m), of_root(), of_mid(line(2), line(99)))
    yield ask("intermediate revoked", (e, m), of_root(line(1)), of_mid())
    yield ask("both revoked", (e, m), of_root(line(1)), of_mid(line(1)))
    yield ask("old list", (e, m), of_root(), of_mid(this=AT - 9 * DAY, until=AT - DAY))
    yield ask("just old list", (e, m), of_root(), of_mid(this=AT - 9 * DAY, until=AT - 800))
    yield ask("a bit older list", (e, m), of_root(), of_mid(this=AT - 9 * DAY, until=AT - 901))
    yield ask("future list", (e, m), of_root(), of_mid(this=AT + DAY, until=AT + 2 * DAY))
    yield ask("just future list", (e, m), of_root(), of_mid(this=AT + 900, until=AT + 2 * DAY))
    yield ask("list without an end", (e, m), of_root(), of_mid(until=None))
    yield ask("wrong signature", (e, m), of_root(), of_mid(signer=key("else")))
    yield ask("broken signature", (e, m), of_root(), of_mid(broken=True))
    yield ask("other issuer", (e, m), of_root(), crl("CN=Else", key("mid")))
    yield ask("issuer in other case", (e, m), of_root(), crl(MID.upper().replace("CN=", "CN="),
              key("mid"), line(1)))  # fmt: skip
    yield ask("expired leaf, revoked", (leaf(end=AT - DAY), m), of_root(), of_mid(line(1)))
    yield ask("badly signed, revoked", (leaf(broken=True), m), of_root(), of_mid(line(1)))
    yield ask("wrong purposes, revoked", (leaf(extensions=(SAN, purposes(forge.CLIENT))), m),
              of_root(), of_mid(line(1)))  # fmt: skip
    yield ask("SHA-1 leaf, revoked", (leaf(called="SHA224withRSA", signer=key("rsa", "RSA2048")),
              mid(own=key("rsa", "RSA2048"))), of_root(),
              of_mid(line(1), signer=key("rsa", "RSA2048")))  # fmt: skip
    yield ask("critical extension, revoked",
              (leaf(extensions=(SAN, CRITICAL)), m),
              of_root(), of_mid(line(1)))  # fmt: skip
    yield ask("leaf below root", (lone(),), of_root())
    yield ask("leaf below root, revoked", (lone(),), of_root(line(1)))
    yield ask("root without the right", (lone(),), of_root(),
              anchors=(root(extensions=(basic(), usage(5))),))  # fmt: skip
    yield ask("MD5 list", (e, mid(own=key("rsa", "RSA2048"))), of_root(),
              of_mid(signer=key("rsa", "RSA2048"), called="MD5withRSA"))  # fmt: skip
    yield ask("SHA-1 list", (leaf(signer=key("rsa", "RSA2048")), mid(own=key("rsa", "RSA2048"))),
              of_root(), of_mid(signer=key("rsa", "RSA2048"), called="SHA1withRSA"))  # fmt: skip
    yield ask("serial of a whole CA", (leaf(serial=2**70), m), of_root(), of_mid(line(2**70)))


def signers() -> Iterator[Question]:
    e = leaf()
    plain = mid(extensions=(basic(),))
    without = mid(extensions=(basic(), usage(5)))
    good = (of_root(), of_mid())
    yield ask("issuer without a key usage", (e, plain), *good)
    yield ask("issuer without a key usage, revoked", (e, plain), of_root(), of_mid(line(1)))
    yield ask("issuer without a key usage, its own not told", (e, plain), of_mid())
    yield ask("issuer without a key usage, itself revoked", (e, plain), of_root(line(1)), of_mid())
    yield ask("only the end, issuer without a key usage", (e, plain), of_root(), of_mid(),
              only_end_entity=True)  # fmt: skip
    yield ask("only the end, issuer without a key usage, no root's", (e, plain), of_mid(),
              only_end_entity=True)  # fmt: skip
    yield ask("issuer that may not sign lists", (e, without), *good)
    yield ask("issuer that may not sign lists, revoked", (e, without), of_root(), of_mid(line(1)))
    deep = make("CN=Deep", key("deep"), MID, key("mid"), basic())
    below = leaf(issuer="CN=Deep", signer=key("deep"))
    third = crl("CN=Deep", key("deep"))
    yield ask("three deep, no key usage", (below, deep, plain), *good, third)
    yield ask("three deep, no key usage, revoked", (below, deep, plain), *good,
              crl("CN=Deep", key("deep"), line(1)))  # fmt: skip
    yield ask("three deep, middle revoked", (below, deep, plain), of_root(), of_mid(line(1)), third)
    yield ask("three deep, one list missing", (below, deep, plain), of_mid(), third)


def places() -> Iterator[Question]:
    m = mid()
    here = points(place(("uri", URL)))
    e = leaf(extensions=(SAN, here))
    plain = leaf()
    at = ("uri", URL)
    yield ask("a point, a list without one", (e, m), of_root(), of_mid(line(1)))
    yield ask("a point and its list", (e, m), of_root(), of_mid(line(1), extensions=(point(at),)))
    yield ask("a point, another's list", (e, m), of_root(),
              of_mid(line(1), extensions=(point(("uri", URL + "b")),)))  # fmt: skip
    yield ask("no point, a list with one", (plain, m), of_root(),
              of_mid(line(1), extensions=(point(at),)))  # fmt: skip
    yield ask("no point, a list with the issuer's name", (plain, m), of_root(),
              of_mid(line(1), extensions=(point(("dir", forge.name(MID))),)))  # fmt: skip
    for word, limit in (
        ("users", point(users=True)),
        ("cas", point(cas=True)),
        ("attributes", point(attributes=True)),
    ):
        yield ask(f"only {word}", (plain, m), of_root(), of_mid(line(1), extensions=(limit,)))
        yield ask(f"only {word}, of the root", (plain, m), of_root(line(1), extensions=(limit,)),
                  of_mid())  # fmt: skip
    some = point(reasons=b"\x06\x40")
    rest = point(reasons=b"\x07\x3f\x80")
    yield ask("some reasons", (plain, m), of_root(), of_mid(line(1), extensions=(some,)))
    yield ask("some reasons and the rest", (plain, m), of_root(),
              of_mid(line(1), extensions=(some,)), of_mid(extensions=(rest,)))  # fmt: skip
    yield ask("some reasons, the rest says revoked", (plain, m), of_root(),
              of_mid(extensions=(some,)), of_mid(line(1), extensions=(rest,)))  # fmt: skip
    yield ask("not critical point", (plain, m), of_root(),
              of_mid(line(1), extensions=(point(users=True, critical=False),)))  # fmt: skip
    delta = forge.extension("2.5.29.27", b"\x02\x01\x01", critical=True)
    yield ask("delta", (plain, m), of_root(), of_mid(line(1), extensions=(delta,)))
    yield ask("delta beside the whole", (plain, m), of_root(), of_mid(),
              of_mid(line(1), extensions=(delta,)))  # fmt: skip
    yield ask("critical extension of a list", (plain, m), of_root(),
              of_mid(line(1), extensions=(CRITICAL,)))  # fmt: skip
    number = forge.extension("2.5.29.20", b"\x02\x01\x07")
    yield ask("numbered", (plain, m), of_root(), of_mid(line(1), extensions=(number,)))
    mine = forge.authority_id(b"mid")
    told = leaf(extensions=(SAN, mine))
    yield ask("key identifiers agree", (told, m), of_root(), of_mid(line(1), extensions=(mine,)))
    yield ask("only the certificate's", (told, m), of_root(), of_mid(line(1)))
    yield ask("key identifiers differ", (told, m), of_root(),
              of_mid(line(1), extensions=(forge.authority_id(b"else"),)))  # fmt: skip
    for count in range(2, 9):
        several = [of_mid(line(1), this=AT - DAY - n) if n % 2 else of_mid(this=AT - DAY - n)
                   for n in range(count)]  # fmt: skip
        yield ask(f"{count} lists that differ", (plain, m), of_root(), *several)


def options() -> Iterator[Question]:
    e, m = leaf(), mid()
    good = (of_root(), of_mid())
    bad = (of_root(), of_mid(line(1)))
    mk = key("mid")
    other = response(key("root"), answer(MID_ID))
    told = (response(mk, answer(LEAF_ID)), other)
    doubtful = (response(mk, answer(LEAF_ID, UNKNOWN)), other)
    denied = (response(mk, answer(LEAF_ID, revoked())), other)
    old = (response(mk, answer(LEAF_ID, this=AT - 9 * DAY, until=AT - DAY)), other)
    words = ("ONLY_END_ENTITY", "PREFER_CRLS", "NO_FALLBACK", "SOFT_FAIL")
    chosen = [tuple(word for bit, word in enumerate(words) if number >> bit & 1)
              for number in range(16)]  # fmt: skip
    given: tuple[tuple[str, tuple[bytes, ...], tuple[bytes, ...]], ...] = (
        ("nothing", (), ()),
        ("good lists", good, ()),
        ("revoking lists", bad, ()),
        ("good responses", (), told),
        ("unknown", (), doubtful),
        ("revoking responses", (), denied),
        ("old response", (), old),
        ("unknown and good lists", good, doubtful),
        ("revoking lists, good responses", bad, told),
        ("try later", (), (refusal(3), refusal(3))),
        ("unauthorized", (), (refusal(6), refusal(6))),
    )
    for what, lists_, stapled in given:
        for some in chosen:
            yield ask(f"{what}, {some}", (e, m), *lists_, responses=stapled, options=some)
    yield ask("own checker, not enabled", (e, m), *bad, options=(), enabled=False)
    yield ask("legacy, ocsp on, lists", (e, m), *good, ocsp=True)
    yield ask("legacy, ocsp on, revoking lists", (e, m), *bad, ocsp=True)
    yield ask("legacy, ocsp on, nothing", (e, m), ocsp=True)
    yield ask("distribution points on, none", (e, m), *good, crl_points=True)
    rsa = key("rsa", "RSA2048")
    weak = leaf(signer=rsa, called="SHA224withRSA")
    issuer = mid(own=rsa)
    yield ask("stapled and a forbidden algorithm", (weak, issuer),
              responses=(response(rsa, answer(cert_id(MID, rsa), revoked())), other))  # fmt: skip
    yield ask("listed and a forbidden algorithm", (weak, issuer), of_root(),
              of_mid(line(1), signer=key("rsa", "RSA2048")))  # fmt: skip
    yield ask("own checker and a forbidden algorithm", (weak, issuer), of_root(),
              of_mid(line(1), signer=key("rsa", "RSA2048")), options=("PREFER_CRLS",))  # fmt: skip


def all_questions() -> Iterator[Question]:
    """Each with a name of its own."""
    for group in (lists, signers, places, responses, responders, options):
        for one in group():
            yield Question(f"{group.__name__}: {one.name}", one.chain, one.anchors,
                           one.revocation, one.protocol)  # fmt: skip


def drawn(seed: int) -> Question:
    """A chain, and anything that may be given and asked about it, by chance."""
    chance = random.Random(seed)
    e = leaf(extensions=(SAN, purposes(forge.SERVER)) if chance.random() < 0.3 else (SAN,))
    issuer = chance.choice(
        [mid(), mid(), mid(extensions=(basic(),)), mid(extensions=(*CA, KEY_ID))]
    )
    chain = chance.choice([(e, issuer), (e, issuer), (e, root(), issuer), (e, issuer, root())])
    pool = [
        of_root(),
        of_root(line(1)),
        of_root(line(2)),
        of_root(until=AT - DAY),
        of_mid(),
        of_mid(),
        of_mid(line(1, AT - DAY, reason(chance.randrange(7)))),
        of_mid(line(1, AT + DAY)),
        of_mid(extensions=(point(users=True),)),
        of_mid(line(1), extensions=(point(cas=True),)),
        of_mid(line(1), this=AT - 2 * DAY),
        of_mid(broken=True),
        of_mid(signer=key("else")),
    ]
    lists_ = [one for one in pool if chance.random() < 0.35]
    chance.shuffle(lists_)
    answers: dict[bytes, tuple[bytes, Any]] = {
        e: (LEAF_ID, key("mid")),
        issuer: (MID_ID, key("root")),
        root(): (MID_ID, key("root")),
    }
    stapled: list[bytes] = []
    for one in chain if chance.random() < 0.6 else ():
        named, signer = answers[one]
        status = chance.choice([b"\x80\0", b"\x80\0", b"\x80\0", UNKNOWN, revoked(number=1)])
        when = chance.choice([AT - DAY, AT - DAY, AT - DAY, AT + DAY])
        made = response(signer, answer(named, status, this=when), broken=chance.random() < 0.1)
        stapled.append(chance.choice([made, made, made, made, b"", refusal(3)]))
    words = ("ONLY_END_ENTITY", "PREFER_CRLS", "NO_FALLBACK", "SOFT_FAIL")
    own = frozenset(word for word in words if chance.random() < 0.4)
    return Question(
        f"drawn {seed}",
        chain,
        (root(),),
        Revocation(
            chance.random() < 0.9,
            tuple(lists_),
            tuple(stapled),
            own if chance.random() < 0.5 else None,
            chance.random() < 0.3,
            False,
            chance.random() < 0.2,
        ),
        chance.choice(["TLSv1.3", "TLSv1.2"]),
    )
