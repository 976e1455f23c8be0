"""The doctor, sent to real servers that each have one thing wrong with them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from storekeeper import formats
from storekeeper.doctor.consult import consult
from storekeeper.doctor.values import Case
from storekeeper.frozen import replace
from storekeeper.model import Certificate, Password, Store, TrustedCert
from storekeeper.tls.connect import Address, connect
from storekeeper.tls.probe import probe, wish_of
from storekeeper.tls.target import Target
from tests import forge, pki, servers
from tests.commands import Commands
from tests.doctoring import (
    AIA,
    CA,
    GONE,
    GOOD,
    SAN,
    ask,
    client,
    identity,
    leaf,
    mid,
    root,
    run,
    served,
)
from tests.forge import key, make, purposes, usage
from tests.servers.bench import HOST, need

__all__ = ["run"]


CASES: dict[str, tuple[tuple[bytes, ...], str, str]] = {
    "nothing": ((leaf(), mid()), "root.jks", ""),
    "an unknown root": ((leaf(), mid(), root()), "other.jks", "unknown-root"),
    "a missing intermediate": ((leaf(SAN, AIA),), "root.jks", "missing-intermediate"),
    "an unknown issuer": ((leaf(),), "root.jks", "unknown-issuer"),
    "the wrong order": ((leaf(), root(), mid()), "root.jks", ""),
    "an expired leaf": ((leaf(**GONE), mid()), "root.jks", "expired-leaf"),
    "an expired intermediate": ((leaf(), mid(**GONE)), "root.jks", "expired-intermediate"),
    "another name": ((leaf(forge.names(("dns", "other.example"))), mid()), "root.jks",
                     "name-mismatch"),
    "no purpose for servers": ((leaf(SAN, purposes(forge.CLIENT)), mid()), "root.jks",
                               "not-for-servers"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_is_wrong_with_a_chain(run: Commands, name: str) -> None:
    chain, store, code = CASES[name]
    codes, found = ask(run, served(*chain), "--store", store, status=1 if code else 0)
    assert codes == ([code] if code else [])
    if code:
        assert found["diagnoses"][0]["proofs"][0]
        assert found["diagnoses"][0]["steps"]
    else:
        assert any("trusts CN=localhost" in one for one in found["sound"])


def test_the_command_it_proposes_mends_it(run: Commands) -> None:
    """Before: refused. Then the first step, as it is printed. After: nothing is wrong."""
    import shlex

    with servers.openssl(served(leaf(), mid(), root())) as running:
        words = ("doctor", f"localhost:{running.port}", "--store", "other.jks", "--json")
        found = json.loads(run(*words, status=1).out)
        (line,) = found["diagnoses"][0]["steps"][0]["commands"]
        run(*shlex.split(line)[1:])
        assert json.loads(run(*words).out)["diagnoses"] == []


def test_an_address_that_is_not_in_the_certificate(run: Commands) -> None:
    codes, _ = ask(run, served(leaf(), mid()), "--store", "root.jks", host=HOST)
    assert codes == ["ip-without-san"]


def test_no_names_at_all(run: Commands) -> None:
    made = served(make("CN=elsewhere", key("leaf"), "CN=Issuing", key("mid"),
                       usage(0), **GOOD), mid())  # fmt: skip
    codes, _ = ask(run, made, "--store", "root.jks")
    assert codes == ["missing-san"]


def test_a_store_java_sees_nothing_in(run: Commands) -> None:
    """A PKCS12 as OpenSSL makes it: Java finds no trust anchor in it."""
    entries = (TrustedCert("root", Certificate(root()), attributes=()),)
    store = Store("PKCS12", entries)
    (run.folder / "t.p12").write_bytes(formats.write(store, Password("changeit")))
    codes, found = ask(
        run, served(leaf(), mid()), "--store", "t.p12", "--storepass", "pass:changeit"
    )
    assert codes == ["zero-anchors"]
    assert "convert t.p12 --make-visible" in found["diagnoses"][0]["steps"][0]["commands"][0]


def test_algorithms_that_java_refuses(run: Commands, tmp_path: Path) -> None:
    config = tmp_path / "weak.cnf"
    config.write_text(
        "openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\n"
        "MinProtocol = TLSv1\nCipherString = ALL:!aNULL:@SECLEVEL=0\n"
    )
    old: dict[str, Any] = {"environment": {"OPENSSL_CONF": str(config)}}
    small = key("small", "RSA1024")
    chain = (leaf(own=small, signer=key("mid")), mid())
    made = served(*chain, key=small, **old)
    security = run.folder / "java.security"
    security.write_text("jdk.certpath.disabledAlgorithms=RSA keySize < 2048\n")
    codes, _ = ask(run, made, "--store", "root.jks", "--java-security", str(security))
    assert codes == ["algorithm-refused"]
    aged = made.but(versions=("TLSv1", "TLSv1"), ciphers="ALL:!aNULL:@SECLEVEL=0")
    codes, found = ask(run, aged, "--store", "root.jks")
    assert codes == ["protocol-too-old"]
    assert "TLSv1" in found["diagnoses"][0]["what"]
    codes, _ = ask(run, aged, "--store", "root.jks", "--runtime", "openssl1.1", status=0)
    assert codes == []


def test_a_group_that_java_refuses(run: Commands, tmp_path: Path) -> None:
    need("gnutls-serv")
    path = tmp_path / "dh.pem"
    path.write_bytes(pki.openssl("dhparam", "512"))
    own = key("rsa", "RSA2048")
    made = served(leaf(own=own), mid(), key=own).but(
        versions=("TLSv1.2", "TLSv1.2"),
        ciphers="NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+DHE-RSA:-GROUP-ALL",
        extra=("--dhparams", str(path)),
    )
    codes, found = ask(run, made, "--store", "root.jks", server=servers.gnutls)
    assert codes == ["weak-dhe"]
    assert "512 bits" in found["diagnoses"][0]["what"]


def test_rsassa_pss_and_an_old_java(run: Commands) -> None:
    issuer = key("pss", "RSA2048")
    above = make("CN=Issuing", issuer, "CN=Root", key("root"), *CA, **GOOD)
    below = leaf(signer=issuer, called="RSASSA-PSS")
    for runtime, expected in (("java8u202", ["rsassa-pss"]), ("java17", [])):
        codes, _ = ask(run, served(below, above), "--store", "root.jks", "--runtime", runtime,
                       status=1 if expected else 0)  # fmt: skip
        assert codes == expected


@pytest.mark.parametrize("server", [servers.openssl, servers.nginx, servers.apache])
def test_client_certificates(run: Commands, server: Any) -> None:
    """None named, none that fits, one that is refused, one that is taken."""
    made = served(leaf(), mid(), authorities=(root(),), client="required")
    words = ("--store", "root.jks")
    codes, _ = ask(run, made, *words, server=server)
    assert codes == ["client-certificate-required"]

    def named(file: str) -> tuple[str, ...]:
        return (*words, "--identity", file, "--identity-storepass", "pass:changeit")

    stranger = make("CN=me", key("me"), "CN=Other", key("o"), **GOOD)
    codes, found = ask(
        run, made, *named(identity(run.folder, stranger, own=key("me"))), server=server
    )
    assert codes == ["no-client-certificate-sent"]
    assert found["diagnoses"][0]["proofs"][0].startswith("me: ")
    late = identity(run.folder, client(**GONE), own=key("me"))
    codes, found = ask(run, made, *named(late), server=server)
    assert codes == ["client-certificate-refused"], found
    good = identity(run.folder, client(), own=key("me"))
    codes, found = ask(run, made, *named(good), server=server, status=0)
    assert codes == []
    assert any("the server takes it" in one for one in found["sound"])


def test_nobody_there(run: Commands) -> None:
    found = json.loads(run("doctor", f"{HOST}:1", "--store", "root.jks", "--json", status=5).out)
    assert [one["code"] for one in found["diagnoses"]] == ["unreachable"]


def test_clocks_that_differ() -> None:
    """The Date of a web server, and this machine's."""
    with servers.nginx(served(leaf(), mid())) as running:
        wish = wish_of(
            Target("localhost", running.port, application="http"),
            server_name="localhost", asks=True, weak=False, no_name=False,
        )  # fmt: skip
        at = (Address(HOST, running.port),)

        def open_(address: Address | None) -> Any:
            assert address is not None
            return connect(address, 5)

        found = probe("localhost", "localhost", running.port, open_, at, wish)
    assert found.member.server_time is not None
    assert abs(found.member.server_time - found.at) < 60
    case = Case("localhost", "java17", found.at, found)
    assert consult(case).diagnoses == ()
    (off,) = consult(replace(case, probe=replace(found, at=found.at + 86_400))).diagnoses
    assert off.code == "clock-off"


def test_walking_through_it(run: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step is asked about; the first agreed to is done, and the server asked again."""
    from storekeeper.cli import options, voice

    with servers.openssl(served(leaf(), mid(), root())) as running:
        words = ("doctor", f"localhost:{running.port}", "--store", "other.jks", "--apply")
        assert "nobody is here to answer" in run(*words, status=2).err
        asked: list[str] = []
        monkeypatch.setattr(options, "can_ask", lambda: True)

        def refuse(question: str) -> bool:
            asked.append(question)
            return False

        monkeypatch.setattr(voice, "agreed", refuse)
        before = (run.folder / "other.jks").read_bytes()
        run(*words, status=1)
        assert len(asked) >= 2
        assert (run.folder / "other.jks").read_bytes() == before
        monkeypatch.setattr(voice, "agreed", lambda question: "import the root" in question)
        said = run(*words)
        assert said.out.count("for java17") == 2
        assert "nothing is wrong that can be seen from here" in said.out
