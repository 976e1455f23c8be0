"""Random hosts, names and name constraints, each from its seed."""

from __future__ import annotations

import random

from tests import forge
from tests.verdict_cases import CA, Case, leaf, mid, root

_KINDS = ("dns", "dns", "dns", "email", "ip", "uri", "dir")
_ODD = ("192.0.2.7", "2001:db8::7", "1.2.3", "::", "01.2.3.4", "1.2.3.4 ", "[::1]",
        "::ffff:1.2.3.4", "fe80::1%1")  # fmt: skip
_DOMAINS = ("a.b", "x.a.b", "a.b.c", "", "c", ".b", ".a.b")
_MAIL = ("a@a.b", "b@x.a.b", "a.b", ".a.b", "x.a.b", "A@a.b", "noat", "@a.b", "a@", "a@b@a.b", "")
_URIS = ("a.b", ".a.b", "http://a.b/", "http://x.a.b:80/", "https://a.b:443", "mailto:a@a.b",
         "http://1.2.3.4/", "http:///x", "//a.b", "http://u@a.b/", "http://[::1]/")  # fmt: skip
_NETS = (bytes([192, 0, 2, 0, 255, 255, 255, 0]), bytes([192, 0, 2, 7, 255, 255, 255, 255]),
         bytes(8), bytes(32), bytes([192, 0, 2, 0, 255, 0, 255, 0]), bytes(5))  # fmt: skip
_ADDRESSES = (bytes([192, 0, 2, 7]), bytes([10, 0, 0, 1]), bytes(16))
_NAMES = ("O=Example", "O=example", "O=Other", "CN=x,O=Example", "O=Example,CN=x", "")


def _label(pick: random.Random) -> str:
    odd = ("a", "b", "A", "1", "-", "_", "*", "xn--a", "é")
    return "".join(
        pick.choice(odd if pick.random() < 0.3 else ("a", "b", "c"))
        for _ in range(pick.choice((0, 1, 1, 2, 3)))
    )


def _host(pick: random.Random) -> str:
    if pick.random() < 0.08:
        return pick.choice(_ODD)
    found = ".".join(_label(pick) for _ in range(pick.choice((1, 2, 3, 3, 4))))
    if pick.random() < 0.3:
        found = pick.choice(("*.", "*a.", "a*.", "*", ".")) + found
    return found + "." if pick.random() < 0.1 else found


def _value(pick: random.Random, kind: str, *, tree: bool = False) -> bytes | str:
    if kind == "dns":
        return _host(pick) if pick.random() < 0.5 else pick.choice(_DOMAINS)
    if kind == "email":
        return pick.choice(_MAIL)
    if kind == "uri":
        return pick.choice(_URIS)
    if kind == "ip":
        return pick.choice(_NETS if tree else _ADDRESSES)
    return forge.name(pick.choice(_NAMES))


def case(seed: int) -> Case:
    """A chain whose names are odd, below an issuer that may constrain them."""
    pick = random.Random(seed)
    own = [(kind, _value(pick, kind)) for kind in pick.choices(_KINDS, k=pick.choice((0, 1, 1, 2)))]
    subjects = ("CN=x,O=Example", "O=Example,CN=x", "CN=" + _host(pick), "CN=a.b,CN=x.a.b",
                "O=None", "E=a@a.b,CN=a.b")  # fmt: skip
    host: str | None = None
    if pick.random() < 0.6:
        texts = [value for _, value in own if isinstance(value, str)]
        host = pick.choice(texts) if texts and pick.random() < 0.5 else _host(pick)
        host = host if host.isascii() else None
    extensions: tuple[bytes, ...] = CA
    if pick.random() < 0.5:
        trees = [(kind, _value(pick, kind, tree=True)) for kind in pick.choices(_KINDS, k=2)]
        trees = trees[: pick.choice((1, 1, 2))]
        permitted, excluded = (trees, []) if pick.random() < 0.5 else ([], trees)
        extensions = (*CA, forge.constraints(permitted, excluded))
    end = leaf(subject=pick.choice(subjects), extensions=(forge.names(*own),) if own else ())
    return Case(f"names {seed}", (end, mid(extensions=extensions)), (root(),), host)
