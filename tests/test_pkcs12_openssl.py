"""PKCS12 stores made by OpenSSL."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from storekeeper.formats import pkcs12
from storekeeper.frozen import replace
from storekeeper.model import (
    Password,
    PrivateKey,
    TrustedCert,
)
from tests import jvm
from tests.pkcs12_files import (
    INTERMEDIATE,
    LEAF,
    PASSWORD,
    ROOT,
    key,
)
from tests.pkcs12_shapes import WITH_KEY, codes, openssl_export, pems

__all__ = ["pems"]  # fixture


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("-legacy",),
        ("-descert", "-legacy"),
        ("-certpbe", "NONE"),
        ("-certpbe", "AES-128-CBC", "-keypbe", "AES-192-CBC", "-macalg", "sha512"),
        ("-certpbe", "PBE-SHA1-RC2-128", "-keypbe", "PBE-SHA1-RC4-128", "-legacy"),
        ("-nomac",),
        ("-iter", "1", "-noiter", "-nomaciter"),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("password", ["changeit", "", "pässwörd"])
def test_key_and_chain_of_openssl(pems: Path, words: tuple[str, ...], password: str) -> None:
    data = openssl_export(pems, *WITH_KEY, *words, password=password)
    store = pkcs12.read(data, Password(password))
    (entry,) = store.entries
    assert isinstance(entry, PrivateKey)
    assert entry.alias == "Náme"
    assert [one.der for one in entry.chain] == [LEAF, INTERMEDIATE, ROOT]
    plain = serialization.load_der_private_key(entry.pkcs8(password), None)
    assert plain.public_key() == key("leaf").public_key()
    assert store.integrity.state == ("absent" if "-nomac" in words else "verified")
    again = pkcs12.write(store, Password(password))
    assert pkcs12.read(again, Password(password)) == store
    if password != "changeit":
        return
    newest = jvm.newest()
    theirs = newest.worker.load(data, password, "PKCS12", unseal=False)
    assert [one["chain"] for one in theirs["entries"]] == [[LEAF, INTERMEDIATE, ROOT]]


def test_key_in_clear_of_openssl(pems: Path) -> None:
    data = openssl_export(pems, *WITH_KEY, "-keypbe", "NONE", "-certpbe", "NONE", "-nomac")
    store = pkcs12.read(data)
    (entry,) = store.entries
    assert isinstance(entry, PrivateKey)
    assert len(entry.chain) == 3
    plain = serialization.load_der_private_key(entry.pkcs8(), None)
    assert plain.public_key() == key("leaf").public_key()
    assert codes(store) == ["java-invisible"]
    assert pkcs12.java_view(store) == ()
    assert jvm.newest().worker.load(data, "changeit", "PKCS12")["entries"] == []


def test_certificates_of_openssl_are_invisible_to_java(pems: Path) -> None:
    data = openssl_export(pems, "-nokeys", "-in", "chain.pem")
    store = pkcs12.read(data, PASSWORD)
    assert [type(one) for one in store.entries] == [TrustedCert, TrustedCert]
    assert [one.attributes for one in store.entries] == [(), ()]
    assert codes(store) == ["java-invisible"] * 2
    assert "2.16.840.1.113894.746875.1.1" in store.findings[0].message
    assert pkcs12.java_view(store) == ()
    assert jvm.newest().worker.load(data, "changeit", "PKCS12")["entries"] == []
    # None means "as Java writes it": that is the mend.
    mended = replace(store, entries=tuple(replace(one, attributes=None) for one in store.entries))
    fixed = jvm.newest().worker.load(pkcs12.write(mended, PASSWORD), "changeit", "PKCS12")
    assert [one["chain"] for one in fixed["entries"]] == [[INTERMEDIATE], [ROOT]]
