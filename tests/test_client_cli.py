"""`client check` and `client build` as they are typed, also with real servers that ask."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from storekeeper import formats
from storekeeper.formats import reseal
from storekeeper.model import Certificate, Entry, Password, PrivateKey, Store
from tests import pki, servers
from tests.commands import PASSWORD, Commands
from tests.test_docs import sections

ROOT = pki.certificate("Client Root", None, ca=True)
MID = pki.certificate("Client Issuing", "Client Root", ca=True)
LEAF = pki.certificate("Client One", "Client Issuing")
OTHER = pki.certificate("Client Other", None, ca=True)
STRANGER = pki.certificate("Client Two", "Client Other")
SERVER = servers.setup("localhost", "Inter", "Root")


def key_entry(alias: str, name: str, *chain: bytes, format: str = "PKCS12") -> PrivateKey:
    sealed = reseal.seal_private_key(pki.pkcs8(pki.key(name)), format, Password(PASSWORD))
    return PrivateKey(alias, tuple(map(Certificate, chain)), sealed)


@pytest.fixture
def run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Commands:
    commands = Commands(tmp_path, capsys, monkeypatch)
    one = key_entry("one", "Client One", LEAF)

    def put(name: str, *entries: Entry) -> None:
        store = Store("PKCS12", entries)
        (tmp_path / name).write_bytes(formats.write(store, Password(PASSWORD)))

    put("leaf.p12", one)
    put("whole.p12", key_entry("one", "Client One", LEAF, MID))
    put("both.p12", key_entry("two", "Client Two", STRANGER), one)
    for name, ders in {"root": [ROOT], "mid": [MID], "other": [OTHER], "cert": [LEAF]}.items():
        (tmp_path / f"{name}.pem").write_bytes(b"".join(pki.pem("CERTIFICATE", d) for d in ders))
    (tmp_path / "one.key").write_bytes(pki.pem("PRIVATE KEY", pki.pkcs8(pki.key("Client One"))))
    return commands


def test_sent(run: Commands) -> None:
    said = run("client", "check", "--ca-names", "root.pem", "--store", "whole.p12").out
    assert said.startswith("java17.0.9 with SunX509 sends 'one', 2 certificates\n")
    assert "[chosen]" in said
    assert "CN=Client Root, is in the server's list" in said


def test_leaf_alone(run: Commands) -> None:
    words = ("client", "check", "--ca-names", "root.pem", "--store", "leaf.p12")
    assert "sends no certificate" in run(*words, status=1).out
    assert "[issuer-not-listed]" in run(*words, status=1).out
    said = run(*words, "--trust", "mid.pem", status=1).out
    assert "the certificate of CN=Client Issuing has to be in the entry" in said


def test_a_request_in_json(run: Commands) -> None:
    request = {
        "protocol": "TLSv1.2",
        "authorities": [{"der": formats_name(OTHER).hex()}],
        "certificate_types": [64],
        "signature_algorithms": [0x0403],
    }
    (run.folder / "asked.json").write_text(json.dumps(request))
    words = ("client", "check", "--request", "asked.json", "--store", "both.p12")
    assert "sends 'two', 1 certificate\n" in run(*words).out
    # A bundle will do as well.
    assert "sends 'two'" in run(*words[:3], "other.pem", *words[4:]).out


def formats_name(certificate: bytes) -> bytes:
    from storekeeper.x509 import facts

    return facts(Certificate(certificate)).subject.der


def test_json_fields_are_those_documented(run: Commands) -> None:
    words = ("client", "check", "--store", "both.p12", "--json", "--ca-names")
    found = json.loads(run(*words, "mid.pem").out)
    assert found["schema"] == "storekeeper.client-check/1"
    assert found["alias"] == "one"
    assert [one["code"] for one in found["candidates"]] == ["issuer-not-listed", "chosen"]
    documented = sections()["storekeeper.client-check/1"]
    assert set(found) - {"schema"} <= documented
    assert set(found["candidates"][0]) <= documented
    more = ("client", "build", "--ca-names", "root.pem", "-o", "new.p12", "--from", "leaf.p12")
    found = json.loads(run(*more, "--json", status=1).out)
    assert found["schema"] == "storekeeper.client-build/1"
    documented = sections()["storekeeper.client-build/1"]
    assert set(found) - {"schema"} <= documented
    assert set(found["rejected"][0]) <= documented
    assert not (run.folder / "new.p12").exists()


def test_build(run: Commands) -> None:
    """From PEM files; a second run changes nothing; what is built is what is sent."""
    sources = [word for name in ("one.key", "cert.pem", "mid.pem", "other.pem")
               for word in ("--from", name)]  # fmt: skip
    words = ("client", "build", "--ca-names", "root.pem", "-o", "new.p12", *sources)
    run(*words, "--compat", "java8", "--alias", "id")
    assert [one.der for one in run.key("new.p12", "id").chain] == [LEAF, MID]
    before = (run.folder / "new.p12").read_bytes()
    run(*words, "--compat", "java8", "--alias", "id")
    assert (run.folder / "new.p12").read_bytes() == before
    checked = run("client", "check", "--ca-names", "root.pem", "--store", "new.p12").out
    assert "sends 'id', 2 certificates" in checked
    run(*words[:5], "new.jks", *sources)
    (entry,) = run.store("new.jks").entries
    assert entry.alias == "client-one"  # a key of a PEM file has no name: its certificate's
    assert isinstance(entry, PrivateKey)
    assert entry.chain == run.key("new.p12", "id").chain


def test_nothing_fits(run: Commands) -> None:
    words = ("client", "build", "--ca-names", "other.pem", "-o", "new.p12", "--from", "leaf.p12")
    said = run(*words, status=1)
    assert "no key will do; what is wanted:" in said.out
    assert "CN=Client Other" in said.out
    assert "storekeeper csr" in said.err
    assert not (run.folder / "new.p12").exists()


def test_java_would_send_another_of_the_store(run: Commands) -> None:
    """A store that has a key already, which Java prefers by the hash of its alias."""
    words = ("client", "build", "--ca-names", "mid.pem", "-o", "leaf.p12", "--alias", "zzz")
    other = pki.certificate("Client New", "Client Issuing")
    store = Store("PKCS12", (key_entry("in", "Client New", other),))
    (run.folder / "in.p12").write_bytes(formats.write(store, Password(PASSWORD)))
    said = run(*words, "--from", "in.p12", "--srcstorepass", f"pass:{PASSWORD}")
    sent = json.loads(
        run("client", "check", "--ca-names", "mid.pem", "--store", "leaf.p12", "--json").out
    )["alias"]
    assert ("[not-sent]" in said.err) == (sent != "zzz")
    assert "[not-sent]" in said.err


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ((), 2),
        (("--ca-names", "root.pem", "--request", "root.pem"), 2),
        (("--ca-names", "absent.pem"), 4),
        (("--ca-names", "one.key"), 4),
        (("--request", "one.key"), 4),
        (("--ca-names", "root.pem", "--protocol", "TLS"), 2),
        (("--ca-names", "root.pem", "--schemes", "none"), 2),
        (("--ca-names", "root.pem", "--runtime", "go"), 2),
        (("--ca-names", "root.pem", "--keymanager", "other"), 2),
        (("--ca-names", "root.pem", "--try"), 2),
        (("127.0.0.1:1",), 5),
    ],
)
def test_bad_words(run: Commands, words: tuple[str, ...], status: int) -> None:
    run("client", "check", *words, "--store", "whole.p12", status=status)


def test_stores_that_can_not_be_read(run: Commands) -> None:
    (run.folder / "torn.p12").write_bytes((run.folder / "leaf.p12").read_bytes()[:300])
    run("client", "check", "--ca-names", "mid.pem", "--store", "torn.p12", status=4)
    run("client", "build", "--ca-names", "mid.pem", "-o", "n.p12", "--from", "torn.p12", status=4)
    run("client", "build", "--ca-names", "mid.pem", "-o", "n.p12", status=2)
    words = ("client", "check", "--ca-names", "mid.pem", "--store", "leaf.p12")
    run(*words, "--storepass", "pass:wrong", status=3)
    # Java is given one password for all keys.
    said = run(*words, "--keypass", "pass:another", status=1).out
    assert "does not load" in said


SERVERS = [
    pytest.param(one, id=one.__name__)
    for one in (servers.openssl, servers.nginx, servers.apache, servers.haproxy, servers.gnutls)
]


@pytest.mark.parametrize("server", SERVERS)
def test_a_real_server_asks(server: Any, run: Commands) -> None:
    """What it lists is what we judge by, and with --try it takes what Java would send."""
    made = SERVER.but(authorities=(ROOT,), client="required")
    with server(made) as running:
        words = ("client", "check", running.at, "--sni", "localhost")
        leaf = json.loads(run(*words, "--store", "leaf.p12", "--json", status=1).out)
        whole = json.loads(run(*words, "--store", "whole.p12", "--json", "--try").out)
    assert [one["name"] for one in leaf["request"]["authorities"]] == ["CN=Client Root"]
    assert leaf["alias"] is None
    assert whole["alias"] == "one"
    assert len(whole["chain"]) == 2
    assert whole["tried"]["state"] not in ("refused", "not-tried"), whole["tried"]


def test_a_server_that_asks_for_none(run: Commands) -> None:
    with servers.openssl(SERVER) as running:
        words = ("client", "check", running.at, "--store", "whole.p12")
        assert "asks for no client certificate" in run(*words, status=5).err
