"""Deleting entries: what is meant by a word, what is spared, and what is left for Java."""

from __future__ import annotations

from pathlib import Path

import pytest

from storekeeper import formats
from storekeeper.change.delete import plan_delete
from storekeeper.errors import Damaged, NoSuchEntry, UsageError, WriteRefused, WrongPassword
from storekeeper.formats import pem
from storekeeper.model import Opaque, Store, TrustedCert
from storekeeper.trust.inventory import Filter
from tests import jvm, pki
from tests.changing import (
    CORP,
    KEY,
    OTHER,
    PASS,
    aliases,
    change,
    java,
    opened,
    read,
    store_file,
    trusted,
)

FORMATS = ("JKS", "JCEKS", "PKCS12")


@pytest.fixture(autouse=True)
def _state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_java_finds_the_others_as_they_were(version: str, format: str, tmp_path: Path) -> None:
    path = store_file(tmp_path / "s", format)
    before = java(version, path, format)
    change(path, lambda target: plan_delete(target, ["CORP-other"]))
    after = java(version, path, format)
    del before["corp-other"]
    if format == "PKCS12":  # Java makes up the date of a trusted certificate
        before["corp-root"]["created_ms"] = after["corp-root"]["created_ms"]
    assert after == before
    assert after["server"]["key"] == KEY


@pytest.mark.parametrize(
    ("words", "wanted", "left"),
    [
        (["corp-*"], Filter(), ["server"]),
        (["*"], Filter(), ["server"]),
        (["*"], Filter(kind="private-key"), ["corp-root", "corp-other"]),
        (["server", "corp-root"], Filter(), ["corp-other"]),
        (["*root"], Filter(), ["corp-other", "server"]),
        ([], Filter(subject="Other"), ["corp-root", "server"]),
        ([], Filter(sha256=(CORP.sha256[:12],)), ["corp-other", "server"]),
        (["corp-root"], Filter(subject="Other"), ["corp-root", "corp-other", "server"]),
        ([], Filter(expires_in=10), ["corp-root", "corp-other", "server"]),
        (["nothing*"], Filter(), ["corp-root", "corp-other", "server"]),
    ],
)
def test_what_is_meant(words: list[str], wanted: Filter, left: list[str], tmp_path: Path) -> None:
    path = store_file(tmp_path / "s", "JKS")
    applied = change(path, lambda target: plan_delete(target, words, wanted, at=1_800_000_000))
    assert aliases(path) == left
    assert applied.changed == (len(left) < 3)


def test_a_pattern_says_which_keys_it_spared(tmp_path: Path) -> None:
    plan = plan_delete(opened(store_file(tmp_path / "s", "JKS")), ["*"])
    assert [(s.state, s.alias) for s in plan.steps] == [
        ("removed", "corp-root"),
        ("removed", "corp-other"),
        ("left-out", "server"),
    ]
    assert "--kind private-key" in plan.steps[2].message


def test_an_alias_that_looks_like_a_pattern_is_that_alias(tmp_path: Path) -> None:
    path = store_file(
        tmp_path / "s", "JKS", trusted("ca [old]"), trusted("ca o", OTHER), trusted("*", OTHER)
    )
    change(path, lambda target: plan_delete(target, ["ca [old]"]))
    assert aliases(path) == ["ca o", "*"]
    change(path, lambda target: plan_delete(target, ["*"]))
    assert aliases(path) == ["ca o"]


def test_what_is_not_there_is_an_error_unless_that_is_fine(tmp_path: Path) -> None:
    path = store_file(tmp_path / "s", "JKS")
    before = path.read_bytes()
    with pytest.raises(NoSuchEntry, match="'corp-rot'") as error:
        plan_delete(opened(path), ["corp-root", "corp-rot"])
    assert error.value.exit_status == 1
    assert "did you mean 'corp-root'" in error.value.hint
    assert path.read_bytes() == before
    words = ["corp-root", "corp-rot"]
    assert change(path, lambda t: plan_delete(t, words, missing_ok=True)).changed
    assert not change(path, lambda t: plan_delete(t, words, missing_ok=True)).changed


def test_nothing_said_is_not_everything(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        plan_delete(opened(store_file(tmp_path / "s", "JKS")))


def test_duplicates_go_together_as_java_can_not_tell_them_apart(tmp_path: Path) -> None:
    path = store_file(
        tmp_path / "s", "PKCS12", trusted("ca", CORP, None), trusted("CA", OTHER, None)
    )
    change(path, lambda target: plan_delete(target, ["ca"]))
    assert aliases(path) == []


def test_a_certificate_of_a_chain_stays_in_the_chain(tmp_path: Path) -> None:
    from tests.changing import CHAIN, private

    path = store_file(
        tmp_path / "s", "PKCS12", private("server", "PKCS12"), trusted("ca", CHAIN[1], None)
    )
    change(path, lambda target: plan_delete(target, ["ca"]))
    (entry,) = read(path).entries
    assert getattr(entry, "chain", None) == CHAIN


def test_the_last_entry_of_a_bundle_can_not_go(tmp_path: Path) -> None:
    path = tmp_path / "bundle.pem"
    path.write_bytes(pki.pem("CERTIFICATE", CORP.der))
    before = path.read_bytes()
    with pytest.raises(WriteRefused, match="without any entry") as error:
        change(path, lambda target: plan_delete(target, ["*"]), None)
    assert "delete the file" in error.value.hint
    assert path.read_bytes() == before


def test_what_nobody_understands_stays_verbatim(tmp_path: Path) -> None:
    pem_store = Store("PEM", (trusted("a", CORP, None), trusted("b", OTHER, None)))
    text = pem.write(pem_store) + pki.pem("X509 CRL", b"\x30\x03\x02\x01\x01")
    path = tmp_path / "with-crl.pem"
    path.write_bytes(text)
    crl = [e for e in formats.read(text).entries if isinstance(e, Opaque)]
    assert len(crl) == 1
    change(path, lambda target: plan_delete(target, ["a"]), None)
    left = read(path, None).entries
    assert [e.certificate for e in left if isinstance(e, TrustedCert)] == [OTHER]
    assert [e.data for e in left if isinstance(e, Opaque)] == [crl[0].data]
    change(path, lambda target: plan_delete(target, ["*"]), None)  # spares the CRL
    assert [type(e) for e in read(path, None).entries] == [Opaque]


@pytest.mark.parametrize("format", FORMATS)
def test_what_can_not_be_opened_is_not_touched(format: str, tmp_path: Path) -> None:
    path = store_file(tmp_path / "s", format)
    whole = path.read_bytes()
    with pytest.raises(WrongPassword):
        change(path, lambda target: plan_delete(target, ["*"]), "wrong")
    assert path.read_bytes() == whole
    path.write_bytes(whole[: len(whole) // 2])
    stamp = path.stat().st_mtime_ns
    with pytest.raises((Damaged, WrongPassword)):
        change(path, lambda target: plan_delete(target, ["*"]), PASS)
    assert path.read_bytes() == whole[: len(whole) // 2]
    assert path.stat().st_mtime_ns == stamp
