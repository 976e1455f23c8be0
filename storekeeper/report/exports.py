"""What `export` wrote, as lines and JSON."""

from __future__ import annotations

from hashlib import sha256

from ..names import printable
from .values import finding_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from ..change.outputs import Output, Product
    from ..model import Finding

SCHEMA = "storekeeper.export/1"
_DONE = {"new": "wrote", "replaced": "replaced", "unchanged": "unchanged", "stream": "wrote"}
_TO_DO = {
    "new": "would write",
    "replaced": "would replace",
    "unchanged": "unchanged",
    "stream": "would write",
}


def lines(outputs: Iterable[Output], *, looking: bool) -> Iterator[str]:
    """One line a file: what happened, or would, to it and what it holds."""
    words = _TO_DO if looking else _DONE
    for output in outputs:
        product = output.product
        counts = held(product)
        what = f" -> {product.link}" if product.link else f": {counts}" if counts else ""
        yield printable(f"{words[output.state]} {output.path}{what}") + "\n"


def held(product: Product) -> str:
    """``1 key and 3 certificates``."""
    counts = []
    if product.keys:
        counts.append(f"{product.keys} key{'s' * (product.keys != 1)}")
    if product.certificates:
        counts.append(f"{product.certificates} certificate{'s' * (product.certificates != 1)}")
    return " and ".join(counts)


def json(
    path: str,
    format: str,
    outputs: Iterable[Output],
    findings: Iterable[Finding],
    *,
    looking: bool,
) -> dict[str, Any]:
    """The values of ``export --json``, `SCHEMA` (docs/json.md)."""
    return {
        "schema": SCHEMA,
        "store": path,
        "format": format,
        "dry_run": looking,
        "files": [
            {
                "path": output.path,
                "state": output.state,
                "link": output.product.link or None,
                "sha256": sha256(output.product.content).hexdigest(),
                "private": output.product.private,
                "keys": output.product.keys,
                "certificates": output.product.certificates,
                "aliases": list(output.product.aliases),
            }
            for output in outputs
        ],
        "findings": [finding_json(finding) for finding in findings],
    }
