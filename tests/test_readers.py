"""Every claim about who reads a store, against the JVMs and the OpenSSL that are there."""

from __future__ import annotations

import functools
import re
import subprocess
from pathlib import Path

import pytest

from storekeeper import formats
from storekeeper.formats import pem, pkcs12, pkcs12_bags
from storekeeper.formats.ciphers import CIPHERS
from storekeeper.formats.encryption import ENCRYPTIONS, MODERN, Encryption, with_iterations
from storekeeper.formats.mac import MacRecipe
from storekeeper.formats.pkcs12_bags import encode_bag
from storekeeper.formats.schemes import PBES1, Recipe
from storekeeper.frozen import replace
from storekeeper.model import Certificate, Entry, Password, PrivateKey, Store, TrustedCert
from storekeeper.trust import lists
from storekeeper.trust.readers import readers
from tests import jvm
from tests.jvm import JavaError
from tests.pkcs12_files import (
    INTERMEDIATE,
    LEAF,
    PASSWORD,
    ROOT,
    attributes,
    cert_bag,
    data_safe,
    pfx,
    pkcs8,
)

FILES = Path(__file__).parent / "scripts" / "files"
FAST = with_iterations(MODERN, 2)


def recipe(derivation: str, digest: str, cipher: str, salt: int = 20) -> Recipe:
    if derivation == "scrypt":
        return Recipe("scrypt", digest, CIPHERS[cipher], 1, salt, (16, 1, 1))
    return Recipe(derivation, digest, CIPHERS[cipher], 2, salt)


RECIPES = {
    **{
        f"aes256-{digest}": recipe("PBKDF2", digest, "AES-256-CBC")
        for digest in (
            *("sha1", "sha224", "sha256", "sha384", "sha512", "sha512_224", "sha512_256", "md5"),
        )
    },
    **{
        f"pbes2-{cipher}": recipe("PBKDF2", "sha256", cipher)
        for cipher in ("AES-128-CBC", "AES-192-CBC", "AES-256-GCM", "DES-EDE3-CBC", "DES-CBC")
    },
    "scrypt": recipe("scrypt", "sha256", "AES-256-CBC"),
    **{name: recipe(kind, digest, cipher, 8) for name, kind, digest, cipher in PBES1.values()},
}
MACS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha512_224", "sha512_256")


def sets() -> dict[str, Encryption]:
    """Every set there is, and every scheme around the certificates, the keys, as the MAC."""
    found = {name: with_iterations(one, 2) for name, one in ENCRYPTIONS.items()}
    for name, one in RECIPES.items():
        found[f"certificates-{name}"] = replace(FAST, certificates=one)
        found[f"keys-{name}"] = replace(FAST, keys=one)
        # Beside the oldest neighbours a scheme shows what it asks for by itself.
        found[f"old-keys-{name}"] = replace(with_iterations(ENCRYPTIONS["openssl1"], 2), keys=one)
    for digest in MACS:
        found[f"mac-{digest}"] = replace(FAST, mac=MacRecipe(digest, 2, 20))
    return found


SETS = sets()
SLOW = {name for name in SETS if name.startswith("old-keys-") or "sha224" in name}


def store(encryption: Encryption) -> bytes:
    chain = tuple(map(Certificate, (LEAF, INTERMEDIATE, ROOT)))
    key = pkcs12.seal_private_key(pkcs8("leaf"), PASSWORD, encryption)
    entries: tuple[Entry, ...] = (
        TrustedCert("root", Certificate(ROOT)),
        PrivateKey("key", chain, key, 1_600_000_000_123),
    )
    return pkcs12.write(Store("PKCS12", entries), PASSWORD, encryption=encryption)


def said_of(data: bytes) -> tuple[str, ...]:
    return readers(pkcs12.read(data, PASSWORD))


def opens(java: jvm.Jvm, data: bytes) -> tuple[bool, bool]:
    """Whether this Java loads the store with both its entries, and opens the key."""
    try:
        entries = java.worker.load(data, "changeit", "PKCS12")["entries"]
    except JavaError:
        return False, False
    assert len(entries) == 2
    return True, any(entry["key"] for entry in entries)


def since(sentence: str) -> int:
    """The lowest major version a sentence about Java names; beyond all for "none"."""
    if sentence.startswith("none"):
        return 99
    if sentence.startswith(("every", "8u301")):
        return 11  # the tests know none that is older than 11.0.13
    return int(sentence.split(" ", maxsplit=1)[0])


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=pytest.mark.slow) if n in SLOW else n for n in SETS],
)
def test_java(name: str) -> None:
    data = store(SETS[name])
    said = said_of(data)
    (claim,) = [s.removeprefix("Java: ") for s in said if s.startswith("Java: ")]
    keys = [s for s in said if "opens keys under" in s]
    for java in jvm.default_jvms():
        loads, key = opens(java, data)
        assert loads == (java.major >= since(claim)), f"{java}: {claim}"
        if not keys:
            assert key == loads, f"{java}: {said}"
        elif keys[0].startswith("no Java"):
            assert not key, f"{java}: {said}"
        else:
            assert key == (loads and java.major >= 21), f"{java}: {said}"


@pytest.mark.slow
@pytest.mark.parametrize("name", [n for n in SETS if "sha512_" in n])
def test_java_21(name: str) -> None:
    """The release that brought HMACs with truncated SHA-512 into PBES2."""
    loads, key = opens(jvm.by_major(21), store(SETS[name]))
    assert loads
    assert key


@functools.cache
def openssl_version() -> tuple[int, int]:
    said = subprocess.run(["openssl", "version"], capture_output=True, text=True).stdout
    found = re.search(r"OpenSSL (\d+)\.(\d+)", said)
    assert found is not None, said
    return int(found[1]), int(found[2])


def openssl_reads(data: bytes, folder: Path, *words: str) -> bool:
    (folder / "store.p12").write_bytes(data)
    command = ["openssl", "pkcs12", "-in", "store.p12", "-passin", "pass:changeit", "-nodes"]
    done = subprocess.run([*command, *words], cwd=folder, capture_output=True, text=True)
    everything = done.stdout.count("BEGIN CERTIFICATE") == 4 and "BEGIN PRIVATE KEY" in done.stdout
    assert everything == (done.returncode == 0)
    return everything


@pytest.mark.parametrize("name", SETS)
def test_openssl(name: str, tmp_path: Path) -> None:
    version = openssl_version()
    if version < (3, 0):
        pytest.skip("This OpenSSL is older than 3, which the sentences are about.")
    data = store(SETS[name])
    (claim,) = [s.removeprefix("OpenSSL: ") for s in said_of(data) if s.startswith("OpenSSL: ")]
    plain, legacy = openssl_reads(data, tmp_path), openssl_reads(data, tmp_path, "-legacy")
    if claim.startswith("none"):
        assert (plain, legacy) == (False, False)
    elif claim == "3 only with -legacy":
        assert (plain, legacy) == (False, True)
    elif claim.startswith("3.4"):
        assert legacy == (version >= (3, 4))
        assert plain == (legacy and "legacy" not in claim)
    else:
        assert claim in ("every version", "1.1 and later")
        assert plain, claim


def test_the_sets_are_told_apart() -> None:
    """What a person reads of the sets people have."""
    claims = {
        name: [s for s in said_of(store(SETS[name])) if s.startswith(("Java", "OpenSSL", "Win"))]
        for name in ENCRYPTIONS
    }
    modern = "Java: 8u301, 11.0.12, 17 and later; an older one calls the password incorrect"
    assert claims == {
        "modern": [modern, "OpenSSL: 1.1 and later"],
        "java8": ["Java: every version", "OpenSSL: 3 only with -legacy", "Windows: every version"],
        "passwordless": [modern, "OpenSSL: 1.1 and later"],
        "openssl1": ["Java: every version", "OpenSSL: every version", "Windows: every version"],
        "fips": [modern, "OpenSSL: 1.1 and later"],
        "pbmac1": [
            "Java: 26 and later; an older one says that the integrity check failed",
            "OpenSSL: 3.4 and later",
        ],
    }


# --- what Java does not see ---------------------------------------------------------------


def trusted(alias: str, certificate: bytes, usage: bool) -> pkcs12_bags.Bag:
    return cert_bag(certificate, *attributes(alias, trusted=usage))


def key_bag(alias: str) -> pkcs12_bags.Bag:
    return encode_bag(pkcs12_bags.KEY_BAG, pkcs8("leaf"), attributes(alias, b"k"))


@pytest.mark.parametrize(
    ("bags", "sentence", "listed"),
    [
        pytest.param(
            [trusted("a", ROOT, False)],
            "Java does not list this certificate: the bag attribute trustedKeyUsage "
            "(2.16.840.1.113894.746875.1.1) is missing",
            0,
            id="one-without-usage",
        ),
        pytest.param(
            [
                trusted("a", ROOT, True),
                trusted("b", INTERMEDIATE, False),
                trusted("c", LEAF, False),
            ],
            "Java lists 1 of these 3 certificates: the bag attribute trustedKeyUsage "
            "(2.16.840.1.113894.746875.1.1) is missing",
            1,
            id="two-of-three",
        ),
        pytest.param(
            [trusted("a", ROOT, True), trusted("A", INTERMEDIATE, True)],
            "Java lists 1 of these 2 certificates: their aliases come again, and the last of one "
            "alias counts",
            1,
            id="one-alias",
        ),
        pytest.param([trusted("a", ROOT, True), trusted("b", LEAF, True)], "", 2, id="all"),
        pytest.param(
            [key_bag("k")],
            "Java does not list this key: it passes over keys in plain keyBags, and sees only "
            "the last of one alias",
            0,
            id="key-bag",
        ),
    ],
)
def test_what_java_does_not_list(bags: list[pkcs12_bags.Bag], sentence: str, listed: int) -> None:
    data = pfx(data_safe(*bags))
    said = [s for s in said_of(data) if s.startswith(("Java does", "Java lists"))]
    assert said == ([sentence] if sentence else [])
    for java in jvm.default_jvms():
        assert len(java.worker.load(data, "changeit", "PKCS12")["entries"]) == listed


# --- the other formats ---------------------------------------------------------------------


def java_loads(data: bytes, type: str) -> list[bool]:
    found = []
    for java in jvm.default_jvms():
        try:
            found.append(bool(java.worker.load(data, "changeit", type)["entries"]))
        except JavaError:
            found.append(False)
    return found


@pytest.mark.parametrize("format", ["JKS", "JCEKS"])
def test_jks_and_jceks(format: str, tmp_path: Path) -> None:
    made = Store(format, (TrustedCert("root", Certificate(ROOT)),))
    data = formats.write(made, Password("changeit"))
    assert readers(formats.read(data, "changeit"))[0].startswith("read by every Java")
    assert set(java_loads(data, format)) == {True}
    (tmp_path / "s").write_bytes(data)
    for command in ("pkcs12 -passin pass:changeit", "x509", "pkcs7"):
        done = subprocess.run(
            ["openssl", *command.split(), "-in", "s"], cwd=tmp_path, capture_output=True
        )
        assert done.returncode != 0


def test_pem_der_and_pkcs7(tmp_path: Path) -> None:
    (tmp_path / "chain.pem").write_bytes((FILES / "chain.pem").read_bytes())
    subprocess.run(
        [*["openssl", "crl2pkcs7", "-nocrl", "-certfile", "chain.pem", "-out", "chain.p7b"]],
        cwd=tmp_path,
        check=True,
    )
    bundle = tmp_path / "chain.p7b"
    java = jvm.newest()
    for path, claim in (
        (FILES / "chain.pem", "Java needs it in a keystore"),
        (FILES / "leaf.der", "keytool -importcert"),
        (bundle, "keytool -printcert"),
    ):
        (sentence,) = readers(formats.read(path.read_bytes()))
        assert claim in sentence
        assert set(java_loads(path.read_bytes(), "PKCS12")) == {False}
        assert java.keytool("-printcert", "-file", path).stdout.count("Owner: ") >= 1
    java.keytool(
        *("-importcert", "-noprompt", "-file", FILES / "leaf.der", "-alias", "a"),
        *("-keystore", tmp_path / "k", "-storepass", "changeit"),
    )
    refused = java.keytool(
        *("-importcert", "-noprompt", "-file", bundle, "-alias", "b"),
        *("-keystore", tmp_path / "k", "-storepass", "changeit"),
        check=False,
    )
    assert refused.returncode != 0, "a reply wants the key it answers for"


def test_what_is_no_store() -> None:
    assert readers(lists.load("mozilla")) == (
        "a list, not a store: nothing to load, only to compare with",
    )
    key = pem.read((FILES / "leaf.key").read_bytes())
    assert readers(key) == ("a private key without its certificate, which is in a file of its own",)
