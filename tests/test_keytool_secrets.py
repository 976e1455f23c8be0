"""``storekeeper keytool -genseckey`` and ``-importpass`` beside each JVM's keytool."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from storekeeper import formats
from storekeeper.formats import pbe
from storekeeper.model import Password, SecretKey
from storekeeper.pki import secret_keys
from tests import jvm
from tests.our_keytool import Done, ours, theirs

MODEL = "17.0.9.2"
FEW = [
    pytest.param(v, id=f"java{v.partition('.')[0]}", marks=() if v == MODEL else pytest.mark.slow)
    for v in jvm.VERSIONS
    if not v.startswith("11.")  # whose PKCS12 knows fewer algorithms
]
PASSWORD, OTHER = "changeit", "another1"
GIVEN = ("-storepass", PASSWORD)
Word = str | os.PathLike[str]
JCEKS = ("-storetype", "JCEKS", "-keypass", PASSWORD)

# As keytool of 17 and 25 make them: name, bits of the key with its parity.
MADE = {
    "AES -keysize 128": ("AES", 128),
    "aes -keysize 256": ("AES", 256),
    "DES": ("DES", 64),
    "DESede": ("DESede", 192),
    "DESede -keysize 112": ("DESede", 192),
    "TripleDES -keysize 168": ("DESede", 192),
    "HmacSHA1 -keysize 160": ("HmacSHA1", 160),
    "HmacSHA224 -keysize 224": ("HmacSHA224", 224),
    "hmacsha256 -keysize 100": ("HmacSHA256", 104),
    "HmacSHA384 -keysize 384": ("HmacSHA384", 384),
    "HmacSHA512 -keysize 512": ("HmacSHA512", 512),
    "HmacSHA512/256 -keysize 256": ("HmacSHA512/256", 256),
    "HmacSHA3-256 -keysize 256": ("HmacSHA3-256", 256),
    "ARCFOUR -keysize 40": ("ARCFOUR", 40),
    "RC4 -keysize 100": ("ARCFOUR", 104),
    "2.16.840.1.101.3.4.1 -keysize 192": ("AES", 192),
    "OID.1.2.840.113549.2.9 -keysize 256": ("HmacSHA256", 256),
}
# Which the PKCS12 of 17 has no name for.
ONLY_JCEKS = {
    "HmacMD5 -keysize 128": ("HmacMD5", 128),
    "Blowfish -keysize 448": ("Blowfish", 448),
    "RC2 -keysize 41": ("RC2", 48),
    "ChaCha20 -keysize 256": ("ChaCha20", 256),
}
REFUSED = [
    "AES",
    "AES -keysize 100",
    "AES -keysize 0",
    "AES -keysize x",
    "DES -keysize 64",
    "DESede -keysize 192",
    "HmacSHA256",
    "HmacSHA256 -keysize 39",
    "Blowfish",
    "Blowfish -keysize 100",
    "Blowfish -keysize 456",
    "ARCFOUR -keysize 32",
    "ARCFOUR -keysize 2048",
    "RC2 -keysize 1032",
    "ChaCha20 -keysize 128",
    "RSA",
    "Nope",
    "1.3.14.3.2.7",
    "",
]


def seen(version: str, path: Path, keypass: str = PASSWORD) -> dict[str, tuple[object, ...]]:
    """The entries of a store as Java sees them, with all that is not random."""
    loaded = jvm.jvm(version).worker.load(path.read_bytes(), PASSWORD, keypass=keypass)
    return {
        one["alias"]: (
            one["kind"],
            one["key_algorithm"],
            len(one["key"] or b"") * 8,
            one["key_format"],
            one["key_class"],
            one["key_error"],
        )
        for one in loaded["entries"]
    }


def secret(version: str, path: Path, keypass: str = PASSWORD) -> dict[str, object]:
    """The keys themselves, by alias."""
    loaded = jvm.jvm(version).worker.load(path.read_bytes(), PASSWORD, keypass=keypass)
    return {one["alias"]: (one["key_algorithm"], one["key"]) for one in loaded["entries"]}


def genseckey(who: str, version: str, words: str, alias: str, *store: Word) -> None:
    command = ("-genseckey", *(f"-keyalg {words}".split() if words else ()), "-alias", alias)
    if who == "ours":
        done = ours(*command, *store, *GIVEN)
        assert done.returncode == 0, done
    else:
        jvm.jvm(version).worker.keytool(*command, *store, *GIVEN)


@pytest.mark.parametrize("version", FEW)
@pytest.mark.parametrize("kind", ["PKCS12", "JCEKS"])
def test_made_as_keytool_makes_them(version: str, kind: str, tmp_path: Path) -> None:
    # Each key of a JCEKS costs as much as a password is worth.
    wanted = MADE if kind == "PKCS12" else {"DES": MADE["DES"], **ONLY_JCEKS}
    some = list(wanted)[:: 3 if version == MODEL else 1]
    for who in ("theirs", "ours"):
        store = ("-keystore", tmp_path / who, *(JCEKS if kind == "JCEKS" else ()))
        for number, words in enumerate(some):
            genseckey(who, version, words, f"k{number}", *store)
    made = seen(version, tmp_path / "ours")
    assert made == seen(version, tmp_path / "theirs")
    assert [made[f"k{n}"][2] for n in range(len(some))] == [wanted[words][1] for words in some]
    found = formats.read((tmp_path / "ours").read_bytes(), Password(PASSWORD))
    assert found.format == kind
    for number, words in enumerate(some):
        entry = found.find(f"k{number}")
        assert isinstance(entry, SecretKey)
        assert entry.secret(PASSWORD).algorithm == wanted[words][0]


def test_keys_java_reads_whatever_it_calls_them(tmp_path: Path) -> None:
    """Blowfish and RC2, which keytool puts into a PKCS12 since 21."""
    path = tmp_path / "s.p12"
    for words in ("Blowfish -keysize 128", "RC2 -keysize 40"):
        genseckey("ours", MODEL, words, words.split()[0], "-keystore", path)
    newest = jvm.VERSIONS[-1]
    names = {alias: one[1:3] for alias, one in seen(newest, path).items()}
    assert names == {"blowfish": ("Blowfish", 128), "rc2": ("RC2", 40)}
    assert {a: one[2] for a, one in seen(MODEL, path).items()} == {"blowfish": 128, "rc2": 40}


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(one, marks=() if number % 3 == 0 else pytest.mark.slow)
        for number, one in enumerate(REFUSED)
    ],
)
def test_refused_by_both(words: str, tmp_path: Path) -> None:
    command = ("-genseckey", *(f"-keyalg {words}".split() if words else ()), *GIVEN, *JCEKS)
    done = ours(*command, "-keystore", tmp_path / "ours")
    assert done.returncode == 2, done
    with pytest.raises(jvm.JavaError):
        jvm.jvm(MODEL).worker.keytool(*command, "-keystore", tmp_path / "theirs")
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("words", ["HmacMD5 -keysize 128", "ChaCha20 -keysize 256"])
def test_a_pkcs12_has_no_name_for_it(words: str, tmp_path: Path) -> None:
    command = ("-genseckey", "-keyalg", *words.split(), *GIVEN)
    assert ours(*command, "-keystore", tmp_path / "ours").returncode == 4
    with pytest.raises(jvm.JavaError):
        jvm.jvm(MODEL).worker.keytool(*command, "-keystore", tmp_path / "theirs")
    assert not any(tmp_path.iterdir())


def test_parity_and_two_key_triple_des() -> None:
    for words, length in (("DES", 8), ("DESede", 24)):
        for _ in range(20):
            key = secret_keys.generate(words).material
            assert len(key) == length
            assert all(byte.bit_count() % 2 for byte in key)
    two = secret_keys.generate("DESede", 112).material
    assert two[:8] == two[16:] != two[8:16]
    every = secret_keys.generate("DES", random=lambda n: bytes(range(n))).material
    assert every == bytes([1, 1, 2, 2, 4, 4, 7, 7])


# --- passwords kept ----------------------------------------------------------------------


def keep(who: str, version: str, path: Path, *words: Word, typed: bytes = b"sesame\n") -> Done:
    command = ("-importpass", "-keystore", path, *GIVEN, *words)
    if who == "ours":
        return ours(*command, input=typed)
    return theirs(jvm.jvm(version), *command, input=typed)


@pytest.mark.parametrize("version", FEW)
@pytest.mark.parametrize(
    ("words", "keypass"),
    [
        (("-alias", "p"), PASSWORD),
        (("-keyalg", "PBEWithHmacSHA256AndAES_128"), PASSWORD),
        (("-keyalg", "pbewithsha1anddesede", "-nowarn"), PASSWORD),
        (("-storetype", "JCEKS", "-keypass", OTHER), OTHER),
    ],
)
def test_password_is_kept(
    version: str, words: tuple[str, ...], keypass: str, tmp_path: Path
) -> None:
    how = {}
    for who in ("theirs", "ours"):
        done = keep(who, version, tmp_path / who, *words)
        assert done.returncode == 0, done
        store = formats.read((tmp_path / who).read_bytes(), Password(PASSWORD))
        (entry,) = store.entries
        assert isinstance(entry, SecretKey)
        assert entry.secret(keypass).material == b"sesame"
        recipe = None
        if store.format == "PKCS12":
            recipe = pbe.read_encrypted(entry.sealed.data, "key")[0].recipe
        how[who] = (
            store.format,
            recipe,
            entry.sealed.scheme,
            seen(version, tmp_path / who, keypass),
            secret(version, tmp_path / who, keypass),
        )
    assert how["ours"] == how["theirs"]


@pytest.mark.parametrize("words", [("-alias", "p"), ("-alias", "p", "-storetype", "JCEKS")])
def test_every_java_reads_a_kept_password(words: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "store"
    done = keep("ours", "", path, *words, "-keypass", PASSWORD)
    assert done.returncode == 0, done
    for java in jvm.default_jvms():
        (entry,) = java.worker.load(path.read_bytes(), PASSWORD)["entries"]
        assert (entry["alias"], entry["kind"], entry["key"]) == ("p", "secret", b"sesame")
        assert entry["key_error"] is None


def test_the_same_answers(tmp_path: Path) -> None:
    """Store password twice, what is kept, and in a JCEKS the key's password twice."""
    typed = f"{PASSWORD}\n{PASSWORD}\nsesame\n{OTHER}\n{OTHER}\n".encode()
    words = ("-importpassword", "-alias", "p", "-storetype", "JCEKS", "-keystore")
    assert ours(*words, tmp_path / "ours", input=typed).returncode == 0
    assert theirs(jvm.jvm(MODEL), *words, tmp_path / "theirs", input=typed).returncode == 0
    assert secret(MODEL, tmp_path / "ours", OTHER) == secret(MODEL, tmp_path / "theirs", OTHER)


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("-storetype", "JKS", "-keypass", PASSWORD), 6),
        (("-keyalg", "PBEWithNope"), 2),
        (("-keyalg", "AES"), 2),
        (("-keyalg", "PBEWithSHA1AndDESede", "-storetype", "JCEKS", "-keypass", PASSWORD), 4),
    ],
)
def test_not_kept_by_either(words: tuple[str, ...], status: int, tmp_path: Path) -> None:
    done = keep("ours", "", tmp_path / "ours", *words)
    assert done.returncode == status, done
    assert keep("theirs", MODEL, tmp_path / "theirs", *words).returncode == 1
    assert not any(tmp_path.iterdir())


# --- beside what is there ----------------------------------------------------------------


def test_key_passwords_taken_aliases_and_what_is_said(tmp_path: Path) -> None:
    path = tmp_path / "store.p12"
    words = ("-genseckey", "-keyalg", "AES", "-keysize", "256", "-keystore", path, *GIVEN)
    done = ours(*words, "-keypass", OTHER)
    assert done.returncode == 0
    assert (
        done.stderr
        == theirs(
            jvm.jvm(MODEL),
            *words[:-3],
            tmp_path / "theirs.p12",
            *GIVEN,
            "-keypass",
            OTHER,
        ).stderr
    )
    before = path.read_bytes()
    again = ours(*words)
    assert again.returncode == 6
    assert "the alias is taken" in again.stderr
    assert path.read_bytes() == before
    assert seen(MODEL, path)["mykey"][-1] is None
    weak = ours("-genseckey", "-keyalg", "DES", "-alias", "d", "-keystore", path, *GIVEN)
    assert "uses the DES algorithm which is considered a security risk." in weak.stderr
    assert set(seen(MODEL, path)) == {"mykey", "d"}


def test_a_password_is_in_no_output(tmp_path: Path) -> None:
    done = keep("ours", "", tmp_path / "store", "-v", typed=b"hunter2!\n")
    assert done.returncode == 0
    assert "hunter2!" not in done.stdout + done.stderr
    assert b"hunter2!" not in (tmp_path / "store").read_bytes()
