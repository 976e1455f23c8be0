"""Random worlds of CAs, chains and stores, each from its seed."""

from __future__ import annotations

import random
from typing import Any

from tests import forge
from tests.forge import AT, DAY, basic, key_of_seed, make, purposes, usage
from tests.verdict_cases import HOST, Case

_KINDS = ("P-256",) * 5 + ("RSA2048", "P-384", "Ed25519", "RSA1024", "P-224")


def _dates(pick: random.Random) -> dict[str, Any]:
    return pick.choice(
        [{}] * 8
        + [{"start": AT - 400 * DAY, "end": AT - DAY}, {"start": AT + DAY, "end": AT + 400 * DAY}]
    )


def _constraints(pick: random.Random) -> list[bytes]:
    if pick.random() < 0.9:
        return []
    names: list[tuple[str, bytes | str]] = [("dns", "example.net"), ("dns", "other.org")]
    trees = [pick.choice([*names, ("dir", forge.name("O=a"))])]
    which = pick.choice(("permitted", "excluded"))
    critical = pick.random() < 0.8
    if which == "permitted":
        return [forge.constraints(permitted=trees, critical=critical)]
    return [forge.constraints(excluded=trees, critical=critical)]


def _ca(pick: random.Random) -> list[bytes]:
    extensions = []
    if pick.random() < 0.93:
        length = pick.choice((None,) * 6 + (0, 0, 1, 2))
        extensions.append(basic(pick.random() < 0.96, length))
    if pick.random() < 0.5:
        extensions.append(usage(*pick.choice([(5, 6), (5, 6), (5, 6), (0, 5), (0,)])))
    if pick.random() < 0.05:
        extensions.append(forge.extension("1.2.3.4", b"\x05\0", critical=pick.random() < 0.5))
    if pick.random() < 0.1:
        extensions.append(purposes(forge.CLIENT))
    return extensions + _constraints(pick)


def _leaf(pick: random.Random) -> list[bytes]:
    extensions = []
    if pick.random() < 0.9:
        extensions.append(
            forge.names(("dns", pick.choice((HOST, HOST, "*.example.net", "other.org"))))
        )
    if pick.random() < 0.3:
        extensions.append(purposes(pick.choice((forge.SERVER, forge.SERVER, forge.CLIENT))))
    if pick.random() < 0.3:
        extensions.append(usage(*pick.choice([(0,), (0, 2), (2,)])))
    return extensions


def case(seed: int) -> Case:
    """One world, and a question about it."""
    pick = random.Random(seed)
    subjects = [f"CN={word},O=a" for word in ("A", "B", "C", "D")]
    keys = [
        key_of_seed(f"r{number}", kind) for number, kind in enumerate(pick.choices(_KINDS, k=5))
    ]
    ids = [b"id%d" % number for number in range(5)]
    made = []
    holders = [(pick.randrange(4), pick.randrange(5)) for _ in range(pick.randint(2, 5))]
    for subject, own in holders:
        for _ in range(pick.choice((1, 1, 1, 2))):
            issuer, signer = pick.choice([(subject, own), *holders])
            extra = []
            if pick.random() < 0.5:
                extra.append(forge.subject_id(ids[own]))
            if pick.random() < 0.4:
                named = signer if pick.random() < 0.9 else pick.randrange(5)
                serial = pick.choice((None, None, None, 1, 2))
                extra.append(forge.authority_id(ids[named], serial))
            version = 3 if pick.random() < 0.95 else 1
            extensions = [] if version == 1 else _ca(pick) + extra
            made.append(
                make(subjects[subject], keys[own], subjects[issuer], keys[signer], *extensions,
                     version=version, serial=pick.choice((1, 1, 1, 2)),
                     broken=pick.random() < 0.03, **_dates(pick))
            )  # fmt: skip
    issuer, signer = pick.choice(holders)
    leaf = make(f"CN={HOST},O=a", key_of_seed("leaf"), subjects[issuer], keys[signer], *_leaf(pick),
                broken=pick.random() < 0.03, **_dates(pick))  # fmt: skip
    sent = pick.sample(made, pick.randint(0, len(made)))
    anchors = pick.sample([*made, leaf], pick.choice((1, 1, 2, 3)) if len(made) > 2 else 1)
    return Case(
        f"random {seed}",
        (leaf, *sent),
        tuple(anchors),
        pick.choice((HOST, HOST, None)),
        pick.choice(("PKIX",) * 4 + ("SunX509",)),
        pick.choice(("TLSv1.3", "TLSv1.2")),
    )


def namesakes(seed: int) -> Case:
    """One world of CAs that share a name or two and sign each other, with different keys."""
    pick = random.Random(seed)
    subjects = ["CN=A,O=a", "CN=B,O=a"][: pick.choice((1, 1, 2))]
    keys = [key_of_seed(f"s{number}") for number in range(4)]
    ids = [b"id%d" % number for number in range(4)]
    holders = [
        (pick.randrange(len(subjects)), pick.randrange(4)) for _ in range(pick.randint(2, 5))
    ]
    made = []
    for serial, (subject, own) in enumerate(holders, 1):
        issuer, signer = pick.choice(holders)
        extensions = [basic(True, pick.choice((None, None, None, 0, 1)))]
        if pick.random() < 0.3:
            extensions.append(usage(*pick.choice([(5,), (5,), (0,)])))
        if pick.random() < 0.5:
            extensions.append(forge.subject_id(ids[own]))
        if pick.random() < 0.5:
            extensions.append(forge.authority_id(ids[signer]))
        made.append(
            make(subjects[subject], keys[own], subjects[issuer], keys[signer], *extensions,
                 serial=serial)
        )  # fmt: skip
    issuer, signer = pick.choice(holders)
    subject_of_leaf = pick.choice([f"CN={HOST},O=a"] * 4 + subjects[:1])
    leaf = make(subject_of_leaf, key_of_seed("leaf"), subjects[issuer], keys[signer], *_leaf(pick))
    sent = pick.sample(made, pick.randint(1, len(made)))
    anchors = pick.sample(made, pick.choice((1, 1, 2)))
    return Case(f"namesakes {seed}", (leaf, *sent), tuple(anchors), HOST, "PKIX", "TLSv1.3")
