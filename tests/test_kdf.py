"""Keys derived once while something is written and read back, and forgotten then."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from storekeeper.change import apply as applying
from storekeeper.change.import_ import plan_import
from storekeeper.change.incoming import Incoming
from storekeeper.errors import WrongPassword
from storekeeper.formats import kdf, pkcs12
from storekeeper.model import Password
from tests import changing, pki

ASKED = ("sha256", b"\0s\0e\0c\0\0", b"salt salt", 100, kdf.MAC, 32)


def test_the_same_key_as_ever_and_nothing_kept() -> None:
    plain = kdf.pkcs12_key(*ASKED)
    with kdf.DerivedOnce():
        assert [kdf.pkcs12_key(*ASKED) for _ in range(2)] == [plain] * 2
        assert kdf.pkcs12_key(*ASKED[:2], b"other salt", *ASKED[3:]) != plain
        assert kdf.pbkdf2("sha256", b"s", b"salt", 10, 16) != kdf.pbkdf2(
            "sha512", b"s", b"salt", 10, 16
        )
        (known,) = kdf._derived.values()
        kept = dict(known)
        other = threading.Thread(target=kdf.pkcs12_key, args=(*ASKED[:3], 7, *ASKED[4:]))
        other.start()
        other.join()
        assert known == kept
    assert kdf._derived == {}
    with pytest.raises(WrongPassword), kdf.DerivedOnce():
        raise WrongPassword("in between")
    assert kdf._derived == {}


def test_writing_derives_each_key_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = changing.store_file(tmp_path / "store", "PKCS12")
    plan = plan_import(changing.opened(path), [Incoming(pki.cert("New Root"), "x")])
    derived: list[tuple[object, ...]] = []
    real = kdf._pkcs12_key

    def counting(*arguments: object) -> bytes:
        derived.append(arguments)
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(kdf, "_pkcs12_key", counting)
    content, _ = applying.encode(plan)
    assert len(derived) == len(set(derived)) > 0
    assert kdf._derived == {}
    # And another password is as wrong as before.
    assert content is not None
    with kdf.DerivedOnce():
        pkcs12.read(content, plan.password)
        with pytest.raises(WrongPassword):
            pkcs12.read(content, Password("another"))
