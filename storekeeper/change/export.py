"""What leaves a store, as the files it is to become. Nothing is written here; see `outputs`.

Private keys leave only when they are asked for by ``contents``, and in clear only when
the password to seal them with is `Password(None)`, said in so many words.
"""

from __future__ import annotations

from .. import formats
from ..errors import PasswordRequired, UsageError, WriteRefused
from ..formats.armor import armour
from ..formats.labels import base_label
from ..frozen import Frozen
from ..model import (
    Certificate,
    Finding,
    Opaque,
    Password,
    PrivateKey,
    SecretKey,
    Store,
    TrustedCert,
    kind,
    replace,
)
from ..names import printable
from ..x509 import facts_or_none
from .aliases import Aliases, expand
from .filenames import Filenames
from .outputs import Product
from .subject_hash import hash_links

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..formats.encryption import Encryption
    from ..model import Entry

__all__ = ["CONTENTS", "FORMATS", "LAYOUTS", "Exported", "Product", "export"]

FORMATS = ("PEM", "DER", "PKCS7", "PKCS12")
CONTENTS = ("certificates", "chains", "keys", "keys+chains", "store")
"""An entry's own certificate; its chain as well; private keys alone, or with their chains;
everything: trusted certificates, and keys with their chains."""
LAYOUTS = ("bundle", "each", "hashed")
"""One file for all; one an entry; a directory in which OpenSSL finds issuers by hash."""

_SUFFIXES = {"PEM": ".pem", "DER": ".der", "PKCS7": ".p7b", "PKCS12": ".p12"}
_KEYS = ("keys", "keys+chains", "store")


class Exported(Frozen):
    """What an export comes to; no products when no entry holds what was asked for.

    ``findings`` say what was left out (``left-out``), named otherwise (``renamed``), has no
    hash (``no-hash``) or will not be read by Java (``key-in-clear``).
    """

    products: tuple[Product, ...]
    findings: tuple[Finding, ...] = ()


class _Unit(Frozen):
    """What of one entry is exported."""

    alias: str
    key: PrivateKey | SecretKey | None
    chain: tuple[Certificate, ...]
    own: Certificate | None


def export(
    entries: Iterable[Entry],
    *,
    format: str = "PEM",
    contents: str = "certificates",
    layout: str = "bundle",
    template: str = "",
    headers: bool = False,
    opens: Password | None = None,
    seals: Password | None = None,
    encryption: Encryption | None = None,
) -> Exported:
    """The files some entries become.

    Args:
        entries: in the order in which they are to be written.
        format: one of `FORMATS`.
        contents: one of `CONTENTS`. A PKCS12 always holds a key with its chain.
        layout: one of `LAYOUTS`.
        template: of `aliases`, for the names of files in a directory; "" is the alias.
        headers: before each block of a PEM, comments with alias, subject and issuer.
        opens: the password of the keys; not needed for those that lie in clear.
        seals: what keys, and a PKCS12 as a whole, are encrypted with. `Password(None)` leaves
            them in clear.
        encryption: of a PKCS12; None is `formats.encryption.MODERN`.

    Raises:
        UsageError: the arguments contradict one another, or a DER file would have to hold
            several things.
        PasswordRequired, WrongPassword: a key can't be opened, or none was said to seal it.
        WriteRefused: the format can't hold what was asked for.
    """
    units, findings = _units(entries, contents, format)
    _agree(format, contents, layout, units)
    if encryption is not None and format != "PKCS12":
        raise UsageError(f"the encryption {encryption.name!r} is one of PKCS12, not of {format}")
    if any(unit.key is not None for unit in units) or (format == "PKCS12" and units):
        seals = _sealing(seals, format, encryption)
        if seals.text is None and any(unit.key for unit in units) and format == "PKCS12":
            findings.append(
                Finding("key-in-clear", "warning", "", "Java does not list a key that lies in "
                        "clear in a PKCS12", "OpenSSL reads it; for Java give a password")
            )  # fmt: skip
    if layout == "hashed":
        files = _files(units, template, headers)
        links = hash_links(files, findings)
        return Exported((*(product for product, _ in files), *links), tuple(findings))
    maker = _Maker(format, headers, opens, seals, encryption, findings)
    if layout == "each":
        names = Filenames()
        products = []
        for number, unit in enumerate(units, 1):
            stem = _stem(template, unit.alias, unit.own, number)
            bare = contents == "keys" and format in ("PEM", "DER")
            name = names.claim(stem, ".key" if bare else _SUFFIXES[format])
            products.append(maker.product(name, [unit]))
    else:
        if contents in ("certificates", "chains") and format != "PKCS12":
            units = _once(units)
        products = [maker.product("", units)] if units else []
    return Exported(tuple(products), tuple(findings))


def _units(
    entries: Iterable[Entry], contents: str, format: str
) -> tuple[list[_Unit], list[Finding]]:
    units: list[_Unit] = []
    findings: list[Finding] = []
    for entry in entries:
        match entry:
            case TrustedCert() if contents in ("keys", "keys+chains"):
                continue
            case TrustedCert():
                units.append(_Unit(entry.alias, None, (entry.certificate,), entry.certificate))
                continue
            case PrivateKey() if contents in _KEYS:
                alone = contents == "keys" and format != "PKCS12"
                own = entry.chain[0] if entry.chain else None
                units.append(_Unit(entry.alias, entry, () if alone else entry.chain, own))
                continue
            case PrivateKey() if entry.chain:
                chain = entry.chain if contents == "chains" else entry.chain[:1]
                units.append(_Unit(entry.alias, None, chain, chain[0]))
                continue
            case SecretKey() if contents == "store" and format == "PKCS12":
                units.append(_Unit(entry.alias, entry, (), None))
                continue
        what = entry.what if isinstance(entry, Opaque) else kind(entry).replace("-", " ")
        why = "" if isinstance(entry, Opaque | SecretKey) else " without a certificate"
        findings.append(
            Finding("left-out", "warning", entry.alias, f"a {what}{why} is not exported")
        )
    return units, findings


def _agree(format: str, contents: str, layout: str, units: Sequence[_Unit]) -> None:
    """Refuse what can't be before any key is opened."""
    for word, known in ((format, FORMATS), (contents, CONTENTS), (layout, LAYOUTS)):
        if word not in known:
            raise UsageError(f"nothing is called {word!r} here", hint=f"there are {known}")
    if layout == "hashed" and (format != "PEM" or contents in _KEYS):
        raise UsageError("a hashed directory holds certificates in PEM, and nothing else")
    if format == "PKCS7" and contents in _KEYS:
        raise UsageError(
            "PKCS#7 holds no private keys", hint="PKCS12 and PEM hold them with their chain"
        )
    if format != "DER":
        return
    most = max((len(unit.chain) + (unit.key is not None) for unit in units), default=0)
    if most > 1:
        raise UsageError(
            "a DER file holds one certificate or one key, not a chain",
            hint="write PEM, PKCS7 or PKCS12",
        )
    if layout == "bundle" and len(units) > 1:
        raise UsageError(
            f"a DER file holds one certificate or one key, here are {len(units)}",
            hint="write each into a file of its own with --each DIR, or write PEM or PKCS7",
        )


def _sealing(seals: Password | None, format: str, encryption: Encryption | None) -> Password:
    if seals is None:
        if format == "PKCS12" and encryption is not None and encryption.mac is None:
            return Password(None)
        what = "what is written" if format == "PKCS12" else "the private key in the file"
        raise PasswordRequired(
            f"a password is needed to protect {what}",
            hint="give one with --dest-storepass, or say --no-encryption",
        )
    if seals.text == "" and format != "PKCS12":
        raise UsageError("the empty password protects nothing", hint="say --no-encryption for that")
    return seals


def _once(units: Iterable[_Unit]) -> list[_Unit]:
    """Each certificate where it stands first."""
    seen: set[Certificate] = set()
    kept = []
    for unit in units:
        chain = tuple(c for c in dict.fromkeys(unit.chain) if c not in seen)
        seen.update(chain)
        if chain:
            kept.append(_Unit(unit.alias, None, chain, unit.own))
    return kept


class _Maker:
    """Encodes units into one file after another."""

    def __init__(
        self,
        format: str,
        headers: bool,
        opens: Password | None,
        seals: Password | None,
        encryption: Encryption | None,
        findings: list[Finding],
    ) -> None:
        self.format = format
        self.headers = headers
        self.opens = opens
        self.seals = seals
        self.encryption = encryption
        self.findings = findings

    def product(self, name: str, units: Sequence[_Unit]) -> Product:
        """The file that holds these units."""
        match self.format:
            case "PKCS12":
                content = self._pkcs12(units)
            case "PKCS7":
                entries = tuple(TrustedCert("", c) for unit in units for c in unit.chain)
                content = formats.write(Store("PKCS7", entries))
            case "DER":
                (content,) = (der for unit in units for _, der, _ in self._blocks(unit))
            case _:
                content = b"".join(self._pem(unit) for unit in units)
        keys = sum(unit.key is not None for unit in units)
        return Product(
            name,
            content,
            private=keys > 0,
            aliases=tuple(unit.alias for unit in units),
            certificates=sum(len(unit.chain) for unit in units),
            keys=keys,
        )

    def _blocks(self, unit: _Unit) -> Iterator[tuple[str, bytes, Certificate | None]]:
        if unit.key is not None:
            sealed = self._fit(unit.key).sealed
            clear = self.seals is not None and self.seals.text is None
            yield "PRIVATE KEY" if clear else "ENCRYPTED PRIVATE KEY", sealed.data, None
        for certificate in unit.chain:
            yield "CERTIFICATE", certificate.der, certificate

    def _pem(self, unit: _Unit) -> bytes:
        return b"".join(
            (comments(unit.alias, certificate) if self.headers else b"") + armour(label, encoded)
            for label, encoded, certificate in self._blocks(unit)
        )

    def _fit(self, key: PrivateKey | SecretKey) -> PrivateKey | SecretKey:
        from ..formats.reseal import fit

        try:
            fitted = fit(
                key, self.format, opens=self.opens, seals=self.seals, encryption=self.encryption
            )
        except (PasswordRequired, WriteRefused) as error:
            raise error.at(alias=key.alias) from None
        assert isinstance(fitted, PrivateKey | SecretKey)
        return fitted

    def _pkcs12(self, units: Sequence[_Unit]) -> bytes:
        aliases = Aliases((), "PKCS12")
        entries: list[Entry] = []
        for unit in units:
            if unit.key is not None:
                entries.append(replace(self._fit(unit.key), alias=self._free(aliases, unit.alias)))
                continue
            for place, certificate in enumerate(unit.chain):
                label = base_label(certificate) if place else unit.alias
                entries.append(TrustedCert(self._free(aliases, label), certificate))
        return formats.write(
            Store("PKCS12", tuple(entries)), self.seals, encryption=self.encryption
        )

    def _free(self, aliases: Aliases, alias: str) -> str:
        given = aliases.free(alias)
        if given != alias:
            self.findings.append(
                Finding("renamed", "info", alias, f"called {given!r} in the PKCS12, since another "
                        "entry there has the alias")
            )  # fmt: skip
        return given


def comments(alias: str, certificate: Certificate | None) -> bytes:
    """Lines for people before a block; no reader takes them for one."""
    lines = [f"alias: {alias}"]
    facts = facts_or_none(certificate) if certificate else None
    if facts:
        lines += [f"subject: {facts.subject.rfc4514()}", f"issuer: {facts.issuer.rfc4514()}"]
    # Five hyphens would begin a block for some readers, wherever they stand.
    text = "".join(f"# {printable(line).replace('--', '- -')}\n" for line in lines)
    return text.encode("utf-8", "backslashreplace")


def _files(
    units: Iterable[_Unit], template: str, headers: bool
) -> list[tuple[Product, Certificate]]:
    """Each certificate in a file of its own."""
    names = Filenames()
    files: list[tuple[Product, Certificate]] = []
    for unit in _once(units):
        for certificate in unit.chain:
            stem = _stem(template, unit.alias, certificate, len(files) + 1)
            text = comments(unit.alias, certificate) if headers else b""
            text += armour("CERTIFICATE", certificate.der)
            product = Product(names.claim(stem, ".pem"), text, False, (unit.alias,), 1)
            files.append((product, certificate))
    return files


def _stem(template: str, alias: str, certificate: Certificate | None, number: int) -> str:
    if not template or certificate is None:
        return alias
    return expand(template, certificate, label=alias, number=number)
