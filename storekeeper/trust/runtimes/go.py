"""Go as a TLS client: what crypto/tls makes of a server's chain.

It parses all that was sent, looks at the server's certificate and its names, and then searches
every path to a root in the pool, whatever that root is; the last error of the search is told.
Source: pkg.go.dev/crypto/x509#Certificate.Verify and the release notes of Go 1.18 to 1.24.
Measured: Go 1.19.8, 1.23.9 and 1.27.3.
"""

from __future__ import annotations

from ...oids import SIGNATURES
from . import go_names, go_seen
from .policies import Policies
from .refusal import GaveUp, Refused
from .seen import seen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...model import Certificate
    from .go_seen import GoCertificate
    from .table import Question

_SERVER, _ANY = "1.3.6.1.5.5.7.3.1", "2.5.29.37.0"
_MOST_CHECKS = 100
_INTERMEDIATE, _ROOT = 1, 2

_UNSUPPORTED = "x509: cannot verify signature: algorithm unimplemented"
_ALGORITHMS = {
    "MD5withRSA": ("MD5-RSA", "RSA"),
    "SHA1withRSA": ("SHA1-RSA", "RSA"),
    "SHA256withRSA": ("SHA256-RSA", "RSA"),
    "SHA384withRSA": ("SHA384-RSA", "RSA"),
    "SHA512withRSA": ("SHA512-RSA", "RSA"),
    "RSASSA-PSS": ("SHA256-RSAPSS", "RSA"),
    "SHA1withDSA": ("DSA-SHA1", "DSA"),
    "SHA256withDSA": ("DSA-SHA256", "DSA"),
    "SHA1withECDSA": ("ECDSA-SHA1", "ECDSA"),
    "SHA256withECDSA": ("ECDSA-SHA256", "ECDSA"),
    "SHA384withECDSA": ("ECDSA-SHA384", "ECDSA"),
    "SHA512withECDSA": ("ECDSA-SHA512", "ECDSA"),
    "Ed25519": ("Ed25519", "Ed25519"),
}
_TYPES = {"RSA": "*rsa.PublicKey", "ECDSA": "*ecdsa.PublicKey", "Ed25519": "ed25519.PublicKey"}


def judge(question: Question) -> list[Certificate]:
    """The first trusted path of a question about Go.

    Raises:
        Refused: with the error of the handshake.
        GaveUp: the search is too wide even for this model.
    """
    version = question.asked.version
    try:
        sent = [go_seen.parsed(one, version) for one in question.chain]
    except Refused as refused:
        said = f"tls: failed to parse certificate from server: {refused.message}"
        raise Refused(said, refused.rule, refused.certificate) from None
    for one in sent:
        if one.kind == "RSA" and (one.facts.key.bits or 0) > 8192 and version >= (1, 20):
            raise Refused(
                "tls: server sent certificate containing RSA key larger than 8192 bits",
                "tls-key",
                one.certificate,
            )
    try:
        path = _Search(sent, question).verified()
    except Refused as refused:
        if version < (1, 20):
            raise
        said = f"tls: failed to verify certificate: {refused.message}"
        raise Refused(said, refused.rule, refused.certificate) from None
    if sent[0].kind not in _TYPES:
        kind = "*dsa.PublicKey" if sent[0].kind == "DSA" else "<nil>"
        raise Refused(
            f"tls: server's certificate contains an unsupported type of public key: {kind}",
            "tls-key",
            sent[0].certificate,
        )
    return [one.certificate for one in path]


class _Pool:
    """A CertPool: by subject, in the order they were added."""

    def __init__(self, certificates: Sequence[GoCertificate]) -> None:
        self._named: dict[bytes, list[GoCertificate]] = {}
        self._all = set(certificates)
        for one in dict.fromkeys(certificates):
            self._named.setdefault(one.subject, []).append(one)

    def __contains__(self, one: GoCertificate) -> bool:
        return one in self._all

    def parents(self, one: GoCertificate) -> list[GoCertificate]:
        """Who may have issued it: first those whose key identifier fits."""
        wanted = one.facts.authority_key_id or b""

        def rank(parent: GoCertificate) -> int:
            own = parent.facts.subject_key_id or b""
            return 0 if own == wanted else 1 if not own or not wanted else 2

        return sorted(self._named.get(one.issuer, ()), key=rank)


class _Search:
    """One call of Certificate.Verify."""

    def __init__(self, sent: list[GoCertificate], question: Question) -> None:
        self._version = question.asked.version
        self._at = question.at
        self._host = question.host
        self._say = question.say
        self._sent = sent
        roots = []
        for one in question.store:
            try:
                roots.append(go_seen.parsed(one, self._version))
            except Refused as refused:
                question.say(f"not taken into the pool: {refused.message}")
        self._roots = _Pool(roots)
        self._more = _Pool(sent[1:])
        self._checks = 0
        self._steps = 0

    def verified(self) -> list[GoCertificate]:
        leaf = self._sent[0]
        self._valid(leaf, 0, [])
        if self._host:
            go_names.check_host(leaf, self._host, self._version)
        if leaf in self._roots:
            self._say("the server's own certificate is in the pool of roots")
            paths = [[leaf]]
        else:
            paths = self._paths([leaf])
        return self._usable(leaf, paths)

    def _usable(self, leaf: GoCertificate, paths: list[list[GoCertificate]]) -> list[GoCertificate]:
        policies = usages = 0
        constraint: Refused | None = None
        for path in paths:
            if self._version >= (1, 24) and not _policies_hold(path):
                policies += 1
            elif not _for_servers(path):
                usages += 1
            else:
                try:
                    if self._version >= (1, 26):
                        self._constrain(path)
                except Refused as refused:
                    constraint = constraint or refused
                else:
                    return path
        if constraint is not None:
            raise constraint
        if usages and not policies:
            said = "x509: certificate specifies an incompatible key usage"
            raise Refused(said, "extended-key-usage", leaf.certificate)
        parts = [f"{usages} candidate chains with incompatible key usage"] if usages else []
        parts += [f"{policies} candidate chains with invalid policies"] if policies else []
        said = "x509: no valid chains built: " + ", ".join(parts)
        raise Refused(said, "policies", leaf.certificate)

    def _constrain(self, path: list[GoCertificate]) -> None:
        for index, one in enumerate(path):
            for above in path[index + 1 :]:
                constraints = go_names.constraints_of(above)
                if constraints is not None and one.sans is not None:
                    go_names.check_names(one, constraints, self._version, whose=path[0])

    def _paths(self, path: list[GoCertificate]) -> list[list[GoCertificate]]:
        """Every path from here; raises the last error when there is none."""
        self._steps += 1
        if self._steps > 20_000:
            raise GaveUp("gave up after 20,000 steps of the search for a path")
        one = path[-1]
        found: list[list[GoCertificate]] = []
        hint: tuple[str, GoCertificate] | None = None
        error: Refused | None = None
        for kind, pool in ((_ROOT, self._roots), (_INTERMEDIATE, self._more)):
            for parent in pool.parents(one):
                known = parent.kind or self._version < (1, 20)
                if not known or _in_path(parent, path):
                    continue
                self._checks += 1
                if self._checks > _MOST_CHECKS:
                    said = (
                        "x509: signature check attempts limit reached while verifying "
                        "certificate chain"
                    )
                    error = Refused(said, "gave-up", one.certificate)
                    continue
                why = self._signature_error(one, parent)
                if why:
                    hint = hint or (why, parent)
                    continue
                error = None
                try:
                    self._valid(parent, kind, path)
                    if kind == _ROOT:
                        self._say(f"{parent.title} is in the pool of roots")
                        found.append([*path, parent])
                    else:
                        self._say(f"{parent.title} was sent")
                        found += self._below(parent, path)
                except _Below as below:
                    error = below.refused
                except Refused as refused:
                    error = refused
                    if self._version >= (1, 23):
                        hint = hint or (refused.message, parent)
        if found:
            return found
        if error is not None:
            raise error
        said = "x509: certificate signed by unknown authority"
        if hint is not None:
            said += (
                f" (possibly because of {go_names.quoted(hint[0])} while trying to verify "
                f"candidate authority certificate {go_names.quoted(hint[1].title)})"
            )
        raise Refused(said, "no-path", one.certificate)

    def _below(self, parent: GoCertificate, path: list[GoCertificate]) -> list[list[GoCertificate]]:
        try:
            return self._paths([*path, parent])
        except Refused as refused:
            raise _Below(refused) from None

    def _valid(self, one: GoCertificate, kind: int, path: list[GoCertificate]) -> None:
        certificate = one.certificate
        if one.unhandled:
            raise Refused("x509: unhandled critical extension", "critical-extension", certificate)
        before, after = one.facts.not_before or 0, one.facts.not_after or 0
        if self._at < before or self._at > after:
            side, limit = ("before", before) if self._at < before else ("after", after)
            raise Refused(
                "x509: certificate has expired or is not yet valid: current time "
                f"{_time(self._at)} is {side} {_time(limit)}",
                "not-yet-valid" if self._at < before else "expired",
                certificate,
            )
        if kind and self._version < (1, 26):
            self._hold(one, path)
        if kind == _INTERMEDIATE and not one.is_ca:
            said = "x509: certificate is not authorized to sign other certificates"
            raise Refused(said, "not-a-ca", certificate)
        if one.path_length is not None and len(path) - 1 > one.path_length:
            said = "x509: too many intermediates for path length constraint"
            raise Refused(said, "path-length", certificate)

    def _hold(self, issuer: GoCertificate, path: list[GoCertificate]) -> None:
        constraints = go_names.constraints_of(issuer)
        if constraints is None:
            return
        held = path if self._version >= (1, 23) else [path[0], issuer]
        for one in held:
            if one.sans is not None:
                go_names.check_names(one, constraints, self._version, whose=issuer)

    def _signature_error(self, one: GoCertificate, parent: GoCertificate) -> str:
        from ..signatures import signed

        if (parent.facts.version == 3 and parent.is_ca is None) or parent.is_ca is False:
            return _CANNOT_SIGN
        if parent.usage and "keyCertSign" not in parent.usage:
            return _CANNOT_SIGN
        if not parent.kind:
            return _UNSUPPORTED
        name = SIGNATURES.get(one.facts.signature_oid, "")
        known = _ALGORITHMS.get(name)
        if known is None:
            return _UNSUPPORTED
        title, kind = known
        if title.startswith("MD5") or "SHA1" in title:
            override = ""
            if self._version < (1, 24) and title in ("SHA1-RSA", "ECDSA-SHA1"):
                override = " (temporarily override with GODEBUG=x509sha1=1)"
            return f"x509: cannot verify signature: insecure algorithm {title}{override}"
        if parent.kind == "DSA":
            return _UNSUPPORTED
        if parent.kind != kind:
            article = f"x509: signature algorithm specifies an {kind} public key, "
            return f"{article}but have public key of type {_TYPES[parent.kind]}"
        bits = parent.facts.key.bits or 0
        if kind == "RSA" and bits < 1024 and self._version >= (1, 24):
            return (
                f"crypto/rsa: {bits}-bit keys are insecure "
                "(see https://go.dev/pkg/crypto/rsa#hdr-Minimum_key_size)"
            )
        facts = one.facts
        if signed(parent.facts.spki, *facts.signature, facts.tbs):
            return ""
        if kind == "RSA":
            return "crypto/rsa: verification error"
        return f"x509: {kind} verification failure"


_CANNOT_SIGN = "x509: invalid signature: parent certificate cannot sign this kind of certificate"


class _Below(Exception):
    """No path was found further up: this is the error there, and no hint."""

    def __init__(self, refused: Refused) -> None:
        super().__init__()
        self.refused = refused


def _in_path(candidate: GoCertificate, path: list[GoCertificate]) -> bool:
    """The same name, key and alternative names."""
    return any(
        candidate.subject == one.subject
        and candidate.facts.spki == one.facts.spki
        and candidate.sans == one.sans
        for one in path
    )


def _for_servers(path: list[GoCertificate]) -> bool:
    return all(not one.purposes or {_SERVER, _ANY} & one.purposes for one in path)


def _policies_hold(path: list[GoCertificate]) -> bool:
    policies = Policies(len(path) - 1)
    try:
        for index in range(len(path) - 2, -1, -1):
            policies.check(seen(path[index].certificate), final=index == 0)
    except Refused:
        return False
    return True


def _time(seconds: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
