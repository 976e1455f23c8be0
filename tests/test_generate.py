"""genkey: every kind of key into every store, judged by Java, OpenSSL and cryptography."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from cryptography import x509

from storekeeper import formats
from storekeeper.change.generate import Wanted, plan_genkey
from storekeeper.change.issuer import Issuer
from storekeeper.change.target import Target
from storekeeper.errors import PasswordRequired, UsageError, WriteRefused
from storekeeper.formats.encryption import named
from storekeeper.model import Password, PrivateKey, Store, TrustedCert
from storekeeper.name_text import parse
from storekeeper.x509 import facts
from tests import jvm, pki
from tests.commands import BEGAN, PASSWORD, Commands

KINDS = {
    "rsa": (["--keyalg", "RSA", "--keysize", "2048"], "RSA 2048", "SHA384withRSA"),
    "ec": (["--keyalg", "EC"], "EC secp384r1", "SHA384withECDSA"),
    "p256": (["--keyalg", "EC", "--groupname", "secp256r1"], "EC secp256r1", "SHA256withECDSA"),
    "p521": (["--keyalg", "EC", "--groupname", "secp521r1"], "EC secp521r1", "SHA512withECDSA"),
    "ed25519": (["--keyalg", "Ed25519"], "Ed25519", "Ed25519"),
    "ed448": (["--keyalg", "Ed448"], "Ed448", "Ed448"),
    "pss": (["--keyalg", "RSASSA-PSS", "--keysize", "2048"], "RSASSA-PSS 2048", "RSASSA-PSS"),
    "dsa": (["--keyalg", "DSA"], "DSA 2048", "SHA256withDSA"),
}
FROM_17 = ("ed25519", "ed448")
STORES = {
    "jks": ("id.jks", []),
    "jceks": ("id.jceks", []),
    "pkcs12": ("id.p12", []),
    "java8": ("id8.p12", ["--compat", "java8"]),
    "openssl1": ("id1.p12", ["--compat", "openssl1"]),
}


@pytest.fixture
def run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Commands:
    return Commands(tmp_path, capsys, monkeypatch)


def wanted(**others: object) -> Wanted:
    values: dict[str, object] = {
        "subject": parse("CN=host.example"),
        "algorithm": "EC",
        "size": None,
        "curve": None,
        "extensions": (),
        "not_before": BEGAN,
        "days": 90,
    }
    return Wanted(**{**values, **others})  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_key(kind: str, run: Commands) -> None:
    options, expected, algorithm = KINDS[kind]
    run("genkey", "id.p12", "--alias", "srv", "--dname", "host.example", *options)
    entry = run.key("id.p12")
    assert str(facts(entry.chain[0]).key) == expected
    pem = pki.pem("CERTIFICATE", entry.chain[0].der)
    (run.folder / "own.pem").write_bytes(pem)
    # Self-signed, so that it verifies under itself.
    verified = pki.openssl("verify", "-CAfile", "own.pem", "own.pem")
    assert b"own.pem: OK" in verified
    opened = pki.openssl(
        "pkcs12", "-in", "id.p12", "-passin", f"pass:{PASSWORD}", "-nodes", "-nocerts"
    )
    public = pki.openssl("pkey", "-pubout", stdin=opened)
    assert public == pki.openssl("x509", "-noout", "-pubkey", stdin=pem)
    for judge in jvm.default_jvms():
        if kind in FROM_17 and judge.major < 17:
            continue
        data = (run.folder / "id.p12").read_bytes()
        (found,) = judge.worker.load(data, PASSWORD)["entries"]
        assert (found["alias"], found["chain"]) == ("srv", [entry.chain[0].der])
        assert found["key"] is not None, found["key_error"]
        assert judge.worker.call(
            "signature",
            der=entry.chain[0].der,
            key=found["key"],
            key_algorithm="EdDSA" if kind.startswith("ed") else expected.split()[0],
            algorithm=algorithm,
        )


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("version", jvm.ENDS_PARAMS)
def test_into_every_store(version: str, store: str, run: Commands) -> None:
    name, options = STORES[store]
    command = ["genkey", name, "--alias", "Server", "--dname", "CN=h,O=Ex", "--keyalg", "EC"]
    run(*command, *options)
    data = (run.folder / name).read_bytes()
    assert stat.S_IMODE((run.folder / name).stat().st_mode) == 0o600
    judge = jvm.jvm(version)
    (found,) = judge.worker.load(data, PASSWORD)["entries"]
    assert found["alias"].lower() == "server"
    assert found["key"] is not None
    again = run(*command, *options)
    assert "unchanged" in again.out
    assert (run.folder / name).read_bytes() == data


def test_key_password_of_its_own(run: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OWN", "another one")
    words = ["--alias", "srv", "--dname", "h", "--keyalg", "EC", "--keypass", "env:OWN"]
    run("genkey", "id.jks", *words)
    judge = jvm.newest()
    data = (run.folder / "id.jks").read_bytes()
    (found,) = judge.worker.load(data, PASSWORD, keypass="another one")["entries"]
    assert found["key"] is not None
    (found,) = judge.worker.load(data, PASSWORD)["entries"]
    assert found["key_error"]
    assert "unchanged" in run("genkey", "id.jks", *words).out
    said = run("genkey", "id.p12", *words, status=2)
    assert "Java can't open it" in said.err
    assert "environment variable OWN" in said.err
    assert not (run.folder / "id.p12").exists()


def test_what_the_certificate_says(run: Commands) -> None:
    run(
        *("genkey", "id.p12", "--alias", "srv", "--keyalg", "EC"),
        *("--dname", "CN=host.example,O=Example", "--san", "host.example", "--san", "192.0.2.1"),
        *("--san", "me@example.com", "--san", "uri:spiffe://example/x", "--ext", "eku=serverAuth"),
        *("--ext", "ku:c=digitalSignature", "--validity", "30", "--startdate", "2026/11/01"),
    )
    found = x509.load_der_x509_certificate(run.key("id.p12").chain[0].der)
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(name.value) for name in names] == [
        *("host.example", "192.0.2.1", "me@example.com", "spiffe://example/x")
    ]
    assert found.extensions.get_extension_for_class(x509.KeyUsage).critical
    assert (found.not_valid_after_utc - found.not_valid_before_utc).days == 30


@pytest.mark.parametrize("outside", [False, True])
def test_signed_by_another_entry(outside: bool, run: Commands) -> None:
    store = "ca.p12" if outside else "id.p12"
    run("genkey", store, "--alias", "ca", "--dname", "Lab CA", "--keyalg", "EC",
        "--ext", "bc:c=ca:true", "--ext", "ku:c=keyCertSign", "--validity", "40")  # fmt: skip
    said = run(
        *("genkey", "id.p12", "--alias", "srv", "--dname", "srv.example", "--keyalg", "EC"),
        *("--signer", "ca", *(["--signer-store", "ca.p12"] if outside else [])),
    )
    assert "when the CA ends" in said.err
    chain = run.key("id.p12").chain
    assert [facts(one).subject.rfc4514() for one in chain] == ["CN=srv.example", "CN=Lab CA"]
    run.write("ca.pem", chain[1])
    run.write("srv.pem", chain[0])
    assert b"srv.pem: OK" in pki.openssl("verify", "-x509_strict", "-CAfile", "ca.pem", "srv.pem")
    for judge in jvm.default_jvms():
        assert judge.worker.call("validate", root=chain[1].der, chain=[chain[0].der]) == 1


def test_a_signer_with_a_password_of_its_own(
    run: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OWN", "another one")
    run("genkey", "ca.jks", "--alias", "ca", "--dname", "CA", "--keyalg", "EC",
        "--ext", "bc=ca:true", "--keypass", "env:OWN")  # fmt: skip
    words = ["--alias", "srv", "--dname", "h", "--keyalg", "EC", "--signer", "ca"]
    said = run("genkey", "id.p12", *words, "--signer-store", "ca.jks", status=3)
    assert "--signer-keypass" in said.err
    run("genkey", "id.p12", *words, "--signer-store", "ca.jks", "--signer-keypass", "env:OWN")
    run("genkey", "ca.jks", *words, "--signer-keypass", "env:OWN")
    assert len(run.key("ca.jks").chain) == 2


def test_only_a_ca_signs(run: Commands) -> None:
    run("genkey", "id.p12", "--alias", "one", "--dname", "one", "--keyalg", "EC")
    words = ["--alias", "srv", "--dname", "h", "--keyalg", "EC", "--signer"]
    before = (run.folder / "id.p12").read_bytes()
    assert "is no CA" in run("genkey", "id.p12", *words, "one", status=6).err
    assert "no such entry" in run("genkey", "id.p12", *words, "two", status=1).err
    assert (run.folder / "id.p12").read_bytes() == before
    assert "does not exist yet" in run("genkey", "new.p12", *words, "one", status=2).err
    assert not (run.folder / "new.p12").exists()


def test_an_alias_that_is_taken(run: Commands) -> None:
    run("genkey", "id.p12", "--alias", "srv", "--dname", "one", "--keyalg", "EC")
    before = (run.folder / "id.p12").read_bytes()
    for words in (
        ["--dname", "two", "--keyalg", "EC"],
        ["--dname", "one", "--keyalg", "EC", "--groupname", "secp256r1"],
        ["--dname", "one", "--keyalg", "EC", "--san", "one"],
        ["--dname", "one", "--keyalg", "EC", "--ext", "bc=ca:true"],
    ):
        said = run("genkey", "id.p12", "--alias", "SRV", *words, status=6)
        assert "taken by another private key: EC secp384r1 for CN=one" in said.err
        assert (run.folder / "id.p12").read_bytes() == before
    words = ["--dname", "two", "--keyalg", "EC", "--on-conflict", "replace"]
    assert "replaced" in run("genkey", "id.p12", "--alias", "srv", *words).out
    assert "unchanged" in run("genkey", "id.p12", "--alias", "srv", *words).out
    assert len(run.store("id.p12").entries) == 1


def test_a_key_that_a_ca_has_certified_since_stays(run: Commands) -> None:
    words = ["--alias", "srv", "--dname", "CN=h,O=Ex", "--san", "h", "--keyalg", "EC"]
    run("genkey", "id.p12", *words)
    run("genkey", "ca.p12", "--alias", "ca", "--dname", "CA", "--keyalg", "EC",
        "--ext", "bc=ca:true")  # fmt: skip
    run("csr", "id.p12", "-o", "x.csr")
    # A CA that drops the organization and adds a name.
    run("sign", "x.csr", "--ca", "ca.p12", "--dname", "h", "--ext", "san=dns:h,dns:www.h", "-o",
        "x.pem", "--chain")  # fmt: skip
    run("reply", "id.p12", "x.pem")
    before = (run.folder / "id.p12").read_bytes()
    assert "unchanged" in run("genkey", "id.p12", *words).out
    run("genkey", "id.p12", *words, "--san", "other", status=6)
    assert (run.folder / "id.p12").read_bytes() == before


def test_an_expired_key_that_stays_is_told_of(run: Commands) -> None:
    words = ["genkey", "id.p12", "--alias", "srv", "--dname", "h", "--keyalg", "EC"]
    run(*words, "--startdate", "-90d", "--validity", "30")
    assert "[expired]" in run(*words).err


def test_without_a_password(run: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STOREKEEPER_STOREPASS")
    said = run("genkey", "id.p12", "--alias", "srv", "--dname", "h", "--keyalg", "EC", status=3)
    assert "--storepass env:NAME" in said.err
    assert os.listdir(run.folder) == []


def test_nothing_in_clear_unasked(run: Commands) -> None:
    root = pki.cert("A root")
    path = run.folder / "trust.p12"
    path.write_bytes(
        formats.write(
            Store("PKCS12", (TrustedCert("root", root),)),
            Password(None),
            encryption=named("passwordless"),
        )
    )
    path.chmod(0o600)
    target = Target(
        str(path), str(path), store=run.store("trust.p12", None), password=Password(None)
    )
    with pytest.raises(WriteRefused, match="unencrypted") as caught:
        plan_genkey(target, "srv", wanted())
    assert "storekeeper passwd" in caught.value.hint
    assert plan_genkey(target, "srv", wanted(), in_clear=True).changes


def test_no_first_key_where_everybody_may_read(run: Commands) -> None:
    run.write("root.pem", pki.cert("A root"))
    run("import", "trust.jks", "root.pem")
    (run.folder / "trust.jks").chmod(0o644)
    words = ["genkey", "trust.jks", "--dname", "h", "--keyalg", "EC", "--alias"]
    before = (run.folder / "trust.jks").read_bytes()
    assert "chmod 600" in run(*words, "srv", status=6).err
    assert (run.folder / "trust.jks").read_bytes() == before
    (run.folder / "trust.jks").chmod(0o600)
    run(*words, "srv")
    # Whoever opened a store of keys to all has their reasons, and is told.
    (run.folder / "trust.jks").chmod(0o644)
    assert "[key-readable]" in run(*words, "srv2").err


@pytest.mark.parametrize("word", ["X25519", "X448"])
def test_what_cannot_sign_itself(word: str, run: Commands) -> None:
    said = run("genkey", "id.p12", "--alias", "x", "--dname", "h", "--keyalg", word, status=2)
    assert "name a signer" in said.err


def test_mistakes(run: Commands) -> None:
    for words in (
        ["--dname", "h", "--keyalg", "RSB"],
        ["--dname", "h", "--keyalg", "EC", "--groupname", "secp256k1"],
        ["--dname", "CN", "--san", "a b"],
        ["--dname", "h", "--ext", "nonsense"],
        ["--dname", "h", "--keysize", "17"],
        ["--dname", "h", "--sigalg", "SHA256withECDSA"],
        ["--dname", "h", "--startdate", "tomorrow"],
        [],
    ):
        run("genkey", "id.p12", "--alias", "srv", *words, status=2)
    run("genkey", "id.x", "--alias", "s", "--dname", "h", "--storetype", "BKS", status=2)
    assert os.listdir(run.folder) == []


def test_secrets_are_in_no_repr() -> None:
    issuer = Issuer((pki.cert("Root"),), b"the key itself")
    assert "the key itself" not in repr(issuer)
    target = Target("x.p12", "x.p12", password=Password("hush"))
    plan = plan_genkey(target, "srv", wanted())
    assert plan.result is not None
    (entry,) = plan.result.entries
    assert isinstance(entry, PrivateKey)
    assert "hush" not in repr(plan)
    assert repr(entry.pkcs8("hush")) not in repr(plan)
    assert repr(entry.sealed.data)[2:40] not in repr(plan)


def test_the_library_says_what_it_lacks() -> None:
    with pytest.raises(PasswordRequired):
        plan_genkey(Target("x.p12", "x.p12"), "srv", wanted(algorithm="RSA", size=16_384))
    with pytest.raises(UsageError, match="is a JKS"):
        plan_genkey(Target("x", "x", store=Store("JKS")), "srv", wanted(), storetype="PKCS12")
