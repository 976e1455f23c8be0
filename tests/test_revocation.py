"""Revocation as each JRE has it, beside the JREs."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp
from hypothesis import given
from hypothesis import strategies as st

from storekeeper.errors import Damaged, StorekeeperError
from storekeeper.host.fetch import fetch
from storekeeper.model import Certificate
from storekeeper.trust.runtimes import ocsp_responses, revocation_lists
from storekeeper.trust.runtimes.revocation import OPTIONS, Revocation
from storekeeper.trust.verdict import Verdict, judge
from tests import forge, jvm, revocation_asked, revocation_cases
from tests.forge import AT, DAY, key
from tests.oracle import Oracle
from tests.responder import Responder
from tests.revocation_asked import access
from tests.revocation_questions import LEAF_ID, MID_ID, NOW, URL, asked, of_mid, of_root
from tests.revoking import Question, answer, line, place, points, response, revoked
from tests.verdict_cases import CA, SAN, leaf, mid, root


def verdict_on(one: Question, version: str) -> Verdict:
    return judge(
        one.chain,
        [Certificate(anchor) for anchor in one.anchors],
        None,
        f"java{version.partition('.')[0]}",
        "PKIX",
        one.protocol,
        NOW,
        revocation=one.revocation,
    )


def differences(questions: Sequence[Question], version: str) -> list[str]:
    oracle = Oracle(jvm.jvm(version))
    found = []
    for one in questions:
        said = oracle.judge(
            one.chain, one.anchors, protocol=one.protocol, at=AT, fields=one.fields()
        )
        ours = verdict_on(one, version)
        if (ours.accepts, ours.message) != (said.accepts, said.message):
            found.append(f"{one.name}: Java {said.word} {said.message!r}, we {ours.message!r}")
    oracle.close()
    return found


def test_as_java_says_it() -> None:
    questions = list(revocation_cases.all_questions())
    assert len(questions) > 300
    assert len({one.name for one in questions}) == len(questions)
    assert differences(questions[::2], "17.0.9.2") == []


@pytest.mark.slow
@pytest.mark.parametrize("version", jvm.VERSIONS)
def test_every_question_on_every_jre(version: str) -> None:
    assert differences(list(revocation_cases.all_questions()), version) == []


def test_questions_by_chance() -> None:
    assert differences([revocation_cases.drawn(seed) for seed in range(60)], "21.0.8.2") == []


@pytest.mark.slow
@pytest.mark.parametrize("version", jvm.VERSIONS)
def test_questions_by_the_thousand(version: str) -> None:
    start = 10_000 * int(version.partition(".")[0])
    drawn = [revocation_cases.drawn(seed) for seed in range(start, start + 1000)]
    assert differences(drawn, version) == []
    assert 200 < sum(verdict_on(one, version).accepts is True for one in drawn) < 800


@pytest.fixture(scope="module")
def server() -> Iterator[Responder]:
    found = Responder()
    yield found
    found.close()


def test_as_java_asks_the_network(server: Responder) -> None:
    questions = list(revocation_asked.all_questions(server))
    assert len(questions) > 400
    assert differences(questions[::4], "21.0.8.2") == []


@pytest.mark.slow
@pytest.mark.parametrize("version", jvm.VERSIONS)
def test_every_question_of_the_network(version: str, server: Responder) -> None:
    assert differences(list(revocation_asked.all_questions(server)), version) == []


def test_a_responder_is_asked_as_openssl_reads_it(server: Responder) -> None:
    """The request that is sent, read by `cryptography`."""
    url = server.put("/asked", response(key("mid"), answer(LEAF_ID)))
    here = leaf(extensions=(SAN, access(url)))
    asked((here, mid()), Revocation(ocsp=True, crls=(of_root(),), ask=fetch))
    method, path, content = server.requests[-1]
    assert (method, path) == ("POST", "/asked")
    request = ocsp.load_der_ocsp_request(content)
    certificate = x509.load_der_x509_certificate(here)
    issuer = x509.load_der_x509_certificate(mid())
    expected = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA1()).build()
    assert request.issuer_key_hash == expected.issuer_key_hash
    assert request.issuer_name_hash == expected.issuer_name_hash
    assert request.serial_number == expected.serial_number
    assert content == expected.public_bytes(serialization.Encoding.DER)


def test_only_http_is_asked(server: Responder) -> None:
    """Nothing of ours opens a file or a connection of another kind for a certificate's sake."""
    for url in ("https://127.0.0.1:1/x", "file:///etc/passwd", "ftp://127.0.0.1:1/x"):
        found = asked(
            (leaf(extensions=(SAN, access(url))), mid()),
            Revocation(ocsp=True, crls=(of_root(),), ask=fetch),
        )
        assert (found.accepts, found.rule) == (None, "revocation-unasked")
    for url in ("ldap://127.0.0.1:1/cn=x", "file:///etc/passwd"):
        found = asked(
            (leaf(extensions=(SAN, points(place(("uri", url))))), mid()),
            Revocation(crl_points=True, crls=(of_root(),), ask=fetch),
        )
        assert (found.accepts, found.rule) == (None, "revocation-unasked")


def test_nothing_is_checked_unless_asked() -> None:
    lists = (of_root(line(1)), of_mid(line(1)))
    chain = (leaf(), mid())
    assert asked(chain, None).accepts
    assert asked(chain, Revocation(enabled=False, crls=lists)).accepts
    assert not asked(chain, Revocation(crls=lists)).accepts
    assert asked(chain, Revocation(crls=lists), "SunX509").accepts


def test_a_verdict_names_rule_and_certificate() -> None:
    found = asked((leaf(), mid()), Revocation(crls=(of_root(line(1)), of_mid())))
    assert found.rule == "revoked"
    assert found.certificate == Certificate(mid())
    found = asked((leaf(), mid()), Revocation(crls=(of_root(),)))
    assert (found.rule, found.certificate) == ("revocation-unknown", Certificate(leaf()))
    assert found.message.endswith("Could not determine revocation status")
    assert any("revocation of" in step for step in found.walk)


def test_the_network_is_not_asked() -> None:
    """Java would ask; what it would hear is not known, so neither is the verdict."""
    here = leaf(extensions=(SAN, access("http://127.0.0.1:1/ocsp")))
    found = asked((here, mid()), Revocation(ocsp=True, crls=(of_root(), of_mid())))
    # For the intermediate no responder is named, and lists tell; for the leaf there is one.
    assert (found.accepts, found.message, found.rule) == (None, "", "revocation-unasked")
    assert found.notes == (
        "Java asks http://127.0.0.1:1/ocsp whether O=Example, CN=server.example.net is revoked",
    )
    assert asked((here, mid()), Revocation(crls=(of_root(), of_mid()))).accepts
    listed = leaf(extensions=(SAN, points(place(("uri", URL)))))
    given = Revocation(crls=(of_root(),), crl_points=True)
    assert asked((listed, mid()), given).rule == "revocation-unasked"
    assert asked((listed, mid()), Revocation(crls=(of_root(),))).rule == "revocation-unknown"
    stapled = Revocation(crls=(of_root(), of_mid()), responses=(b"",))
    assert asked((listed, mid()), stapled).accepts


def test_indirect_lists_are_not_modelled_and_said_so() -> None:
    told = leaf(extensions=(SAN, forge.authority_id(b"mine")))
    issuer = mid(extensions=(*CA, forge.subject_id(b"else")))
    odd = of_mid(line(1), extensions=(forge.authority_id(b"else"),))
    found = asked((told, issuer), Revocation(crls=(of_root(), odd)))
    assert (found.accepts, found.rule) == (None, "gave-up")
    assert "not modelled" in found.notes[0]


def test_a_list_that_is_none_is_refused() -> None:
    for bad in (b"", b"\x30\x00", leaf(), of_mid()[:-3], b"text"):
        with pytest.raises(Damaged, match="no revocation list"):
            asked((leaf(), mid()), Revocation(crls=(bad,)))


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    for read in (revocation_lists.read, ocsp_responses.read):
        try:
            read(data)
        except StorekeeperError:
            continue


@given(st.integers(0, 10_000), st.integers(0, 255), st.booleans())
def test_changed_bytes(at: int, byte: int, lists: bool) -> None:
    """A changed list or response never frees a revoked certificate of a good signature."""
    denied = response(key("mid"), answer(LEAF_ID, revoked(number=1)))
    told = response(key("root"), answer(MID_ID))
    good = bytearray(of_mid(line(1)) if lists else denied)
    good[at % len(good)] = byte
    same = bytes(good) == (of_mid(line(1)) if lists else denied)
    given_ = (
        Revocation(crls=(of_root(), bytes(good)))
        if lists
        else Revocation(responses=(bytes(good), told))
    )
    try:
        found = asked((leaf(), mid()), given_)
    except StorekeeperError:
        return
    assert not found.accepts
    if same:
        assert found.rule == "revoked"


# -- the switch that everybody uses ----------------------------------------------------------


@pytest.mark.parametrize("version", [jvm.VERSION_PARAMS[1], *jvm.VERSION_PARAMS[2:3]])
def test_check_revocation(version: str) -> None:
    """``com.sun.net.ssl.checkRevocation`` with a plain store: no list can be given."""
    now = int(time.time())
    dates = {"start": now - DAY, "end": now + DAY}
    chain = (leaf(**dates), mid(**dates))
    anchors = (root(**dates),)
    oracle = Oracle(jvm.jvm(version), "-Dcom.sun.net.ssl.checkRevocation=true")
    try:
        for stapled, protocol in (((), "TLSv1.3"), (stapling(now), "TLSv1.2")):
            said = oracle.judge(chain, anchors, protocol=protocol,
                                fields=[("staple", one) for one in stapled])  # fmt: skip
            ours = judge(
                chain,
                [Certificate(one) for one in anchors],
                None,
                f"java{version.partition('.')[0]}",
                protocol=protocol,
                revocation=Revocation(responses=stapled),
            )
            assert (ours.accepts, ours.message) == (said.accepts, said.message)
            assert ours.accepts is bool(stapled)
    finally:
        oracle.close()


def stapling(now: int) -> tuple[bytes, ...]:
    return (
        response(key("mid"), answer(LEAF_ID, this=now - DAY, until=now + DAY)),
        response(key("root"), answer(MID_ID, this=now - DAY, until=now + DAY)),
    )


def test_options_are_those_of_the_jdk() -> None:
    assert {"ONLY_END_ENTITY", "PREFER_CRLS", "NO_FALLBACK", "SOFT_FAIL"} == OPTIONS
