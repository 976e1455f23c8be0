"""Entries exported as PKCS12, for Java and OpenSSL."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

from storekeeper import der, formats
from storekeeper.change.export import export
from storekeeper.errors import (
    PasswordRequired,
)
from storekeeper.formats.encryption import named
from storekeeper.model import (
    TrustedCert,
)
from tests import jvm, pki
from tests.export_samples import (
    CHAIN,
    CLEAR,
    DATE,
    KEY,
    LEAF,
    OPENS,
    OTHER,
    ROOT,
    SEALS,
    SECRET,
    SERVER,
    content,
    subjects,
)


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_java_reads_the_pkcs12(version: str) -> None:
    exported = export(
        (SERVER, ROOT, SECRET), format="PKCS12", contents="store", opens=OPENS, seals=SEALS
    )
    assert exported.findings == ()
    store = jvm.jvm(version).worker.load(content(exported), "seals it")
    found = {entry["alias"]: entry for entry in store["entries"]}
    assert set(found) == {"server", "root", "secret"}
    assert found["server"]["chain"] == [c.der for c in CHAIN]
    assert found["server"]["key"] == pki.pkcs8(KEY)
    assert found["server"]["created_ms"] == DATE
    assert found["root"]["chain"] == [OTHER.der]


def test_openssl_and_cryptography_read_the_pkcs12(tmp_path: Path) -> None:
    data = content(export((SERVER,), format="PKCS12", contents="keys", opens=OPENS, seals=SEALS))
    bundle = load_pkcs12(data, b"seals it")
    assert bundle.cert is not None
    assert bundle.cert.friendly_name == b"server"
    assert len(bundle.additional_certs) == 1
    file = tmp_path / "a.p12"
    file.write_bytes(data)
    printed = pki.openssl("pkcs12", "-in", str(file), "-nodes", "-passin", "pass:seals it")
    assert subjects(printed) == [LEAF, "Export CA"]


def test_a_key_entry_gives_trusted_certificates_to_a_pkcs12() -> None:
    data = content(export((SERVER,), format="PKCS12", contents="chains", seals=SEALS))
    entries = formats.read(data, SEALS).entries
    assert [(entry.alias, type(entry)) for entry in entries] == [
        ("server", TrustedCert),
        ("Export CA", TrustedCert),
    ]


def test_aliases_that_meet_in_a_pkcs12_are_told_apart_and_it_is_said() -> None:
    exported = export((ROOT, TrustedCert("ROOT", CHAIN[1])), format="PKCS12", seals=SEALS)
    assert [e.alias for e in formats.read(content(exported), SEALS).entries] == ["Root", "ROOT-1"]
    assert [f.code for f in exported.findings] == ["renamed"]


def test_pkcs12_without_a_password() -> None:
    with pytest.raises(PasswordRequired):
        export((ROOT,), format="PKCS12")
    for options in ({"seals": CLEAR}, {"encryption": named("passwordless")}):
        data = content(export((ROOT,), format="PKCS12", **options))
        assert OTHER.der in data
        loaded = jvm.by_major(17).worker.load(data, None)
        assert [entry["alias"] for entry in loaded["entries"]] == ["root"]
    # A set without a password does not bare a key: that has to be said.
    with pytest.raises(PasswordRequired):
        export(
            (SERVER,),
            format="PKCS12",
            contents="keys",
            opens=OPENS,
            encryption=named("passwordless"),
        )
    exported = export((SERVER,), format="PKCS12", contents="keys", opens=OPENS, seals=CLEAR)
    assert [f.code for f in exported.findings] == ["key-in-clear"]
    assert load_pkcs12(content(exported), None).key is not None


def test_compat_names_are_for_pkcs12() -> None:
    data = content(
        export(
            (SERVER,),
            format="PKCS12",
            contents="keys",
            opens=OPENS,
            seals=SEALS,
            encryption=named("java8"),
        )
    )
    assert der.oid("1.2.840.113549.1.12.1.3") in data  # pbeWithSHAAnd3-KeyTripleDES-CBC
    assert load_pkcs12(data, b"seals it").key is not None
