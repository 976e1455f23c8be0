from __future__ import annotations

import struct

import pytest

from storekeeper.errors import (
    Unsupported,
)
from storekeeper.formats import jks, serialized, serialized_write
from storekeeper.model import (
    Certificate,
    Password,
    PrivateKey,
    SecretKey,
    Store,
    TrustedCert,
    replace,
)
from tests import jvm
from tests.jks_samples import (
    FORMATS,
    PW,
    by_java,
    by_us,
    codes,
    keys,
    roots,
    signed,
    trusted,
)
from tests.jvm import VERSION_PARAMS


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("version", VERSION_PARAMS)
def test_duplicate_aliases_as_in_java(version: str, format: str) -> None:
    data = trusted(["a", "b", "a"], format)
    store = jks.read(data, PW)
    assert [entry.alias for entry in store.entries] == ["a", "b", "a"]
    assert codes(store) == ["duplicate-alias"]
    assert jks.write(store) == data
    seen = by_java(jvm.jvm(version), data, format, "changeit", "")
    assert seen["a"][1:3] == (1002, [roots()[2]])  # the last one
    found = store.find("a")
    assert isinstance(found, TrustedCert)
    assert found.certificate == roots()[2]


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("version", VERSION_PARAMS)
def test_aliases_with_upper_case_are_lost_to_java(version: str, format: str) -> None:
    java = jvm.jvm(version)
    data = trusted(["Alone", "b", "B"], format)
    store = jks.read(data, PW)
    assert [(f.code, f.where) for f in store.findings] == [
        ("alias-not-lower-case", "Alone"),
        ("alias-not-lower-case", "B"),
    ]
    assert "finds nothing" in store.findings[0].message
    assert "finds the entry of that alias" in store.findings[1].message
    seen = java.worker.load(data, "changeit", format)["entries"]
    found = {entry["alias"]: (entry["created_ms"], entry["chain"]) for entry in seen}
    assert found == {
        "Alone": (None, []),
        "b": (1001, [roots()[1].der]),
        "B": (1001, [roots()[1].der]),
    }
    assert jks.write(store) == data
    mended = replace(store, entries=(replace(store.entries[0], alias="alone"), *store.entries[1:2]))
    assert set(by_java(java, jks.write(mended, PW), format, "changeit", "")) == {"alone", "b"}


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("version", VERSION_PARAMS)
def test_trailing_bytes_are_ignored_by_java(version: str, format: str) -> None:
    data = trusted(["a"], format) + b"more"
    store = jks.read(data, PW)
    assert codes(store) == ["trailing-bytes"]
    assert set(by_java(jvm.jvm(version), data, format, "changeit", "")) == {"a"}
    assert jks.write(store) == data
    assert jks.write(store, Password("new")).endswith(b"more")


ODD_ALIASES = [
    (b"\xf0\x9f\x98\x80", "😀", "malformed"),  # as pyjks 20 writes it
    (b"\xff", "\\xff", "malformed"),
    (b"ca\xe9", "ca\\xe9", "malformed"),  # Latin-1
    (b"\xc1\xa1", "a", "overlong"),
    (b"\0", "\0", "overlong"),
]


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("version", VERSION_PARAMS)
def test_odd_alias_bytes(version: str, format: str) -> None:
    java = jvm.jvm(version)
    plain = trusted(["zzzz"], format)[:-20]
    for raw, alias, unusual in ODD_ALIASES:
        data = signed(plain.replace(b"\0\4zzzz", struct.pack(">H", len(raw)) + raw))
        store = jks.read(data, PW)
        (entry,) = store.entries
        assert entry.alias == alias
        assert jks.write(store) == data
        again = replace(store, entries=(replace(entry, created_ms=9),))
        assert raw in jks.write(again, PW)
        renamed = jks.write(replace(store, entries=(replace(entry, alias="new"),)), PW)
        assert set(by_java(java, renamed, format, "changeit", "")) == {"new"}
        if unusual == "malformed":
            assert codes(store) == ["alias-malformed"]
            with pytest.raises(jvm.JavaError, match="UTFDataFormatException"):
                java.worker.load(data, "changeit", format)
        else:
            assert codes(store) == []
            assert set(by_java(java, data, format, "changeit", "")) == {alias}


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("version", VERSION_PARAMS)
def test_version_1_has_no_certificate_types(version: str, format: str) -> None:
    java = jvm.jvm(version)
    sealed = jks.seal_private_key(keys()["EC"], PW, "JKS")
    entries = (TrustedCert("t", roots()[0], 1), PrivateKey("k", (roots()[1],), sealed, 2))
    content = jks.write(Store(format, entries), PW)[:-20]
    data = signed(content[:7] + b"\1" + content[8:].replace(b"\0\5X.509", b""))
    store = jks.read(data, PW)
    assert store == Store(format, entries)
    assert by_us(store, "changeit") == by_java(java, data, format, "changeit", "changeit")
    assert jks.write(store) == data
    more = replace(store, entries=(*store.entries, TrustedCert("n", roots()[2], 3)))
    written = jks.write(more, PW)
    assert written[4:8] == b"\0\0\0\1"
    assert by_us(more, "changeit") == by_java(java, written, format, "changeit", "changeit")
    odd = TrustedCert("o", Certificate(roots()[2].der, "X509"), 3)
    assert jks.write(replace(store, entries=(odd,)), PW)[4:8] == b"\0\0\0\2"


def test_odd_certificates_and_types_are_entries() -> None:
    """Java refuses such a store as a whole."""
    entries = (
        TrustedCert("junk", Certificate(b"no certificate"), 0),
        TrustedCert("type", Certificate(b"", "Ünknown\ud800"), 0),
    )
    data = jks.write(Store("JKS", entries), PW)
    store = jks.read(data, PW)
    assert store == Store("JKS", entries)
    found = store.entries[1]
    assert isinstance(found, TrustedCert)
    assert found.certificate.type == "Ünknown\ud800"
    with pytest.raises(jvm.JavaError, match="CertificateException"):
        jvm.newest().worker.load(data, "changeit", "JKS")


def test_a_secret_key_of_a_class_we_do_not_know_is_kept() -> None:
    thing = serialized_write.dump(
        serialized.Instance(
            serialized.ClassDesc("org.example.Key", 7, fields=(("I", "n", ""),)), {"n": 5}
        )
    )
    head = struct.pack(">IIIIH", 0xCECECECE, 2, 2, 3, 1) + b"x" + bytes(8)
    tail = struct.pack(">IH", 2, 1) + b"t" + bytes(8) + b"\0\5X.509" + bytes(4)
    data = signed(head + thing + tail)
    store = jks.read(data, PW)
    assert codes(store) == ["unknown-secret-key-class"]
    secret, last = store.entries
    assert isinstance(secret, SecretKey)
    assert isinstance(last, TrustedCert)
    with pytest.raises(Unsupported, match=r"Java class org\.example\.Key"):
        secret.secret("changeit")
    assert jks.write(store) == data
    with pytest.raises(jvm.JavaError, match="Invalid secret key format"):
        jvm.newest().worker.load(data, "changeit", "JCEKS")
