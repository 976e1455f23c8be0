"""The checks of algorithms and keys that Java makes of each certificate of a path.

Source: sun.security.provider.certpath.AlgorithmChecker and
sun.security.util.DisabledAlgorithmConstraints as seen from outside, on JDK 11 to 25.
"""

from __future__ import annotations

from ...times import iso, iso_date
from .algorithms import curve_names, decompose, key_size_forbids
from .refusal import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .algorithms import Constraint, Rules
    from .seen import Seen

_FAILED = "Algorithm constraints check failed on "


class Situation:
    """What conditions of a rule ask for beyond the certificate.

    Attributes:
        at: seconds since 1970 UTC.
        jdk_anchor: the anchor is a root of the JDK's own cacerts.
        feature: the release line, whose messages differ.
    """

    __slots__ = ("at", "feature", "jdk_anchor")

    def __init__(self, at: int, feature: int, *, jdk_anchor: bool) -> None:
        self.at = at
        self.feature = feature
        self.jdk_anchor = jdk_anchor


def check(one: Seen, rules: Rules, situation: Situation, issuer: Seen, *, first: bool) -> None:
    """The constraints of ``jdk.certpath.disabledAlgorithms`` for one certificate below an anchor.

    Args:
        one: the certificate.
        rules: the list.
        situation: what conditions ask for.
        issuer: whose key signed it.
        first: it is the one directly below the anchor.

    Raises:
        Refused: one of them forbids it.
    """
    algorithm = one.signature_algorithm
    certificate = one.certificate
    usage = one.key_usage
    if situation.feature < 19 and rules.forbids_name(algorithm):
        raise Refused(
            f"{_FAILED}signature algorithm: {algorithm}", "disabled-algorithm", certificate
        )
    if usage is not None and not usage:
        raise Refused("incorrect KeyUsage extension bits", "key-usage", certificate)
    if situation.feature >= 19 and first:
        _permits((issuer.key_algorithm,), issuer, rules, situation, ".")
    tail = f" used with certificate: {one.name}"
    _permits(_names(one), one, rules, situation, tail)
    if situation.feature < 19 and not permits_key(issuer, (rules,), situation):
        said = f"{_FAILED}signature algorithm: {algorithm}"
        raise Refused(said, "disabled-algorithm", certificate)


def permits_key(one: Seen, lists: tuple[Rules, ...], situation: Situation) -> bool:
    """Whether lists of disabled algorithms leave a key alone."""
    at = situation.at
    for rules in lists:
        if rules.forbids_name(one.key_algorithm):
            return False
        # A key's own name (Ed25519) counts since JDK 22 or so, not in 21.
        if situation.feature > 21 and rules.forbids_name(one.facts.key.algorithm):
            return False
        if any(rules.forbids_name(curve) for curve in curve_names(one)):
            return False
        for rule in rules.named(one.key_algorithm):
            if not _allows_key(rule.conditions, one.key_bits, at):
                return False
    return True


def _allows_key(conditions: tuple[Constraint, ...], bits: int, at: int) -> bool:
    """Conditions of which a key alone is asked; each leaves it to those after it first."""
    first, *rest = conditions
    if first.kind in ("jdkCA", "usage"):
        return True
    if rest and _allows_key(tuple(rest), bits, at):
        return True
    if first.kind == "keySize":
        return not key_size_forbids(first, bits)
    return first.kind == "denyAfter" and at < first.number


def _names(one: Seen) -> dict[str, None]:
    """What of a certificate the lists may name."""
    algorithm = one.signature_algorithm
    return dict.fromkeys((*decompose(algorithm), algorithm, *_pss_digest(one), one.key_algorithm))


def _permits(
    names: Iterable[str], one: Seen, rules: Rules, situation: Situation, tail: str
) -> None:
    certificate = one.certificate
    for curve in curve_names(one):
        if rules.forbids_name(curve):
            raise Refused(f"{_FAILED}disabled algorithm: {curve}", "disabled-curve", certificate)
    for name in names:
        for rule in rules.named(name):
            said = ""
            for condition in rule.conditions:
                said = _said(condition, name, rule.spelled, one, situation, tail)
                if not said:
                    break
            if said:
                raise Refused(said, "disabled-algorithm", certificate)


def _said(
    condition: Constraint, name: str, spelled: str, one: Seen, situation: Situation, tail: str
) -> str:
    """What Java says of a condition that is met; "" of one that is not."""
    match condition.kind:
        case "always":
            # JDK 25 finds this one before it asks whose key it is.
            early = situation.feature > 21 and name == "RSA"
            return f"{_FAILED}disabled algorithm: {spelled}{'' if early else tail}"
        case "keySize":
            own = name.upper() == one.key_algorithm.upper()
            if own and key_size_forbids(condition, one.key_bits):
                return f"{_FAILED}keysize limits: {spelled} {one.key_bits} bit key{tail}"
        case "jdkCA":
            if situation.jdk_anchor:
                return f"{_FAILED}certificate anchor limits. {spelled}{tail}"
        case "denyAfter":
            if situation.at >= condition.number:
                dates = _dates(condition, situation)
                return (
                    f"denyAfter constraint check failed: {spelled} used with Constraint date: "
                    f"{dates}{tail}"
                )
        case "usage":
            usage = [word for word in condition.usages if word.lower() == "tlsserver"]
            if usage:
                return f"Usage constraint {usage[0]} check failed: {spelled}{tail}"
    return ""


def _dates(condition: Constraint, situation: Situation) -> str:
    """Both dates of a denyAfter, as the release prints them."""
    if situation.feature >= 17:
        return f"{iso_date(condition.number)}; params date: {iso(situation.at)}"
    from datetime import UTC, datetime

    first, last = (
        f"{day:%a, %b} {day.day} {day:%H:%M:%S} UTC {day.year}"
        for day in (
            datetime.fromtimestamp(seconds, UTC) for seconds in (condition.number, situation.at)
        )
    )
    return f"{first}; params date: {last}"


def _pss_digest(one: Seen) -> tuple[str, ...]:
    """The names of the digest in the parameters of RSASSA-PSS; () of other algorithms."""
    _, found, digest = one.facts.signature_algorithm.partition("RSASSA-PSS with ")
    return decompose(digest)[1:] if found else ()


class TlsChecker:
    """The constraints of the handshake, which come last for each certificate.

    Args:
        supported: names of the signature algorithms the client offers in its protocol; None
            where it has no say (before TLS 1.2).
        tls: ``jdk.tls.disabledAlgorithms``.
        certpath: ``jdk.certpath.disabledAlgorithms``.
    """

    def __init__(
        self, supported: tuple[str, ...] | None, tls: Rules, certpath: Rules, situation: Situation
    ) -> None:
        self._supported = None if supported is None else {name.upper() for name in supported}
        self._tls = tls
        self._certpath = certpath
        self._situation = situation

    def check(self, one: Seen, issuer: Seen, *, first: bool) -> None:
        """One certificate and its issuer's key; the first one is that below the anchor."""
        algorithm = one.signature_algorithm
        refused = Refused(
            f"{_FAILED}signature algorithm: {algorithm}", "tls-signature-algorithm", one.certificate
        )
        if not self._permits_name(algorithm):
            if self._situation.feature >= 19 and not first:
                raise Refused(
                    f"{_FAILED}{algorithm}signature and {one.key_algorithm} key with size of "
                    f"{one.key_bits}bits",
                    "tls-signature-algorithm",
                    one.certificate,
                )
            raise refused
        usage = one.key_usage
        if usage is not None and not usage & _WITH_PRIMITIVE:
            raise Refused("incorrect KeyUsage extension bits", "key-usage", one.certificate)
        tail = f" used with certificate: {one.name}"
        _permits(_names(one), one, self._certpath, self._situation, tail)
        if not permits_key(one, (self._tls, self._certpath), self._situation):
            kind = f"key {one.key_algorithm}"
            bits = one.key_bits
            if self._situation.feature >= 19:
                kind = f"{one.key_algorithm} key"
            if self._situation.feature > 21:
                bits = _EDDSA_BITS.get(one.facts.key.algorithm, bits)
            raise Refused(
                f"{_FAILED}{kind} with size of {bits}bits",
                "tls-key",
                one.certificate,
            )
        if not permits_key(issuer, (self._tls, self._certpath), self._situation):
            raise refused

    def _permits_name(self, algorithm: str) -> bool:
        base = algorithm.partition("and")[0] if "and" in algorithm[1:] else algorithm
        if self._supported is not None and base.upper() not in self._supported:
            return False
        return not self._tls.forbids_name(algorithm) and not self._certpath.forbids_name(algorithm)


_EDDSA_BITS = {"Ed25519": 255, "Ed448": 448}

_WITH_PRIMITIVE = frozenset(
    {
        "digitalSignature",
        "nonRepudiation",
        "keyEncipherment",
        "dataEncipherment",
        "keyAgreement",
        "keyCertSign",
        "cRLSign",
    }
)
