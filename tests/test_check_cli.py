"""check and fix as commands: every way to ask, what comes out, and what goes wrong."""

from __future__ import annotations

import json
import re
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import storekeeper
from storekeeper import cli
from storekeeper.model import Certificate, Store, TrustedCert
from storekeeper.trust.rules import RULES
from tests import forge, pki, revoking, verdict_cases
from tests.checking import DAY, OTHER, asked, run, server, write
from tests.commands import Commands
from tests.forge import key, make
from tests.responder import Responder
from tests.revocation_asked import access
from tests.revocation_questions import LEAF_ID, of_mid, of_root
from tests.verdict_cases import EXPIRED, FUTURE, HOST, LEAF, SAN, leaf, mid, root

__all__ = ["run", "server"]  # fixtures


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
