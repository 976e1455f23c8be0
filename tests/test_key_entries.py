"""import-key: keys of every shape into every store, complete, in order, and never in sight."""

from __future__ import annotations

import functools
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper import formats
from storekeeper.change.key_chains import chain_for
from storekeeper.change.key_entries import plan_key
from storekeeper.change.target import Target
from storekeeper.errors import UsageError, WriteRefused
from storekeeper.formats import jks
from storekeeper.model import Certificate, Password, PrivateKey, Store, TrustedCert
from storekeeper.pki import keys
from tests import jvm, pki
from tests.commands import OPENS, PASSWORD, Authority, Commands

SECRET = "s3cret of the source"
DATE = 1_700_000_000_000


class Lab:
    """A key with its chain, and files of it."""

    def __init__(self) -> None:
        self.root = Authority("Key Root")
        self.issuing = Authority("Key Int", self.root)
        self.key = pki.key("key.example")
        self.pkcs8 = pki.pkcs8(self.key)
        self.spki = keys.spki_of(self.pkcs8)
        self.leaf = self.issuing.issues("key.example", self.spki)
        self.renewed = self.issuing.issues("key.example", self.spki, later=30)
        self.other = pki.pkcs8(pki.key("another key"))

    @property
    def chain(self) -> tuple[Certificate, Certificate, Certificate]:
        return self.leaf, self.issuing.certificate, self.root.certificate


@functools.cache
def lab() -> Lab:
    return Lab()


@pytest.fixture(autouse=True)
def _open_umask() -> Iterator[None]:
    """Nothing is private by the good habits of whoever runs the tests."""
    old = os.umask(0o022)
    yield
    os.umask(old)


@pytest.fixture
def run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Commands:
    commands = Commands(tmp_path, capsys, monkeypatch)
    monkeypatch.setenv("SRC", SECRET)
    leaf, issuing, root = lab().chain
    commands.write("leaf.pem", leaf)
    commands.write("int.pem", issuing)
    commands.write("root.pem", root)
    commands.write("chain.pem", root, issuing, leaf)
    commands.write("srv.key", pki.pem("PRIVATE KEY", lab().pkcs8)).chmod(0o600)
    return commands


def openssl_key(run: Commands, name: str, *words: str) -> str:
    data = pki.openssl(*words, "-in", "srv.key")
    (run.folder / name).write_bytes(data)
    return name


KEYS: dict[str, tuple[str, ...]] = {
    "pkcs8": ("pkey",),
    "sec1": ("ec",),
    "encrypted pkcs8": ("pkcs8", "-topk8", "-v2", "aes-256-cbc", "-passout", f"pass:{SECRET}"),
    "legacy": ("ec", "-aes256", "-passout", f"pass:{SECRET}"),
    "der": ("pkey", "-outform", "DER"),
}


# -- every shape of a key ------------------------------------------------------------------


@pytest.mark.parametrize("store", ["id.p12", "id.jks", "id.jceks"])
@pytest.mark.parametrize("shape", KEYS)
def test_shapes_of_keys(shape: str, store: str, run: Commands) -> None:
    openssl_key(run, "in.key", *KEYS[shape])
    words = ["in.key", "int.pem", "root.pem", "leaf.pem", "--alias", "Srv"]
    words += ["--srckeypass", "env:SRC"] if "pass:" in str(KEYS[shape]) else []
    run("import-key", store, *words)
    assert stat.S_IMODE((run.folder / store).stat().st_mode) == 0o600
    entry = run.key(store)
    assert entry.chain == lab().chain
    assert entry.pkcs8(PASSWORD) == lab().pkcs8
    content = (run.folder / store).read_bytes()
    said = run("import-key", store, *words)
    assert "unchanged" in said.out
    assert said.err == ""
    assert (run.folder / store).read_bytes() == content


def test_rsa_keys_of_pkcs1(run: Commands) -> None:
    rsa = pki.openssl("genrsa", "-traditional", "2048")
    assert rsa.startswith(b"-----BEGIN RSA PRIVATE KEY-----")
    (run.folder / "rsa.key").write_bytes(rsa)
    words = ["-x509", "-new", "-key", "rsa.key", "-subj", "/CN=rsa.example", "-out", "rsa.crt"]
    pki.openssl("req", *words)
    run("import-key", "id.p12", "rsa.crt", "rsa.key")
    entry = run.key("id.p12", "rsa-example")
    for judge in jvm.default_jvms():
        data = (run.folder / "id.p12").read_bytes()
        (found,) = judge.worker.load(data, PASSWORD)["entries"]
        assert found["key"] == entry.pkcs8(PASSWORD)
        assert judge.worker.call("signature", der=entry.chain[0].der, key=found["key"],
                                 key_algorithm="RSA", algorithm="SHA256withRSA")  # fmt: skip


@pytest.mark.parametrize("store", ["id.p12", "id.jks", "id8.p12"])
@pytest.mark.parametrize("version", jvm.ENDS_PARAMS)
def test_java_opens_it(version: str, store: str, run: Commands) -> None:
    compat = ["--compat", "java8"] if store == "id8.p12" else []
    run("import-key", store, "srv.key", "chain.pem", "--alias", "srv", *compat)
    judge = jvm.jvm(version)
    (found,) = judge.worker.load((run.folder / store).read_bytes(), PASSWORD)["entries"]
    assert found["chain"] == [one.der for one in lab().chain]
    assert found["key"] == lab().pkcs8
    root, chain = found["chain"][-1], found["chain"][:-1]
    assert judge.worker.call("validate", root=root, chain=chain) == 2


def test_a_whole_pkcs12(run: Commands) -> None:
    pki.openssl(
        *("pkcs12", "-export", "-inkey", "srv.key", "-in", "chain.pem", "-name", "Friendly"),
        *("-out", "in.p12", "-passout", f"pass:{SECRET}"),
    )
    run("import-key", "id.p12", "in.p12", "--srcstorepass", "env:SRC")
    assert run.key("id.p12", "friendly").alias == "Friendly"
    run("import-key", "id.jks", "in.p12", "--srcstorepass", "env:SRC")
    assert run.key("id.jks", "friendly").alias == "friendly"  # as Java will look for it
    pem = pki.openssl("pkcs12", "-in", "in.p12", "-nodes", "-passin", f"pass:{SECRET}")
    (run.folder / "in.pem").write_bytes(pem)
    assert "unchanged" in run("import-key", "id.p12", "in.pem").out


def test_several_keys(run: Commands) -> None:
    entries = [
        {"alias": name, "kind": "private", "key": key, "chain": [one.der]}
        for name, key, one in (
            ("one", lab().pkcs8, lab().leaf),
            ("two", lab().other, pki.cert("another key")),
        )
    ]
    (run.folder / "in.p12").write_bytes(jvm.newest().worker.store("PKCS12", SECRET, entries))
    words = ["in.p12", "root.pem", "int.pem", "--srcstorepass", "env:SRC"]
    said = run("import-key", "id.p12", *words, status=2)
    assert "found 2: 'one', 'two'" in said.err
    assert "--srcalias" in said.err
    assert "'no'" in run("import-key", "id.p12", *words, "--srcalias", "no", status=2).err
    run("import-key", "id.p12", *words, "--srcalias", "ONE", "--alias", "srv")
    assert run.key("id.p12").chain == lab().chain


def test_a_jks_with_a_key_password(run: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OWN", "another one")
    sealed = jks.seal_private_key(lab().pkcs8, Password("another one"), "JKS")
    entry = PrivateKey("in", lab().chain, sealed, DATE)
    (run.folder / "in.jks").write_bytes(formats.write(Store("JKS", (entry,)), Password(SECRET)))
    words = ["import-key", "id.p12", "in.jks", "--srcstorepass", "env:SRC"]
    said = run(*words, status=3)
    assert "--srckeypass says the key's" in said.err
    run(*words, "--srckeypass", "env:OWN")
    assert run.key("id.p12", "in").pkcs8(PASSWORD) == lab().pkcs8
    for text in (said.out, said.err):
        assert SECRET not in text
        assert "another one" not in text


def test_the_target_password_is_not_the_sources(run: Commands) -> None:
    pki.openssl("pkcs12", "-export", "-inkey", "srv.key", "-in", "chain.pem", "-out", "in.p12",
                "-passout", f"pass:{PASSWORD}")  # fmt: skip
    said = run("import-key", "id.p12", "in.p12", status=3)
    assert "hint: the password of id.p12 opens it" in said.err
    assert "--srcstorepass" in said.err
    assert not (run.folder / "id.p12").exists()
    run("import-key", "id.p12", "in.p12", "--srcstorepass", "env:STOREKEEPER_STOREPASS")


# -- the chain -----------------------------------------------------------------------------


@given(st.permutations([*lab().chain, pki.cert("Unrelated"), lab().leaf]))
def test_order_decides_nothing(certificates: list[Certificate]) -> None:
    assert chain_for(lab().pkcs8, certificates)[0] == lab().chain


def test_the_newest_certificate_of_the_key() -> None:
    given = [lab().leaf, lab().renewed, *lab().chain[1:]]
    assert chain_for(lab().pkcs8, given)[0][0] == lab().renewed


def test_issuers_from_elsewhere(run: Commands) -> None:
    said = run("import-key", "id.p12", "srv.key", "leaf.pem", status=6)
    assert "issuer CN=Key Int is missing" in said.err
    said = run("import-key", "id.p12", "srv.key", "leaf.pem", "int.pem", status=6)
    assert "issuer CN=Key Root is missing" in said.err
    said = run("import-key", "a.p12", "srv.key", "leaf.pem", "--trust", "chain.pem")
    assert "completed with CN=Key Int; CN=Key Root, known from" in said.err
    assert run.key("a.p12", "key-example").chain == lab().chain
    run("import", "b.p12", "int.pem", "root.pem", "--only", "all")
    (run.folder / "b.p12").chmod(0o600)
    run("import-key", "b.p12", "srv.key", "leaf.pem")
    assert run.key("b.p12", "key-example").chain == lab().chain
    said = run("import-key", "c.p12", "srv.key", "leaf.pem", "--incomplete")
    assert "[incomplete-chain]" in said.err
    assert run.key("c.p12", "key-example").chain == (lab().leaf,)
    # A CA's own store is a place to find it in.
    run("import-key", "d.p12", "srv.key", "leaf.pem", "--trust", "a.p12")


def test_a_key_of_another(run: Commands) -> None:
    run.write("other.key", pki.pem("PRIVATE KEY", lab().other))
    said = run("import-key", "id.p12", "other.key", "leaf.pem", status=6)
    assert "does not belong to the certificate: CN=key.example" in said.err
    said = run("import-key", "id.p12", "other.key", "chain.pem", status=6)
    assert "any of the 3 certificates" in said.err
    said = run("import-key", "id.p12", "other.key", status=6)
    assert "no certificate beside" in said.err
    assert "found none" in run("import-key", "id.p12", "chain.pem", status=2).err
    assert not (run.folder / "id.p12").exists()


# -- again ---------------------------------------------------------------------------------


@pytest.mark.parametrize("store", ["id.p12", "id.jks"])
def test_renewal_and_conflict(store: str, run: Commands) -> None:
    run("import-key", store, "srv.key", "chain.pem", "--alias", "srv")
    sealed = run.key(store).sealed.data
    run.write("renewed.pem", lab().renewed, *lab().chain[1:])
    assert "replaced" in run("import-key", store, "srv.key", "renewed.pem", "--alias", "srv").out
    assert run.key(store).chain[0] == lab().renewed
    assert run.key(store).sealed.data == sealed
    run.write("other.key", pki.pem("PRIVATE KEY", lab().other), pki.cert("another key"))
    before = (run.folder / store).read_bytes()
    said = run("import-key", store, "other.key", "--alias", "srv", status=6)
    assert "taken by another private key: EC secp256r1 for CN=key.example" in said.err
    assert (run.folder / store).read_bytes() == before
    words = ["--alias", "srv", "--on-conflict", "replace"]
    run("import-key", store, "other.key", *words)
    assert run.key(store).pkcs8(PASSWORD) == lab().other
    run("import", store, "root.pem", "--alias", "root")
    assert "trusted certificate" in run("import-key", store, "srv.key", "chain.pem", "--alias",
                                        "root", status=6).err  # fmt: skip
    for judge in jvm.default_jvms():
        found = judge.worker.load((run.folder / store).read_bytes(), PASSWORD)["entries"]
        assert {one["alias"] for one in found} == {"srv", "root"}


def test_a_renewal_needs_no_key_password(run: Commands) -> None:
    """And a password that is said for the key becomes its own."""
    sealed = jks.seal_private_key(lab().pkcs8, Password("another one"), "JKS")
    entry = PrivateKey("srv", lab().chain, sealed, DATE)
    target = Target("x.jks", "x.jks", store=Store("JKS", (entry,)), password=OPENS)
    chain = (lab().renewed, *lab().chain[1:])
    plan = plan_key(target, "srv", lab().pkcs8, chain, now_ms=DATE)
    assert plan.result is not None
    assert plan.result.entries == (PrivateKey("srv", chain, sealed, DATE),)
    assert plan_key(target, "srv", lab().pkcs8, lab().chain).unchanged
    same = plan_key(target, "srv", lab().pkcs8, lab().chain, key_password=Password("another one"))
    assert same.unchanged
    fresh = plan_key(target, "srv", lab().pkcs8, lab().chain, key_password=Password("fresh one"))
    assert [type(one).__name__ for one in fresh.changes] == ["Repassword"]
    assert fresh.result is not None
    (changed,) = fresh.result.entries
    assert isinstance(changed, PrivateKey)
    assert changed.pkcs8("fresh one") == lab().pkcs8


def test_another_encryption_is_for_all_keys(run: Commands) -> None:
    run("import-key", "id.p12", "srv.key", "chain.pem", "--alias", "one")
    run.write("other.key", pki.pem("PRIVATE KEY", lab().other), pki.cert("another key"))
    words = ["import-key", "id.p12", "other.key", "--alias", "two", "--compat", "java8"]
    run(*words)
    assert "unchanged" in run(*words).out
    pki.openssl("pkcs12", "-legacy", "-noout", "-in", "id.p12", "-passin", f"pass:{PASSWORD}")
    for alias, key in (("one", lab().pkcs8), ("two", lab().other)):
        entry = run.key("id.p12", alias)
        assert "SHA1" in entry.sealed.scheme
        assert entry.pkcs8(PASSWORD) == key


# -- secrets -------------------------------------------------------------------------------


def test_no_key_where_everybody_reads(run: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    """At no moment is a file with the key open to others: looked at before every rename."""
    seen: list[tuple[str, int]] = []

    def spied(real: Callable[..., None]) -> Callable[..., None]:
        def call(source: str, target: str, **options: object) -> None:
            for path in (Path(source), *run.folder.iterdir()):
                if path.is_file() and path.name.lstrip(".").startswith("id."):
                    seen.append((path.name, stat.S_IMODE(path.stat().st_mode)))
            real(source, target, **options)

        return call

    monkeypatch.setattr(os, "link", spied(os.link))
    monkeypatch.setattr(os, "replace", spied(os.replace))
    run("import-key", "id.p12", "srv.key", "chain.pem")
    run.write("renewed.pem", lab().renewed, *lab().chain[1:])
    run("import-key", "id.p12", "srv.key", "renewed.pem")
    run("import-key", "id.jks", "srv.key", "renewed.pem")
    assert len(seen) >= 3
    backups = [path for path in run.folder.iterdir() if path.name.endswith(".bak")]
    assert backups
    seen += [(path.name, stat.S_IMODE(path.stat().st_mode)) for path in backups]
    assert {mode for _, mode in seen} == {0o600}
    for path in (run.folder / "state").rglob("*"):
        if path.is_file():
            assert lab().pkcs8 not in path.read_bytes()


def test_secrets_are_in_no_message(run: Commands) -> None:
    openssl_key(run, "in.key", *KEYS["encrypted pkcs8"])
    for words, status in (
        (["in.key", "chain.pem"], 3),
        (["in.key", "chain.pem", "--srckeypass", "env:STOREKEEPER_STOREPASS"], 3),
        (["in.key", "leaf.pem", "--srckeypass", "env:SRC"], 6),
        (["in.key", "chain.pem", "--srckeypass", "env:SRC", "--keypass", "env:SRC"], 2),
        (["in.key", "chain.pem", "--srckeypass", SECRET], 2),
        (["in.key", "chain.pem", "--srckeypass", "env:SRC", "--json"], 0),
    ):
        said = run("import-key", "id.p12", *words, status=status)
        assert SECRET not in said.out + said.err
        assert PASSWORD not in said.out + said.err.replace("'changeit'", "")


def test_what_no_store_of_keys_holds(run: Commands) -> None:
    run("import-key", "id.p7b", "srv.key", "chain.pem", status=6)
    said = run("import-key", "id.pem", "srv.key", "chain.pem", "--alias", "srv")
    assert "added" in said.out
    assert stat.S_IMODE((run.folder / "id.pem").stat().st_mode) == 0o600
    opened = pki.openssl("pkey", "-in", "id.pem", "-passin", f"pass:{PASSWORD}")
    assert opened == (run.folder / "srv.key").read_bytes()


@pytest.mark.parametrize("alias", ["", " srv", "a\nb"])
def test_aliases_that_would_be_lost(alias: str, run: Commands) -> None:
    target = Target("x.p12", "x.p12", password=OPENS)
    with pytest.raises(WriteRefused):
        plan_key(target, alias, lab().pkcs8, lab().chain)


def test_a_pkcs12_has_one_password() -> None:
    target = Target("x.p12", "x.p12", password=OPENS)
    with pytest.raises(UsageError, match="Java can't open it"):
        plan_key(target, "srv", lab().pkcs8, lab().chain, key_password=Password("own"))
    assert plan_key(target, "srv", lab().pkcs8, lab().chain, key_password=OPENS).changes
    root = TrustedCert("root", lab().root.certificate, DATE)
    store = Target("x.jks", "x.jks", store=Store("JKS", (root,)), password=OPENS)
    plan = plan_key(store, "srv", lab().pkcs8, lab().chain, key_password=Password("own"))
    assert plan.result is not None
    assert plan.result.entries[0] is root
