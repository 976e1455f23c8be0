"""Writing PEM: untouched blocks as they were, new ones where their entry stands."""

from __future__ import annotations

from ..errors import WriteRefused
from ..model import Certificate, Opaque, PrivateKey, Store, TrustedCert, kind
from . import armor, pem_keys
from .labels import Labels
from .pem import WHAT, Layout, Origin, Piece, friendly_name, key_label

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..model import Entry

_LABELS = {what: label for label, what in reversed(WHAT.items())}


class _Part:
    """One block to be: the piece it was read from, if it is unchanged, and what it holds."""

    __slots__ = ("alias", "der", "label", "piece")

    def __init__(self, piece: Piece | None, label: str, der: bytes) -> None:
        self.piece = piece
        self.label = label
        self.der = der
        self.alias: str | None = None  # to be written before it


def write(store: Store) -> bytes:
    """See `pem.write`."""
    layout = store.layout if isinstance(store.layout, Layout) else Layout()
    groups: list[tuple[int | None, list[_Part]]] = []
    labels = Labels()
    for entry in store.entries:
        parts = _parts(entry)
        _name(entry, parts, labels)
        groups.append((_index(entry), parts))
    chosen = _placed(groups)
    text = _joined(chosen, layout)
    if layout.encoding is not None:
        codec, mark = layout.encoding
        return mark + text.decode("utf-8", "replace").encode(codec)
    return text


def _parts(entry: Entry) -> list[_Part]:
    origin = entry.origin if isinstance(entry.origin, Origin) else None
    pieces = list(origin.pieces) if origin else []

    def certificate(value: Certificate) -> _Part:
        piece = next((piece for piece in pieces if piece.value == value), None)
        return _Part(piece, "CERTIFICATE", value.der)

    match entry:
        case TrustedCert():
            return [certificate(entry.certificate)]
        case PrivateKey():
            return [_key(entry, pieces), *map(certificate, entry.chain)]
        case Opaque():
            if pieces and pieces[0].value == entry.data:
                return [_Part(pieces[0], "", entry.data)]
            if entry.what in _LABELS:
                return [_Part(None, _LABELS[entry.what], entry.data)]
            what = entry.what
        case _:
            what = kind(entry)
    raise WriteRefused(
        f"PEM can't hold a {what}",
        alias=entry.alias,
        hint="leave the entry out, or convert to a format that holds it",
    )


def _key(entry: PrivateKey, pieces: list[Piece]) -> _Part:
    sealed = entry.sealed
    piece = next((p for p in pieces if p.value == sealed), None)
    label = pem_keys.label_of(sealed)
    if label is not None:
        return _Part(piece, label, sealed.data)
    raise WriteRefused(
        f"the private key is sealed with {sealed.scheme}, which is not for PEM",
        alias=entry.alias,
        hint="open the key with its password and seal it again",
    )


def _name(entry: Entry, parts: list[_Part], labels: Labels) -> None:
    """Have the alias written where reading would give another one."""
    if isinstance(entry, Opaque):
        return
    origin = entry.origin if isinstance(entry.origin, Origin) else None
    first = parts[0].piece
    if first is not None and origin is not None and origin.named and entry.alias == origin.alias:
        labels.claim(entry.alias)
        return
    if isinstance(entry, PrivateKey):
        derived = key_label(entry.chain, labels)
        renamed = derived != entry.alias
    else:
        assert isinstance(entry, TrustedCert)
        renamed = labels.peek(entry.certificate) != entry.alias
    named = first is not None and bool(friendly_name(first.block.preface))
    if not named and origin is not None and origin.named:
        named = first is not None  # by OpenSSL's auxiliary data, or the chain's first block
    labels.claim(entry.alias)
    if (renamed or named) and _writable(entry.alias):
        parts[0].alias = entry.alias


def _writable(alias: str) -> bool:
    return alias == alias.strip() != "" and alias.isprintable()


def _index(entry: Entry) -> int | None:
    origin = entry.origin
    return origin.pieces[0].block.index if isinstance(origin, Origin) else None


def _placed(groups: list[tuple[int | None, list[_Part]]]) -> list[_Part]:
    """The parts in the order of the file, as long as the entries still are in that order."""
    known = [index for index, _ in groups if index is not None]
    if known != sorted(known):
        return [part for _, parts in groups for part in parts]
    placed: list[tuple[tuple[int, int, int], _Part]] = []
    last = -1
    for number, (index, parts) in enumerate(groups):
        if index is not None:
            last = max(last, index)
        here = last
        for part in parts:
            if part.piece is not None:
                here = part.piece.block.index
                # What is new stands behind the whole of what is before it: a key between
                # another and its certificates would be taken for theirs.
                last = max(last, here)
                placed.append(((here, 0, part.piece.position), part))
            else:
                placed.append(((here, 1, number), part))
    placed.sort(key=lambda item: item[0])
    return [part for _, part in placed]


def _joined(parts: list[_Part], layout: Layout) -> bytes:
    claimed: dict[int, set[int]] = {}
    for part in parts:
        if part.piece is not None:
            claimed.setdefault(part.piece.block.index, set()).add(part.piece.position)
    out = [layout.header]
    done: set[tuple[int, int]] = set()
    before = -1
    for part in parts:
        piece = part.piece
        here = -2
        if piece is not None:
            block = piece.block
            whole = len(claimed[block.index]) == block.members
            place = (block.index, -1 if whole else piece.position)
            if place in done:
                continue  # two keys share it, or it is one of a whole PKCS#7 block
            done.add(place)
            if whole:
                here = block.index
                text = _prefaced(block.preface, part.alias, layout.newline) + block.text
            else:
                text = armor.armour(_plain_label(part), part.der, layout.newline)
        else:
            text = _prefaced(b"", part.alias, layout.newline)
            text += armor.armour(part.label, part.der, layout.newline) if part.label else part.der
        if out[-1] and here != before + 1 and out[-1][-1:] not in (b"\n", b"\r"):
            out.append(layout.newline)
        out.append(text)
        before = here
    if layout.tail:
        out.append(layout.tail)
    return b"".join(out)


def _plain_label(part: _Part) -> str:
    return part.label or "X509 CRL"


def _prefaced(preface: bytes, alias: str | None, newline: bytes) -> bytes:
    """The text before a block with the alias in it, as ``openssl pkcs12`` writes one."""
    if alias is None:
        return preface
    line = b"    friendlyName: " + alias.encode("utf-8", "replace") + newline
    lines = [
        old
        for old in preface.splitlines(keepends=True)
        if not old.strip().startswith(b"friendlyName:")
    ]
    if lines and not lines[-1].endswith((b"\n", b"\r")):
        lines[-1] += newline
    for number, old in enumerate(lines):
        if old.strip() == b"Bag Attributes":
            lines.insert(number + 1, line)
            return b"".join(lines)
    return b"".join([*lines, b"Bag Attributes" + newline, line])
