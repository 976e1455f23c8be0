from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper import der
from storekeeper.errors import (
    Damaged,
    InputError,
    LimitExceeded,
    PasswordError,
    Unsupported,
    UsageError,
    WrongPassword,
)
from storekeeper.formats import jks, jks_keys, serialized, serialized_write
from storekeeper.model import (
    Password,
    PrivateKey,
    Sealed,
    Secret,
    SecretKey,
    Store,
    replace,
)
from tests import clock, jvm
from tests.jks_samples import (
    PW,
    by_java,
    by_us,
    codes,
    keys,
    roots,
)
from tests.jvm import VERSION_PARAMS


def _without_parameters(sealed: Sealed) -> Sealed:
    algorithm, octets = der.only(sealed.data, "key").items("key")
    oid = algorithm.items("algorithm")[0].raw
    return replace(sealed, data=der.sequence(der.sequence(oid), octets.raw))


@pytest.mark.parametrize("version", VERSION_PARAMS)
def test_java_opens_the_protectors_we_take_it_to(version: str) -> None:
    """NULL and absent parameters, either protector in a JCEKS, that of JKS alone in a JKS."""
    java, key = jvm.jvm(version), keys()["EC"]
    of_jks = jks.seal_private_key(key, PW, "JKS")
    of_jceks = jks.seal_private_key(key, PW, "JCEKS", iterations=20)
    # The derivation turns the first half of a salt whose halves are equal.
    equal = jks.seal_private_key(key, PW, "JCEKS", iterations=3, random=lambda _: b"abcdabcd")
    assert of_jks.data.find(bytes.fromhex("060a2b060104012a021101010500")) > 0
    cases = {
        "JKS": {"null": of_jks, "absent": _without_parameters(of_jks)},
        "JCEKS": {
            "null": of_jks,
            "absent": _without_parameters(of_jks),
            "jceks": of_jceks,
            "equal": equal,
        },
    }
    for format, seals in cases.items():
        entries = tuple(
            PrivateKey(alias, (roots()[0],), sealed, 0) for alias, sealed in seals.items()
        )
        data = jks.write(Store(format, entries), PW)
        seen = by_java(java, data, format, "changeit", "changeit")
        assert [one[3] for one in seen.values()] == [key] * len(seals)
        store = jks.read(data)
        assert store.findings == ()
        assert by_us(store, "changeit") == seen

    foreign = replace(of_jceks, opener=jks_keys.open_jks_key)  # as if found in a JKS
    data = jks.write(Store("JKS", (PrivateKey("a", (roots()[0],), foreign, 0),)), PW)
    (entry,) = java.worker.load(data, "changeit", "JKS")["entries"]
    assert "Unsupported key protection algorithm" in str(entry["key_error"])
    store = jks.read(data)
    assert codes(store) == ["unknown-key-protector"]
    assert jks.write(store) == data


@pytest.mark.parametrize("version", VERSION_PARAMS)
def test_secret_key_passwords_beyond_ascii(version: str) -> None:
    """JDK 11 to 21 refuse them in a JCEKS, JDK 25 takes UTF-8; we open and don't write."""
    java = jvm.jvm(version)
    entry = {"alias": "s", "kind": "secret", "key": bytes(16), "key_algorithm": "AES"}
    for password in ("pässwörd", "😀", "\x07"):
        if java.major < 25:
            with pytest.raises(jvm.JavaError, match="Password is not ASCII"):
                java.worker.store("JCEKS", password, [entry])
            continue
        (found,) = jks.read(java.worker.store("JCEKS", password, [entry])).entries
        assert isinstance(found, SecretKey)
        assert found.secret(password) == Secret("AES", bytes(16))
    with pytest.raises(UsageError, match="printable ASCII"):
        jks.seal_secret(Secret("AES", bytes(16)), Password("pässwörd"))


@pytest.mark.slow
def test_key_classes_of_java_1_4() -> None:
    """Keys not written as KeyRep; today's JDK refuses them, unless its filter is opened."""
    java = jvm.oldest()
    open_worker = jvm.JavaWorker(
        next(java.home.rglob("libjvm.*")), ["-Djceks.key.serialFilter=*", "-Xshare:auto"]
    )
    array = serialized.ClassDesc("[B", -5984413125824719648)
    package = "com.sun.crypto.provider."
    string = "Ljava/lang/String;"
    cases = [
        ("DESKey", 7724971015953279128, b"\x01\x02\x04\x07\x08\x0b\x0d\x0e", "DES"),
        ("DESedeKey", 2463986565756745178, b"\x01\x02\x04\x07\x08\x0b\x0d\x0e" * 3, "DESede"),
        ("PBEKey", -2234768909660948176, b"imported", "PBEWithMD5AndDES"),
    ]
    entries = []
    for name, uid, material, algorithm in cases:
        fields: tuple[tuple[str, str, str], ...] = (("[", "key", "[B"),)
        values: dict[str, object] = {"key": serialized.Array(array, material)}
        if name == "PBEKey":
            fields += (("L", "type", string),)
            values["type"] = algorithm
        plain = serialized_write.dump(
            serialized.Instance(serialized.ClassDesc(package + name, uid, fields=fields), values)
        )
        sealed = _seal_stream(plain)
        assert sealed.opener(sealed.data, PW) == Secret(algorithm, material)
        entries.append(SecretKey(name.lower(), sealed, 0))
    data = jks.write(Store("JCEKS", tuple(entries)), PW)
    seen = open_worker.load(data, "changeit", "JCEKS")["entries"]
    assert {entry["key_error"] for entry in seen} == {None}
    assert {entry["alias"]: (entry["key_algorithm"], entry["key"]) for entry in seen} == {
        name.lower(): (algorithm, material) for name, _, material, algorithm in cases
    }
    open_worker.close()


def _seal_stream(plain: bytes) -> Sealed:
    """Any plain text, sealed as the secret keys of a JCEKS are."""
    template = jks.seal_secret(Secret("AES", b"k"), PW, iterations=1, random=bytes)
    thing, _ = serialized.parse(template.data)
    _, cipher = jks_keys._seal_jceks(plain, "changeit", bytes, 1)
    thing.values["encryptedContent"] = serialized.Array(
        serialized.ClassDesc("[B", -5984413125824719648), cipher
    )
    return replace(template, data=serialized_write.dump(thing))


def _protected(oid: str, parameters: bytes, cipher: bytes) -> bytes:
    return der.sequence(der.sequence(der.oid(oid), parameters), der.octet_string(cipher))


def _pbe(salt: bytes, iterations: int) -> bytes:
    return der.sequence(der.octet_string(salt), der.integer(iterations))


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (_protected(jks_keys.JCEKS_PROTECTOR, _pbe(bytes(8), 2**31), bytes(8)), LimitExceeded,
         "2147483648 iterations, the limit is 675000"),
        (_protected(jks_keys.JCEKS_PROTECTOR, _pbe(bytes(8), 0), bytes(8)), Damaged,
         "expected 1 or more, found 0"),
        (_protected(jks_keys.JCEKS_PROTECTOR, _pbe(bytes(9000), 1), bytes(8)), Damaged,
         "expected 8 bytes, found 9000"),
        (_protected(jks_keys.JCEKS_PROTECTOR, _pbe(bytes(8), 1), bytes(9)), Damaged,
         "a multiple of 8"),
        (_protected(jks_keys.JCEKS_PROTECTOR, b"", bytes(8)), Damaged, "no parameters"),
        (_protected(jks_keys.JKS_PROTECTOR, b"", bytes(39)), Damaged, "39 bytes"),
        (_protected(jks_keys.JKS_PROTECTOR, b"", bytes(5_000_000)), LimitExceeded, "5000000 bytes"),
        (_protected("1.2.840.113549.1.5.13", b"", bytes(8)), Unsupported, "1.2.840.113549.1.5.13"),
        (b"", Damaged, "expected a tag and a length"),
        (b"\x30\x00", Damaged, "expected 2 values, found 0"),
    ],
)  # fmt: skip
def test_sealed_keys_that_are_none(data: bytes, error: type[InputError], words: str) -> None:
    start = time.process_time()
    with pytest.raises(error, match=words):
        jks_keys.open_jceks_key(data, PW)
    assert clock.units(time.process_time() - start) < 20


@given(st.binary(max_size=80))
def test_any_bytes_in_place_of_a_sealed_key_give_our_errors(data: bytes) -> None:
    for opener in (jks_keys.open_jks_key, jks_keys.open_jceks_key, jks_keys.open_secret):
        with pytest.raises((InputError, PasswordError)):
            opener(data, PW)


@given(st.binary(max_size=60))
def test_any_plain_text_in_place_of_a_secret_key_gives_our_errors(rest: bytes) -> None:
    for plain in (rest, serialized.MAGIC + rest):
        sealed = _seal_stream(plain)
        with pytest.raises((InputError, WrongPassword)):
            sealed.opener(sealed.data, PW)


def test_wrong_password_is_noticed_even_where_the_padding_fits() -> None:
    sealed = jks.seal_private_key(keys()["EC"], PW, "JCEKS", iterations=1)
    secret = jks.seal_secret(Secret("AES", bytes(16)), PW, iterations=1)
    for number in range(2000):  # about eight of them leave correct padding
        for one in (sealed, secret):
            with pytest.raises(WrongPassword):
                one.opener(one.data, Password(str(number)))
