"""One opened store or list, audited: its entries as reports print them, and its findings."""

from __future__ import annotations

from ...frozen import replace
from ...host.passwords import DEFAULT_PASSWORD
from ...model import Password, PrivateKey, SecretKey, Store
from ..anchors import RootList
from ..inventory import Row, rows
from . import keys
from .asked import both_sha256
from .certificates import capped
from .files import file_findings
from .rules import RANK, RULES
from .values import AuditFinding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Certificate, Finding
    from .against import Against
    from .entries import Entries
    from .own_jre import OwnJre
    from .values import AuditedEntry

_DEFAULT = frozenset({"default-password"})


class Auditing:
    """One store at work.

    Args:
        source: what was opened.
        entries: what makes entries and their findings.
        own: the JRE it belongs to.
        against: the lists of ``--against``.
        password: the one that was given.

    Attributes:
        entries: in file order, once `findings` has gone over them.
    """

    def __init__(
        self,
        source: Store | RootList,
        entries: Entries,
        own: OwnJre | None = None,
        against: tuple[Against, ...] = (),
        password: Password | None = None,
    ) -> None:
        self.source = source
        self.rows = rows(source)
        self._entries = entries
        self.certificates = entries.certificates
        self.own = own
        self.against = against
        self.password = password
        trusted = {row.sha256: row.certificate for row in self.trusted_rows()}
        self.trusted = tuple(one for one in trusted.values() if one is not None)
        self.entries: list[AuditedEntry] = []
        self._subjects: dict[str | None, list[Certificate]] | None = None

    def trusted_rows(self) -> Iterator[Row]:
        """The rows that are trusted."""
        return (row for row in self.rows if row.kind == "trusted-certificate")

    def findings(self) -> list[AuditFinding]:
        """All of them, worst first; of one severity, in the order of the rules."""
        every = [
            *self._of_entries(),
            *self._duplicates(),
            *self._missing(),
            *self._inventory(),
            *self._noticed(),
            *self._protection(),
        ]
        if path := self.source.path:
            every += file_findings(path, keys=self._keys())
        # The rest of the order must not be that of the file, which says nothing.
        return sorted(
            every,
            key=lambda one: (
                RANK[one.severity], _ORDER[one.code], one.alias, one.message, one.sha256
            ),
        )  # fmt: skip

    def _keys(self) -> int:
        entries = self.source.entries if isinstance(self.source, Store) else ()
        return sum(isinstance(one, PrivateKey | SecretKey) for one in entries)

    def _of_entries(self) -> Iterator[AuditFinding]:
        """One pass over the rows, so that a store of any size is judged once."""
        for row in self.rows:
            self.entries.append(self._entries.entry(row))
            if row.kind == "private-key":
                yield from self._key(row)
                continue
            sha256 = row.sha256
            for against in self.against:
                if sha256 is not None and not against.has(sha256):
                    said = against.not_listed(sha256, row.certificate)
                    yield replace(said, alias=row.alias)
            if row.certificate is None:
                yield from self._entries.listed(row)
                continue
            yield from self._entries.findings(row, self.own)
            found = self.certificates.judged(row.certificate)
            if not found.is_ca and found.subject:
                above = keys.issuers_in((row.certificate,), self._by_subject())
                for one in keys.issued_too_late(row.certificate, above, self.certificates):
                    yield replace(one, alias=row.alias)

    def _key(self, row: Row) -> Iterator[AuditFinding]:
        if row.certificate is None:
            yield from self._lonely(row)
            return
        trusted = keys.issuers_in(row.chain, self._by_subject())
        for one in keys.key_findings(row.chain, trusted, self.certificates):
            yield replace(one, alias=row.alias)

    def _by_subject(self) -> dict[str | None, list[Certificate]]:
        if self._subjects is None:
            self._subjects = keys.by_subject(self.trusted)
        return self._subjects

    def _lonely(self, row: Row) -> Iterator[AuditFinding]:
        """A key without a certificate, in a store: files of keys alone are usual."""
        if getattr(self.source, "format", "") not in ("PEM", "DER"):
            yield AuditFinding(
                "incomplete-chain", "warning",
                "a private key without a certificate: no program can use it",
                "storekeeper reply puts in what its CA answered", row.alias,
                source="RFC 8446 section 4.4.2",
            )  # fmt: skip

    def _duplicates(self) -> Iterator[AuditFinding]:
        aliases: dict[str, list[str]] = {}
        for row in self.trusted_rows():
            if row.sha256 is not None:
                aliases.setdefault(row.sha256, []).append(row.alias)
        for sha256, named in aliases.items():
            if len(named) > 1:
                named.sort()
                others = ", ".join(map(repr, named[:5])) + (", ..." if len(named) > 5 else "")
                yield AuditFinding(
                    "duplicate-certificate", "warning",
                    f"one certificate under {len(named)} aliases: {capped(others)}",
                    "storekeeper merge --help tells how to keep one of them",
                    named[0], sha256, "SHA-256 of the certificate",
                )  # fmt: skip

    def missing(self) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
        """What the lists of ``--against`` have and the store has not."""
        have = {row.sha256 for row in self.trusted_rows()}
        return tuple((one.name, one.missing(have)) for one in self.against)

    def _missing(self) -> Iterator[AuditFinding]:
        if not self.against:
            return
        here = {both_sha256(one): one.sha256 for one in self.trusted}
        for (_, missing), against in zip(self.missing(), self.against, strict=True):
            for sha256, subject in missing:
                yield against.missing_finding(sha256, subject, here)

    def _inventory(self) -> Iterator[AuditFinding]:
        known = [one for one in self.entries if one.quantum_vulnerable is not None]
        counts: dict[str, int] = {}
        for one in known:
            if one.quantum_vulnerable:
                counts[one.key] = counts.get(one.key, 0) + 1
        breakable = sum(counts.values())
        if breakable:
            kinds = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
            listed = ", ".join(f"{count} {kind}" for kind, count in kinds[:8])
            more = f" and {len(kinds) - 8} more kinds" if len(kinds) > 8 else ""
            yield AuditFinding(
                "quantum-vulnerable", "info",
                f"a quantum computer breaks {breakable} of {len(known)} keys: {listed}{more}",
                "", source="FIPS 203 to 205",
            )  # fmt: skip

    def _noticed(self) -> Iterator[AuditFinding]:
        aliases = {row.alias: row.sha256 or "" for row in self.rows}
        for one in self.source.findings:
            if one.code == "default-password":
                continue
            yield _passed_on(one, aliases)

    def _protection(self) -> Iterator[AuditFinding]:
        if not isinstance(self.source, Store):
            return
        keys_in = [one for one in self.source.entries if isinstance(one, PrivateKey | SecretKey)]
        clear = sum(one.sealed.scheme == "none" for one in keys_in)
        hint = "give the store a password of its own: storekeeper passwd"
        if clear:
            many = "a key is" if clear == 1 else f"{clear} keys are"
            yield AuditFinding(
                "default-password", "warning", f"{many} not encrypted: no password is needed", hint,
                source="the file",
            )  # fmt: skip
        said = next((one.message for one in self.source.findings if one.code in _DEFAULT), "")
        if not said and self.password is not None and self.password.text == DEFAULT_PASSWORD:
            said = f"opened with the default password {DEFAULT_PASSWORD!r}"
        if not said:
            return
        if keys_in:
            many = "a key" if len(keys_in) == 1 else f"{len(keys_in)} keys"
            yield AuditFinding(
                "default-password", "warning", f"{said}; it holds {many}", hint, source="JDK"
            )
        else:
            yield AuditFinding("default-password", "info", said, source="JDK")


_ORDER = {code: place for place, code in enumerate(RULES)}


def _passed_on(one: Finding, aliases: dict[str, str]) -> AuditFinding:
    known = one.code in RULES
    code, message = one.code, capped(one.message)
    if not known:
        code, message = "noticed", f"{message} [{one.code}]"
    alias = one.where if one.where in aliases else ""
    if one.where and not alias:
        message = f"{one.where}: {message}"
    sha256 = aliases.get(alias, "") if alias else ""
    return AuditFinding(code, one.severity, message, one.hint, alias, sha256, "the reader")


__all__ = ["Auditing"]
