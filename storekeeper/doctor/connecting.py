"""Before any certificate: the network, protocols and ciphers, who answers in the server's place."""

from __future__ import annotations

from ..times import iso
from ..tls import ciphers, oddities
from ..tls.words import TLS12, alert_name, version_name
from ..trust.calling import called
from ..trust.runtimes import algorithms, jdk
from ..x509 import facts_or_none
from . import clients, reaching
from .values import Diagnosis, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..trust.runtimes.algorithms import Rules
    from .values import Case

MOST_SKEW = 300
"""Seconds by which two clocks may differ."""

_SHOWN = 4
_PSS = "1.2.840.113549.1.1.10"
_PSS_IN_JAVA_8 = 251
_UPDATE = Step("a server that speaks TLS 1.2 or 1.3")


def diagnose(case: Case) -> Iterator[Diagnosis]:
    """What keeps a connection from being made, or makes another one of it."""
    if case.probe is None:
        if case.problem:
            yield from reaching.unreached(case)
        return
    if why := oddities.inspecting(case.probe):
        yield Diagnosis(
            "inspecting-proxy",
            "somebody between here and the server opens the connection and answers in its place",
            (why,),
            (
                Step("have the connection excepted from inspection, as for every client that pins "
                     "or authenticates by certificate"),
                Step("trust the inspecting CA, if that is your organisation's: its administrators "
                     "have the certificate"),
            ),
            certain=False,
        )  # fmt: skip
    yield from _clock(case)
    found = (
        *reaching.too_new(case),
        *_protocol(case),
        *_exchange(case),
        *_signatures(case),
    )
    yield from found or _refused(case)
    yield from _name_indication(case)


def _rules(case: Case) -> tuple[Rules, int] | None:
    """The JDK's disabled algorithms for TLS, and its release line; None for another runtime."""
    release = jdk.release(case.runtime)
    if release is None:
        return None
    given = case.question.settings() if case.question is not None else None
    settings = given or jdk.defaults(release)
    return algorithms.rules(settings.tls, settings.curves, release.feature), release.feature


def _clock(case: Case) -> Iterator[Diagnosis]:
    assert case.probe is not None
    theirs = case.probe.member.server_time
    if theirs is None or abs(theirs - case.probe.at) <= MOST_SKEW:
        return
    yield Diagnosis(
        "clock-off",
        f"this machine's clock and the server's differ by {abs(theirs - case.probe.at)} seconds",
        (f"the server says {iso(theirs)}, this machine {iso(case.probe.at)}",),
        (Step("set the clock that is wrong: certificates begin and end by it"),),
    )


def _protocol(case: Case) -> Iterator[Diagnosis]:
    assert case.probe is not None
    member, found = case.probe.member, _rules(case)
    if found is None or not member.version or member.version >= TLS12:
        return
    name = version_name(member.version)
    if found[0].forbids_name(name):
        yield Diagnosis(
            "protocol-too-old",
            f"the server speaks {name} at best, which {case.runtime} refuses",
            (f"jdk.tls.disabledAlgorithms has {name}",),
            (
                _UPDATE,
                Step(f"take {name} out of jdk.tls.disabledAlgorithms in java.security of this JRE",
                     consequences=("every connection of this JRE may then be made with it",),
                     emergency=True),
            ),
        )  # fmt: skip


def _exchange(case: Case) -> Iterator[Diagnosis]:
    assert case.probe is not None
    member, found = case.probe.member, _rules(case)
    if found is None:
        return
    rules, feature = found
    used = member.key_exchange
    if used is not None and used.kind == "DHE" and used.bits is not None:
        refused = any(
            algorithms.key_size_forbids(condition, used.bits)
            for rule in (*rules.named("DH"), *rules.named("DiffieHellman"))
            for condition in rule.conditions
            if condition.kind == "keySize"
        )
        if refused:
            yield Diagnosis(
                "weak-dhe",
                f"the server's Diffie-Hellman group has {used.bits} bits, which {case.runtime} "
                "refuses (Logjam)",
                ("jdk.tls.disabledAlgorithms has a least key size for DH",),
                (Step("give the server a group of 2048 bits, or let it prefer ECDHE"),),
            )
    yield from _suites(case, rules, feature)


def _suites(case: Case, rules: Rules, feature: int) -> Iterator[Diagnosis]:
    """A suite the client does not have; where all were tried, none that it has."""
    from shlex import quote

    assert case.probe is not None
    chosen = ciphers.suite(case.probe.member.cipher).name
    if not refused_suite(case):
        return
    offered = [ciphers.suite(one).name for each in case.probe.offers for one in each.ciphers]
    if not all(clients.refuses_suite(rules, one, feature) for one in offered):
        return
    others = tuple(f"nor has the server others: {', '.join(offered[:_SHOWN])}" for _ in offered[:1])
    yield Diagnosis(
        "cipher-refused",
        f"the server chooses {chosen}, which {case.runtime} refuses",
        ("jdk.tls.disabledAlgorithms has an entry for it", *others),
        (
            Step("let the server take suites with ECDHE and AES-GCM or ChaCha20",
                 (f"storekeeper probe {quote(case.name)} --protocols --ciphers",)),
            Step("take the entry out of jdk.tls.disabledAlgorithms of this JRE",
                 consequences=("every connection of this JRE may then be made with it",),
                 emergency=True),
        ),
        bool(offered),
    )  # fmt: skip


def refused_suite(case: Case) -> bool:
    """Whether the client does not have the suite that was agreed on here."""
    found = _rules(case)
    if found is None or case.probe is None or not case.probe.member.cipher:
        return False
    name = ciphers.suite(case.probe.member.cipher).name
    return case.probe.member.version <= TLS12 and clients.refuses_suite(found[0], name, found[1])


def _refused(case: Case) -> Iterator[Diagnosis]:
    """A handshake that the server ends, and nothing else tells why."""
    assert case.probe is not None
    member = case.probe.member
    if member.problem and member.alert is not None and member.request is None:
        yield Diagnosis(
            "handshake-refused",
            f"the server ends the handshake with alert {alert_name(member.alert.description)}",
            (member.problem,),
            (Step("storekeeper probe --protocols --ciphers tells what it takes"),),
        )


def _signatures(case: Case) -> Iterator[Diagnosis]:
    assert case.probe is not None
    release = jdk.release(case.runtime)
    if release is None or release.feature != 8 or release.version[2] >= _PSS_IN_JAVA_8:
        return
    for number, one in enumerate(case.probe.member.chain, 1):
        facts = facts_or_none(one)
        if facts is not None and facts.signature_oid == _PSS:
            yield Diagnosis(
                "rsassa-pss",
                f"certificate {number} is signed with RSASSA-PSS, unknown to Java before 8u251",
                (),
                (
                    Step("ask the CA for a PKCS#1 v1.5 signature (SHA256withRSA)"),
                    Step("update the Java of the client"),
                ),
            )
            return


def _name_indication(case: Case) -> Iterator[Diagnosis]:
    probe = case.probe
    assert probe is not None
    if probe.plain is None or probe.plain == probe.member.chain:
        return
    if clients.sends_name(case.runtime, probe.host) or oddities.inspecting(probe):
        return
    sends = "none at all"
    if jdk.release(case.runtime) is not None:
        sends = "none for a name without a dot or for an address"
    other = f"it sends {called(probe.plain[0])}" if probe.plain else "there is no handshake"
    steps = [Step("ask for the server by its full name")]
    if case.runtime.startswith("webmethods-iaik"):
        steps = [Step("let Integration Server use JSSE, which sends the name: useJSSE=yes in "
                      "pub.client:http, or watt.net.ssl.client.useJSSE=true")]  # fmt: skip
    yield Diagnosis(
        "sni-needed",
        f"the server answers otherwise without a server name, and {case.runtime} sends {sends}",
        (f"without a name {other}",),
        (*steps, Step("make what is wanted the server's default host")),
    )
