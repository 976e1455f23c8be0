r"""PEM within string literals: Node's ``node_root_certs.h``, JSON arrays, other programs' source.

Line ends are spelled ``\n`` and lines may be in quotes of their own. The comment before a
certificate (``/* GlobalSign Root CA */``), where there is one, is its label.
"""

from __future__ import annotations

from ..errors import Damaged, LimitExceeded
from ..model import LIMITS, Certificate
from .anchors import Anchor, RootList
from .findings import Findings
from .pem import certificates_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..model import Limits

_BEGIN = "-----BEGIN CERTIFICATE-----"
_END = "-----END CERTIFICATE-----"
_COMMENT = 400


def is_quoted(text: str) -> bool:
    """Whether a text has a certificate in PEM whose line ends are escaped, and no key."""
    return f"{_BEGIN}\\n" in text and "PRIVATE KEY-----" not in text


def read(text: str, *, limits: Limits = LIMITS) -> RootList:
    """The certificates in the literals of a text.

    Raises:
        Damaged: none could be decoded.
        LimitExceeded: more of them than ``limits.entries``.
    """
    findings = Findings()
    anchors: dict[str, Anchor] = {}
    at = counted = 0
    line = 1
    while (begin := text.find(_BEGIN, at)) >= 0:
        line += text.count("\n", counted, begin)
        counted = begin
        # No further than the next one: what is cut off must cost no look at the whole rest.
        stop = text.find(_BEGIN, begin + 1)
        stop = len(text) if stop < 0 else stop
        end = text.find(_END, begin, stop)
        stop = stop if end < 0 else end + len(_END)
        block = text[begin:stop].replace("\\r", "").replace("\\n", "\n").replace('"', "")
        _, encoded = next(certificates_in(block), (0, None))
        if encoded is None:
            findings.add(line, "a certificate in PEM that can't be decoded")
        else:
            certificate = Certificate(encoded)
            label = _comment(text[max(at, begin - _COMMENT) : begin])
            anchors.setdefault(
                certificate.sha256, Anchor(certificate.sha256, label, certificate)
            )  # fmt: skip
        if len(anchors) > limits.entries:
            raise LimitExceeded(f"more than {limits.entries} certificates")
        at = stop
    if not anchors:
        raise Damaged("certificates within string literals, none of which could be decoded")
    return RootList(
        "literals",
        "certificates in a program's source",
        source="PEM within string literals, as Node's node_root_certs.h has it",
        anchors=tuple(anchors.values()),
        findings=findings.all(),
    )


def _comment(before: str) -> str:
    _, mark, comment = before.rpartition("/*")
    comment, stop, _ = comment.partition("*/")
    return " ".join(comment.split()) if mark and stop else ""
