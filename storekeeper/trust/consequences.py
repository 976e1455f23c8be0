"""What comes of an edit, beside that the runtime accepts: what it trusts, and when it breaks."""

from __future__ import annotations

from ..times import iso_date
from ..x509 import facts_or_none
from .calling import called
from .runtimes import jdk
from .until import until

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..model import Certificate
    from .edits import Edit
    from .question import Question


def consequences_of(edit: Edit, after: Question) -> tuple[list[str], bool]:
    """Sentences, and whether the edit is for an emergency only.

    Args:
        edit: the edit.
        after: the question once all is done.
    """
    match edit.kind:
        case "send" | "reorder":
            return ["every client gains by it"], False
        case "give-password":
            return ["the store stays as it is"], False
        case "make-visible":
            return ["all of them are trusted then; look at them first"], False
        case "import-leaf":
            return _of_pin(edit.certificates[0], after)
    certificate = edit.certificates[0]
    names = " and ".join(called(one) for one in edit.certificates)
    several = len(edit.certificates) > 1
    what = f"everything that {names} {'issue' if several else 'issues'} is trusted then"
    told = [f"{what}; compare SHA-256 over another channel first"]
    if edit.kind == "import-intermediate":
        told.append("it breaks when the server's next certificate has another issuer")
    if edit.kind == "replace-anchor":
        told.append("what the old one issued is refused from then on")
    found = until(after)
    if found.at is not None and not (found.then and found.then.accepts):
        told.append(f"the answer changes on {iso_date(found.at)}: {found.why}")
    ends = _ends(certificate)
    if ends is None or ends >= after.at:
        return told, False
    told.append(f"it expired on {iso_date(ends)}, which is not looked at in an anchor")
    return told, edit.kind == "import-intermediate"


def _of_pin(certificate: Certificate, after: Question) -> tuple[list[str], bool]:
    ends = _ends(certificate)
    if ends is not None and ends < after.at:
        urgent = (
            f"for an emergency only: it expired on {iso_date(ends)}, and a certificate in the "
            "store itself is taken whatever its dates are; it breaks on renewal"
        )
        return [urgent], True
    date = "" if ends is None else f", on {iso_date(ends)} at the latest"
    told = [f"a pinned certificate breaks on renewal{date}"]
    if jdk.release(after.runtime) is not None:
        told.append("Java looks at nothing in it any more but the name: not at dates or purposes")
    return told, False


def _ends(certificate: Certificate) -> int | None:
    facts = facts_or_none(certificate)
    return None if facts is None else facts.not_after
