"""How Java makes entries out of bags (``sun.security.pkcs12.PKCS12KeyStore``, JDK 11 to 25).

Observed on the JVMs the tests run, and held to them there:

- a key's certificate is the one with its localKeyID *and* its alias, else the last with its
  localKeyID, else the last with its alias; certificates with trustedKeyUsage are not asked;
- the chain goes on by issuer name through the *first* certificate of each subject in the
  file, trusted ones included, until one is self-signed (before JDK 17: is its own issuer by
  name), is missing, or comes again;
- without localKeyID, the first key of a file and the first certificate of a safe after
  that key get "01", so they belong together; a later key without one is not listed;
- a key, secret or trusted certificate without friendlyName is called 1, 2, 3 ...;
- plain keyBags, nested safes and certificates without trustedKeyUsage are not listed.
"""

from __future__ import annotations

from ..errors import LimitExceeded
from ..model import LIMITS, Certificate, Limits, Opaque, PrivateKey, Store, TrustedCert
from .pbe import unsealed
from .pkcs12_bags import KEY_BAG, SHROUDED_KEY_BAG, TRUSTED_KEY_USAGE, Found, Origin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..model import Entry

    Names = Callable[["Named"], tuple[str, str] | None]

_ONLY_KEY = b"01"


class Named:
    """A `Found` with the alias and localKeyID Java would give it.

    Attributes:
        found: the bag.
        alias: friendlyName, or the invented one.
        key_id: localKeyID, or the one Java assumes.
        chain: for keys: the certificates, each with all bags that hold it.
    """

    __slots__ = ("alias", "certificate", "chain", "found", "key_id")

    def __init__(self, found: Found) -> None:
        self.found = found
        self.alias = found.alias
        self.key_id = found.key_id
        self.certificate = Certificate(found.content) if found.is_certificate else None
        self.chain: list[Named] = []

    @property
    def visible(self) -> bool:
        """Whether Java looks at this bag at all."""
        return not self.found.nested and self.found.bag.oid != KEY_BAG

    @property
    def unpaired(self) -> bool:
        """A key Java can't name a localKeyID for, and forgets."""
        return self.found.bag.oid == SHROUDED_KEY_BAG and self.key_id is None


def name_all(founds: Sequence[Found], limits: Limits = LIMITS) -> list[Named]:
    """Every bag with its alias and localKeyID, and every key with its chain.

    Raises:
        LimitExceeded: a chain, or all of them together, are longer than the limits allow.
    """
    named = [Named(found) for found in founds]
    keys = counter = 0
    for one in named:
        found = one.found
        if not one.visible:
            continue
        if found.bag.oid == SHROUDED_KEY_BAG:
            keys += 1
            if one.key_id is None and keys == 1:
                one.key_id = _ONLY_KEY
        elif found.is_certificate and one.key_id is None and keys == 1 and found.index == 0:
            one.key_id = _ONLY_KEY
        listed = found.is_key or found.is_secret or (found.is_certificate and found.trusted)
        if one.alias is None and listed and not one.unpaired:
            counter += 1
            one.alias = str(counter)
    _name_hidden(named)
    _pair([one for one in named if one.visible], limits)
    if any(one.found.is_key and not one.visible for one in named):
        _pair_hidden(named, limits)
    return named


def _name_hidden(named: list[Named]) -> None:
    """Labels for what Java does not list and nobody has named."""
    taken = {one.alias for one in named}
    count = 0
    for one in named:
        if one.alias is not None:
            continue
        if one.certificate is not None:
            # By content, so that the label stays when other bags go.
            one.alias = f"certificate-{one.certificate.sha256[:8]}"
        elif one.found.is_key or one.found.is_secret:
            count += 1
            while f"key-{count}" in taken:
                count += 1
            one.alias = f"key-{count}"
        else:
            one.alias = ""


def _pair_hidden(named: list[Named], limits: Limits) -> None:
    # Keys Java ignores are paired by the same rules, as if it did not.
    keys = [one for one in named if one.found.is_key and not one.visible]
    if len(keys) == 1 and keys[0].key_id is None:
        alone = sum(one.found.is_key for one in named) == 1
        first = next((one for one in named if one.certificate and one.found.index == 0), None)
        if alone and first is not None and first.key_id is None:
            keys[0].key_id = first.key_id = _ONLY_KEY
    _pair([*keys, *(one for one in named if one.certificate is not None)], limits)


def _pair(named: list[Named], limits: Limits) -> None:
    keys = [one for one in named if one.found.is_key and one.key_id is not None]
    if not keys:
        return
    certificates = [one for one in named if one.certificate is not None]
    by_id: dict[bytes, list[Named]] = {}
    by_alias: dict[str, Named] = {}
    for one in certificates:
        if one.found.trusted:
            continue
        if one.key_id is not None:
            by_id.setdefault(one.key_id, []).append(one)
        if one.found.alias is not None:
            by_alias[one.found.alias.lower()] = one
    from ..x509 import facts_or_none

    by_subject: dict[str, Named] = {}
    canonical: dict[bytes, str] = {}

    def names(one: Named) -> tuple[str, str] | None:
        assert one.certificate is not None
        facts = facts_or_none(one.certificate)
        if facts is None:
            return None
        for name in (facts.subject, facts.issuer):
            if name.der not in canonical:
                canonical[name.der] = name.canonical()
        return canonical[facts.subject.der], canonical[facts.issuer.der]

    links = 0
    for key in keys:
        assert key.key_id is not None
        assert key.alias is not None
        same_id = by_id.get(key.key_id, [])
        alias = key.alias.lower()
        own = next((one for one in same_id if (one.found.alias or "").lower() == alias), None)
        own = own or (same_id[-1] if same_id else by_alias.get(alias))
        if own is None:
            continue
        if not by_subject:
            for one in certificates:
                found = names(one)
                if found is not None:
                    by_subject.setdefault(found[0], one)
        key.chain = _chain(own, by_subject, names, limits.chain)
        links += len(key.chain)
        if links > limits.entries:
            raise LimitExceeded(f"chains of more than {limits.entries} certificates together")


def _chain(own: Named, by_subject: dict[str, Named], names: Names, limit: int) -> list[Named]:
    chain: list[Named] = []
    seen: set[bytes] = set()
    next_one: Named | None = own
    while next_one is not None and next_one.found.content not in seen:
        if len(chain) == limit:
            raise LimitExceeded(f"a chain of more than {limit} certificates")
        chain.append(next_one)
        seen.add(next_one.found.content)
        found = names(next_one)
        if found is None:
            break
        issuer = by_subject.get(found[1])
        if found[0] == found[1] and _ends(next_one, issuer):
            break
        next_one = issuer
    return chain


def _ends(one: Named, issuer: Named | None) -> bool:
    """Whether a certificate that names itself as its issuer has signed itself."""
    if issuer is None or issuer.found.content == one.found.content:
        return True
    # Two certificates of one name: only the signature tells, and only here it matters.
    import warnings

    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.x509 import load_der_x509_certificate

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            certificate = load_der_x509_certificate(one.found.content)
            certificate.verify_directly_issued_by(certificate)
        except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
            return False
    return True


def java_view(store: Store) -> tuple[Entry, ...]:
    """The entries Java lists, in its order: what it does not see is left out.

    Aliases are compared as Java folds them; of two the last counts, in the place of the first.
    """
    listed: dict[str, Entry] = {}
    token = getattr(store.layout, "token", None)
    for entry in store.entries:
        origin = entry.origin
        if isinstance(origin, Origin) and origin.hidden and origin.token == token:
            continue
        match entry:
            case Opaque():
                continue
            case PrivateKey() if entry.sealed.opener is unsealed:
                continue
            case TrustedCert() if not has_usage(entry):
                continue
        listed[entry.alias.lower()] = entry
    return tuple(listed.values())


def has_usage(entry: TrustedCert) -> bool:
    """Whether a trusted certificate has, or will be written with, trustedKeyUsage."""
    return entry.attributes is None or any(one.oid == TRUSTED_KEY_USAGE for one in entry.attributes)


def listed(entry: Entry) -> bool:
    """Whether Java lists an entry of a PKCS12: what its bag lacks, or where it lies, hides it.

    A certificate needs trustedKeyUsage; a key has to be encrypted, and paired.
    """
    origin = entry.origin
    if isinstance(origin, Origin) and (origin.hidden or origin.bag.oid == KEY_BAG):
        return False
    if isinstance(entry, TrustedCert) and entry.attributes is not None:
        return any(attribute.oid == TRUSTED_KEY_USAGE for attribute in entry.attributes)
    return not isinstance(entry, Opaque)
