"""Reading PKCS12: the JVMs, OpenSSL and cryptography say what is in the files."""

from __future__ import annotations

import contextlib
import random
import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storekeeper import der
from storekeeper.errors import (
    Damaged,
    LimitExceeded,
    StorekeeperError,
    Unsupported,
    WrongPassword,
)
from storekeeper.formats import pkcs12
from storekeeper.formats.pkcs12_bags import (
    CRL_BAG,
    LOCAL_KEY_ID,
    SAFE_CONTENTS_BAG,
    SECRET_BAG,
    SHROUDED_KEY_BAG,
    Bag,
    encode_bag,
    secret_value,
)
from storekeeper.frozen import replace
from storekeeper.model import (
    LIMITS,
    Attribute,
    Certificate,
    Opaque,
    Password,
    PrivateKey,
    Secret,
    SecretKey,
    TrustedCert,
)
from tests import clock, jvm
from tests.pkcs12_files import (
    CROSS,
    DATA,
    FAST,
    INTERMEDIATE,
    LEAF,
    PASSWORD,
    ROOT,
    attributes,
    cert_bag,
    certificate,
    data_safe,
    pfx,
    pkcs8,
)
from tests.pkcs12_shapes import EPKI, SECRET, WITH_KEY, ber, codes, indefinite, openssl_export, pems

__all__ = ["pems"]  # fixture


def test_the_trusted_attribute_on_a_keys_own_certificate() -> None:
    own = encode_bag(SHROUDED_KEY_BAG, EPKI, attributes("k", b"1"))
    data = pfx(data_safe(own, cert_bag(LEAF, *attributes("k", b"1", True))))
    store = pkcs12.read(data, PASSWORD)
    assert codes(store) == ["trusted-attribute-on-key-certificate", "duplicate-alias"]
    key_entry, trusted = store.entries
    assert isinstance(key_entry, PrivateKey)
    assert key_entry.chain == ()
    assert pkcs12.java_view(store) == (trusted,)


def test_ber_is_read_and_der_is_written() -> None:
    own = encode_bag(SHROUDED_KEY_BAG, EPKI, attributes("k", b"1"))
    bags = [
        own,
        cert_bag(LEAF, *attributes("k", b"1")),
        cert_bag(ROOT, *attributes("r", None, True)),
    ]
    straight = pfx(data_safe(*bags))
    ber_bags = [Bag(one.oid, indefinite(der.read(one.raw))) for one in bags]
    content = der.sequence(*(one.raw for one in ber_bags))
    safe = der.sequence(DATA, der.explicit(0, der.octet_string(content)))
    nested = pkcs12.read(pfx(safe), PASSWORD)
    outer = pkcs12.read(ber(straight), PASSWORD)
    assert pkcs12.read(straight, PASSWORD) == outer
    assert outer.integrity.state == "verified"
    for store in (nested, outer):
        entry = store.entries[0]
        assert isinstance(entry, PrivateKey)
        assert entry.pkcs8("changeit") == pkcs8("leaf")
        written = pkcs12.write(store, PASSWORD)
        assert pkcs12.read(written, PASSWORD) == store
        assert b"\x24\x80" not in written
        theirs = jvm.newest().worker.load(written, "changeit", "PKCS12")
        assert [one["key_error"] for one in theirs["entries"]] == [None, None]


def test_ber_around_encrypted_contents(pems: Path) -> None:
    data = openssl_export(pems, *WITH_KEY, "-certpbe", "AES-256-CBC")
    assert pkcs12.read(ber(data), PASSWORD) == pkcs12.read(data, PASSWORD)


def test_trailing_bytes_are_told() -> None:
    data = pfx(data_safe(cert_bag(ROOT, *attributes("r", None, True))))
    store = pkcs12.read(data + b"\n\n", PASSWORD)
    assert codes(store) == ["trailing-bytes"]
    assert "2 bytes" in store.findings[0].message


@pytest.mark.parametrize(
    ("value", "alias"),
    [
        (der.encode(der.BMP_STRING, "name\0".encode("utf-16-be")), "name"),
        (der.encode(der.UTF8_STRING, "näme".encode()), "näme"),
        (der.encode(der.PRINTABLE_STRING, b"name"), "name"),
        (der.encode(der.T61_STRING, b"n\xe4me"), "näme"),
        (der.encode(der.BMP_STRING, b""), ""),
        (der.encode(der.BMP_STRING, "\U0001f600".encode("utf-16-be")), "\U0001f600"),
    ],
)
def test_odd_friendly_names(value: bytes, alias: str) -> None:
    name = Attribute("1.2.840.113549.1.9.20", (value,))
    store = pkcs12.read(pfx(data_safe(cert_bag(ROOT, name))), PASSWORD)
    assert store.entries[0].alias == alias


@pytest.mark.parametrize("oid", ["1.2.840.113549.1.9.20", LOCAL_KEY_ID])
def test_an_attribute_of_a_wrong_type(oid: str) -> None:
    # As OpenSSL's test files "BOOLEAN-in-friendlyName-of-cert" and its siblings.
    wrong = Attribute(oid, (der.encode(der.BOOLEAN, b"\xff"),))
    store = pkcs12.read(pfx(data_safe(cert_bag(ROOT, wrong))), PASSWORD)
    assert len(store.entries) == 1
    assert "odd-attribute" in codes(store)


def test_duplicate_aliases_are_kept_and_the_last_counts() -> None:
    bags = [cert_bag(one, *attributes(name, None, True)) for one, name in
            ((ROOT, "Name"), (CROSS, "x"), (INTERMEDIATE, "NAME"))]  # fmt: skip
    store = pkcs12.read(pfx(data_safe(*bags)), PASSWORD)
    assert len(store.entries) == 3
    assert codes(store) == ["duplicate-alias"]
    assert [one.alias for one in pkcs12.java_view(store)] == ["NAME", "x"]
    found = store.find("name")
    assert isinstance(found, TrustedCert)
    assert found.certificate.der == INTERMEDIATE


def test_bags_nobody_knows_are_kept() -> None:
    unknown = Attribute("1.2.3.4.5", (der.integer(1), der.null()))
    crl = der.sequence(der.oid("1.2.840.113549.1.9.23.1"), der.explicit(0, der.octet_string(b"x")))
    sdsi = der.sequence(
        der.oid("1.2.840.113549.1.9.22.2"), der.explicit(0, der.encode(der.IA5_STRING, b"x"))
    )
    bags = [
        encode_bag(CRL_BAG, crl, [*attributes("crl"), unknown]),
        encode_bag("1.2.840.113549.1.12.10.1.3", sdsi, []),
        encode_bag("1.2.3.4", der.octet_string(b"?"), [unknown]),
        Bag("", der.sequence(der.integer(5))),
        encode_bag(SECRET_BAG, secret_value("1.2.3.9", b"raw"), attributes("raw")),
    ]
    store = pkcs12.read(pfx(data_safe(*bags)), PASSWORD)
    whats = [(one.alias, one.what) for one in store.entries if isinstance(one, Opaque)]
    assert whats == [
        ("crl", "CRL bag"),
        ("", "SDSI certificate"),
        ("", "bag 1.2.3.4"),
        ("", "unreadable bag"),
    ]
    raw = store.entries[-1]
    assert isinstance(raw, SecretKey)
    assert raw.secret() == Secret("1.2.3.9", b"raw")
    assert store.entries[0].attributes == (unknown,)
    assert "unreadable-bag" in codes(store)
    # Another entry comes along, and all of them stay.
    more = replace(store, entries=(*store.entries, TrustedCert("r", Certificate(ROOT))))
    again = pkcs12.read(pkcs12.write(more, PASSWORD), PASSWORD)
    assert again.entries[:-1] == store.entries


def test_what_is_not_supported_is_named() -> None:
    signed = der.sequence(
        der.integer(3), der.sequence(der.oid("1.2.840.113549.1.7.2"), der.explicit(0, der.null()))
    )
    with pytest.raises(Unsupported, match=re.escape("1.2.840.113549.1.7.2")):
        pkcs12.read(signed, PASSWORD)
    enveloped = der.sequence(der.oid("1.2.840.113549.1.7.3"), der.explicit(0, der.null()))
    with pytest.raises(Unsupported, match="public key"):
        pkcs12.read(pfx(enveloped), PASSWORD)
    with pytest.raises(Unsupported, match="version 4"):
        pkcs12.read(der.sequence(der.integer(4), der.null()), PASSWORD)


def test_limits() -> None:
    bag = cert_bag(ROOT)
    data = pfx(data_safe(*[bag] * 20))
    with pytest.raises(LimitExceeded, match="bags"):
        pkcs12.read(data, PASSWORD, replace(LIMITS, entries=19))
    with pytest.raises(LimitExceeded, match="bytes"):
        pkcs12.read(data, PASSWORD, replace(LIMITS, file_size=100))
    loop = [cert_bag(certificate(f"C{at}", f"C{at + 1}")) for at in range(20)]
    keys = [encode_bag(SHROUDED_KEY_BAG, EPKI, attributes(f"k{at}", b"1")) for at in range(9)]
    own = cert_bag(certificate("Own", "C0"), *attributes("k", b"1"))
    data = pfx(data_safe(own, *keys, *loop))
    assert len(pkcs12.read(data, PASSWORD).entries) == 9
    with pytest.raises(LimitExceeded, match="a chain of more than 20"):
        pkcs12.read(data, PASSWORD, replace(LIMITS, chain=20))
    with pytest.raises(LimitExceeded, match="together"):
        pkcs12.read(data, PASSWORD, replace(LIMITS, entries=100))
    for _ in range(9):
        bag = encode_bag(SAFE_CONTENTS_BAG, der.sequence(bag.raw), [])
    with pytest.raises(LimitExceeded, match="nested"):
        pkcs12.read(pfx(data_safe(bag)), PASSWORD)


def _file() -> bytes:
    own = encode_bag(SHROUDED_KEY_BAG, EPKI, attributes("k", b"Time 123"))
    trusted = cert_bag(ROOT, *attributes("r", None, True))
    secret = encode_bag(SECRET_BAG, secret_value(SHROUDED_KEY_BAG, SECRET), attributes("s"))
    leaf = cert_bag(LEAF, *attributes("k", b"Time 123"))
    store = pkcs12.read(pfx(data_safe(own, secret), data_safe(leaf, trusted)), PASSWORD)
    return pkcs12.write(store, PASSWORD, encryption=FAST)


def _survives(data: bytes, password: Password | None) -> None:
    with contextlib.suppress(StorekeeperError):
        store = pkcs12.read(data, password)
        for entry in store.entries:
            with contextlib.suppress(StorekeeperError):
                if isinstance(entry, PrivateKey):
                    entry.pkcs8(PASSWORD)
                elif isinstance(entry, SecretKey):
                    entry.secret(PASSWORD)
        pkcs12.java_view(store)
        pkcs12.write(store, PASSWORD)


def test_truncated_at_every_byte() -> None:
    data = _file()
    for size in range(len(data)):
        with pytest.raises((Damaged, Unsupported, WrongPassword)) as caught:
            pkcs12.read(data[:size], PASSWORD)
        assert caught.value.message


def _clear_file() -> bytes:
    clear = replace(FAST, certificates=None, mac=None)
    return pkcs12.write(pkcs12.read(_file(), PASSWORD), PASSWORD, encryption=clear)


@given(st.booleans(), st.data())
@settings(max_examples=400)
def test_changed_bytes_give_our_errors_only(clear: bool, data: st.DataObject) -> None:
    file = bytearray(_CLEAR if clear else _WHOLE)
    for _ in range(data.draw(st.integers(1, 4))):
        file[data.draw(st.integers(0, len(file) - 1))] = data.draw(st.integers(0, 255))
    _survives(bytes(file), PASSWORD)
    _survives(bytes(file), None)


@pytest.mark.slow
def test_many_changed_bytes() -> None:
    bases = (_CLEAR, ber(_CLEAR), _WHOLE)
    for seed in range(90_000):
        dice = random.Random(seed)
        file = bytearray(bases[seed % 3])
        for _ in range(dice.randint(1, 5)):
            at = dice.randrange(len(file))
            match dice.randrange(3):
                case 0:
                    file[at] = dice.randrange(256)
                case 1:
                    del file[at : at + dice.randint(1, 4)]
                case _:
                    file[at:at] = dice.randbytes(dice.randint(1, 4))
        started = time.process_time()
        try:
            _survives(bytes(file), PASSWORD)
            assert clock.units(time.process_time() - started) < 100
        except Exception as error:
            raise AssertionError(f"seed {seed}") from error


_WHOLE = _file()
_CLEAR = _clear_file()


@given(st.binary(max_size=300))
def test_any_bytes_give_our_errors_only(data: bytes) -> None:
    with pytest.raises(StorekeeperError):
        pkcs12.read(data, PASSWORD)


def test_a_wrong_password_without_a_mac() -> None:
    store = pkcs12.read(_WHOLE, PASSWORD)
    data = pkcs12.write(store, PASSWORD, encryption=replace(FAST, mac=None))
    for number in range(300):
        with pytest.raises(WrongPassword, match="wrong password, or the bytes were changed"):
            pkcs12.read(data, Password(f"wrong {number}"))
