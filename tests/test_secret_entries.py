"""Secret keys put into a store: planned once, unchanged the second time, nothing lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from storekeeper import formats
from storekeeper.change.apply import apply
from storekeeper.change.plan import Plan
from storekeeper.change.secret_entries import plan_secret
from storekeeper.change.target import open_target
from storekeeper.errors import PasswordRequired, Unsupported, UsageError, WriteRefused
from storekeeper.model import Password, Secret, SecretKey
from storekeeper.pki import secret_keys

OWN, OTHER = Password("changeit", "a test"), Password("another1", "a test")
KEY = Secret("AES", bytes(range(16)))


def plan(path: Path, secret: Secret = KEY, kind: str | None = "PKCS12", **options: object) -> Plan:
    target = open_target(str(path), OWN, may_be_new=True)
    return plan_secret(target, "key", secret, storetype=kind, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["PKCS12", "JCEKS"])
def test_added_once(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "store"
    first = plan(path, kind=kind)
    assert not first.unchanged
    assert first.private
    apply(first)
    assert path.stat().st_mode & 0o077 == 0
    again = plan(path, kind=None)
    assert again.unchanged
    assert [step.state for step in again.steps] == ["unchanged"]
    with pytest.raises(WriteRefused, match="taken by a secret key"):
        plan(path, Secret("AES", bytes(16)), kind=None)
    (entry,) = formats.read(path.read_bytes(), OWN).entries
    assert isinstance(entry, SecretKey)
    assert entry.secret(OWN).material == KEY.material


def test_a_key_s_own_password(tmp_path: Path) -> None:
    path = tmp_path / "store"
    apply(plan(path, kind="JCEKS", key_password=OTHER))
    (entry,) = formats.read(path.read_bytes(), OWN).entries
    assert isinstance(entry, SecretKey)
    assert entry.secret(OTHER) == KEY
    with pytest.raises(UsageError, match="has to be that of the store"):
        plan(tmp_path / "new", key_password=OTHER)


def test_sealed_as_the_others_are(tmp_path: Path) -> None:
    from storekeeper.formats.encryption import ENCRYPTIONS, protecting

    path = tmp_path / "store"
    apply(plan(path, encryption=ENCRYPTIONS["java8"]))
    target = open_target(str(path), OWN)
    apply(plan_secret(target, "second", KEY))
    target = open_target(str(path), OWN)
    modern = protecting("pbewithhmacsha512andaes_256")
    apply(plan_secret(target, "third", KEY, encryption=modern))
    schemes = [
        one.sealed.scheme
        for one in formats.read(path.read_bytes(), OWN).entries
        if isinstance(one, SecretKey)
    ]
    assert schemes[:2] == ["PBEWithSHA1AndDESede"] * 2
    assert schemes[2] == "PBEWithHmacSHA512AndAES_256"
    with pytest.raises(UsageError):
        protecting("PBEWithSHA1And2KeyDESede")  # which Java has not


def test_no_place_for_it(tmp_path: Path) -> None:
    with pytest.raises(WriteRefused, match="JKS can't hold a secret key"):
        plan(tmp_path / "store", kind="JKS")
    with pytest.raises(Unsupported, match="ChaCha20"):
        plan(tmp_path / "store", Secret("ChaCha20", bytes(32)))
    target = open_target(str(tmp_path / "store"), None, may_be_new=True)
    with pytest.raises(PasswordRequired):
        plan_secret(target, "key", KEY, storetype="PKCS12")


@pytest.mark.parametrize("word", ["", "OID.", "oid.1.2.3", "AES ", "hmacsha257", "é" * 40])
def test_words_that_name_no_algorithm(word: str) -> None:
    with pytest.raises(UsageError, match="no secret keys of the algorithm"):
        secret_keys.generate(word, 128)


@pytest.mark.parametrize("bits", [-1, 0, 39, 1 << 20, 10**9])
def test_sizes_are_limited(bits: int) -> None:
    with pytest.raises(UsageError, match="expected 40 to"):
        secret_keys.generate("HmacSHA256", bits)
