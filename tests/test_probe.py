"""Probing real servers on loopback: what they send, ask for and take, and what goes wrong."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from storekeeper.cli.servers import MOST_AT_ONCE
from storekeeper.errors import NetworkError, StorekeeperError
from storekeeper.model import Certificate
from storekeeper.tls import ciphers, offers, words
from storekeeper.tls.connect import Address, connect
from storekeeper.tls.probe import probe, wish_of
from storekeeper.tls.probed import Probe
from storekeeper.tls.stream import Stream
from storekeeper.tls.target import Target
from storekeeper.tls.wire import Message, Record, vector
from tests import jvm, pki, servers
from tests.commands import Commands
from tests.servers.bench import HOST, Running, Setup, need
from tests.servers.scripted import Talk, scripted

CA = pki.certificate("Client Root", None, ca=True)
OTHER = pki.certificate("Client Other", None, ca=True)
MADE = servers.setup("localhost", "Inter", "Root")
ASKING = MADE.but(authorities=(CA, OTHER), client="required")
NAMES = {"CN=Client Root", "CN=Client Other"}


def open_(address: Address | None) -> Stream:
    assert address is not None
    return connect(address, 5.0)


def impatient(address: Address | None) -> Stream:
    assert address is not None
    return connect(address, 0.4)


def look(*ports: int, http: bool = False, way: Any = open_, **more: Any) -> Probe:
    """A probe of these ports, as if they were addresses of one name."""
    found = tuple(Address(HOST, port) for port in ports)
    server = Target("localhost", ports[0], application="http" if http else "")
    wish = wish_of(server, server_name="localhost", asks=True, **more)
    return probe("localhost", "localhost", ports[0], way, found, wish)


def names(found: Probe) -> set[str]:
    from storekeeper.names import Name

    assert found.member.request is not None
    return {Name(one).rfc4514() for one in found.member.request.authorities}


def codes(found: Probe) -> set[str]:
    return {one.code for one in found.findings}


SECURE = [
    pytest.param(one, id=one.__name__)
    for one in (servers.openssl, servers.python_ssl, servers.nginx, servers.apache,
                servers.haproxy, servers.stunnel, servers.gnutls)
]  # fmt: skip


@pytest.mark.parametrize("server", SECURE)
@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
def test_a_client_certificate_that_is_required(server: Any, version: str) -> None:
    with server(ASKING.but(versions=(version, version))) as running:
        found = look(running.port, http=True, weak=False, no_name=False)
    member = found.member
    assert tuple(one.der for one in member.chain) == ASKING.chain
    assert words.version_name(member.version) == version
    assert member.request is not None
    assert member.request.protocol == version
    # Python's server verifies and never names its CAs.
    assert names(found) == (set() if running.name == "python" else NAMES)
    later = running.name == "nginx"
    assert member.client == ("required-later" if later else "required"), member.why


@pytest.mark.parametrize("server", SECURE)
def test_a_client_certificate_that_is_welcome(server: Any) -> None:
    with server(ASKING.but(client="optional")) as running:
        found = look(running.port, http=True, weak=False, no_name=False)
    assert found.member.client == "requested", found.member.why
    assert found.member.request is not None


@pytest.mark.parametrize("server", SECURE)
def test_none_is_asked_for(server: Any) -> None:
    with server(MADE) as running:
        found = look(running.port, http=True, weak=False, no_name=False)
    assert found.member.client == "not-asked", found.member.why
    assert found.member.request is None
    assert [one.code for one in found.findings if one.severity == "error"] == []


def test_a_place_of_a_web_server_asks_for_one() -> None:
    """Apache's <Location>: by post-handshake authentication, and in TLS 1.2 by renegotiation."""
    lines = ('<Location "/secured">', "SSLVerifyClient require", "</Location>")
    made = MADE.but(authorities=(CA,), extra=lines)
    for version, when in (("TLSv1.3", "post-handshake"), ("TLSv1.2", "renegotiation")):
        with servers.apache(made.but(versions=(version, version))) as running:
            at_root = look(running.port, http=True, weak=False, no_name=False)
            secured = look(running.port, http=True, path="/secured", weak=False, no_name=False)
        assert at_root.member.client == "not-asked"
        assert secured.member.client == "required-later", secured.member.why
        assert secured.member.request is not None
        assert secured.member.request.when == when
        assert names(secured) == {"CN=Client Root"}


def test_ca_names_are_those_openssl_prints() -> None:
    with servers.openssl(ASKING) as running:
        found = look(running.port, weak=False, no_name=False)
        said = subprocess.run(
            ["openssl", "s_client", "-connect", running.at, "-nameopt", "RFC2253"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20,
        ).stdout  # fmt: skip
    _, _, rest = said.partition("Acceptable client certificate CA names\n")
    theirs = rest.partition("\nRequested")[0].splitlines()
    assert set(theirs) == names(found)
    assert found.member.request is not None
    assert len(found.member.request.authorities) == 2


@pytest.mark.parametrize("server", SECURE)
def test_protocols(server: Any) -> None:
    with server(MADE) as running:
        found = look(running.port, protocols=True, weak=False, no_name=False)
    answers = {words.version_name(one.version): one.accepted for one in found.offers}
    assert answers == {
        "TLSv1.3": True, "TLSv1.2": True, "TLSv1.1": False, "TLSv1": False, "SSLv3": False,
    }  # fmt: skip
    assert all(len(one.ciphers) == 1 for one in found.offers if one.accepted)


def test_every_cipher_as_the_server_has_them() -> None:
    wanted = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-SHA"
    made = MADE.but(versions=("TLSv1.2", "TLSv1.2"), ciphers=wanted)
    for extra, orders in (((), False), (("-serverpref",), True)):
        with servers.openssl(made.but(extra=extra)) as running:
            (found,) = offers.offers(
                open_, Address(HOST, running.port), "localhost",
                every_cipher=True, versions=(words.TLS12,),
            )  # fmt: skip
        assert found.server_orders is orders
        assert {ciphers.suite(one).openssl for one in found.ciphers} == set(wanted.split(":"))


@pytest.mark.parametrize("bits", [512, 1024])
def test_the_group_of_diffie_hellman(bits: int, tmp_path: Path) -> None:
    """Logjam: gnutls-serv has groups that OpenSSL refuses to serve or to shake hands with."""
    need("gnutls-serv")
    path = tmp_path / "dh.pem"
    path.write_bytes(pki.openssl("dhparam", str(bits)))
    made = servers.setup("localhost", "Inter", "Root", kind="RSA").but(
        versions=("TLSv1.2", "TLSv1.2"),
        ciphers="NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+DHE-RSA:-GROUP-ALL",
        extra=("--dhparams", str(path)),
    )
    with servers.gnutls(made) as running:
        found = look(running.port, no_name=False)
    assert found.weak_dhe is not None
    assert (found.weak_dhe.kind, found.weak_dhe.bits) == ("DHE", bits)
    severity = {512: "error", 1024: "warning"}[bits]
    assert [one.severity for one in found.findings if one.code == "weak-dhe"] == [severity]
    assert tuple(one.der for one in found.member.chain) == made.chain


def test_a_server_too_old_for_openssl(tmp_path: Path) -> None:
    config = tmp_path / "weak.cnf"
    config.write_text(
        "openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\n"
        "MinProtocol = TLSv1\nCipherString = ALL:!aNULL:@SECLEVEL=0\n"
    )
    made = servers.setup("localhost", "Inter", "Root", kind="RSA").but(
        versions=("TLSv1", "TLSv1"),
        ciphers="ALL:!aNULL:@SECLEVEL=0",
        environment={"OPENSSL_CONF": str(config)},
    )
    with servers.openssl(made) as running:
        found = look(running.port, weak=False, no_name=False)
    assert words.version_name(found.member.version) == "TLSv1"
    assert "old-protocol" in codes(found)


def test_a_server_that_wants_to_be_named() -> None:
    """One whose default is another certificate, and one that refuses."""
    second = servers.setup("other.example", "Inter", "Root")
    with servers.openssl(MADE) as first, servers.openssl(second) as other:
        same = look(first.port, weak=False)
        assert same.plain == same.member.chain
        assert "sni-matters" not in codes(same)
        both = look(first.port, other.port, weak=False, no_name=False)
    assert "members-differ" in codes(both)
    assert [one.chain[0].der for one in both.members] == [MADE.chain[0], second.chain[0]]


def test_a_silent_member_of_a_pool() -> None:
    with servers.openssl(MADE) as running:
        found = look(1, running.port, weak=False, no_name=False)
    assert found.member.address == Address(HOST, running.port)
    (silent,) = [one for one in found.findings if one.code == "member-silent"]
    assert "connection refused" in silent.message


def test_an_inspecting_proxy_is_not_taken_for_the_server() -> None:
    """It asks for no client certificate, whatever the server behind it does."""
    with servers.nginx(ASKING) as server, servers.inspecting(server) as between:
        found = look(between.port, http=True, weak=False, no_name=False)
        assert found.member.request is None
        assert found.member.client == "required-later"
        assert any("TLS-inspecting" in note for note in found.notes)
        wish = wish_of(Target("localhost", 443), server_name="localhost", weak=False, no_name=False)
        at = (Address(HOST, between.port),)
        found = probe("localhost", "localhost", 443, open_, at, wish, proxy="http://proxy:3128")
    assert found.member.client == "unknown"
    assert "not seen" in found.member.why
    assert any("TLS-inspecting" in note for note in found.notes)


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ((1, 0), "chain-out-of-order"),
        ((0,), "chain-missing"),
        ((0, 1, 1), "chain-duplicate"),
        ((0, 1, 2), "chain-root-sent"),
        ((0, 1, 3), "chain-unrelated"),
    ],
)
def test_chains_as_they_are_sent(sent: tuple[int, ...], code: str) -> None:
    pool = (*MADE.chain, pki.certificate("Root", None, ca=True), OTHER)
    chain = tuple(pool[number] for number in sent)
    first = sent[0]
    made = MADE.but(chain=chain)
    if first != 0:
        made = made.but(chain=(pool[0], *chain, pool[0]))
        code = "chain-duplicate"
    with servers.openssl(made) as running:
        found = look(running.port, weak=False, no_name=False)
    assert tuple(one.der for one in found.member.chain) == made.chain
    assert code in codes(found)


# -- what is no honest server ----------------------------------------------------------------


def _hello(cipher: int = 0xC02B) -> bytes:
    body = b"\x03\x03" + bytes(32) + b"\0" + cipher.to_bytes(2, "big") + b"\0"
    return Message(2, body).encode()


def _flight(*messages: bytes) -> bytes:
    whole = b"".join(messages)
    pieces = [whole[at : at + 16_000] for at in range(0, len(whole), 16_000)]
    return b"".join(Record(22, 0x0303, piece).encode() for piece in pieces)


def _says(data: bytes) -> Any:
    def behave(talk: Talk) -> None:
        talk.hear_bytes(11)
        talk.say(data)
        talk.wait()

    return behave


CHAIN = Message(11, vector(b"".join(vector(one, 3) for one in MADE.chain), 3)).encode()


def test_ten_thousand_ca_names() -> None:
    name = bytes.fromhex("3000")
    listed = vector(vector(name, 2) * 10_000, 2)
    request = Message(13, vector(b"\x01", 1) + vector(b"\x04\x03", 2) + listed).encode()
    with scripted(_says(_flight(_hello(), CHAIN, request, Message(14, b"").encode()))) as server:
        found = look(server.port, weak=False, no_name=False)
    assert found.member.request is not None
    assert len(found.member.request.authorities) == 10_000


@pytest.mark.parametrize(
    ("behave", "told"),
    [
        (_says(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "plain HTTP"),
        (_says(b"220 mail.example.com ESMTP\r\n"), "SMTP"),
        (_says(b"\x15\x03\x01\x00\x02\x02\x28"), "handshake"),
        (_says(_flight(_hello()) + b"\x17\x03\x03\x00\x10" + bytes(16)), ""),
        (_says(_flight(Message(11, b"x" * 3).encode()) * 5), ""),
        (_says(b"\x16\x03\x03\x40\x00\x0b\xff\xff\xff" + bytes(16_380)), ""),
        (_says(_flight(_hello(), Message(11, b"\xff" * 90_000).encode())), ""),
    ],
)
def test_servers_that_make_no_sense(behave: Any, told: str) -> None:
    begun = time.monotonic()
    with scripted(behave) as server:
        try:
            found = look(server.port, way=impatient, weak=False, no_name=False)
            said = found.member.problem
        except NetworkError as error:
            said = error.message
    assert told in said
    assert said
    assert time.monotonic() - begun < 60


def test_ten_megabytes_of_handshake() -> None:
    def behave(talk: Talk) -> None:
        talk.hear_bytes(11)
        with contextlib.suppress(OSError):
            for _ in range(700):
                talk.say(_flight(Message(11, bytes(16_000)).encode()))

    with scripted(behave) as server, contextlib.suppress(StorekeeperError):
        look(server.port, weak=False, no_name=False)


@pytest.mark.parametrize("after", [0, 1, 4, 5, 9, 60])
def test_servers_that_stall(after: int) -> None:
    """At any byte: the time that was given is all that is spent."""
    whole = _flight(_hello(), CHAIN)

    def behave(talk: Talk) -> None:
        talk.hear_bytes(11)
        talk.say(whole[:after])
        talk.wait()

    wish = wish_of(Target("localhost", 443), server_name="localhost", weak=False, no_name=False)
    begun = time.monotonic()
    with scripted(behave) as server:
        at = (Address(HOST, server.port),)
        with pytest.raises(NetworkError, match="in time"):
            probe("localhost", "localhost", server.port, impatient, at, wish)
    assert time.monotonic() - begun < 20


# -- revocation -----------------------------------------------------------------------------


CONFIG = """
[ca]
default_ca = d
[d]
database = {folder}/index.txt
serial = {folder}/serial
new_certs_dir = {folder}
default_md = sha256
policy = p
default_days = 30
unique_subject = no
[p]
commonName = supplied
[leaf]
authorityInfoAccess = OCSP;URI:http://127.0.0.1:{port}
subjectAltName = DNS:localhost
"""


@pytest.fixture(scope="module")
def responder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A CA of OpenSSL with its OCSP responder, and certificates 'good' and 'bad'."""
    folder = tmp_path_factory.mktemp("ca")
    with socket.create_server((HOST, 0)) as probe_:
        port = probe_.getsockname()[1]
    (folder / "ca.cnf").write_text(CONFIG.format(folder=folder, port=port))
    (folder / "index.txt").write_text("")
    (folder / "serial").write_text("1000\n")

    def run(*words_: str) -> None:
        subprocess.run(["openssl", *words_], cwd=folder, check=True, capture_output=True)

    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    run("req", "-x509", *curve, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Root",
        "-days", "60")  # fmt: skip
    signing = ("-config", "ca.cnf", "-batch", "-cert", "ca.pem", "-keyfile", "ca.key")
    for name in ("good", "bad"):
        run(
            "req", *curve, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", "/CN=localhost"
        )
        run("ca", *signing, "-in", f"{name}.csr", "-out", f"{name}.pem", "-extensions", "leaf",
            "-notext")  # fmt: skip
    run("ca", *signing, "-revoke", "bad.pem", "-crl_reason", "keyCompromise")
    process = subprocess.Popen(
        ["openssl", "ocsp", "-index", "index.txt", "-port", str(port), "-rsigner", "ca.pem",
         "-rkey", "ca.key", "-CA", "ca.pem", "-nmin", "60"],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    while line := process.stderr.readline():
        # A connection to see whether it is up would be one that it waits for.
        if "waiting" in line.lower():
            break
    yield folder
    process.kill()
    process.wait()
    process.stderr.close()


def _setup_of(folder: Path, name: str) -> Setup:
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization

    ders = [
        x509.load_pem_x509_certificate((folder / one).read_bytes()).public_bytes(
            serialization.Encoding.DER
        )
        for one in (f"{name}.pem", "ca.pem")
    ]
    key: Any = serialization.load_pem_private_key((folder / f"{name}.key").read_bytes(), None)
    return Setup(tuple(ders), pki.pkcs8(key))


def test_revocation_as_openssl_answers(responder: Path) -> None:
    with servers.openssl(_setup_of(responder, "good")) as running:
        good = look(running.port, ocsp=True, weak=False, no_name=False)
    assert [one.status for one in good.ocsp] == ["good"]
    with servers.openssl(_setup_of(responder, "bad")) as running:
        bad = look(running.port, ocsp=True, weak=False, no_name=False)
    (found,) = bad.ocsp
    assert (found.status, found.reason) == ("revoked", "KEY_COMPROMISE")
    assert found.revoked_at is not None
    assert "revoked" in codes(bad)


def test_a_stapled_response(responder: Path) -> None:
    url = responder / "good.pem"
    address = subprocess.run(
        ["openssl", "x509", "-in", str(url), "-noout", "-ocsp_uri"], capture_output=True, text=True
    ).stdout.strip()
    pki.openssl("ocsp", "-issuer", str(responder / "ca.pem"), "-cert", str(url), "-url", address,
                "-respout", str(responder / "good.resp"), "-no_nonce")  # fmt: skip
    made = _setup_of(responder, "good").but(extra=("-status_file", str(responder / "good.resp")))
    with servers.openssl(made) as running:
        found = look(running.port, ocsp=True, weak=False, no_name=False)
    assert [(one.how == "stapled", one.status) for one in found.ocsp] == [
        (True, "good"), (False, "good"),
    ]  # fmt: skip
    # A response about another certificate is none.
    with servers.openssl(_setup_of(responder, "bad").but(extra=made.extra)) as running:
        found = look(running.port, ocsp=True, weak=False, no_name=False)
    assert found.ocsp[0].problem == "the response is about other certificates"
    assert "bad-staple" in codes(found)


# -- commands -----------------------------------------------------------------------------


@pytest.fixture
def run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Commands:
    for name in ("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    return Commands(tmp_path, capsys, monkeypatch)


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with servers.openssl(
        MADE.but(chain=(*MADE.chain, pki.certificate("Root", None, ca=True)))
    ) as on:
        yield on


def test_probing_several_servers_at_once(run: Commands, server: Running) -> None:
    one = json.loads(run("probe", server.at, "--json").out)
    assert one["schema"] == "storekeeper.probe/1"
    assert len(one["members"][0]["chain"]) == 3
    many = [f"{HOST}:1", server.at, f"https://{server.at}"]
    found = json.loads(run("probe", *many, "--json", status=5).out)
    assert [sorted(one)[:2] for one in found["probes"]] == [
        ["error", "hint"], ["at", "dhe"], ["at", "dhe"],
    ]  # fmt: skip
    assert MOST_AT_ONCE > 1
    said = run("probe", *many, status=5)
    assert said.out.count("  protocol    TLSv1.3") == 2
    assert "connection refused" in said.err


def test_fetching_the_leaf(run: Commands, server: Running) -> None:
    said = run("fetch", server.at)
    assert said.out.count("BEGIN CERTIFICATE") == 1
    sha256 = Certificate(MADE.chain[0]).sha256
    assert bytes.fromhex(sha256).hex(":").upper() in said.err
    assert run("fetch", server.at, "--only", "all").out.count("BEGIN CERTIFICATE") == 3
    run("fetch", server.at, "--der", "-o", "leaf.der", "--pin", sha256)
    assert (run.folder / "leaf.der").read_bytes() == MADE.chain[0]
    wrong = run("fetch", server.at, "--pin", "00" * 32, status=6)
    assert "sends no certificate with SHA-256 00:00" in wrong.err
    assert "expected a whole SHA-256" in run("fetch", server.at, "--pin", sha256[:16], status=2).err


def test_importing_what_a_server_sends(
    run: Commands, server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not without a look at the fingerprint; the pinned one wherever it stands in the chain."""
    refused = run("import", "t.p12", server.at, status=2)
    assert "nobody is here to confirm" in refused.err
    assert not (run.folder / "t.p12").exists()
    leaf, root = Certificate(MADE.chain[0]).sha256, Certificate(MADE.chain[1]).sha256
    run("import", "t.p12", server.at, "--pin", leaf)
    assert [one.sha256 for one in run.store("t.p12").certificates()] == [leaf]
    assert "unchanged" in run("import", "t.p12", server.at, "--pin", leaf).out
    run("import", "t.p12", server.at, "--pin", root)
    assert {one.sha256 for one in run.store("t.p12").certificates()} == {leaf, root}
    run("import", "t.p12", server.at, "--pin", "00" * 32, status=6)
    # A person at a terminal is asked, and "no" changes nothing.
    from storekeeper.cli import options, voice

    monkeypatch.setattr(options, "can_ask", lambda: True)
    monkeypatch.setattr(voice, "agreed", lambda _question: False)
    run("import", "u.p12", server.at, status=6)
    assert not (run.folder / "u.p12").exists()
    monkeypatch.setattr(voice, "agreed", lambda _question: True)
    run("import", "u.p12", server.at)
    assert [one.sha256 for one in run.store("u.p12").certificates()] == [leaf]


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_printcert_of_a_server_as_keytool_prints_it(
    run: Commands, server: Running, version: str
) -> None:
    java = jvm.jvm(version)
    for options in ((), ("-rfc",)):
        words_ = ("-printcert", *options, "-sslserver", server.at)
        ours = run("keytool", *words_).out
        theirs = java.keytool("-J-Duser.language=en", *words_).stdout
        # JDK 11 prints a path length that is not limited as a number.
        theirs = theirs.replace("\r\n", "\n").replace("PathLen:2147483647", "PathLen: no limit")
        assert ours.replace("\r\n", "\n") == theirs
    assert "can't connect" in run("keytool", "-printcert", "-sslserver", f"{HOST}:1", status=5).err


def test_checking_a_server_itself(run: Commands, server: Running) -> None:
    root = pki.certificate("Root", None, ca=True)
    (run.folder / "root.pem").write_bytes(pki.pem("CERTIFICATE", root))
    (run.folder / "other.pem").write_bytes(pki.pem("CERTIFICATE", OTHER))
    name = f"localhost:{server.port}"
    good = run("check", name, "--store", "root.pem")
    assert "java17.0.9 accepts localhost" in good.out
    assert "openssl     OpenSSL" in good.out
    assert good.out.rstrip().endswith("here accepts")
    bad = json.loads(run("check", name, "--store", "other.pem", "--json", status=1).out)
    assert bad["rule"] == "no-path"
    assert bad["openssl"]["accepts"] is False
    assert "self-signed certificate in certificate chain" in bad["openssl"]["message"]
    fix = run("fix", name, "--store", "other.pem", status=1).out
    pinned = Certificate(root).sha256
    assert f"storekeeper import other.pem {name} --pin {pinned}" in fix
    run("import", "other.pem", name, "--pin", pinned)
    run("check", name, "--store", "other.pem")
    run("chain", name, "--store", "root.pem")
    assert "expected a server or --chain" in run("check", "--store", "root.pem", status=2).err
