"""Stores that a Java can't load: what is claimed, against JVMs, and what the doctor makes of it."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from storekeeper import formats
from storekeeper.cli import options, voice
from storekeeper.formats import pkcs12
from storekeeper.formats.encryption import ENCRYPTIONS
from storekeeper.model import Certificate, Password, Store, TrustedCert
from storekeeper.trust.java_loading import unloadable
from storekeeper.trust.runtimes import jdk
from tests import jvm, pki, servers
from tests.commands import Commands
from tests.doctoring import ask, client, identity, leaf, mid, root, run, served, trust, write
from tests.forge import key
from tests.jvm import JavaError
from tests.test_readers import SETS
from tests.test_readers import store as under

__all__ = ["run"]

VECTORS = Path(__file__).with_name("vectors") / "bouncycastle"
FILES = Path(__file__).parent / "scripts" / "files"
PASSWORD = Password("changeit")
ROOTS = Store("JKS", (TrustedCert("root", Certificate(root())),))
STORES: dict[str, bytes] = {
    "JKS": formats.write(ROOTS, PASSWORD),
    "JCEKS": formats.write(Store("JCEKS", ROOTS.entries), PASSWORD),
    "PEM": pki.pem("CERTIFICATE", root()),
    "DER": root(),
    "BKS": (VECTORS / "1.72.bks").read_bytes(),
    "unreadable": (FILES / "unreadable-inside.jks").read_bytes(),
    **{name: under(SETS[name]) for name in (
        "modern", "java8", "pbmac1", "certificates-aes256-sha512_256", "keys-aes256-sha512_256",
        "certificates-scrypt", "keys-scrypt", "certificates-pbes2-AES-256-GCM", "mac-md5",
    )},
}  # fmt: skip


def loads(java: jvm.Jvm, data: bytes) -> bool:
    """Whether this Java, asked for its default type, loads a store and opens its keys."""
    try:
        entries = java.worker.load(data, "changeit", "PKCS12")["entries"]
    except JavaError:
        return False
    return all(entry["key"] for entry in entries if entry["kind"] == "private")


@pytest.mark.parametrize("name", STORES)
def test_what_a_jvm_loads(name: str) -> None:
    store = formats.read(STORES[name], PASSWORD)
    for java in jvm.default_jvms():
        release = jdk.release(f"java{java.major}")
        assert release is not None
        found = unloadable(store, release)
        assert loads(java, STORES[name]) == (found is None), f"{java}: {found}"
        if found is not None and found.code in ("scheme", "provider"):
            asked = "BKS" if found.code == "provider" else "PKCS12"
            with pytest.raises(JavaError) as caught:
                java.worker.load(STORES[name], "changeit", asked)
            assert found.says in str(caught.value)


@pytest.mark.parametrize(
    ("name", "runtime", "since"),
    [
        ("modern", "java8u202", "8u301, 11.0.12 and 17"),
        ("modern", "java11.0.11", "8u301, 11.0.12 and 17"),
        ("modern", "java8u301", None),
        ("modern", "java11.0.12", None),
        ("java8", "java8u202", None),
        ("pbmac1", "java25", "26"),
        ("pbmac1", "java26", None),
        ("mac-md5", "java26", ""),
    ],
)
def test_releases_that_are_not_here(name: str, runtime: str, since: str | None) -> None:
    release = jdk.release(runtime)
    assert release is not None
    found = unloadable(formats.read(STORES[name], PASSWORD), release)
    assert (None if found is None else found.since) == since


def test_the_roots_of_jres_load_everywhere() -> None:
    """None of their certificates, some of them odd, is taken for one that keeps Java from it."""
    release = jdk.release("java17")
    assert release is not None
    for java in jvm.default_jvms():
        assert unloadable(formats.read(java.cacerts.read_bytes()), release) is None


def sealed(folder: Path, name: str, how: str) -> None:
    """A trust store of the root, encrypted for ``how``."""
    store = Store("PKCS12", ROOTS.entries)
    data = pkcs12.write(store, PASSWORD, encryption=ENCRYPTIONS[how])
    (folder / name).write_bytes(data)


@pytest.mark.parametrize(
    ("name", "how", "runtime"), [("t.p12", "modern", "java8u202"), ("t.p12", "pbmac1", "java17")]
)
def test_a_store_newer_than_the_java(
    run: Commands, monkeypatch: pytest.MonkeyPatch, name: str, how: str, runtime: str
) -> None:
    """It is named as such; the first step is done, and the doctor has no more to say."""
    sealed(run.folder, name, how)
    words = ("--store", name, "--storepass", "env:PW", "--runtime", runtime)
    monkeypatch.setenv("PW", "changeit")
    codes, found = ask(run, served(leaf(), mid()), *words)
    assert codes == ["store-unreadable"]
    (one,) = found["diagnoses"]
    assert one["certain"]
    assert one["what"] == f"{runtime} can't load the trust store t.p12"
    assert any("would trust CN=localhost" in line for line in found["sound"])
    (line,) = one["steps"][0]["commands"]
    run(*shlex.split(line)[1:])
    codes, found = ask(run, served(leaf(), mid()), *words, status=0)
    assert codes == []
    if runtime == "java17":
        assert loads(jvm.by_major(17), (run.folder / name).read_bytes())


def test_a_store_of_bouncycastle(run: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    """Walked through: converted in place, and then a real Java loads it."""
    vector = VECTORS / "1.72.bks"
    (run.folder / "t.bks").write_bytes(vector.read_bytes())
    monkeypatch.setenv("PW", "changeit")
    words = ("--store", "t.bks", "--storepass", "env:PW")
    codes, found = ask(run, served(leaf(), mid(), root()), *words)
    assert codes[0] == "store-unreadable"
    first = found["diagnoses"][0]
    assert "BouncyCastle" in first["proofs"][0]
    (line,) = first["steps"][0]["commands"]
    assert "--storetype PKCS12" in line
    said = run(*shlex.split(line)[1:], "--keypass-of", "key=pass:key password")
    assert said.status == 0
    entries = jvm.by_major(17).worker.load((run.folder / "t.bks").read_bytes(), "changeit", "JKS")
    assert {one["alias"] for one in entries["entries"]} >= {"key"}
    codes, _ = ask(run, served(leaf(), mid(), root()), *words)
    assert codes == ["unknown-root"]


@pytest.mark.parametrize(("name", "kind"), [("t.jceks", "JCEKS"), ("t.pem", "PEM")])
def test_what_a_program_may_read_all_the_same(run: Commands, name: str, kind: str) -> None:
    """A type that has to be said, and PEM: told as a possibility, and the verdict stands."""
    if kind == "PEM":
        write(run.folder / name, root())
    else:
        trust(run.folder / name, root(), format=kind)
    codes, found = ask(run, served(leaf(), mid()), "--store", name, status=0)
    assert codes == ["store-unreadable"]
    assert not found["diagnoses"][0]["certain"]
    assert any("trusts CN=localhost" in line for line in found["sound"])
    codes, _ = ask(
        run, served(leaf(), mid()), "--store", name, "--runtime", "openssl3", status=0
    )  # fmt: skip
    assert codes == []


def test_pem_made_a_keystore(run: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    write(run.folder / "t.pem", root())
    _, found = ask(run, served(leaf(), mid()), "--store", "t.pem", status=0)
    step = found["diagnoses"][0]["steps"][0]
    assert "-Djavax.net.ssl.trustStore=t.p12" in step["what"]
    monkeypatch.setenv("PW", "changeit")
    line = step["commands"][0].replace("--dest-storepass prompt", "--dest-storepass env:PW")
    run(*shlex.split(line)[1:])
    codes, _ = ask(
        run, served(leaf(), mid()), "--store", "t.p12", "--storepass", "env:PW", status=0
    )  # fmt: skip
    assert codes == []
    assert loads(jvm.by_major(17), (run.folder / "t.p12").read_bytes())


def test_a_client_keystore_newer_than_the_java(
    run: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OpenSSL 3's PKCS12, given to a Java before 8u301; --apply converts it."""
    made = served(leaf(), mid(), authorities=(root(),), client="required")
    file = identity(run.folder, client(), own=key("me"))
    monkeypatch.setenv("PW", "changeit")
    words = ("--store", "root.jks", "--identity", Path(file).name,
             "--identity-storepass", "env:PW", "--runtime", "java8u202")  # fmt: skip
    codes, found = ask(run, made, *words)
    assert codes == ["store-unreadable"]
    assert "the client's keystore id.p12" in found["diagnoses"][0]["what"]
    assert any("would send 'me'" in line for line in found["sound"])
    monkeypatch.setattr(options, "can_ask", lambda: True)
    monkeypatch.setattr(voice, "agreed", lambda question: "encrypt it" in question)
    with servers.openssl(made) as running:
        said = run("doctor", f"https://localhost:{running.port}", *words, "--apply")
    assert "nothing is wrong that can be seen from here" in said.out


def test_evidence_and_a_store_the_logged_java_cannot_load(run: Commands) -> None:
    """The release is that of the log."""
    sealed(run.folder, "t.p12", "modern")
    (run.folder / "agent.log").write_text(
        "java.version = 1.8.0_101\n"
        "Caused by: java.io.IOException: keystore password was incorrect\n"
    )
    words = ("--evidence", "agent.log", "--store", "t.p12", "--storepass", "pass:changeit")
    said: Any = json.loads(run("doctor", *words, "--json", status=1).out)
    assert said["runtime"] == "java8u101"
    assert said["diagnoses"][0]["code"] == "store-unreadable"


def test_a_store_the_java_cannot_load_hides_nothing_of_the_evidence(run: Commands) -> None:
    """PEM, which a program may read, and a PKCS12 too new: what the log says stands beside it."""
    (run.folder / "agent.log").write_text(
        "java.version = 1.8.0_101\nPKIX path building failed: unable to find it\n"
    )
    write(run.folder / "t.pem", root())
    sealed(run.folder, "t.p12", "modern")
    for name, expected in (
        ("t.pem", ["unknown-root", "store-unreadable"]),
        ("t.p12", ["store-unreadable", "unknown-root"]),
    ):
        words = ("--evidence", "agent.log", "--store", name, "--storepass", "pass:changeit")
        said: Any = json.loads(run("doctor", *words, "--json", status=1).out)
        assert [one["code"] for one in said["diagnoses"]] == expected
