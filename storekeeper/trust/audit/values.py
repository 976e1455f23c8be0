"""What an audit finds: frozen values that every report is made of.

All of them pickle, since stores are audited in several processes.
"""

from __future__ import annotations

from ...frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...model import Certificate, Severity

SEVERITIES = ("error", "warning", "info")


class ListUsed(Frozen):
    """A root list some judgement rests on.

    Attributes:
        name: the word it is asked for by, or its path.
        title: one phrase for people.
        date: ISO date of the list, "" when it does not say.
        source: one sentence: where it comes from.
        count: how many roots it has.
        old: whether it is older than `OLD_AFTER_DAYS`.
    """

    name: str
    title: str
    date: str
    source: str
    count: int
    old: bool = False


class Waiver(Frozen):
    """Why a finding does not count, and until when.

    Attributes:
        reason: as the policy has it.
        until: ISO date after which it counts again; "" for no end.
        where: "policy.yaml:12", the place in the policy.
    """

    reason: str
    until: str = ""
    where: str = ""


class AuditFinding(Frozen):
    """One thing worth telling about a store or one of its entries.

    Attributes:
        code: stable kebab-case identifier, one of `audit.rules.RULES`.
        severity: as the policy has it: "error", "warning" or "info".
        message: lower case, no full stop, with the values that led to it.
        hint: what to do next, or "".
        alias: of the entry; "" when it is about the whole store.
        sha256: of the certificate it is about, 64 hex digits, or "".
        source: the list, standard or release behind it, with its date, or "".
        waived: the waiver that covers it, or None.
    """

    code: str
    severity: Severity
    message: str
    hint: str = ""
    alias: str = ""
    sha256: str = ""
    source: str = ""
    waived: Waiver | None = None


class AuditedEntry(Frozen):
    """One entry of a store, with what reports print about it.

    Attributes:
        alias, kind: as `list` has them ("trusted-certificate", "private-key", "secret-key",
            "opaque").
        certificate: its own; None where it has none.
        chain: all certificates, own first.
        subject, issuer: RFC 4514, "" where there is nothing to read.
        serial: decimal, possibly negative; None when unreadable.
        not_before, not_after: seconds since 1970 UTC, or None.
        key: "RSA 2048", "EC secp256r1", "" when unknown.
        signature: "SHA256withRSA", an OID, or "".
        quantum_vulnerable: whether its key falls to a quantum computer; None when unknown.
        trusted_by: names of the lists in `AuditHead.lists` that have it for TLS servers.
        problem: why its certificate can't be read, or "".
    """

    alias: str
    kind: str
    certificate: Certificate | None = None
    chain: tuple[Certificate, ...] = ()
    subject: str = ""
    issuer: str = ""
    serial: int | None = None
    not_before: int | None = None
    not_after: int | None = None
    key: str = ""
    signature: str = ""
    quantum_vulnerable: bool | None = None
    trusted_by: tuple[str, ...] = ()
    problem: str = ""


class AuditedStore(Frozen):
    """One store, audited; or why it could not be.

    Attributes:
        name: as it was asked for ("cacerts", a path).
        path: of the file, or None.
        format: "JKS", "PKCS12", ...; "" when it could not be read.
        sha256: of the file, 64 hex digits, or "".
        runtime: the JRE it belongs to ("java17.0.9"), "" for none.
        entries: in file order.
        findings: about the store and its entries, worst first within each.
        missing: (list name, roots of it that are not here) for ``--against``.
        problem: why it could not be read, "" when it was.
        hint: what to do about ``problem``.
        status: the exit status that ``problem`` stands for; 0 without one.
    """

    name: str
    path: str | None = None
    format: str = ""
    sha256: str = ""
    runtime: str = ""
    entries: tuple[AuditedEntry, ...] = ()
    findings: tuple[AuditFinding, ...] = ()
    missing: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    problem: str = ""
    hint: str = ""
    status: int = 0

    def counted(self, severity: str) -> int:
        """How many findings of that severity are not waived."""
        return sum(one.severity == severity and one.waived is None for one in self.findings)


class AuditHead(Frozen):
    """What is the same for all stores of one audit.

    Attributes:
        at: when it was made, seconds since 1970 UTC (``SOURCE_DATE_EPOCH`` counts).
        version: of storekeeper.
        lists: the root lists that were asked.
        policy: the policy's path, or "" for the default rules.
        fails_on: the severity from which on the run fails: "error", "warning", "info", "never".
        host: name of the machine, where that was asked for; "".
        off: codes of the rules that were not asked about: that nothing of them was found says
            nothing.
    """

    at: int
    version: str
    lists: tuple[ListUsed, ...] = ()
    policy: str = ""
    fails_on: str = "warning"
    host: str = ""
    off: tuple[str, ...] = ()
