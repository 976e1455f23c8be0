"""check and fix as commands: every way to ask, what comes out, and what goes wrong."""

from __future__ import annotations

import json
import re
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import storekeeper
from storekeeper import cli, formats
from storekeeper.model import Certificate, Password, Store, TrustedCert
from storekeeper.trust.rules import RULES
from tests import forge, jvm, pki, revoking, verdict_cases
from tests.commands import Commands
from tests.forge import key, make
from tests.oracle import Oracle
from tests.responder import Responder
from tests.revocation_asked import access
from tests.revocation_cases import LEAF_ID, of_mid, of_root
from tests.test_arrangement import issuers_at, served
from tests.verdict_cases import CA, EXPIRED, FUTURE, HOST, LEAF, SAN, leaf, mid, root

DAY = "2026-06-01"
OTHER = root(subject="CN=Other", own=key("other"))


@pytest.fixture
def run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Commands:
    commands = Commands(tmp_path, capsys, monkeypatch)
    monkeypatch.delenv("STOREKEEPER_STOREPASS")
    write(tmp_path / "chain.pem", leaf(), mid())
    write(tmp_path / "full.pem", leaf(), mid(), root())
    write(tmp_path / "leaf.pem", leaf())
    write(tmp_path / "mid.pem", mid())
    write(tmp_path / "root.pem", root())
    write(tmp_path / "other.pem", OTHER)
    return commands


def write(path: Path, *certificates: bytes) -> None:
    path.write_bytes(b"".join(pki.pem("CERTIFICATE", one) for one in certificates))


def asked(chain: str = "chain.pem", store: str = "root.pem", *more: str) -> list[str]:
    return ["--chain", chain, "--store", store, "--host", HOST, "--at", DAY, *more]


# -- revocation, asked -----------------------------------------------------------------------


@pytest.fixture
def server() -> Iterator[Responder]:
    found = Responder()
    yield found
    found.close()


def test_the_network_is_asked_only_when_told(
    run: Commands, tmp_path: Path, server: Responder
) -> None:
    day = int(time.time())
    told = revoking.answer(LEAF_ID, revoking.revoked(), this=day - 9, until=day + 999)
    responder = server.put("/ocsp", revoking.response(key("mid"), told))
    listed = server.put("/crl", of_mid())
    here = revoking.points(revoking.place(("uri", listed)))
    write(tmp_path / "both.pem", leaf(extensions=(SAN, access(responder), here)), mid())
    (tmp_path / "root.crl").write_bytes(of_root())

    def answer(*options: str, status: int = 1) -> tuple[Any, str]:
        words = asked("both.pem", "root.pem", "--json", *options)
        found = json.loads(run("check", *words, status=status).out)
        return found["accepts"], found["rule"]

    given = ("--crl", "root.crl")
    assert answer(status=0) == (True, "trusted")
    assert answer("--check-revocation", *given) == (False, "revocation-unknown")
    assert server.requests == []
    assert answer("--ocsp", *given) == (False, "revoked")
    assert [method for method, _, _ in server.requests] == ["POST"]
    server.requests.clear()
    assert answer("--crl", *given, status=0) == (True, "trusted")
    assert [(method, path) for method, path, _ in server.requests] == [("GET", "/crl")]
    server.requests.clear()
    # Asked at many dates, each address is asked once.
    run("check", *asked("both.pem", "root.pem", "--crl", *given, "--until"))
    assert len(server.requests) == 1
    # What a java.security switches on does not ask by itself.
    server.requests.clear()
    (tmp_path / "java.security").write_text("ocsp.enable=true\n")
    switched = ("--java-security", "java.security", *given)
    assert answer("--check-revocation", *switched) == (None, "revocation-unasked")
    assert answer("--crl", *switched) == (None, "revocation-unasked")
    assert server.requests == []


def test_a_responder_that_does_not_answer(run: Commands, tmp_path: Path, server: Responder) -> None:
    write(tmp_path / "one.pem", leaf(extensions=(SAN, access(server.url + "/none"))), mid())
    (tmp_path / "root.crl").write_bytes(of_root())
    words = asked("one.pem", "root.pem", "--ocsp", "--crl", "root.crl", "--explain")
    out = run("check", *words, status=1).out
    assert "Unable to determine revocation status due to network error" in out
    assert "404" in out


# -- the answer ----------------------------------------------------------------------------


def test_accepted(run: Commands) -> None:
    said = run("check", *asked())
    assert said.out.splitlines() == [
        f"java17.0.9 accepts {HOST} on {DAY}",
        "  rule        trusted: the path leads to a trust anchor and every check of it passes",
        "  path        O=Example,CN=server.example.net, until 2026-09-09 (sent as 1)",
        "              O=Example,CN=Issuing, until 2026-09-09 (sent as 2)",
        "              O=Example,CN=Root, until 2026-09-09 (in the store as 'Root')",
    ]
    assert said.err == ""


def test_refused(run: Commands) -> None:
    said = run("check", *asked("leaf.pem"), status=1)
    lines = said.out.splitlines()
    assert lines[0] == f"java17.0.9 refuses {HOST} on {DAY}"
    assert lines[1] == (
        "  says        PKIX path building failed: "
        "sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid "
        "certification path to requested target"
    )
    assert lines[3] == (
        "  here        O=Example,CN=server.example.net was issued by O=Example,CN=Issuing, which "
        "is neither sent nor in the store"
    )
    assert Certificate(leaf()).sha256.upper()[:2] + ":" in lines[-1]


def test_json(run: Commands) -> None:
    found = json.loads(run("check", *asked("leaf.pem"), "--json", status=1).out)
    assert list(found) == [
        *("schema", "accepts", "message", "rule", "certificate", "runtime", "at", "notes"),
        "reason",
    ]
    assert found["schema"] == "storekeeper.check/1"
    assert found["accepts"] is False
    assert found["certificate"]["sha256"] == Certificate(leaf()).sha256
    assert (found["runtime"], found["at"]) == ("java17.0.9", "2026-06-01T00:00:00Z")
    assert found["notes"] == []


def test_several_runtimes_are_a_table(run: Commands) -> None:
    """A wildcard in the second label: taken by 11 and 17, by none since 21."""
    write(run.folder / "odd.pem", leaf(extensions=(forge.names(("dns", "server.*.net")),)), mid())
    runtimes = ["--runtime", "java11,java17", "--runtime", "java21", "--runtime", "java25"]
    lines = run("check", *asked("odd.pem"), *runtimes, status=1).out.splitlines()
    assert lines[0].split() == ["RUNTIME", "ANSWER", "RULE", "MESSAGE"]
    words = [line.split()[:3] for line in lines[1:]]
    assert words == [
        ["java11.0.13", "accepts", "trusted"],
        ["java17.0.9", "accepts", "trusted"],
        ["java21.0.8", "refuses", "host-name"],
        ["java25.0.2", "refuses", "host-name"],
    ]
    found = json.loads(run("check", *asked("odd.pem"), *runtimes, "-j", status=1).out)
    assert found["accepts"] is False
    assert [one["accepts"] for one in found["verdicts"]] == [True, True, False, False]
    run("check", *asked("odd.pem"), "--runtime", "java11,java17")


def test_either_is_no_yes(run: Commands) -> None:
    """Two anchors of one name, one of them no CA: which comes first is chance."""
    twin = root(extensions=(forge.basic(False),), serial=9)
    write(run.folder / "twins.pem", root(), twin)
    said = run("check", *asked("chain.pem", "twins.pem"), status=1)
    assert "accepts or refuses" in said.out
    assert "decides at random" in said.out
    found = json.loads(run("check", *asked("chain.pem", "twins.pem"), "-j", status=1).out)
    assert found["accepts"] is None
    table = run("check", *asked("chain.pem", "twins.pem"), "--runtime", "java17,java21", status=1)
    assert "java17.0.9  either" in table.out


def test_explained(run: Commands) -> None:
    said = run("check", *asked(), "--explain").out
    assert "judged      PKIX trust manager, TLSv1.3, 1 trust anchor, host name checked" in said
    assert "walk        1. the last issuer's name is in the store" in said
    found = json.loads(run("check", *asked(), "--explain", "-j").out)
    assert found["walk"]
    assert len(found["path"]) == 3
    assert found["anchors"] == 1


def test_until(run: Commands) -> None:
    said = run("check", *asked(), "--until").out
    assert "until       2026-09-09T00:00:01Z: O=Example,CN=Issuing has expired" in said
    assert "then it refuses: PKIX path validation failed" in said
    found = json.loads(run("check", *asked(), "--until", "-j").out)["until"]
    assert found["at"] == "2026-09-09T00:00:01Z"
    assert found["then"]["rule"] == "expired"
    pinned = run("check", *asked("chain.pem", "leaf.pem"), "--until").out
    assert "until       it stays so: " in pinned


def test_at(run: Commands) -> None:
    words = ["--chain", "chain.pem", "--store", "root.pem", "--host", HOST, "--at"]
    assert run("check", *words, "2027-03-01", status=1).out.startswith(
        f"java17.0.9 refuses {HOST} on 2027-03-01\n"
    )
    assert run("check", *words, "2026-06-01T12:00:00Z").out.startswith(
        f"java17.0.9 accepts {HOST} on 2026-06-01T12:00:00Z\n"
    )


def test_trust_manager_and_protocol(run: Commands) -> None:
    sunx509 = run("check", *asked("leaf.pem"), "--trust-manager", "SunX509", status=1)
    assert "says        No trusted certificate found" in sunx509.out
    weak = leaf(called="SHA224withECDSA")
    write(run.folder / "weak.pem", weak, mid())
    run("check", *asked("weak.pem"), "--protocol", "TLSv1.2")
    run("check", *asked("weak.pem"), "--protocol", "TLSv1.3", status=1)


def test_a_java_security(run: Commands) -> None:
    (run.folder / "java.security").write_text("jdk.certpath.disabledAlgorithms=EC keySize < 300\n")
    said = run("check", *asked(), "--java-security", "java.security", "--explain", status=1).out
    assert "rule        disabled-algorithm" in said
    assert "a given java.security" in said


def test_a_java_security_with_unknown_words(run: Commands) -> None:
    """What Java makes of them is proved elsewhere: it ignores some, and some end everything."""
    security = run.folder / "java.security"
    security.write_text("jdk.certpath.disabledAlgorithms=MD5, Rot13, , \n")
    run("check", *asked(), "--java-security", "java.security")
    security.write_bytes(
        b"jdk.certpath.disabledAlgorithms=MD5 sometimes & maybe, RSA keySize ~ 12, \xff\xfe\n"
        b"jdk.tls.disabledAlgorithms=, , include , EC keySize < \n\\\n=x\n" + b"#" * 9000
    )
    for runtime in ("java8u381", "java11", "java17", "java25"):
        said = run(
            "check", *asked(), "--java-security", "java.security", "--runtime", runtime, status=1
        )
        assert "unusable-settings" in said.out
        run("fix", *asked(), "--java-security", "java.security", "--runtime", runtime, status=1)
    security.write_bytes(bytes(range(256)) * 40)
    run("check", *asked(), "--java-security", "java.security")


def test_without_a_host(run: Commands) -> None:
    said = run("check", "--chain", "chain.pem", "--store", "root.pem", "--at", DAY)
    assert "for no host name" in said.out
    assert "none is checked: say --host" in said.out


def test_releases_that_are_not_measured_say_so(run: Commands) -> None:
    said = run("check", *asked(), "--runtime", "java8u381")
    assert "java8u381 is documented, not measured" in said.out


# -- stores and chains -----------------------------------------------------------------------


def test_a_pkcs12_java_does_not_see(run: Commands) -> None:
    """As ``openssl pkcs12 -export -nokeys`` makes it; a real JVM finds no anchor in it either."""
    pki.openssl("pkcs12", "-export", "-nokeys", "-in", str(run.folder / "root.pem"),
                "-out", str(run.folder / "hidden.p12"), "-passout", "pass:changeit")  # fmt: skip
    said = run("check", *asked("chain.pem", "hidden.p12"), status=1).out
    assert "the trustAnchors parameter must be non-empty" in said
    assert "note        no trust anchors: the store holds 1 certificate, and Java sees none" in said
    fixed = run("fix", *asked("chain.pem", "hidden.p12"), status=1).out
    assert "$ storekeeper convert hidden.p12 --make-visible" in fixed
    run("convert", "hidden.p12", "--make-visible")
    run("check", *asked("chain.pem", "hidden.p12"))


def test_a_pkcs12_opened_without_a_password(run: Commands) -> None:
    store = Store("PKCS12", (TrustedCert("root", Certificate(root())),))
    (run.folder / "trust.p12").write_bytes(formats.write(store, Password("changeit")))
    run("check", *asked("chain.pem", "trust.p12"))
    said = run("check", *asked("chain.pem", "trust.p12", "--null-password"), status=1).out
    assert "no password (null) sees none of them" in said
    worker = jvm.by_major(17).worker
    loaded = worker.load((run.folder / "trust.p12").read_bytes(), None, "PKCS12")
    assert not loaded["entries"]
    fixed = run("fix", *asked("chain.pem", "trust.p12", "--null-password"), status=1).out
    assert "javax.net.ssl.trustStorePassword" in fixed
    assert "--compat passwordless" in fixed


def test_the_chain_of_a_keystore(run: Commands) -> None:
    run("genkey", "id.p12", "--alias", "srv", "--dname", "CN=a.example", "--san",
        "dns:a.example", "--storepass", "pass:changeit")  # fmt: skip
    words = ["--chain", "id.p12", "--chain-storepass", "pass:changeit", "--host", "a.example"]
    said = run("check", *words, "--store", "root.pem", status=1).out
    assert "here        CN=a.example is self-signed, and not in the store" in said


def test_the_chain_openssl_prints(run: Commands) -> None:
    """``openssl s_client -showcerts`` beside a server that sends its root as well."""
    (run.folder / "leaf.key").write_bytes(pki.pem("PRIVATE KEY", pki.pkcs8(key("leaf"))))
    write(run.folder / "issuers.pem", mid(), root())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-quiet", "-cert", "leaf.pem",
         "-key", "leaf.key", "-cert_chain", "issuers.pem"],
        cwd=run.folder, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        for _ in range(100):
            client = subprocess.run(
                ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-showcerts"],
                stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=30,
            )  # fmt: skip
            if b"BEGIN CERTIFICATE" in client.stdout:
                break
            time.sleep(0.05)
    finally:
        server.kill()
        server.communicate()
    (run.folder / "printed.txt").write_bytes(client.stdout)
    run("check", *asked("printed.txt"))
    said = run("chain", "printed.txt", "--store", "root.pem", "--at", DAY).out
    assert said.startswith("printed.txt: 3 certificates of O=Example,CN=server.example.net\n")
    assert said.endswith("should be sent: 1, 2\n")


def test_a_file_with_the_key_in_it_is_taken_in_its_order(run: Commands) -> None:
    parts = [pki.pem("PRIVATE KEY", pki.pkcs8(key("leaf")))]
    parts += [pki.pem("CERTIFICATE", one) for one in (root(), leaf(), mid(), leaf())]
    (run.folder / "both.pem").write_bytes(b"".join(parts))
    said = run("chain", "both.pem", "--store", "root.pem", "--at", DAY, status=1).out
    assert "[root, sent as 1, in the store" in said
    assert "[leaf, sent as 2 and 4, " in said
    assert said.endswith("should be sent: 2, 3\n")


def test_one_password_does_not_open_the_other(run: Commands) -> None:
    store = Store("PKCS12", (TrustedCert("root", Certificate(root())),))
    (run.folder / "trust.p12").write_bytes(formats.write(store, Password("secret")))
    run("check", *asked("chain.pem", "trust.p12", "--storepass", "pass:secret"))
    run("check", *asked("chain.pem", "trust.p12"), status=3)


def test_chain_and_store_from_standard_input(run: Commands) -> None:
    said = run("check", *asked("-", "-"), status=2)
    assert "both standard input" in said.err


def test_unparsable_certificates_have_javas_words(run: Commands) -> None:
    write(run.folder / "bad.pem", leaf(), b"\x30\x03\x02\x01\x05", mid())
    said = run("check", *asked("bad.pem"), status=1)
    assert "says        Failed to parse server certificates" in said.out
    write(run.folder / "worse.pem", b"\x30\x03\x02\x01\x05")
    run("check", *asked("worse.pem"), status=4)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--host", ""], "expected a host name, found 0 characters"),
        (["--host", "x" * 2000], "expected a host name, found 2000 characters"),
        (["--host", "https://a.example/"], "expected a host name"),
        (["--host", "a.example:443"], "expected a host name"),
        (["--runtime", "cobol"], "expected a runtime, found 'cobol'"),
        (["--runtime", "java8.1"], "found 'java8.1'"),
        (["--protocol", "SSLv3"], "invalid choice"),
        (["--trust-manager", "IAIK"], "invalid choice"),
        (["--at", "tomorrow"], "expected a date"),
    ],
)
def test_wrong_words(run: Commands, words: list[str], told: str) -> None:
    said = run("check", *asked(), *words, status=2)
    assert told in said.err


def test_chains_without_an_end(run: Commands) -> None:
    """A hundred certificates, a circle, nine issuers of one name and key: clear and bounded."""
    chain, signer, above = [], key("root"), "CN=Root,O=Example"
    for number in range(100):
        own = key(f"long{number % 4}")
        chain.append(make(f"CN=Long {number}", own, above, signer, *CA))
        signer, above = own, f"CN=Long {number}"
    write(run.folder / "long.pem", leaf(issuer=above, signer=signer), *reversed(chain))
    said = run("check", *asked("long.pem"), status=1).out
    assert "says        The certificate chain length (" in said
    assert "exceeds the maximum allowed length (10)" in said
    run("fix", *asked("long.pem"), status=1)
    said = run("chain", "long.pem", "--store", "root.pem", status=1).out
    assert "problem: gave up after 100 certificates, at CN=Long 1" in said

    below = leaf(issuer="CN=A", signer=key("A"))
    circle = [make(f"CN={a}", key(a), f"CN={b}", key(b), *CA) for a, b in ("AB", "BA")]
    write(run.folder / "circle.pem", below, *circle)
    said = run("check", *asked("circle.pem"), status=1).out
    assert "here        the issuers go round in a circle, from CN=B back into the path" in said
    run("chain", "circle.pem", status=1)

    same = [make("CN=A", key("A"), "CN=A", key("A"), *CA, serial=one) for one in range(1, 10)]
    write(run.folder / "same.pem", below, *same)
    said = run("check", *asked("same.pem"), status=1).out
    assert said.startswith("java17.0.9 refuses ")  # the search ends at the second of them
    said = run("check", *asked("same.pem"), "--runtime", "java11", status=1).out
    assert said.startswith("java11.0.13: no answer for ")
    assert "note        gave up after 20000 certificates were tried" in said
    run("fix", *asked("same.pem"), status=1)


def test_files_that_are_not_there(run: Commands) -> None:
    run("check", *asked("none.pem"), status=4)
    run("check", *asked("chain.pem", "none.jks"), status=4)
    run("check", *asked("chain.pem", "root.pem", "--java-security", "none"), status=4)
    (run.folder / "text").write_text("nothing of the kind\n")
    run("check", *asked("text"), status=4)
    run("check", *asked("chain.pem", "mozilla"), status=4)


@pytest.mark.parametrize(
    "host",
    [
        *("my_server.example.net", "bücher.example", "xn--bcher-kva.example", "192.0.2.7"),
        *("3221225991", "[::1]", "::1", "fe80::1%eth0", "::ffff:192.0.2.7", "[::", "0x7f.1"),
        *("a..b", ".", "-x.example", "*.example.net", "ß" * 300, "a" * 1000, "1.2.3.4.5"),
        *("server.example.net\u3002", "\u202egro.elpmaxe", "\x1b[31mred", "\udcff", "a b", "a\nb"),
    ],
)
def test_hosts_of_every_spelling(run: Commands, host: str) -> None:
    """An answer for each, clean for a terminal; the JVM's own words are compared elsewhere."""
    words = [*asked()[:4], f"--host={host}", "--at", DAY]
    for command in ("check", "fix"):
        said = run(command, *words, status=1)
        assert "Traceback" not in said.err
        assert "\x1b" not in said.out
        assert json.loads(run(command, *words, "--json", status=1).out)


# -- every failure reads well -----------------------------------------------------------------

FAILURES: dict[str, tuple[list[bytes], list[bytes], str, str]] = {
    "a missing intermediate": (
        [leaf()], [root()], HOST,
        "was issued by O=Example,CN=Issuing, which is neither sent nor in the store"),
    "an unknown root": (
        [leaf(), mid(), root()], [OTHER], HOST,
        "the root that was sent, O=Example,CN=Root, is not in the store"),
    "an unknown root that was not sent": (
        [leaf(), mid()], [OTHER], HOST,
        "O=Example,CN=Issuing was issued by O=Example,CN=Root, which is neither sent nor in"),
    "a self-signed certificate": (
        [make("CN=server.example.net", key("own"), "CN=server.example.net", key("own"), SAN)],
        [root()], HOST, "CN=server.example.net is self-signed, and not in the store"),
    "a root with another key": (
        [leaf(), mid(), root()], [root(own=key("root2"))], HOST,
        "the store has a O=Example,CN=Root too, with another key than the one that was sent"),
    "an expired certificate": (
        [leaf(**EXPIRED), mid()], [root()], HOST,
        "O=Example,CN=server.example.net expired on 2026-05-31"),
    "an expired certificate, and the intermediate missing": (
        [leaf(**EXPIRED)], [root()], HOST,
        "nor in the store; O=Example,CN=server.example.net expired on 2026-05-31"),
    "an expired intermediate": (
        [leaf(), mid(**EXPIRED)], [root()], HOST, "O=Example,CN=Issuing expired on 2026-05-31"),
    "the root first": (
        [root(), leaf(), mid()], [OTHER], HOST,
        "what is sent first is O=Example,CN=Root, not the server's own certificate"),
    "another name": (
        [leaf(), mid()], [root()], "www.example.net", "it is for server.example.net"),
    "an address": ([leaf(), mid()], [root()], "192.0.2.7", "it is for server.example.net"),
    "an address in the common name alone": (
        [leaf(subject="CN=192.0.2.7", extensions=()), mid()], [root()], "192.0.2.7",
        "its common name is 192.0.2.7, and it has no alternative names"),
    "a certificate of tomorrow": (
        [leaf(**FUTURE), mid()], [root()], HOST,
        "O=Example,CN=server.example.net is not valid before 2026-06-02"),
    "a self-signed certificate that was renewed with its key": (
        [make(LEAF, key("leaf"), LEAF, key("leaf"), SAN, end=forge.AT + 365 * forge.DAY)],
        [make(LEAF, key("leaf"), LEAF, key("leaf"), SAN)], HOST,
        "the store has another certificate of O=Example,CN=server.example.net, until 2026-09-09"),
    "the server's own certificate not first": (
        [mid(), leaf()], [root()], HOST,
        "what is sent first is O=Example,CN=Issuing, not the server's own certificate"),
    "a common name alone": (
        [leaf(extensions=()), mid()], [root()], "www.example.net",
        "its common name is server.example.net, and it has no alternative names"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAILURES)
def test_what_stands_behind_the_message(run: Commands, name: str) -> None:
    chain, anchors, host, expected = FAILURES[name]
    write(run.folder / "sent.pem", *chain)
    write(run.folder / "trusted.pem", *anchors)
    words = asked("sent.pem", "trusted.pem")
    words[words.index("--host") + 1] = host
    said = run("check", *words, status=1).out
    (line,) = [line for line in said.splitlines() if line.startswith("  here ")]
    assert expected in line


def test_every_rule_has_a_meaning() -> None:
    """Whatever `judge` may answer, over all cases there are."""
    used = set()
    for case in list(verdict_cases.all_cases())[::4]:
        found = storekeeper.judge(
            case.chain, map(Certificate, case.anchors), case.host, "java21", case.manager,
            case.protocol, datetime.fromtimestamp(forge.AT, UTC),
        )  # fmt: skip
        used.add(found.rule)
    assert used <= set(RULES)
    assert len(used) > 20
    for about in RULES.values():
        assert about.meaning[:1].islower() or about.meaning.startswith("java")
        assert not about.meaning.endswith(".")


# -- revocation ------------------------------------------------------------------------------


def test_revocation(run: Commands) -> None:
    """What Java makes of lists and responses is proved in test_revocation; here the options."""
    good = [of_root(), of_mid()]
    bad = of_mid(revoking.line(1, forge.AT - forge.DAY))
    for name, lists in (("good", good), ("bad", [good[0], bad])):
        (run.folder / f"{name}.crl").write_bytes(
            b"".join(pki.pem("X509 CRL", one) for one in lists)
        )
    (run.folder / "one.crl").write_bytes(good[0])
    run("check", *asked(), "--crl", "good.crl")
    said = run("check", *asked(), "--crl", "bad.crl", status=1).out
    assert "says        PKIX path validation failed: " in said
    assert "Certificate has been revoked, reason: UNSPECIFIED" in said
    assert "rule        revoked: " in said
    fixed = run("fix", *asked(), "--crl", "bad.crl", status=1).out
    assert "1. a new certificate for the server" in fixed
    unknown = run("check", *asked(), "--check-revocation", status=1).out
    assert "rule        revocation-unknown: " in unknown
    run("check", *asked(), "--crl", "one.crl", status=1)
    until = run("check", *asked(), "--crl", "good.crl", "--until").out
    assert "a word about revocation has run out" in until
    wrong = run("check", *asked(), "--crl", "root.pem", status=4)
    assert "expected a revocation list" in wrong.err


# -- fix -------------------------------------------------------------------------------------


def commands_in(text: str) -> Iterator[list[str]]:
    """The numbered fixes of a text, each as its commands."""
    for block in re.split(r"^\d+\. ", text, flags=re.MULTILINE)[1:]:
        yield re.findall(r"^   \$ (.*)$", block, re.MULTILINE)


def shell(line: str, folder: Path) -> None:
    """A command line, with this checkout's storekeeper."""
    program = f"{shlex.quote(sys.executable)} -m storekeeper"
    subprocess.run(
        ["sh", "-ec", line.replace("storekeeper", program)],
        cwd=folder,
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": str(folder),
            "PYTHONPATH": str(Path(storekeeper.__file__).parents[1]),
        },
        check=True,
        capture_output=True,
        timeout=60,
    )


WAYS: dict[str, tuple[list[bytes], list[bytes], list[bytes]]] = {
    "missing intermediate": ([leaf()], [root()], [mid()]),
    "unknown root": ([leaf(), mid(), root()], [OTHER], []),
    "another key": ([leaf(), mid(), root()], [root(own=key("root2"))], []),
    "out of order": ([root(), mid(), leaf()], [root()], []),
}


@pytest.mark.parametrize("name", WAYS)
def test_the_commands_do_it(run: Commands, name: str) -> None:
    """Each in a folder of its own, as typed; then our check and a real JVM accept."""
    chain, anchors, candidates = WAYS[name]
    oracle = Oracle(jvm.by_major(17))
    more = ["--with", "more.pem"] if candidates else []

    def fresh(folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        write(folder / "sent.pem", *chain)
        write(folder / "more.pem", *candidates)
        write(folder / "trusted.pem", *anchors)

    fresh(run.folder)
    text = run("fix", *asked("sent.pem", "trusted.pem"), *more, status=1).out
    ways = list(commands_in(text))
    assert ways
    for number, lines in enumerate(ways):
        assert lines, text
        folder = run.folder / str(number)
        fresh(folder)
        for line in lines:
            shell(line, folder)
        changed = folder / "to-send.pem"
        sent = changed if changed.exists() else folder / "sent.pem"
        trusted = folder / "trusted.pem"
        run("check", *asked(str(sent), str(trusted)))
        answer = oracle.judge(
            [one.der for one in formats.read(sent.read_bytes()).certificates()],
            [one.der for one in formats.read(trusted.read_bytes()).certificates()],
            host=HOST,
            at=forge.AT,
        )
        assert answer.accepts, (lines, answer)
    oracle.close()


@pytest.mark.parametrize("format", ["JKS", "PKCS12"])
def test_the_commands_replace_an_anchor_of_a_keystore(run: Commands, format: str) -> None:
    """SunX509 takes either of two roots of one name: the old one has to go."""
    old = Store(format, (TrustedCert("corp", Certificate(root(own=key("root2"))), created_ms=0),))
    path = run.folder / "trust.store"
    path.write_bytes(formats.write(old, Password("changeit")))
    words = [*asked("chain.pem", "trust.store"), "--trust-manager", "SunX509"]
    text = run("fix", *words, "--with", "root.pem", status=1).out
    lines = next(iter(commands_in(text)))
    assert [line.split()[1] for line in lines] == ["delete", "export"]
    for line in lines:
        shell(line, run.folder)
    run("check", *words)
    seen = jvm.by_major(17).worker.load(path.read_bytes(), "changeit", format)["entries"]
    assert [Certificate(one["chain"][0]) for one in seen] == [Certificate(root())]


def test_what_is_fetched_is_shown_and_not_trusted(run: Commands) -> None:
    """chain and fix with --aia beside a server; each fix done as typed, while it is up."""
    pages: dict[str, bytes | str] = {"/mid.cer": mid()}
    with served(pages) as address:
        write(run.folder / "sent.pem", leaf(extensions=(SAN, issuers_at(f"{address}/mid.cer"))))
        write(run.folder / "trusted.pem", root())
        beside = ["sent.pem", "--store", "trusted.pem", "--at", DAY]
        said = run("chain", *beside, status=1).out
        assert f"the missing issuer should be at {address}/mid.cer; --aia fetches it" in said
        said = run("chain", *beside, "--aia", status=1).out
        assert "[intermediate, not sent, from elsewhere, until" in said
        assert f"note: from {address}/mid.cer: O=Example,CN=Issuing, which is not trusted" in said
        assert "SHA-256 " in said
        words = asked("sent.pem", "trusted.pem")
        told = run("fix", *words, status=1)
        assert f"it may be at {address}/mid.cer" in told.out
        assert "--with FILE, or --aia" in told.err
        told = run("fix", *words, "--aia", status=1)
        assert "which is not trusted by that; SHA-256 " in told.err
        ways = list(commands_in(told.out))
        assert len(ways) == 3
        for number, lines in enumerate(ways):
            folder = run.folder / str(number)
            folder.mkdir()
            for name in ("sent.pem", "trusted.pem"):
                (folder / name).write_bytes((run.folder / name).read_bytes())
            for line in lines:
                shell(line, folder)
            changed = folder / "to-send.pem"
            sent = changed if changed.exists() else folder / "sent.pem"
            run("check", *asked(str(sent), str(folder / "trusted.pem")))
    run("chain", "sent.pem", "--aia", status=1)


def test_fix_says_what_to_do(run: Commands) -> None:
    said = run("fix", *asked("leaf.pem"), "--with", "mid.pem", status=1)
    assert said.out.splitlines()[3:] == [
        "1. let the server send O=Example,CN=Issuing as well",
        "     every client gains by it",
        "   $ storekeeper chain leaf.pem --with mid.pem --store root.pem --send > to-send.pem",
        "     tried: java17.0.9 accepts then",
        *said.out.splitlines()[7:],
    ]
    assert "2. import the intermediate: O=Example,CN=Issuing" in said.out
    assert "3. import the server's own certificate" in said.out
    assert "a pinned certificate breaks on renewal, on 2026-09-09 at the latest" in said.out


def test_fix_of_names(run: Commands) -> None:
    words = asked()
    words[words.index("--host") + 1] = "other.example.net"
    said = run("fix", *words, status=1).out
    assert "no import mends a name: No subject alternative DNS name matching" in said
    assert "1. a new certificate, with other.example.net among its alternative names" in said
    assert "storekeeper import" not in said


def test_fix_in_an_emergency(run: Commands) -> None:
    write(run.folder / "late.pem", leaf(**EXPIRED), mid())
    said = run("fix", *asked("late.pem"), status=1).out
    assert "1. a new certificate for the server" in said
    assert "2. EMERGENCY ONLY: import the server's own certificate" in said


def test_fix_when_there_is_nothing_to_mend(run: Commands) -> None:
    assert run("fix", *asked()).out == "nothing to mend: java17.0.9 accepts\n"


def test_fix_json(run: Commands) -> None:
    found = json.loads(run("fix", *asked("leaf.pem"), "--with", "mid.pem", "-j", status=1).out)
    assert found["schema"] == "storekeeper.fix/1"
    assert found["verdict"]["rule"] == "no-path"
    assert [one["kind"] for one in found["fixes"]] == ["send", "import-intermediate", "import-leaf"]
    assert all(one["proved"] and one["commands"] for one in found["fixes"])


def test_passwords_do_not_come_out(run: Commands) -> None:
    store = Store("JKS", (TrustedCert("other", Certificate(OTHER), created_ms=0),))
    (run.folder / "trust.jks").write_bytes(formats.write(store, Password("s3cret")))
    words = asked("full.pem", "trust.jks", "--storepass")
    said = run("fix", *words, "pass:s3cret", status=1)
    assert "s3cret" not in said.out + said.err
    assert "--storepass prompt" in said.out
    (run.folder / "pw").write_text("s3cret\n")
    assert "--storepass file:pw" in run("fix", *words, "file:pw", status=1).out


def test_stores_nobody_can_write_get_no_command(run: Commands) -> None:
    said = run("fix", *asked("full.pem", "certifi"), status=1).out
    assert "1. import the root" in said
    assert "storekeeper import" not in said


def test_fix_judges_for_one_runtime(run: Commands) -> None:
    said = run("fix", *asked("leaf.pem"), "--runtime", "java11,java17", status=2)
    assert "expected one runtime, found 2" in said.err


# -- a JRE of this machine -------------------------------------------------------------------


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_a_jre_judges_by_its_own_settings(run: Commands, version: str) -> None:
    """Release, java.security, own roots and public suffixes are read from its home."""
    java = jvm.jvm(version)
    home = str(java.home)
    said = run("check", *asked(), "--runtime", f"jre:{home}", "--explain").out
    assert said.startswith(f"java{'.'.join(version.split('.')[:3])} accepts {HOST}")
    assert "a given java.security" in said
    assert "left out what is not known" not in said
    from storekeeper.host.locate import jre_at
    from storekeeper.trust.jre_runtime import of_jre
    from storekeeper.trust.runtimes import jdk

    found = of_jre(jre_at(home))
    assert found.suffixes is not None
    assert found.java_security is not None
    release = jdk.release(found.name)
    assert release is not None
    # The file that travels with the release says what we ship for it.
    assert jdk.read(found.java_security, release) == jdk.defaults(release)
    assert found.blocked == jdk.defaults(release).blocked
    assert bool(found.jdk_roots) == ("[jdk" in java.keytool("-list", "-cacerts").stdout)


def test_a_jre_that_is_none(run: Commands) -> None:
    run("check", *asked(), "--runtime", "jre:/nowhere", status=4)
    home = run.folder / "home"
    (home / "lib" / "security").mkdir(parents=True)
    (home / "lib" / "security" / "cacerts").write_bytes(b"")
    (home / "bin").mkdir()
    (home / "bin" / "java").write_bytes(b"")
    said = run("check", *asked(), "--runtime", f"jre:{home}", status=2)
    assert "does not say which release it is" in said.err
    (home / "release").write_text('JAVA_VERSION="1.8.0_381"\n')
    said = run("check", *asked(), "--runtime", f"jre:{home}")
    assert "java8u381 accepts" in said.out
    # What such a home blocks is in a file of its own, under its old name.
    listed = home / "lib" / "security" / "blacklisted.certs"
    listed.write_text(f"Algorithm=SHA-256\n{Certificate(mid()).sha256.upper()}\n")
    said = run("check", *asked(), "--runtime", f"jre:{home}", status=1)
    assert "Untrusted certificate: O=Example, CN=Issuing" in said.out
    listed.write_text("Algorithm=MD5\nAB\n")
    said = run("check", *asked(), "--runtime", f"jre:{home}", status=4)
    assert "expected fingerprints by SHA-256" in said.err


# -- the library -------------------------------------------------------------------------------


def test_judge_is_exported() -> None:
    assert storekeeper.judge.__module__ == "storekeeper.trust.verdict"
    assert storekeeper.Verdict.__name__ == "Verdict"
    assert {"judge", "Verdict"} <= set(storekeeper.__all__)


def test_judge_sees_of_a_store_what_java_does() -> None:
    hidden = TrustedCert("root", Certificate(root()), attributes=())
    store = Store("PKCS12", (hidden,))
    at = datetime.fromtimestamp(forge.AT, UTC)
    java = storekeeper.judge([leaf(), mid()], store, HOST, at=at)
    assert java.rule == "no-anchors"
    assert "trustedKeyUsage" in java.notes[0]
    assert storekeeper.judge([leaf(), mid()], store, HOST, "openssl3", at=at).accepts


@pytest.mark.parametrize("schema", ["check", "chain", "fix"])
def test_json_fields_are_documented(run: Commands, schema: str) -> None:
    text = (Path(cli.__file__).parents[2] / "docs" / "json.md").read_text(encoding="utf-8")
    section = text.partition(f"## storekeeper.{schema}/1\n")[2].partition("\n## ")[0]
    words = re.findall(r"`([a-z0-9_.\[\]]+)`", section)
    quoted = {word.rpartition(".")[2].removesuffix("[]") for word in words}
    lines = {
        "check": [
            ["check", *asked("leaf.pem"), "--explain", "--until"],
            ["check", *asked(), "--runtime", "java11,java17"],
        ],
        "chain": [["chain", "full.pem", "--store", "root.pem"], ["chain", "leaf.pem"]],
        "fix": [["fix", *asked("leaf.pem")]],
    }[schema]
    usual = {"sha256", "subject", "issuer", "not_before", "not_after", "schema"}
    for line in lines:
        cli.main([*line, "--json"])
    printed: set[str] = set()
    out = run._capsys.readouterr().out
    decoder = json.JSONDecoder()
    while out.strip():
        value, end = decoder.raw_decode(out.lstrip())
        out = out.lstrip()[end:]
        printed |= names_in(value)
    assert printed - usual <= quoted


def names_in(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*map(names_in, value.values()))
    found: set[str] = set()
    return found.union(*map(names_in, value)) if isinstance(value, list) else found
