"""Wildcards below public suffixes, as JREs judge them by their own lists."""

from __future__ import annotations

import functools
import random
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper.errors import Damaged
from storekeeper.model import Certificate
from storekeeper.trust.runtimes.public_suffix import PublicSuffixes
from storekeeper.trust.verdict import Verdict, judge
from tests import altered, forge, jvm
from tests.forge import names
from tests.oracle import Oracle
from tests.verdict_cases import lone, root

NOW = datetime.fromtimestamp(forge.AT, UTC)
LIST = "lib/security/public_suffix_list.dat"

# What the certificate is for, and the host it is asked for.
PAIRS = [
    ("*.net", "example.net"),
    ("*.co.uk", "example.co.uk"),
    ("*.CO.uk", "example.co.uk"),
    ("a*.co.uk", "ab.co.uk"),
    ("*.example.co.uk", "a.example.co.uk"),
    ("*.uk", "example.uk"),
    ("*.se", "example.se"),
    ("*.sch.uk", "a.sch.uk"),
    ("*.a.sch.uk", "b.a.sch.uk"),
    ("*.github.io", "x.github.io"),
    ("*.io", "github.io"),
    ("*.blogspot.com", "x.blogspot.com"),
    ("*.com", "blogspot.com"),
    ("*.amazonaws.com", "s3.amazonaws.com"),
    ("*.kobe.jp", "x.kobe.jp"),
    ("*.x.kobe.jp", "y.x.kobe.jp"),
    ("*.kobe.jp", "city.kobe.jp"),
    ("*.city.kobe.jp", "a.city.kobe.jp"),
    ("*.jp", "kobe.jp"),
    ("*.ck", "a.ck"),
    ("*.ck", "www.ck"),
    ("*.a.ck", "b.a.ck"),
    ("*.www.ck", "b.www.ck"),
    ("*.compute.amazonaws.com", "x.compute.amazonaws.com"),
    ("*.unknowntld", "x.unknowntld"),
    ("*.foo.unknowntld", "x.foo.unknowntld"),
    ("*.local", "x.local"),
    ("*.internal", "x.internal"),
    ("*.xn--p1ai", "a.xn--p1ai"),
    ("*.a.xn--p1ai", "b.a.xn--p1ai"),
    ("*.xn--55qx5d.cn", "a.xn--55qx5d.cn"),
    ("*.com.cn", "a.com.cn"),
    ("*.a.com.cn", "b.a.com.cn"),
    ("*b.com.cn", "ab.com.cn"),
    ("*.no", "a.no"),
    ("*.arpa", "a.arpa"),
    ("*.e164.arpa", "a.e164.arpa"),
]


def pair(pattern: str) -> bytes:
    return lone(extensions=(names(("dns", pattern)),))


def verdict_on(
    pattern: str, host: str, version: str, suffixes: PublicSuffixes | None, manager: str = "PKIX"
) -> Verdict:
    return judge(
        [pair(pattern)],
        [Certificate(root())],
        host,
        f"java{version.partition('.')[0]}",
        manager,
        at=NOW,
        jdk_roots=frozenset({Certificate(root()).sha256}),
        suffixes=suffixes,
    )


@functools.cache
def suffixes_of(version: str) -> PublicSuffixes:
    return PublicSuffixes((jvm.jvm(version).home / LIST).read_bytes())


def beside(pairs: list[tuple[str, str]], version: str, folder: Path) -> list[str]:
    oracle = Oracle(altered.with_roots(version, folder, {"private": root()}))
    different = []
    for pattern, host in pairs:
        said = oracle.judge([pair(pattern)], [root()], host=host, at=forge.AT)
        ours = verdict_on(pattern, host, version, suffixes_of(version))
        if (ours.accepts, ours.message) != (said.accepts, said.message):
            different.append(f"{pattern} for {host}: Java {said}, we {ours.message!r}")
    oracle.close()
    return different


@pytest.mark.parametrize("version", jvm.ENDS_PARAMS)
def test_as_java_says_it(version: str, tmp_path: Path) -> None:
    assert beside(PAIRS, version, tmp_path) == []


def drawn(version: str, count: int, seed: int) -> Iterator[tuple[str, str]]:
    """Pairs about rules of the list: at the suffix, below it, above it."""
    chance = random.Random(seed)
    with zipfile.ZipFile(jvm.jvm(version).home / LIST) as archive:
        domains = archive.namelist()
        common = ["com", "jp", "no", "uk", "us", "cn", "ck", "np", "br", "io", "se"]
        for _ in range(count):
            domain = chance.choice(domains if chance.random() < 0.4 else common)
            rules = archive.read(domain).decode().split("\n")
            rule = chance.choice([one for one in rules if len(one) > 1])[1:].lstrip("!")
            base = rule.replace("*", "wild").encode("idna").decode()
            below = chance.choice(["", "a.", "a.b.", "wild."])
            suffix = chance.choice([below + base, base.partition(".")[2] or base])
            yield chance.choice(["*.", "*.", "x*."]) + suffix, "xy." + suffix


@pytest.mark.slow
@pytest.mark.parametrize("version", jvm.VERSIONS)
def test_pairs_by_the_hundred(version: str, tmp_path: Path) -> None:
    pairs = list(dict.fromkeys(drawn(version, 1500, int(version.partition(".")[0]))))
    assert len(pairs) > 800
    assert beside(pairs, version, tmp_path) == []


def test_private_roots_may_have_any_wildcard() -> None:
    found = judge([pair("*.co.uk")], [Certificate(root())], "a.co.uk", at=NOW)
    assert found.accepts
    assert not found.notes


def test_without_the_list_the_verdict_says_so() -> None:
    found = verdict_on("*.co.uk", "a.co.uk", "17.0.9.2", None)
    assert found.notes == ("whether co.uk is a public suffix is a guess without the JRE's list",)
    assert not verdict_on("*.co.uk", "a.co.uk", "17.0.9.2", suffixes_of("17.0.9.2")).accepts
    plain = verdict_on("a.co.uk", "a.co.uk", "17.0.9.2", None)
    assert plain.accepts
    assert not plain.notes


def listed(**domains: str) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for domain, rules in domains.items():
            archive.writestr(domain, rules)
    return out.getvalue()


def test_rules() -> None:
    found = PublicSuffixes(listed(a="\0a\n\0b.a\n\1c.a\n\0*.d.a\n\0!e.d.a\n"))
    assert found.registry_suffix("x.a") == "a"
    assert found.registry_suffix("x.y.b.a") == "b.a"
    assert found.registry_suffix("x.c.a") is None
    assert found.registry_suffix("z.x.d.a") == "x.d.a"
    assert found.registry_suffix("z.e.d.a") == "d.a"
    assert found.registry_suffix("b.a") is None
    assert found.registry_suffix("x.other") is None


@pytest.mark.parametrize("data", [b"", b"text", b"PK\x05\x06" + b"\0" * 10, b"\0" * (1 << 23)])
def test_no_list(data: bytes) -> None:
    with pytest.raises(Damaged, match="no list of public suffixes"):
        PublicSuffixes(data)


@given(st.integers(0, 200), st.integers(0, 255), st.text("ab.*-", max_size=12))
def test_changed_lists(at: int, byte: int, host: str) -> None:
    data = bytearray(listed(a="\0a\n\0b.a\n", b="\0b\n"))
    data[at % len(data)] = byte
    try:
        PublicSuffixes(bytes(data)).registry_suffix(host)
    except Damaged:
        return
