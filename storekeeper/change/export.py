"""What leaves a store, as the files it is to become. Nothing is written here; see `outputs`.

Private keys leave only when they are asked for by ``contents``, and in clear only when
the password to seal them with is `Password(None)`, said in so many words.
"""

from __future__ import annotations

from .. import formats
from ..errors import PasswordRequired, StorekeeperError, UsageError
from ..formats.armor import armour
from ..formats.encryption import named
from ..formats.labels import base_label
from ..frozen import Frozen
from ..model import (
    Certificate,
    Finding,
    Password,
    PrivateKey,
    SecretKey,
    Store,
    TrustedCert,
    replace,
)
from ..names import printable
from ..x509 import facts_or_none
from .aliases import Aliases, expand
from .filenames import Filenames
from .outputs import Product
from .parts import CONTENTS, WITH_KEYS, Part, each_once, parts_of
from .subject_hash import hash_links

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..formats.encryption import Encryption
    from ..model import Entry

__all__ = ["CONTENTS", "FORMATS", "LAYOUTS", "Exported", "Product", "export"]

FORMATS = ("PEM", "DER", "PKCS7", "PKCS12")
LAYOUTS = ("bundle", "each", "hashed")
"""One file for all; one an entry; a directory in which OpenSSL finds issuers by hash."""

_SUFFIXES = {"PEM": ".pem", "DER": ".der", "PKCS7": ".p7b", "PKCS12": ".p12"}


class Exported(Frozen):
    """What an export comes to; no products when no entry holds what was asked for.

    ``findings`` say what was left out (``left-out``), named otherwise (``renamed``), has no
    hash (``no-hash``) or will not be read by Java (``key-in-clear``).
    """

    products: tuple[Product, ...]
    findings: tuple[Finding, ...] = ()


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
            them in clear, whatever ``encryption`` says.
        encryption: of a PKCS12; None is `formats.encryption.MODERN`.

    Raises:
        UsageError: the arguments contradict one another, or a DER file would have to hold
            several things.
        PasswordRequired, WrongPassword: a key can't be opened, or none was said to seal it.
        WriteRefused: the format can't hold what was asked for.
    """
    parts, findings = parts_of(entries, contents, format)
    _agree(format, contents, layout, parts)
    if encryption is not None and format != "PKCS12":
        raise UsageError(f"the encryption {encryption.name!r} is one of PKCS12, not of {format}")
    keys = any(part.key is not None for part in parts)
    if keys or (format == "PKCS12" and parts):
        seals = _sealing(seals, format, encryption, keys)
        if seals.text is None and format == "PKCS12":
            encryption = named("passwordless")
            findings += [_IN_CLEAR] if keys else []
    if layout == "hashed":
        files = _files(parts, template, headers)
        links = hash_links(files, findings)
        return Exported((*(product for product, _ in files), *links), tuple(findings))
    maker = _Maker(format, headers, opens, seals, encryption, findings)
    if layout == "each":
        names = Filenames()
        products = []
        for number, part in enumerate(parts, 1):
            stem = _stem(template, part.alias, part.own, number)
            bare = contents == "keys" and format in ("PEM", "DER")
            name = names.claim(stem, ".key" if bare else _SUFFIXES[format])
            products.append(maker.product(name, [part]))
    else:
        if contents in ("certificates", "chains") and format != "PKCS12":
            parts = each_once(parts)
        products = [maker.product("", parts)] if parts else []
    return Exported(tuple(products), tuple(findings))


def _agree(format: str, contents: str, layout: str, parts: Sequence[Part]) -> None:
    """Refuse what can't be before any key is opened."""
    for word, known in ((format, FORMATS), (contents, CONTENTS), (layout, LAYOUTS)):
        if word not in known:
            raise UsageError(f"nothing is called {word!r} here", hint=f"there are {known}")
    if layout == "hashed" and (format != "PEM" or contents in WITH_KEYS):
        raise UsageError("a hashed directory holds certificates in PEM, and nothing else")
    if format == "PKCS7" and contents in WITH_KEYS:
        raise UsageError(
            "PKCS#7 holds no private keys", hint="PKCS12 and PEM hold them with their chain"
        )
    if format != "DER":
        return
    most = max((len(part.chain) + (part.key is not None) for part in parts), default=0)
    if most > 1:
        raise UsageError(
            "a DER file holds one certificate or one key, not a chain",
            hint="write PEM, PKCS7 or PKCS12",
        )
    if layout == "bundle" and len(parts) > 1:
        raise UsageError(
            f"a DER file holds one certificate or one key, here are {len(parts)}",
            hint="write each into a file of its own with --each DIR, or write PEM or PKCS7",
        )


_IN_CLEAR = Finding(
    "key-in-clear",
    "warning",
    "",
    "Java does not list a key that lies in clear in a PKCS12",
    "OpenSSL reads it; for Java give a password",
)


def _sealing(
    seals: Password | None, format: str, encryption: Encryption | None, keys: bool
) -> Password:
    if seals is None:
        if not keys and encryption is not None and encryption.mac is None:
            return Password(None)
        what = "what is written" if format == "PKCS12" else "the private key in the file"
        raise PasswordRequired(
            f"a password is needed to protect {what}",
            hint="give one with --dest-storepass, or say --no-encryption",
        )
    if seals.text == "" and format != "PKCS12":
        raise UsageError("the empty password protects nothing", hint="say --no-encryption for that")
    return seals


class _Maker:
    """Encodes parts into one file after another."""

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

    def product(self, name: str, parts: Sequence[Part]) -> Product:
        """The file that holds these parts."""
        match self.format:
            case "PKCS12":
                content = self._pkcs12(parts)
            case "PKCS7":
                entries = tuple(TrustedCert("", c) for part in parts for c in part.chain)
                content = formats.write(Store("PKCS7", entries))
            case "DER":
                (content,) = (der for part in parts for _, der, _ in self._blocks(part))
            case _:
                content = b"".join(self._pem(part) for part in parts)
        keys = sum(part.key is not None for part in parts)
        return Product(
            name,
            content,
            private=keys > 0,
            aliases=tuple(part.alias for part in parts),
            certificates=sum(len(part.chain) for part in parts),
            keys=keys,
        )

    def _blocks(self, part: Part) -> Iterator[tuple[str, bytes, Certificate | None]]:
        if part.key is not None:
            sealed = self._fit(part.key).sealed
            clear = self.seals is not None and self.seals.text is None
            yield "PRIVATE KEY" if clear else "ENCRYPTED PRIVATE KEY", sealed.data, None
        for certificate in part.chain:
            yield "CERTIFICATE", certificate.der, certificate

    def _pem(self, part: Part) -> bytes:
        return b"".join(
            (comments(part.alias, certificate) if self.headers else b"") + armour(label, encoded)
            for label, encoded, certificate in self._blocks(part)
        )

    def _fit(self, key: PrivateKey | SecretKey) -> PrivateKey | SecretKey:
        from ..formats.reseal import fit

        try:
            fitted = fit(
                key, self.format, opens=self.opens, seals=self.seals, encryption=self.encryption
            )
        except StorekeeperError as error:
            raise error.at(alias=key.alias) from None
        assert isinstance(fitted, PrivateKey | SecretKey)
        return fitted

    def _pkcs12(self, parts: Sequence[Part]) -> bytes:
        aliases = Aliases((), "PKCS12")
        entries: list[Entry] = []
        seen: set[Certificate] = set()
        for part in parts:
            if part.key is not None:
                entries.append(replace(self._fit(part.key), alias=self._free(aliases, part.alias)))
                continue
            for place, certificate in enumerate(part.chain):
                if place and certificate in seen:
                    continue  # a root several chains share
                seen.add(certificate)
                label = base_label(certificate) if place else part.alias
                entries.append(TrustedCert(self._free(aliases, label), certificate))
        return formats.write(
            Store("PKCS12", tuple(entries)), self.seals, encryption=self.encryption
        )

    def _free(self, aliases: Aliases, alias: str) -> str:
        given = aliases.free(alias)
        if given != alias:
            message = f"called {given!r} in the PKCS12, where another entry has this alias"
            self.findings.append(Finding("renamed", "warning", alias, message))
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
    parts: Iterable[Part], template: str, headers: bool
) -> list[tuple[Product, Certificate]]:
    """Each certificate in a file of its own."""
    names = Filenames()
    files: list[tuple[Product, Certificate]] = []
    for part in each_once(parts):
        for certificate in part.chain:
            stem = _stem(template, part.alias, certificate, len(files) + 1)
            text = comments(part.alias, certificate) if headers else b""
            text += armour("CERTIFICATE", certificate.der)
            product = Product(names.claim(stem, ".pem"), text, False, (part.alias,), 1)
            files.append((product, certificate))
    return files


def _stem(template: str, alias: str, certificate: Certificate | None, number: int) -> str:
    if not template or certificate is None:
        return alias
    return expand(template, certificate, label=alias, number=number)
