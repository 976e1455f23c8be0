"""Go's verdicts, against crypto/x509 itself: verdict, error and path."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import pytest

from storekeeper.model import Certificate
from storekeeper.trust.verdict import judge
from tests import forge, go_oracle, verdict_cases, verdict_names, verdict_random
from tests.verdict_cases import HOST, Case, leaf, root

AT = datetime.fromtimestamp(forge.AT, UTC)

RELEASES = [
    pytest.param("machine", id="machine"),
    pytest.param("1.23", marks=pytest.mark.slow),
    pytest.param("1.27", marks=pytest.mark.slow),
]


def _oracle(release: str) -> go_oracle.Oracle:
    try:
        return go_oracle.of_machine() if release == "machine" else go_oracle.of_wheel(release)
    except go_oracle.Unavailable as why:
        pytest.skip(str(why))


def _differences(cases: Sequence[Case], oracle: go_oracle.Oracle) -> Iterator[str]:
    release = "go" + ".".join(oracle.version.split(".")[:2])
    for case in cases:
        theirs = oracle.judge(case.chain, case.anchors, at=forge.AT, host=case.host)
        ours = judge(case.chain, map(Certificate, case.anchors), case.host, release, at=AT)
        said = ours.message
        for prefix in (
            "failed to verify certificate: ",
            "failed to parse certificate from server: ",
        ):
            said = said.removeprefix("tls: " + prefix)
        if ours.rule == "tls-key":
            said = said.rpartition(": ")[0]
        found = (ours.accepts, said, tuple(one.der for one in ours.path))
        if found != (theirs.word == "accept", theirs.message, theirs.path):
            yield f"{case.name}: {release} says {theirs[:2]}, here {found[:2]}"


def _cases() -> list[Case]:
    found: dict[tuple[object, ...], Case] = {}
    for case in verdict_cases.all_cases():
        found.setdefault((case.chain, case.anchors, case.host), case)
    return list(found.values())


@pytest.mark.parametrize("release", RELEASES)
def test_every_case(release: str) -> None:
    oracle = _oracle(release)
    assert list(_differences(_cases(), oracle)) == []


def test_random_worlds() -> None:
    oracle = _oracle("machine")
    assert list(_differences(list(map(verdict_random.case, range(200))), oracle)) == []
    assert list(_differences(list(map(verdict_names.case, range(200))), oracle)) == []


@pytest.mark.slow
@pytest.mark.parametrize("release", RELEASES)
def test_many_random_worlds(release: str) -> None:
    oracle = _oracle(release)
    assert list(_differences(list(map(verdict_random.case, range(3000))), oracle)) == []
    assert list(_differences(list(map(verdict_names.case, range(4000))), oracle)) == []


def test_the_words_of_the_handshake() -> None:
    """crypto/tls puts words of its own before those of crypto/x509, since 1.20."""
    chain, store = [leaf()], [Certificate(root())]
    assert judge(chain, store, HOST, "go1.19", at=AT).message == (
        "x509: certificate signed by unknown authority"
    )
    assert judge(chain, store, HOST, "go1.23", at=AT).message == (
        "tls: failed to verify certificate: x509: certificate signed by unknown authority"
    )
    assert judge([leaf(serial=-5)], store, HOST, "go1.23", at=AT).message == (
        "tls: failed to parse certificate from server: x509: negative serial number"
    )


def test_a_thousand_certificates_that_sign_each_other() -> None:
    """Go itself stops after a hundred signatures; so does this."""
    own = forge.key("root")
    crowd = [
        forge.make("CN=A", own, "CN=A", own, *verdict_cases.CA, serial=number)
        for number in range(300)
    ]
    alone = leaf(issuer="CN=A", signer=forge.key("mid"))
    verdict = judge([alone, *crowd], [Certificate(root())], HOST, "go1.23", at=AT)
    assert verdict.accepts is False
    assert "limit reached" in verdict.message
