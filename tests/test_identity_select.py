"""Which key Java sends: our answers beside what real JREs sent to a server that asked them."""

from __future__ import annotations

import functools
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper import CertificateRequest, Selection, formats, select_client_key
from storekeeper.errors import UsageError
from storekeeper.identity.requests import request_for
from storekeeper.identity.select import speaking_for
from storekeeper.model import Certificate, Opaque, PrivateKey, Sealed, Store, TrustedCert
from storekeeper.trust.runtimes import jdk
from tests import asking, forge, identity_cases, identity_golden, jvm
from tests.identity_golden import Answer, Asked

AT = datetime.fromtimestamp(forge.AT, UTC)


def ours(store: Store, request: CertificateRequest, manager: str, release: str) -> Selection:
    runtime = "java" + ".".join(release.split(".")[:3])
    return select_client_key(store, request, runtime, manager, AT, password=identity_cases.PASSWORD)


def differences(answer: Answer, selection: Selection) -> list[str]:
    """How a selection differs from what a JRE did."""
    if answer.unloadable:
        sent = selection.alias is not None or not selection.problem
        return ["it can't load the store"] if sent else []
    found = []
    if bool(selection.problem) != answer.failed:
        found.append(f"problem {selection.problem!r}, {answer}")
    chain = tuple(one.der for one in selection.chain)
    if chain != (answer.chain or ()):
        found.append(f"{len(chain)} certificates, {len(answer.chain or ())}")
    if (selection.alias or "").lower() != answer.alias.lower() and chain:
        found.append(f"{selection.alias!r}, {answer.alias!r}")
    return found


@functools.cache
def golden() -> tuple[Asked, ...]:
    return tuple(identity_golden.load())


def test_every_answer_of_every_release() -> None:
    """Entry and chain, byte for byte, and whether the handshake goes on."""
    wrong = []
    for asked in golden():
        for release, answer in asked.answers.items():
            selection = ours(asked.store, asked.request, asked.manager, release)
            if found := differences(answer, selection):
                form = (asked.name, asked.store.format, asked.manager, asked.request.protocol)
                wrong.append((*form, release, found))
    assert wrong == []


def test_there_is_enough_to_compare() -> None:
    """Both formats, both key managers, both protocols, four release lines; sent and not sent."""
    named = {asked.name for asked in golden() if not asked.name.startswith("random")}
    assert len(named) >= 80
    forms = {(one.store.format, one.manager, one.request.protocol) for one in golden()}
    assert len(forms) >= 8
    lines = {release.partition(".")[0] for one in golden() for release in one.answers}
    assert lines >= {"11", "17", "21", "25"}
    sent = [bool(a.chain) for one in golden() for a in one.answers.values()]
    assert 0.2 < sum(sent) / len(sent) < 0.9


def test_every_candidate_has_its_reason() -> None:
    codes = set()
    for asked in golden():
        selection = ours(asked.store, asked.request, asked.manager, "17.0.9")
        assert [one.alias for one in selection.candidates] == [
            entry.alias for entry in asked.store.entries
        ]
        chosen = [one for one in selection.candidates if one.chosen]
        assert len(chosen) == (selection.alias is not None)
        for one in selection.candidates:
            assert one.message
            assert one.message == one.message.strip(". ")
            codes.add(one.code)
    assert codes >= {
        *("chosen", "issuer-not-listed", "issuer-missing-in-chain", "key-type", "order"),
        *("signature-algorithm", "expired", "purpose", "key-password", "no-scheme", "not-a-key"),
        *("store-unloadable", "no-handshake"),
    }


@pytest.mark.parametrize("version", jvm.FEW_PARAMS)
def test_real_handshakes(version: str) -> None:
    """The scenarios of the golden file asked anew, so that it can't grow stale."""
    real = jvm.jvm(version)
    chosen = (
        *("leaf alone, root listed", "by the year", "expired EC, valid RSA"),
        *("one of two with another password", "P-384, SHA-256 alone", "signed with SHA-1"),
        "144 names and the one",
    )
    asked = 0
    cases = (one for one in identity_cases.cases() if one.name in chosen)
    for case, format, manager, protocol in identity_golden.questions(cases):
        answer = identity_golden.ask(asking.oracle(real), case, format, manager, protocol)
        store = case.store(format)
        selection = ours(store, case.request(protocol), manager, real.version)
        assert differences(answer, selection) == [], (case.name, format, manager, protocol)
        asked += 1
    assert asked >= 8 * len(chosen) - 4


@pytest.mark.slow
@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_random_worlds(version: str) -> None:
    """Worlds beyond those of the golden file."""
    real = jvm.jvm(version)
    cases = (identity_cases.random_case(seed) for seed in range(10_000, 10_300))
    for case, format, manager, protocol in identity_golden.questions(cases):
        answer = identity_golden.ask(asking.oracle(real), case, format, manager, protocol)
        selection = ours(case.store(format), case.request(protocol), manager, real.version)
        assert differences(answer, selection) == [], (case.name, format, manager, protocol)


SETTINGS = (
    "jdk.tls.disabledAlgorithms=SSLv3, MD5withRSA, EC keySize < 300",
    "jdk.tls.disabledAlgorithms=SSLv3, EdDSA, ecdsa_secp256r1_sha256",
    "jdk.tls.disabledAlgorithms=SSLv3, RSASSA-PSS",
    "jdk.tls.disabledAlgorithms=SSLv3, EC",
    "jdk.certpath.disabledAlgorithms=SHA256withECDSA",
    "jdk.certpath.disabledAlgorithms=SHA1, RSA keySize < 3000",
)


@pytest.mark.slow
@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
@pytest.mark.parametrize("line", SETTINGS)
def test_settings(version: str, line: str, tmp_path: Path) -> None:
    """A ``java.security`` of one's own, which leaves out kinds of key and whole chains."""
    file = tmp_path / "own.security"
    file.write_text(line)
    real = jvm.jvm(version)
    client = asking.KeyOracle(real, f"-Djava.security.properties={file}")
    release = jdk.release("java" + ".".join(version.split(".")[:3]))
    assert release is not None
    settings = jdk.read(line, release)
    named = ("EC and RSA", "expired EC, valid RSA", "EC and RSA, Java's order", "RSA 1024",
             "signed with SHA-1", "Ed25519 before EC")  # fmt: skip
    compared = 0
    cases = (one for one in identity_cases.cases() if one.name in named)
    for case, format, manager, protocol in identity_golden.questions(cases):
        if format != "JKS":
            continue
        try:
            answer = identity_golden.ask(client, case, format, manager, protocol)
        except AssertionError:  # such a client says not even hello
            continue
        selection = select_client_key(
            case.store(format), case.request(protocol), release.name, manager, AT, settings=settings
        )
        # One that takes nothing of what the server signs with asks for no key.
        if answer.failed and not answer.alias and not selection.problem:
            continue
        assert differences(answer, selection) == [], (case.name, manager, protocol)
        compared += 1
    client.close()
    assert compared >= 8


def one_key(alias: str = "one", **options: Any) -> PrivateKey:
    chain = tuple(map(Certificate, identity_cases.entry(alias, **options).chain))
    return PrivateKey(alias, chain, Sealed("none", b"", identity_golden.opens))


LISTED = request_for([forge.name(identity_cases.MID)])


def test_leaf_alone_below_a_listed_root() -> None:
    """The classic fault, told with the certificate that is missing."""
    store = Store("PKCS12", (one_key(), TrustedCert("mid", Certificate(identity_cases.mid()))))
    request = request_for([forge.name(identity_cases.ROOT)])
    selection = select_client_key(store, request, at=AT)
    assert selection.alias is None
    assert selection.chain == ()
    assert selection.candidates[0].code == "issuer-missing-in-chain"
    assert "CN=Client Issuing" in selection.candidates[0].message
    alone = Store("PKCS12", (one_key(),))
    assert select_client_key(alone, request, at=AT).candidates[0].code == "issuer-not-listed"
    known = [Certificate(identity_cases.mid())]
    again = select_client_key(alone, request, at=AT, known=known)
    assert again.candidates[0].code == "issuer-missing-in-chain"


def test_expired_yet_sent() -> None:
    store = Store("PKCS12", (one_key(**identity_cases.EXPIRED),))
    for manager in ("SunX509", "PKIX", "NewSunX509"):
        selection = select_client_key(store, LISTED, key_manager=manager, at=AT)
        assert selection.alias == "one"
        assert selection.candidates[0].warnings[0].startswith("expired on 2026-")


def test_jdk_26_checks_with_either_manager() -> None:
    """By its release notes; no such runtime is here to be asked."""
    store = Store("PKCS12", (one_key("old", **identity_cases.EXPIRED), one_key("new", number=1)))
    assert select_client_key(store, LISTED, "java26", at=AT).alias == "new"
    assert "java26.0.0 is documented, not measured" in (
        select_client_key(store, LISTED, "java26", at=AT).notes
    )


def test_what_a_request_does_not_say() -> None:
    """As from a log that shows the names alone."""
    store = Store("PKCS12", (one_key(),))
    for protocol in ("TLSv1.2", "TLSv1.3"):
        selection = select_client_key(store, CertificateRequest(protocol), at=AT)
        assert selection.alias == "one"
        assert any("not known" in note for note in selection.notes)


@pytest.mark.parametrize(
    ("runtime", "manager"), [("go1.23", "SunX509"), ("java", "SunX509"), ("java17", "Simple")]
)
def test_no_such_runtime(runtime: str, manager: str) -> None:
    with pytest.raises(UsageError):
        select_client_key(Store("JKS"), LISTED, runtime, manager)


def test_naive_date() -> None:
    with pytest.raises(UsageError, match="time zone"):
        select_client_key(Store("JKS"), LISTED, at=datetime(2026, 1, 1))  # noqa: DTZ001


def test_ten_thousand_names() -> None:
    """A server may send as many as fit: the search is by set, not by list."""
    from tests.clock import units

    names = tuple(forge.name(f"CN=Root {n},O=Example") for n in range(10_000))
    store = Store("PKCS12", tuple(one_key(f"k{n}", number=n) for n in range(20)))
    import time

    started = time.process_time()
    selection = select_client_key(store, CertificateRequest("TLSv1.3", names), at=AT)
    assert units(time.process_time() - started) < 400
    assert selection.alias is None
    selection = select_client_key(
        store, CertificateRequest("TLSv1.3", (*names, forge.name(identity_cases.MID))), at=AT
    )
    assert selection.alias is not None


def test_a_store_that_can_not_be_read_through() -> None:
    """Bytes that are no certificate, keys without one, unknown entries: each told, none fatal."""
    broken = PrivateKey(
        "broken", (Certificate(b"\x30\x00"),), Sealed("", b"", identity_golden.opens)
    )
    bare = PrivateKey("bare", (), Sealed("", b"", identity_golden.opens))
    store = Store("JKS", (broken, bare, Opaque("x", "something", b"y"), one_key()))
    selection = select_client_key(store, LISTED, at=AT)
    assert "can't load the store" in selection.problem
    assert [one.code for one in selection.candidates] == [
        *("unreadable", "no-certificate", "not-a-key", "store-unloadable"),
    ]
    assert selection.alias is None


@given(st.lists(st.binary(max_size=60), max_size=4))
def test_names_of_any_bytes(names: list[bytes]) -> None:
    store = Store("PKCS12", (one_key(),))
    selection = select_client_key(store, CertificateRequest("TLSv1.3", tuple(names)), at=AT)
    assert len(selection.candidates) == 1
    assert (selection.alias is None) == (selection.chain == ())


@given(st.permutations(range(6)), st.sampled_from(["JKS", "PKCS12"]))
def test_order_in_the_file(order: list[int], format: str) -> None:
    """SunX509 goes by hash: the order of a file changes nothing but within a bucket."""
    keys = [one_key(f"client-{2020 + n}", number=n) for n in range(6)]
    store = Store(format, tuple(keys[n] for n in order))
    expected = select_client_key(Store(format, tuple(keys)), LISTED, at=AT).alias
    assert select_client_key(store, LISTED, at=AT).alias == expected


def test_of_a_file() -> None:
    """From bytes, with the password tried on every key."""
    case = next(one for one in identity_cases.cases() if one.name == "by the year")
    for format in identity_cases.FORMATS:
        store = formats.read(case.file(format), identity_cases.PASSWORD)
        selection = select_client_key(
            store, case.request("TLSv1.3"), at=AT, password=identity_cases.PASSWORD
        )
        assert selection.alias == "client-2024"
        assert selection.kinds[0] == "EC"


def test_runtimes_that_are_no_java() -> None:
    said: list[str] = []
    assert speaking_for("java8u381", said.append) == "java8u381"
    assert said == []
    assert speaking_for("openssl3", said.append) == "java17"
    assert said == ["which key openssl3 sends is not known; as Java 17 would"]
