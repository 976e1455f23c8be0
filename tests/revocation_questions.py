"""A question about revocation below the usual root, and what answers it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from storekeeper.model import Certificate
from storekeeper.trust.runtimes.revocation import Revocation
from storekeeper.trust.verdict import Verdict, judge
from tests import forge
from tests.forge import AT, key
from tests.revoking import Question, cert_id, crl
from tests.verdict_cases import MID, ROOT, root

NOW = datetime.fromtimestamp(AT, UTC)
KEY_ID = forge.authority_id(b"root")
URL = "http://127.0.0.1:1/a"


def ask(name: str, chain: Any, *crls: bytes, **options: Any) -> Question:
    """A question about the usual root; ``options`` are those of `Revocation`."""
    anchors = options.pop("anchors", None) or (root(),)
    protocol = options.pop("protocol", "TLSv1.3")
    if "options" in options and options["options"] is not None:
        options["options"] = frozenset(options["options"])
    return Question(name, tuple(chain), anchors, Revocation(crls=crls, **options), protocol)


def of_root(*lines: bytes, **options: Any) -> bytes:
    return crl(ROOT, options.pop("signer", key("root")), *lines, **options)


def of_mid(*lines: bytes, **options: Any) -> bytes:
    return crl(MID, options.pop("signer", key("mid")), *lines, **options)


LEAF_ID = cert_id(MID, key("mid"))
MID_ID = cert_id(ROOT, key("root"))

CRITICAL = forge.extension("1.2.3.4", b"\5\0", critical=True)


def asked(chain: Sequence[bytes], revocation: Revocation | None, manager: str = "PKIX") -> Verdict:
    """What we say of a chain below that root, with this given."""
    anchors = [Certificate(root())]
    return judge(chain, anchors, None, trust_manager=manager, at=NOW, revocation=revocation)
