"""Runtimes that can't be run here: the rules their vendors document, each by an example."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storekeeper import der
from storekeeper.errors import UsageError
from storekeeper.model import Certificate
from storekeeper.trust.rules import RULES
from storekeeper.trust.runtimes import table
from storekeeper.trust.verdict import Verdict, judge
from tests import forge, verdict_cases, verdict_names, verdict_random
from tests.verdict_cases import CA, EXPIRED, HOST, SAN, leaf, mid, root

AT = datetime.fromtimestamp(forge.AT, UTC)
ROOT, MID, LEAF = root(), mid(), leaf()
DOCUMENTED = [one.name for one in table.RUNTIMES if not one.measured]


def _judged(
    runtime: str, chain: Sequence[bytes], store: Sequence[bytes], host: str | None = HOST
) -> Verdict:
    return judge(chain, map(Certificate, store), host, runtime, at=AT)


def _rule(
    runtime: str, chain: Sequence[bytes], store: Sequence[bytes], host: str | None = HOST
) -> str:
    verdict = _judged(runtime, chain, store, host)
    unasked = verdict.rule == "aia-unasked"
    assert verdict.accepts is (None if unasked else verdict.rule == "trusted")
    return verdict.rule


# -- all of them ----------------------------------------------------------------------


def test_every_runtime_names_its_sources_and_its_proof() -> None:
    for runtime in table.RUNTIMES:
        assert runtime.sources, runtime.name
        assert bool(runtime.measured) == bool(runtime.proof), runtime.name
        module = Path(table.__file__).with_name(f"{runtime.module}.py")
        assert module.exists(), runtime.name
        assert table.find(runtime.name) is not None


@pytest.mark.parametrize("runtime", DOCUMENTED)
def test_what_is_only_documented_says_so(runtime: str) -> None:
    verdict = _judged(runtime, [LEAF, MID], [ROOT, MID])
    assert verdict.notes[0].startswith("documented, not measured: ")
    assert verdict.runtime == runtime


@pytest.mark.parametrize("runtime", [one.name for one in table.RUNTIMES])
def test_odd_chains_have_an_answer(runtime: str) -> None:
    """Whatever is sent, it ends with a verdict."""
    cases = [*verdict_cases.unparsable(), *map(verdict_random.case, range(60))]
    for case in [*cases, *map(verdict_names.case, range(60))]:
        verdict = _judged(runtime, case.chain, case.anchors, case.host)
        assert verdict.rule in RULES, case.name
        assert verdict.accepts is not True or verdict.path, case.name


@pytest.mark.parametrize("runtime", DOCUMENTED)
def test_an_option_that_is_none(runtime: str) -> None:
    with pytest.raises(UsageError):
        _judged(f"{runtime},no_such_option", [LEAF], [ROOT])


@pytest.mark.parametrize("runtime", [one.name for one in table.RUNTIMES])
def test_a_crowd_of_cross_signed_issuers_is_searched_within_bounds(runtime: str) -> None:
    own = [forge.key(f"crowd{number}") for number in range(5)]
    crowd = [
        forge.make(f"CN=crowd{a % 5}", own[a % 5], f"CN=crowd{b}", own[b], *CA, serial=a)
        for a in range(20)
        for b in range(5)
    ]
    alone = leaf(issuer="CN=crowd0", signer=own[0])
    assert not _judged(runtime, [alone, *crowd], [ROOT]).accepts


# -- .NET -----------------------------------------------------------------------------


def test_dotnet() -> None:
    assert _rule("dotnet", [LEAF, MID], [ROOT]) == "trusted"
    assert _rule("dotnet", [MID, LEAF][::-1], [ROOT, MID]) == "trusted"
    assert _rule("dotnet", [LEAF], [ROOT, MID]) == "trusted"
    assert _rule("dotnet", [LEAF], [MID]) == "no-path"
    assert _judged("dotnet", [LEAF, MID, ROOT], [root(own=forge.key("else"))]).message == (
        "The remote certificate is invalid because of errors in the certificate chain: "
        "UntrustedRoot"
    )
    assert _judged("dotnet", [leaf(**EXPIRED), MID], [ROOT]).message.endswith("NotTimeValid")
    assert _judged("dotnet", [LEAF, MID], [root(**EXPIRED)]).message.endswith("NotTimeValid")
    assert _judged("dotnet", [LEAF, MID], [ROOT], "else.example.net").message == (
        "The remote certificate is invalid according to the validation procedure: "
        "RemoteCertificateNameMismatch"
    )


def test_dotnet_fetches_issuers() -> None:
    """What Java refuses for a missing intermediate works on Windows, if the fetch does."""
    url = der.encode(0x86, b"http://ca.example.net/mid.cer")
    access = forge.extension(
        "1.3.6.1.5.5.7.1.1", der.sequence(der.sequence(der.oid("1.3.6.1.5.5.7.48.2"), url))
    )
    verdict = _judged("dotnet", [leaf(extensions=(SAN, access))], [ROOT])
    assert (verdict.accepts, verdict.rule) == (None, "aia-unasked")
    assert "http://ca.example.net/mid.cer" in verdict.notes[-1]


# -- TIBCO ----------------------------------------------------------------------------


def test_tibco_wants_every_issuer_in_the_folder() -> None:
    assert _rule("tibco-bw", [LEAF, MID], [ROOT, MID]) == "trusted"
    assert _rule("tibco-bw", [LEAF], [ROOT, MID]) == "trusted"
    assert _judged("tibco-bw", [LEAF, MID], [ROOT]).message == (
        "CA certificate with issuer O=Example,CN=Root is not a trusted certificate"
    )
    assert _rule("tibco-bw", [LEAF, MID, ROOT], [MID]) == "untrusted-issuer"
    assert _rule("tibco-bw", [LEAF, MID], [LEAF]) == "untrusted-issuer"


def test_tibco_compares_hosts_only_when_told_and_then_exactly() -> None:
    wild = leaf(extensions=(forge.names(("dns", "*.example.net")),), subject="CN=x")
    assert _rule("tibco-bw", [wild, MID], [ROOT, MID], "else.org") == "trusted"
    assert _rule("tibco-bw,verify_host_name", [LEAF], [ROOT, MID]) == "trusted"
    assert _rule("tibco-bw,verify_host_name", [wild], [ROOT, MID]) == "host-name"


# -- webMethods -----------------------------------------------------------------------


def test_iaik_trusts_everybody_with_an_empty_store() -> None:
    verifier = "watt.security.cert.wmChainVerifier"
    verdict = _judged("webmethods-iaik", [LEAF], [])
    assert verdict.accepts
    assert "an empty trust store trusts every server" in verdict.notes
    refused = _judged(f"webmethods-iaik,{verifier}.trustByDefault=false", [LEAF], [])
    assert refused.message == "Server certificate rejected by ChainVerifier"
    assert _rule("webmethods-iaik", [LEAF, MID], [ROOT]) == "trusted"
    assert _rule("webmethods-iaik", [LEAF], [ROOT]) == "no-path"


def test_iaik_looks_at_extensions_and_dates_as_told() -> None:
    verifier = "watt.security.cert.wmChainVerifier"
    no_ca = mid(extensions=(forge.basic(False),))
    assert _rule("webmethods-iaik", [LEAF, no_ca], [ROOT]) == "trusted"
    strict = f"webmethods-iaik,{verifier}.enforceExtensionsChecks=true"
    assert _rule(strict, [LEAF, no_ca], [ROOT]) == "not-a-ca"
    old = leaf(**EXPIRED)
    assert _rule("webmethods-iaik", [old, MID], [ROOT]) == "expired"
    lenient = "webmethods-iaik,watt.security.ssl.ignoreExpiredChains=true"
    assert _rule(lenient, [old, MID], [ROOT]) == "trusted"


def test_webmethods_with_jsse_is_java() -> None:
    for case in list(verdict_cases.routes())[:20]:
        theirs = judge(
            case.chain,
            map(Certificate, case.anchors),
            case.host,
            "java17",
            protocol="TLSv1.2",
            auth="ECDHE_RSA",
            at=AT,
        )
        ours = _judged("webmethods-jsse,java=java17", case.chain, case.anchors, case.host)
        assert ours.accepts == theirs.accepts, case.name
        assert ours.message == theirs.message or theirs.accepts is None, case.name


# -- Salesforce, Apache, Finesse ------------------------------------------------------


def test_salesforce_wants_the_intermediates_in_order_and_a_root_of_its_own() -> None:
    deep = forge.make("CN=Deep", forge.key("deep"), "CN=Issuing,O=Example", forge.key("mid"), *CA)
    low = leaf(issuer="CN=Deep", signer=forge.key("deep"))
    assert _rule("salesforce", [low, deep, MID], [ROOT]) == "trusted"
    assert _rule("salesforce", [low, MID, deep], [ROOT]) == "wrong-order"
    assert _rule("salesforce", [LEAF], [ROOT]) == "no-path"
    assert _rule("salesforce", [LEAF], [MID]) == "no-path"
    assert _rule("salesforce", [LEAF, MID, ROOT], [ROOT]) == "trusted"
    assert _rule("salesforce", [LEAF, MID, ROOT], [root(own=forge.key("e"))]) == "no-path"
    assert _judged("salesforce", [LEAF], [ROOT]).message == (
        "javax.net.ssl.SSLPeerUnverifiedException: peer not authenticated"
    )


def test_salesforce_wildcards_are_of_one_level() -> None:
    wild = leaf(extensions=(forge.names(("dns", "*.hello.example.net")),))
    assert _rule("salesforce", [wild, MID], [ROOT], "hi.hello.example.net") == "trusted"
    assert _rule("salesforce", [wild, MID], [ROOT], "hey.hi.hello.example.net") == "host-name"


def test_apache_counts_what_is_above_the_client() -> None:
    client = leaf(extensions=(forge.purposes(forge.CLIENT),))
    direct = leaf(issuer="CN=Root,O=Example", signer=forge.key("root"),
                  extensions=(forge.purposes(forge.CLIENT),))  # fmt: skip
    assert _rule("apache", [direct], [ROOT]) == "trusted"
    assert _rule("apache", [client, MID], [ROOT]) == "path-depth"
    assert _rule("apache,SSLVerifyDepth=2", [client, MID], [ROOT]) == "trusted"
    assert _judged("apache,SSLVerifyDepth=2", [client], [ROOT]).message == (
        "AH02276: Certificate Verification: Error (20): unable to get local issuer certificate"
    )
    server = leaf(extensions=(forge.purposes(forge.SERVER),))
    assert _rule("apache,SSLVerifyDepth=2", [server, MID], [ROOT]) == "purpose"


def test_finesse_knows_no_pss() -> None:
    rsa = forge.key("rsa", "RSA2048")
    plain = root(own=rsa)
    below = leaf(issuer="CN=Root,O=Example", signer=rsa, own=rsa)
    assert _rule("finesse", [below], [plain]) == "trusted"
    pss = root(own=rsa, called="RSASSA-PSS")
    verdict = _judged("finesse", [below, pss], [pss])
    assert verdict.rule == "signature-algorithm"
    assert verdict.message == "javax.net.ssl.SSLPeerUnverifiedException: peer not authenticated"
    assert any("RSASSA-PSS" in note for note in verdict.notes)
    assert re.search("ECDSA", " ".join(_judged("finesse", [LEAF, MID], [ROOT]).notes))
