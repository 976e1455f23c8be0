"""PKCS12 (RFC 7292): reading. Writing is `pkcs12_write`, re-exported here.

Read are any number of keys, chains, trusted certificates, secrets and bags nobody knows,
in BER or DER, under PKCS#12's, PKCS#5's and PBES2's encryption, with the MAC of RFC 7292 or
PBMAC1. No key is decrypted by reading. Entries are those Java would make of the bags
(`pkcs12_java`) and, beside them, what Java does not see, with a finding each.
"""

from __future__ import annotations

from hashlib import sha256

from .. import der
from ..errors import Damaged, LimitExceeded, PasswordRequired, Unsupported, WrongPassword
from ..frozen import replace
from ..model import (
    LIMITS,
    Finding,
    Integrity,
    Limits,
    Opaque,
    Password,
    PrivateKey,
    Sealed,
    SecretKey,
    Store,
    TrustedCert,
)
from . import mac, pbe
from .kdf import Budget
from .pkcs12_bags import (
    KEY_BAG,
    SAFE_CONTENTS_BAG,
    SHROUDED_KEY_BAG,
    Layout,
    Origin,
    Safe,
    flatten,
    safe_contents,
)
from .pkcs12_findings import findings_of, spelling_finding
from .pkcs12_java import Named, java_view, name_all
from .pkcs12_secrets import plain_secret, unseal_secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..model import Entry
    from .encryption import ENCRYPTIONS, MODERN, Encryption
    from .pkcs12_write import seal_private_key, seal_secret, write
    from .schemes import Scheme

__all__ = [
    "ENCRYPTIONS",
    "MODERN",
    "Encryption",
    "java_view",
    "read",
    "seal_private_key",
    "seal_secret",
    "write",
]


def __getattr__(name: str) -> object:
    # Reading is most of what is done; what only writing needs is loaded by it.
    if name in __all__:
        from . import encryption, pkcs12_write

        return getattr(encryption if hasattr(encryption, name) else pkcs12_write, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


DATA = "1.2.840.113549.1.7.1"
SIGNED_DATA = "1.2.840.113549.1.7.2"
ENVELOPED_DATA = "1.2.840.113549.1.7.3"
ENCRYPTED_DATA = "1.2.840.113549.1.7.6"


def read(data: bytes, password: Password | None = None, limits: Limits = LIMITS) -> Store:
    """The store in ``data``.

    Args:
        data: the whole file.
        password: None when nobody has told one; then the MAC is not checked.
        limits: what the file may ask for.

    Raises:
        PasswordRequired: certificates are encrypted and no password was given.
        WrongPassword: the MAC or the decrypted contents do not fit.
        Damaged, Unsupported, LimitExceeded: as their names say, before any key is derived
            where the parameters alone are the reason.
    """
    if len(data) > limits.file_size:
        raise LimitExceeded(f"{len(data)} bytes, at most {limits.file_size} are read")
    pfx = der.read(data).expect(der.SEQUENCE, "PFX")
    items = pfx.items("PFX", at_least=2)
    version = items[0].count("PFX: version")
    if version != 3:
        raise Unsupported(f"PKCS12 version {version}, only 3 is supported")
    content = _content(items[1], "authenticated safe")
    check = mac.parse(items[2], limits) if len(items) > 2 else None
    sealed = _safes(content, limits)
    budget = Budget(limits)
    spelling = ""
    if password is not None:
        _affordable(check, sealed, budget)
        if check is not None:
            spelling = check.verify(content.octets("authenticated safe"), password, budget)
    safes = []
    count = 0
    sealed.reverse()
    while sealed:  # what has been read need not be kept beside it
        scheme, value, cipher_text = sealed.pop()
        spelled = ""
        if scheme is not None:
            value, spelled = _decrypt(scheme, cipher_text, password, budget, check is not None)
        assert value is not None
        bags = safe_contents(value, limits, count)
        count += len(bags)
        safes.append(Safe(scheme.recipe if scheme else None, tuple(bags), spelled))
        value, cipher_text, bags = None, b"", []
    recipe = check.recipe if check else None
    layout = Layout(sha256(data).digest(), tuple(safes), recipe, spelling)
    named = _name(layout, limits)
    notes = [*_file_notes(data, pfx, layout), *findings_of(named)]
    return Store(
        "PKCS12",
        tuple(_entries(named, layout.token)),
        _integrity(check, password),
        tuple(notes),
        layout=layout,
    )


def _content(info: der.Value, what: str) -> der.Value:
    """The OCTET STRING of a ContentInfo of type data."""
    items = info.expect(der.SEQUENCE, what).items(what, at_least=1)
    kind = items[0].oid(f"{what}: content type")
    if kind == SIGNED_DATA:
        raise Unsupported(
            f"the {what} is signed instead of protected by a password ({kind}), which is not "
            "supported"
        )
    if kind != DATA:
        raise Unsupported(f"the {what} has the content type {kind}, which is not supported")
    if len(items) < 2:
        raise Damaged(f"{what}: expected contents, found none", offset=info.start)
    return items[1].expect(0xA0, what).explicit(what)


def _inside(value: der.Value, what: str) -> der.Value:
    """The value an OCTET STRING holds; in place where that is possible, so offsets stay true."""
    if value.tag == der.OCTET_STRING:
        return der.read(value.data, value.body, value.end)
    return der.read(value.octets(what))


def _safes(
    content: der.Value, limits: Limits
) -> list[tuple[Scheme | None, der.Value | None, bytes]]:
    """Each safe as (None, its contents, b"") or (scheme, None, cipher text)."""
    safes: list[tuple[Scheme | None, der.Value | None, bytes]] = []
    whole = _inside(content, "authenticated safe").expect(der.SEQUENCE, "authenticated safe")
    for info in whole.children():
        if len(safes) >= limits.entries:
            raise LimitExceeded(f"more than {limits.entries} safes", offset=info.start)
        what = f"safe {len(safes) + 1}"
        items = info.expect(der.SEQUENCE, what).items(what, at_least=1)
        kind = items[0].oid(f"{what}: content type")
        if kind == ENVELOPED_DATA:
            raise Unsupported(
                f"{what} is encrypted for a public key ({kind}), which is not supported"
            )
        if kind == ENCRYPTED_DATA and len(items) > 1:
            safes.append(_encrypted(items[1].expect(0xA0, what).explicit(what), what, limits))
        else:
            safes.append((None, _inside(_content(info, what), what), b""))
    return safes


def _encrypted(
    value: der.Value, what: str, limits: Limits
) -> tuple[Scheme | None, der.Value | None, bytes]:
    items = value.expect(der.SEQUENCE, what).items(what, at_least=2)
    info = items[1].expect(der.SEQUENCE, what).items(f"{what}: encrypted content", at_least=2)
    kind = info[0].oid(f"{what}: encrypted content type")
    if kind != DATA:
        raise Unsupported(f"{what}: encrypted content of the type {kind} is not supported")
    scheme = pbe.parse(info[1], what, limits)
    return scheme, None, info[2].string(0x80, what) if len(info) > 2 else b""


def _affordable(check: mac.Mac | None, sealed: list[tuple[Scheme | None, der.Value | None, bytes]],
                budget: Budget) -> None:  # fmt: skip
    """Refuse a file whose parts together cost too much, before the first is paid for."""
    total = check.work() if check else 0
    total += sum(scheme.work() for scheme, _, _ in sealed if scheme)
    if total > budget.left:
        raise budget.refusal(total)


def _decrypt(
    scheme: Scheme, cipher_text: bytes, password: Password | None, budget: Budget, verified: bool
) -> tuple[der.Value, str]:
    if password is None:
        raise PasswordRequired(
            f"the certificates are encrypted ({scheme.recipe.name})",
            hint="give the store's password; for a trust store it is often 'changeit'",
        )
    try:
        plain, note = scheme.decrypt(cipher_text, password, budget, _looks_like_bags)
    except WrongPassword as error:
        if verified:
            raise WrongPassword(
                f"the password fits the MAC but not the encrypted safe ({scheme.recipe.name})"
            ) from None
        raise error from None
    return der.read(plain), note


def _looks_like_bags(plain: bytes) -> bool:
    try:
        for bag in der.read(plain).expect(der.SEQUENCE, "SafeContents").children():
            next(bag.expect(der.SEQUENCE, "SafeBag").children()).oid("SafeBag")
    except (Damaged, LimitExceeded, StopIteration):
        return False
    return True


def _name(layout: Layout, limits: Limits) -> list[Named]:
    number = 0
    founds = []
    for safe in layout.safes:
        for found in flatten(safe.bags, number):
            founds.append(found)
            number += 1
    return name_all(founds, limits)


def _entries(named: list[Named], token: bytes) -> list[Entry]:
    used = {id(one) for key in named for one in key.chain}
    contents = {one.found.content for key in named for one in key.chain}
    held: dict[bytes, list[int]] = {}
    for one in named:
        linked = one.certificate is not None and one.found.content in contents
        if linked and (id(one) in used or not one.found.trusted):
            held.setdefault(one.found.content, []).append(one.found.number)
    # One tuple for all keys that share a certificate, however often it is there.
    copies = {content: tuple(numbers) for content, numbers in held.items()}
    entries: list[Entry] = []
    for one in named:
        found = one.found
        assert one.alias is not None
        hidden = found.nested or one.unpaired
        origin = Origin(token, found.number, found.bag, one.alias, hidden=hidden)
        if one.certificate is not None:
            # The same certificate once more belongs to the chain as well.
            if found.trusted or not (id(one) in used or found.content in contents):
                entries.append(TrustedCert(one.alias, one.certificate, None, found.others, origin))
        elif found.what:
            if found.bag.oid != SAFE_CONTENTS_BAG:
                entries.append(
                    Opaque(one.alias, found.what, found.content, None, found.others, origin)
                )
        elif found.is_key:
            entries.append(_key(one, origin, copies))
        else:
            entries.append(_secret(one, origin))
    return entries


def _key(one: Named, origin: Origin, copies: dict[bytes, tuple[int, ...]]) -> PrivateKey:
    found = one.found
    if found.bag.oid == KEY_BAG:
        sealed = Sealed("none", found.content, pbe.unsealed)
    else:
        sealed = Sealed(pbe.scheme_name(found.content), found.content, pbe.unseal)
    chain = tuple(link.certificate for link in one.chain if link.certificate is not None)
    if chain:
        numbers = tuple(copies[link.found.content] for link in one.chain)
        origin = replace(origin, chain=numbers, own=one.chain[0].found.number)
    assert one.alias is not None
    return PrivateKey(one.alias, chain, sealed, found.created_ms, found.others, origin)


def _secret(one: Named, origin: Origin) -> SecretKey:
    found = one.found
    assert one.alias is not None
    if found.type == SHROUDED_KEY_BAG:
        sealed = Sealed(pbe.scheme_name(found.content), found.content, unseal_secret)
    else:
        from .pkcs12_bags import secret_value

        sealed = Sealed("none", secret_value(found.type, found.content), plain_secret)
    return SecretKey(one.alias, sealed, found.created_ms, found.others, origin)


def _integrity(check: mac.Mac | None, password: Password | None) -> Integrity:
    if check is None:
        return Integrity("absent")
    detail = f"{check.recipe.name}, {check.recipe.iterations} iterations"
    return Integrity("not-checked" if password is None else "verified", detail)


def _file_notes(data: bytes, pfx: der.Value, layout: Layout) -> list[Finding]:
    findings = []
    if pfx.after != len(data):
        findings.append(
            Finding(
                "trailing-bytes",
                "warning",
                "",
                f"{len(data) - pfx.after} bytes follow the store",
                "they are left out when the store is written again",
            )
        )
    ways = [layout.spelling, *(safe.spelling for safe in layout.safes)]
    findings += [spelling_finding(way) for way in dict.fromkeys(filter(None, ways))]
    return findings
