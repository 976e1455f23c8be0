"""Which bags a PKCS12 will hold: those of its file, kept or mended, and new ones.

The rule: editing one entry changes nothing else. Every bag of the file is kept as it is
when some entry still claims it, rebuilt when its own entry has changed, and dropped when
nobody claims it; new entries are appended where Java puts them.
"""

from __future__ import annotations

from hashlib import sha1

from .. import der
from ..errors import Damaged, LimitExceeded, WriteRefused
from ..frozen import replace
from ..model import Attribute, Certificate, Opaque, PrivateKey, SecretKey, TrustedCert
from . import pbe
from .pkcs12_bags import (
    CERT_BAG,
    FRIENDLY_NAME,
    JAVA_TRUSTED,
    KEY_BAG,
    LOCAL_KEY_ID,
    SAFE_CONTENTS_BAG,
    SECRET_BAG,
    SHROUDED_KEY_BAG,
    TRUSTED_KEY_USAGE,
    Bag,
    Found,
    Origin,
    canonical,
    certificate_value,
    encode_bag,
    examine,
    friendly_name,
    local_key_id,
    parts,
    secret_value,
)
from .pkcs12_secrets import plain_secret, unseal_secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..model import Entry, Sealed
    from .pkcs12_bags import Layout


class Slot:
    """A bag to be written, and the entry whose alias it carries, if it is an entry's own.

    That of a new trusted certificate (None is given for it) is made each time it is asked
    for: the bags of ten thousand, held until they are written, would be the file once more.
    """

    __slots__ = ("_bag", "entry", "unmade")

    def __init__(self, bag: Bag | None, entry: Entry | None) -> None:
        self._bag, self.unmade = bag, bag is None
        self.entry = entry

    @property
    def bag(self) -> Bag:
        """The bag."""
        if self._bag is None:
            assert isinstance(self.entry, TrustedCert)
            return fresh_trusted(self.entry)
        return self._bag

    @bag.setter
    def bag(self, bag: Bag) -> None:
        self._bag = bag


class Claims:
    """What the entries to be written say about the bags of the file.

    Attributes:
        owner: for a bag's number, the entry it is the main bag of.
        links: numbers of certificates in the chain of some key.
        leaf: for the number of a key's own certificate, the key.
        fresh: entries without a bag, in order.
        missing: certificates of keys that keep their bag and have no bag themselves.
    """

    def __init__(self, entries: Iterable[Entry], layout: Layout | None) -> None:
        self.owner: dict[int, Entry] = {}
        self.links: set[int] = set()
        self.leaf: dict[int, PrivateKey] = {}
        self.fresh: list[Entry] = []
        self.missing: list[tuple[PrivateKey, Certificate]] = []
        token = layout.token if layout else None
        found: dict[int, bytes] = {}
        for entry in entries:
            origin = entry.origin
            if (
                not isinstance(origin, Origin)
                or origin.token != token
                or origin.number in self.owner
                or not _same_kind(entry, origin.bag)
            ):
                self.fresh.append(entry)
                continue
            self.owner[origin.number] = entry
            if isinstance(entry, PrivateKey):
                found = found or _certificates(layout)
                self._claim_chain(entry, origin, found)
        for number in sorted(self.links & self.owner.keys()):
            entry = self.owner[number]
            # A trusted certificate is exchanged while some chain still needs the old one.
            if isinstance(entry, TrustedCert) and entry.certificate.der != found[number]:
                del self.owner[number]
                self.fresh.append(entry)

    def _claim_chain(self, key: PrivateKey, origin: Origin, found: dict[int, bytes]) -> None:
        numbers = {found[one[0]]: one for one in origin.chain}
        for at, certificate in enumerate(key.chain):
            held = numbers.get(certificate.der)
            # Another certificate for the same key takes the old one's place.
            if at == 0 and origin.chain and (held is None or held is origin.chain[0]):
                self.leaf[origin.own] = key
            if held is not None:
                if held[0] not in self.links:
                    self.links.update(held)
            elif not (at == 0 and origin.chain):
                self.missing.append((key, certificate))


def _certificates(layout: Layout | None) -> dict[int, bytes]:
    from .pkcs12_bags import flatten

    numbers: dict[int, bytes] = {}
    number = 0
    for safe in layout.safes if layout else ():
        for found in flatten(safe.bags, number):
            if found.is_certificate:
                numbers[number] = found.content
            number += 1
    return numbers


def _same_kind(entry: Entry, bag: Bag) -> bool:
    match entry:
        case TrustedCert():
            return bag.oid == CERT_BAG
        case PrivateKey():
            return bag.oid in {KEY_BAG, SHROUDED_KEY_BAG}
        case SecretKey():
            return bag.oid == SECRET_BAG
    return True


class Keeper:
    """Walks the bags of a file and says what becomes of each."""

    def __init__(self, claims: Claims) -> None:
        self.claims = claims
        self.number = 0

    def keep(self, bags: Iterable[Bag]) -> list[Slot]:
        """The slots that remain of these bags."""
        slots = []
        for bag in bags:
            number = self.number
            self.number += 1
            if bag.oid == SAFE_CONTENTS_BAG:
                slot = self._keep_nested(bag)
            else:
                slot = self._keep_one(bag, number)
            if slot is not None:
                slots.append(slot)
        return slots

    def _keep_nested(self, bag: Bag) -> Slot | None:
        inner = self.keep(bag.inner)
        if bag.inner and not inner:
            return None
        if [one.bag for one in inner] == list(bag.inner):
            return Slot(_whole(bag), None)
        attributes = parts(bag)[1]
        value = der.sequence(*(one.bag.raw for one in inner))
        return Slot(_with_inner(encode_bag(bag.oid, value, attributes), inner), None)

    def _keep_one(self, bag: Bag, number: int) -> Slot | None:
        claims = self.claims
        entry = claims.owner.get(number)
        key = claims.leaf.get(number)
        if entry is not None:
            bag = _mended(bag, entry)
        elif key is not None:
            bag = _mended_leaf(bag, key)
        elif number in claims.links:
            bag = _untrusted(bag)
        else:
            return None
        return Slot(_whole(bag), entry)


def _with_inner(bag: Bag, inner: list[Slot]) -> Bag:
    return replace(bag, inner=tuple(one.bag for one in inner))


def _whole(bag: Bag) -> Bag:
    """The same bag in definite lengths; as it is where it can't be read."""
    if not bag.oid:
        return bag
    try:
        raw = canonical(der.read(bag.raw))
    except (Damaged, LimitExceeded):
        return bag
    return bag if raw == bag.raw else replace(bag, raw=raw)


def _mended(bag: Bag, entry: Entry) -> Bag:
    """The main bag of an entry, rebuilt if the entry is no longer what the bag says."""
    found = examine(bag)
    assert isinstance(entry.origin, Origin)
    wanted = found.others if entry.attributes is None else entry.attributes
    if isinstance(entry, TrustedCert) and entry.attributes is None:
        wanted = JAVA_TRUSTED
    renamed = entry.alias != entry.origin.alias
    redated = _keeps_date(entry) and entry.created_ms != found.created_ms
    value = _new_value(entry, found)
    if value is None and wanted == found.others and not renamed and not redated:
        return bag
    if not bag.oid or found.what == "unreadable bag":
        raise WriteRefused("the bag can't be read, so it can't be changed", alias=entry.alias)
    old_value, attributes = parts(bag)
    if wanted != found.others:
        kept = [one for one in attributes if one.oid in {FRIENDLY_NAME, LOCAL_KEY_ID}]
        attributes = [*kept, *wanted]
    if renamed:
        attributes = _set(attributes, friendly_name(entry.alias))
    if redated:
        attributes = _dated(attributes, entry.created_ms)
    oid = _key_oid(entry.sealed) if isinstance(entry, PrivateKey) else bag.oid
    return encode_bag(oid, value or old_value, attributes)


def _keeps_date(entry: Entry) -> bool:
    return isinstance(entry, PrivateKey | SecretKey)


def _new_value(entry: Entry, found: Found) -> bytes | None:
    """The bag's new value, or None when it is the old one."""
    match entry:
        case TrustedCert():
            if entry.certificate.der != found.content:
                return certificate_value(entry.certificate.der)
        case PrivateKey():
            check_sealed(entry)
            if entry.sealed.data != found.content:
                return canonical(der.read(entry.sealed.data))
        case SecretKey():
            check_sealed(entry)
            if entry.sealed.opener is plain_secret:
                if entry.sealed.data != secret_value(found.type, found.content):
                    return entry.sealed.data
            elif entry.sealed.data != found.content:
                return secret_value(SHROUDED_KEY_BAG, entry.sealed.data)
        case Opaque():
            if entry.data != found.content:
                raise WriteRefused(f"a {entry.what} can't be changed", alias=entry.alias)
    return None


def _mended_leaf(bag: Bag, key: PrivateKey) -> Bag:
    """The bag of a key's own certificate, following the key's alias, date and certificate."""
    found = examine(bag)
    origin = key.origin
    assert isinstance(origin, Origin)
    old_key = examine(origin.bag)
    value, attributes = parts(bag)
    before = list(attributes)
    same_name = found.alias is not None and found.alias.lower() == origin.alias.lower()
    if same_name and key.alias != origin.alias:
        attributes = _set(attributes, friendly_name(key.alias))
    if key.created_ms != old_key.created_ms and found.key_id == old_key.key_id:
        attributes = _dated(attributes, key.created_ms)
    if found.trusted:
        attributes = [one for one in attributes if one.oid != TRUSTED_KEY_USAGE]
    own = key.chain[0].der
    if own == found.content and attributes == before:
        return bag
    return encode_bag(
        CERT_BAG, value if own == found.content else certificate_value(own), attributes
    )


def _untrusted(bag: Bag) -> Bag:
    """A certificate that stays for a chain's sake after its own entry has gone."""
    if not examine(bag).trusted:
        return bag
    value, attributes = parts(bag)
    kept = [one for one in attributes if one.oid not in {TRUSTED_KEY_USAGE, FRIENDLY_NAME}]
    return encode_bag(bag.oid, value, kept)


def _set(attributes: list[Attribute], new: Attribute) -> list[Attribute]:
    rest = [one for one in attributes if one.oid != new.oid]
    return [new, *rest]


def _dated(attributes: list[Attribute], created_ms: int | None) -> list[Attribute]:
    if created_ms is None:
        # Any localKeyID that says no date pairs as well; an old one must not say the old date.
        return [
            local_key_id(sha1(one.values[0]).digest()) if one.oid == LOCAL_KEY_ID else one
            for one in attributes
        ]
    return _set(attributes, local_key_id(time_id(created_ms)))


def time_id(created_ms: int) -> bytes:
    """The localKeyID in which Java keeps a date."""
    return f"Time {created_ms}".encode()


# --- new bags -----------------------------------------------------------------------------------


def check_sealed(entry: PrivateKey | SecretKey) -> None:
    """Refuse key material that is sealed in another format's way."""
    opener = entry.sealed.opener
    known = (
        opener in (pbe.unseal, pbe.unsealed)
        if isinstance(entry, PrivateKey)
        else opener in (unseal_secret, plain_secret)
    )
    if not known:
        raise WriteRefused(
            f"the key is sealed with {entry.sealed.scheme}, which is not for PKCS12",
            alias=entry.alias,
            hint="open it with its password and seal it again for PKCS12",
        )


def _key_oid(sealed: Sealed) -> str:
    return KEY_BAG if sealed.opener is pbe.unsealed else SHROUDED_KEY_BAG


def fresh_key(entry: PrivateKey | SecretKey) -> Bag:
    """The bag of a new private or secret key."""
    check_sealed(entry)
    attributes = [friendly_name(entry.alias)]
    if isinstance(entry, PrivateKey):
        attributes.append(local_key_id(_pair_id(entry)))
        value = canonical(der.read(entry.sealed.data))
        return encode_bag(_key_oid(entry.sealed), value, [*attributes, *(entry.attributes or ())])
    if entry.created_ms is not None:
        attributes.append(local_key_id(time_id(entry.created_ms)))
    value = entry.sealed.data
    if entry.sealed.opener is not plain_secret:
        value = secret_value(SHROUDED_KEY_BAG, canonical(der.read(value)))
    return encode_bag(SECRET_BAG, value, [*attributes, *(entry.attributes or ())])


def _pair_id(key: PrivateKey) -> bytes:
    if key.created_ms is not None:
        return time_id(key.created_ms)
    # Without a date OpenSSL's way: a digest of the certificate.
    return sha1(key.chain[0].der if key.chain else key.sealed.data).digest()


def fresh_chain(key: PrivateKey) -> list[Bag]:
    """The certificates of a new key, as Java writes them: the first paired, the rest by name."""
    bags = []
    for at, certificate in enumerate(key.chain):
        if at == 0:
            attributes = [friendly_name(key.alias), local_key_id(_pair_id(key))]
            bags.append(encode_bag(CERT_BAG, certificate_value(certificate.der), attributes))
        else:
            bags.append(fresh_link(certificate))
    return bags


def fresh_link(certificate: Certificate) -> Bag:
    """A certificate of a chain that is not the first. Its name is for people only."""
    from ..x509 import facts_or_none

    facts = facts_or_none(certificate)
    name = facts.subject.rfc4514() if facts else ""
    attributes = [friendly_name(name)] if name else []
    return encode_bag(CERT_BAG, certificate_value(certificate.der), attributes)


def fresh_trusted(entry: TrustedCert) -> Bag:
    """The bag of a new trusted certificate."""
    others = JAVA_TRUSTED if entry.attributes is None else entry.attributes
    attributes = [friendly_name(entry.alias), *others]
    return encode_bag(CERT_BAG, certificate_value(entry.certificate.der), attributes)


def fresh_opaque(entry: Opaque) -> Bag:
    """A bag from another PKCS12."""
    if not isinstance(entry.origin, Origin):
        raise WriteRefused(
            f"a {entry.what} from another format can't be put into a PKCS12", alias=entry.alias
        )
    return _mended(entry.origin.bag, entry)
