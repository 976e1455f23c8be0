"""Reading a policy: YAML whose every word is text until its field says what it is.

See `host.yaml_tree`. No value is repeated by an alias here.
"""

from __future__ import annotations

import os

from ...errors import StorekeeperError
from ...frozen import replace
from ...host.files import read_file
from ...host.yaml_tree import MOST_BYTES, Bounds, tree, wrong
from ...model import LIMITS
from ...times import parse_iso
from .policy import DAY, FAILS_ON, Policy, Soon, Waived, meant
from .rules import RULES
from .values import SEVERITIES, Waiver

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import NoReturn

    from ...host.yaml_tree import Node

_BOUNDS = Bounds(depth=6, anchors=False)

_FIELDS = ("fails_on", "lists", "rules", "expires_soon", "waive")
_SOON = ("leaf_share", "leaf_days", "ca_days")
_WAIVER = ("code", "sha256", "alias", "store", "reason", "until")
_WORDS = (*SEVERITIES, "off")


def read_policy(path: str) -> Policy:
    """The policy in a file.

    Raises:
        Unreadable: as `host.files.read_file`.
        Damaged: it is no YAML, or says something no policy says; the path of the error has
            line and column.
        LimitExceeded: it is larger, deeper or longer than any policy needs.
        Unsupported: PyYAML is not installed.
    """
    data = read_file(path, replace(LIMITS, file_size=MOST_BYTES))
    return parse_policy(data, path)


def parse_policy(data: bytes, path: str) -> Policy:
    """The policy in the bytes of a file; raises as `read_policy`."""
    root = tree(data, path, "policy", _BOUNDS)
    if root is None:  # nothing but comments
        return Policy(path)
    return _Reader(path).policy(root)


# -- what it says -------------------------------------------------------------------------


class _Reader:
    """Turns nodes into a policy."""

    def __init__(self, path: str) -> None:
        self.path = path

    def policy(self, root: Node) -> Policy:
        """The policy of the top table."""
        found = self.table(root, _FIELDS, "the policy")
        policy = Policy(self.path)
        if node := found.get("fails_on"):
            policy = replace(policy, fails_on=self.choice(node, FAILS_ON))
        if node := found.get("lists"):
            policy = replace(policy, lists=tuple(map(self.list_name, self.texts(node))))
        if node := found.get("rules"):
            policy = replace(policy, severities=tuple(self.severities(node)))
        if node := found.get("expires_soon"):
            policy = replace(policy, soon=self.soon(node))
        if node := found.get("waive"):
            if node.kind != "list":
                self.fail(node, f"expected a list of waivers, found a {node.kind}")
            policy = replace(policy, waived=tuple(map(self.waived, node.value)))
        return policy

    def severities(self, node: Node) -> Iterator[tuple[str, str]]:
        for code, said in self.table(node, tuple(RULES), "rules").items():
            yield code, self.choice(said, _WORDS)

    def soon(self, node: Node) -> Soon:
        found = self.table(node, _SOON, "expires_soon")
        soon = Soon()
        if share := found.get("leaf_share"):
            soon = replace(soon, leaf_share=self.share(share))
        if days := found.get("leaf_days"):
            soon = replace(soon, leaf_days=self.days(days))
        if days := found.get("ca_days"):
            soon = replace(soon, ca_days=self.days(days))
        return soon

    def waived(self, node: Node) -> Waived:
        found = self.table(node, _WAIVER, "a waiver")
        reason = self.text(found["reason"]).strip() if "reason" in found else ""
        if not reason:
            self.fail(node, "a waiver without a reason", "reason: why this does not count here")
        if len(found.keys() & {"code", "sha256", "alias", "store"}) == 0:
            self.fail(
                node,
                "a waiver of everything",
                "say what it is for: code, sha256, alias or store",
            )
        codes = []
        for code in self.texts(found["code"]) if "code" in found else ():
            if code.value not in RULES:
                self.fail(code, f"there is no rule {code.value[:80]!r}", meant(code.value, RULES))
            codes.append(code.value)
        until, ends = self.end(found["until"]) if "until" in found else ("", None)
        waiver = Waiver(reason, until, f"{self.path}:{node.mark.line}")
        return Waived(
            waiver,
            tuple(codes),
            self.sha256(found["sha256"]) if "sha256" in found else "",
            self.text(found["alias"]) if "alias" in found else "",
            self.text(found["store"]) if "store" in found else "",
            ends,
        )

    # -- values ---------------------------------------------------------------------------

    def table(self, node: Node, known: tuple[str, ...], what: str) -> Mapping[str, Node]:
        if node.kind == "nothing" or (node.kind == "text" and not node.value):
            return {}  # a key with nothing behind it
        if node.kind != "table":
            self.fail(node, f"expected fields ({', '.join(known[:3])}, ...), found a {node.kind}")
        found: dict[str, Node] = {}
        for key, value in node.value:
            name = self.text(key)
            if name not in known:
                noun = "rule" if known[:1] == tuple(RULES)[:1] else "field"
                self.fail(key, f"there is no {noun} {name[:80]!r} in {what}", meant(name, known))
            if name in found:
                self.fail(key, f"{name} is said twice", f"first in line {found[name].mark.line}")
            found[name] = value
        return found

    def text(self, node: Node) -> str:
        if node.kind not in ("text", "nothing"):
            self.fail(node, f"expected text, found a {node.kind}")
        return str(node.value)

    def texts(self, node: Node) -> tuple[Node, ...]:
        """A list of texts, or one by itself."""
        nodes: tuple[Node, ...] = node.value if node.kind == "list" else (node,)
        for one in nodes:
            self.text(one)
        return nodes

    def choice(self, node: Node, words: tuple[str, ...]) -> str:
        said = self.text(node)
        if said not in words:
            self.fail(node, f"expected one of {', '.join(words)}, found {said[:80]!r}")
        return said

    def days(self, node: Node) -> int:
        said = self.text(node).removesuffix("d").strip()
        if not (said.isascii() and said.isdecimal() and len(said) < 6):
            self.fail(node, f"expected a number of days, found {self.text(node)[:80]!r}")
        return int(said)

    def share(self, node: Node) -> float:
        said = self.text(node).strip()
        above, slash, below = said.partition("/")
        try:
            share = float(above) / float(below) if slash else (
                float(said[:-1]) / 100 if said.endswith("%") else float(said)
            )  # fmt: skip
        except (ValueError, ZeroDivisionError, OverflowError):
            share = -1.0
        if not 0 <= share <= 1:
            self.fail(node, f"expected a share such as 1/3, 0.33 or 33%, found {said[:80]!r}")
        return share

    def sha256(self, node: Node) -> str:
        from ..inventory import fingerprint

        try:
            return fingerprint(self.text(node))
        except StorekeeperError as problem:
            self.fail(node, problem.message[:200], problem.hint)

    def end(self, node: Node) -> tuple[str, int]:
        """An ISO date, and the first instant after that day."""
        said = self.text(node).strip()
        try:
            instant = parse_iso(said)
        except StorekeeperError:
            self.fail(node, f"expected a date such as 2027-03-31, found {said[:80]!r}")
        return said, instant + (0 if "T" in said else DAY)

    def list_name(self, node: Node) -> str:
        """A shipped list's name, or a path, which is relative to the policy."""
        from ..lists import SHIPPED

        said = self.text(node)
        if said in SHIPPED or os.path.isabs(said):
            return said
        if os.sep not in said and not os.path.exists(
            os.path.join(os.path.dirname(self.path), said)
        ):
            self.fail(
                node,
                f"there is no list {said[:80]!r}",
                f"a file beside the policy, or one of {', '.join(SHIPPED)}",
            )
        return os.path.join(os.path.dirname(self.path), said)

    def fail(self, node: Node, message: str, hint: str = "") -> NoReturn:
        raise wrong(node.mark, message, hint) from None
