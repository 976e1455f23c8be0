"""Edits that might make a refused chain accepted: of the store, of what is sent, of the name.

Candidates only. `fix` asks the runtime about each of them again.
"""

from __future__ import annotations

from ..frozen import Frozen
from ..x509 import facts_or_none
from .arrangement import arrange, leaf_of
from .calling import called
from .issuance import issuance, match_key
from .reach import concerned

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Literal

    from ..model import Certificate
    from .arrangement import Arrangement
    from .question import Question

    Kind = Literal[
        "send",
        "reorder",
        "give-password",
        "make-visible",
        "import-root",
        "import-intermediate",
        "import-leaf",
        "import-issuers",
        "replace-anchor",
        "other-host",
        "new-certificate",
    ]

MOST_ADDED = 24
"""Certificates that are tried as new anchors; a path has ten at most."""


class Edit(Frozen):
    """One change.

    Attributes:
        kind: what is done.
        what: the same in words.
        certificates: those sent, imported or seen now.
        removed: anchors that go.
        chain, anchors: as they are afterwards; None where they stay.
    """

    kind: Kind
    what: str
    certificates: tuple[Certificate, ...]
    removed: tuple[Certificate, ...] = ()
    chain: tuple[Certificate, ...] | None = None
    anchors: tuple[Certificate, ...] | None = None


class Hidden(Frozen):
    """What of a store a program does not see.

    Attributes:
        certificates: those.
        null_password: because it loads the store without a password.
    """

    certificates: tuple[Certificate, ...] = ()
    null_password: bool = False


def server_edits(question: Question, candidates: Iterable[Certificate]) -> Iterator[Edit]:
    """What the server could send instead."""
    picture = arrange(question.chain, question.anchors, candidates)
    for order in dict.fromkeys((picture.order, _path_alone(picture))):
        if order == question.chain:
            continue
        added = tuple(one for one in order if one not in question.chain)
        if added:
            names = " and ".join(called(one) for one in added)
            yield Edit("send", f"let the server send {names} as well", added, chain=order)
        else:
            left = len(dict.fromkeys(question.chain)) - len(order)
            what = "let the server send its certificates in order, its own first"
            if left:
                what += ", and only those of its path"
            yield Edit("reorder", what, order, chain=order)


def _path_alone(picture: Arrangement) -> tuple[Certificate, ...]:
    return tuple(one for one in picture.order if one in picture.path)


def store_edits(
    question: Question, candidates: Iterable[Certificate], hidden: Hidden
) -> Iterator[Edit]:
    """What could be trusted beside, or instead of, what is."""
    anchors = question.anchors
    unseen = tuple(one for one in dict.fromkeys(hidden.certificates) if one not in anchors)
    if unseen and hidden.null_password:
        what = (
            "let the program give the store's password (javax.net.ssl.trustStorePassword), or "
            "write the store without encryption"
        )
        yield Edit("give-password", what, unseen, anchors=(*anchors, *unseen))
    elif unseen:
        what = "make the certificates visible that Java does not see in the store"
        yield Edit("make-visible", what, unseen, anchors=(*anchors, *unseen))
    leaf = leaf_of(question.chain)
    pool = dict.fromkeys((*question.chain, *candidates))
    issued = issuance(pool)
    near = [one for one in concerned((leaf,), tuple(pool)) if facts_or_none(one) is not None]
    for one in near[:MOST_ADDED]:
        if one in anchors:
            continue
        kind: Kind = "import-intermediate"
        word = "intermediate"
        if one == leaf:
            kind, word = "import-leaf", "server's own certificate"
        elif issued.is_self_signed(one):
            kind, word = "import-root", "root"
        same = _namesakes(one, anchors)
        what = f"import the {word}: {called(one)}"
        if same and kind != "import-leaf":
            what += ", next to the one of that name"
        yield Edit(kind, what, (one,), anchors=(*anchors, one))
        if same and kind != "import-leaf":
            rest = tuple(old for old in anchors if old not in same)
            what = f"replace the {word} of that name by the new one: {called(one)}"
            yield Edit("replace-anchor", what, (one,), same, anchors=(*rest, one))


def all_issuers(question: Question, candidates: Iterable[Certificate]) -> Iterator[Edit]:
    """Every issuer trusted at once, as some runtimes want it; where one alone is no other edit."""
    picture = arrange(question.chain, question.anchors, candidates)
    added = tuple(one for one in picture.path[1:] if one not in question.anchors)
    if len(added) > 1:
        what = "import every issuer: " + " and ".join(called(one) for one in added)
        yield Edit("import-issuers", what, added, anchors=(*question.anchors, *added))


def _namesakes(one: Certificate, anchors: tuple[Certificate, ...]) -> tuple[Certificate, ...]:
    facts = facts_or_none(one)
    if facts is None:
        return ()
    name = match_key(facts.subject)
    found = []
    for anchor in anchors:
        theirs = facts_or_none(anchor)
        if theirs is not None and match_key(theirs.subject) == name:
            found.append(anchor)
    return tuple(found)


def hosts_of(leaf: Certificate) -> list[str]:
    """Names that a certificate is for, a wildcard as one that it covers; each once."""
    facts = facts_or_none(leaf)
    if facts is None:
        return []
    names = [name.value for name in facts.subject_alt_names if name.kind in ("dns", "ip")]
    common = facts.subject.common_name if not names else None
    if common:
        names.append(common)
    return list(dict.fromkeys(name.replace("*", "host") for name in names if name))
