"""`chain` as text and as JSON: a tree from the root down to the server's own certificate."""

from __future__ import annotations

from ..names import printable
from ..times import iso_date
from ..trust.calling import called, name_text
from ..trust.inventory import colons
from ..x509 import facts_or_none
from .values import certificate_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from ..model import Certificate
    from ..trust.aia import Fetched
    from ..trust.arrangement import Arrangement, Member

SCHEMA = "storekeeper.chain/1"


def text(name: str, picture: Arrangement, at: int, fetched: Sequence[Fetched] = ()) -> str:
    """The chain for people.

    Args:
        name: what it was read from.
        picture: the chain.
        at: the date expiry is judged at, seconds since 1970 UTC.
        fetched: addresses that were asked.
    """
    count = len(picture.sent)
    lines = [f"{name}: {count} certificate{'' if count == 1 else 's'} of {called(picture.leaf)}"]
    lines += ["", *_tree(picture, at)]
    rest = [one for one in picture.members if one.certificate not in picture.path]
    if rest:
        lines += ["", "not in the path:"]
        lines += [f"  {_described(one, at)}" for one in rest]
    lines += [""]
    lines += [f"{'problem' if one.fault else 'note'}: {one.message}" for one in picture.remarks]
    lines += _where_missing(picture, asked=bool(fetched))
    lines += [f"note: {line}" for line in fetched_lines(fetched)]
    lines.append(_advice(picture))
    return "".join(f"{printable(line)}\n" for line in lines)


def _tree(picture: Arrangement, at: int) -> Iterator[str]:
    depth = 0
    if picture.missing is not None:
        yield f"? {name_text(picture.missing)}: not here"
        depth = 1
    for one in reversed(picture.path):
        branch = "" if depth == 0 else "   " * (depth - 1) + "+- "
        yield branch + _described(picture.member(one), at)
        depth += 1


def _described(member: Member, at: int) -> str:
    one = member.certificate
    words: list[str] = [member.role]
    if member.places:
        words.append("sent as " + " and ".join(str(place + 1) for place in member.places))
    elif member.where == "elsewhere":
        words.append("not sent, from elsewhere")
    if member.anchor:
        words.append(f"in the store as {member.alias!r}" if member.alias else "in the store")
    elif member.where == "store":
        words.append("from the store")
    facts = facts_or_none(one)
    if facts is not None and facts.not_after is not None:
        expired = facts.not_after < at
        words.append(f"{'EXPIRED on' if expired else 'until'} {iso_date(facts.not_after)}")
    if facts is not None and facts.not_before is not None and facts.not_before > at:
        words.append(f"NOT VALID before {iso_date(facts.not_before)}")
    return f"{called(one)}  [{', '.join(words)}]"


def _where_missing(picture: Arrangement, *, asked: bool) -> Iterator[str]:
    for url in picture.locations:
        how = "" if asked else "; --aia fetches it"
        yield f"note: the missing issuer should be at {url}{how}"


def fetched_lines(fetched: Sequence[Fetched]) -> Iterator[str]:
    """What the network gave, with fingerprints."""
    for one in fetched:
        if one.problem:
            yield one.problem
        for certificate in one.certificates:
            told = f"from {one.url}: {called(certificate)}, which is not trusted by that"
            yield f"{told}; SHA-256 {colons(certificate.sha256)}"


def _advice(picture: Arrangement) -> str:
    places = {one: number for number, one in reversed(list(enumerate(picture.sent, 1)))}
    order = [str(places.get(one, f"({called(one)})")) for one in picture.order]
    if picture.in_order and picture.missing is None:
        return "sent as it should be"
    if picture.in_order:
        return "what is sent is in order"
    return f"should be sent: {', '.join(order)}"


def json(picture: Arrangement, fetched: Sequence[Fetched] = ()) -> dict[str, Any]:
    """The values of ``chain --json``, `SCHEMA` (docs/json.md)."""
    return {
        "schema": SCHEMA,
        "good": picture.good,
        "closed": picture.closed,
        "anchored": picture.anchored,
        "in_order": picture.in_order,
        "leaf": picture.leaf.sha256,
        "path": [one.sha256 for one in picture.path],
        "order": [one.sha256 for one in picture.order],
        "missing": None if picture.missing is None else name_text(picture.missing),
        "locations": list(picture.locations),
        "members": [_member_json(one) for one in picture.members],
        "remarks": [
            {
                "code": one.code,
                "message": one.message,
                "fault": one.fault,
                "sha256": None if one.certificate is None else one.certificate.sha256,
            }
            for one in picture.remarks
        ],
        "fetched": [
            {
                "url": one.url,
                "problem": one.problem or None,
                "certificates": [certificate_json(each) for each in one.certificates],
            }
            for one in fetched
        ],
    }


def _member_json(member: Member) -> dict[str, Any]:
    return certificate_json(member.certificate) | {
        "role": member.role,
        "where": member.where,
        "places": [place + 1 for place in member.places],
        "anchor": member.anchor,
        "alias": member.alias or None,
    }


def pem(certificates: Sequence[Certificate]) -> str:
    """Certificates as PEM, each with its subject above it."""
    from ..formats.armor import armour

    return "".join(
        f"# {printable(called(one))}\n{armour('CERTIFICATE', one.der).decode('ascii')}"
        for one in certificates
    )
