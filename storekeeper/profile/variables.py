"""Variables: where their values come from, and putting them in."""

from __future__ import annotations

import os
import re

from ..errors import LimitExceeded, UsageError
from ..host.yaml_tree import Mark, Node, wrong
from .configuration import looked_up, path_of_url
from .found import homes
from .words import meant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .values import Variable

__all__ = ["Values", "refuse_unknown", "substituted"]

_REFERENCE = re.compile(r"\$\$|\$\{([^}\n]*)\}?")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")
_LONGEST = 65_536
_MOST = 16 * 1024 * 1024
_DEEPEST = 64


_ALLOWED = {
    "identifier": (
        re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*\Z"),
        "letters, digits and single underscores, a letter first and no underscore last",
    ),
    "label": (
        re.compile(r"[A-Za-z0-9_ .-]{1,255}\Z"),
        "letters, digits, blanks and . - _, 255 at most",
    ),
}


class Values:
    """The values of a profile's variables, worked out when they are needed.

    Args:
        variables: as declared.
        given: what was said, by name.
        environ: the process's environment.
        root: the tree to look in, for images that are not running.

    Raises:
        UsageError: a value is said for a variable that is not declared.
    """

    def __init__(
        self,
        variables: tuple[Variable, ...],
        given: Mapping[str, str],
        environ: Mapping[str, str],
        root: str = "/",
    ) -> None:
        self.declared = {one.name: one for one in variables}
        self.given = dict(given)
        self.environ = environ
        self.root = root
        self.known: dict[str, tuple[str, bool]] = {}
        self._open: list[str] = []
        self._length = 0
        refuse_unknown(self.given, self.declared)

    def text(self, template: str, mark: Mark) -> tuple[str, bool]:
        """A text with its references replaced, and whether it begins with what was given.

        Raises:
            Damaged: there is no such variable, or it is defined by itself.
            UsageError: it has no value.
            LimitExceeded: the text would be longer than any value.
        """
        if "$" not in template:
            return template, False
        parts: list[str] = []
        at, total, given = 0, 0, False
        for found in _REFERENCE.finditer(template):
            parts.append(template[at : found.start()])
            value = "$"
            if found[1] is not None:
                if not found[0].endswith("}"):
                    raise wrong(
                        mark, f"{found[0][:60]!r} is never closed", "${name} ends with a brace"
                    )
                value, told = self._reference(found[1], mark)
                given = given or (told and found.start() == 0)
            parts.append(value)
            total += len(parts[-2]) + len(value)
            at = found.end()
            self._count(total, mark)
        parts.append(template[at:])
        text = "".join(parts)
        self._length += len(text)
        self._count(len(text), mark)
        return text, given

    def _count(self, length: int, mark: Mark) -> None:
        if length > _LONGEST or self._length > _MOST:
            raise LimitExceeded("its variables make a text too long for any value", path=str(mark))

    def _reference(self, inner: str, mark: Mark) -> tuple[str, bool]:
        name, has_default, default = inner.partition(":-")
        if not _NAME.match(name):
            raise wrong(
                mark,
                f"expected the name of a variable in ${{}}, found {name[:60]!r}",
                "a dollar itself is written $$",
            )
        if name in self.declared:
            if has_default:
                value, told = self._value(name, mark, needed=False)
                return (value, told) if value else (default, False)
            return self._value(name, mark)
        if self.environ.get(name):
            return self.environ[name], True
        if has_default:
            return default, False
        if name in self.environ:
            return "", True
        close = meant(name, self.declared)
        raise wrong(
            mark,
            f"there is no variable {name[:60]!r}, neither in the profile nor in the environment",
            close
            if close.startswith("did you")
            else f"declare it in variables, or write ${{{name[:60]}:-DEFAULT}}",
        )

    def refuse_unknown(self, node: Node) -> None:
        """Look that every reference in a tree is to something that may have a value.

        Raises:
            Damaged: one is neither a variable, nor in the environment, nor has a default, nor is
                written as the names of the environment are, in capitals.
        """
        if node.kind == "list":
            for one in node.value:
                self.refuse_unknown(one)
        elif node.kind == "table":
            for _, one in node.value:
                self.refuse_unknown(one)
        elif node.kind == "text":
            for found in _REFERENCE.finditer(node.value):
                name, has_default, _ = (found[1] or "").partition(":-")
                fits = found[1] is None or (found[0].endswith("}") and _NAME.match(name))
                known = name in self.declared or name.isupper() or bool(has_default)
                if not (fits and (found[1] is None or known)):
                    self.text(found[0], node.mark)

    def value(self, name: str) -> str:
        """The value of a declared variable; raises as `text`."""
        return self._value(name, self.declared[name].mark)[0]

    def _value(self, name: str, mark: Mark, *, needed: bool = True) -> tuple[str, bool]:
        if name in self.known:
            return self.known[name]
        variable = self.declared[name]
        if name in self._open:
            trail = " -> ".join([*self._open[self._open.index(name) :], name])
            raise wrong(variable.mark, f"the variable is defined by itself: {trail}")
        if len(self._open) >= _DEEPEST:
            raise LimitExceeded(
                f"variables need one another more than {_DEEPEST} deep", path=str(variable.mark)
            )
        self._open.append(name)
        try:
            found = self._worked_out(variable)
        finally:
            self._open.pop()
        if found is None:
            if not needed:
                return "", False
            raise _missing(variable, mark)
        if found[0] and variable.allowed in _ALLOWED:
            pattern, words = _ALLOWED[variable.allowed]
            if not pattern.match(found[0]):
                raise UsageError(
                    f"expected {words} for {name}, found {found[0][:80]!r}",
                    hint=variable.about,
                    path=str(variable.mark),
                )
        self.known[name] = found
        return found

    def _worked_out(self, variable: Variable) -> tuple[str, bool] | None:
        if variable.name in self.given:
            return self.given[variable.name], True
        for reading in variable.read:
            file = self._quiet(reading.file, reading.mark)
            if file is None:
                continue
            site = self._quiet(reading.site, reading.mark) or ""
            value = looked_up(
                self.below(file), reading.key, syntax=reading.syntax, site=site, root=self.root
            )
            if value is None or not value.value:
                continue
            text = value.value
            if reading.kind == "file-url":
                text = path_of_url(text)
            elif reading.kind == "file" and value.base:
                text = os.path.normpath(os.path.join(value.base, text))
            if reading.base and not os.path.isabs(text):
                base, _ = self.text(reading.base, reading.mark)
                text = os.path.normpath(os.path.join(base, text))
            return text, True
        if variable.find:
            found = homes(variable, self, self.root)
            if found:
                return found[0], True
        if variable.default is not None:
            return self.text(variable.default, variable.mark)
        return None

    def _quiet(self, template: str, mark: Mark) -> str | None:
        """A text, or None where one of its variables has no value yet."""
        try:
            return self.text(template, mark)[0]
        except UsageError:
            return None

    def below(self, path: str) -> str:
        """A path of the machine, in the tree that is looked at."""
        return path if self.root == "/" else os.path.join(self.root, path.lstrip("/"))

    def need(self) -> None:
        """Look that every required variable has a value.

        Raises:
            UsageError: one has none.
        """
        for variable in self.declared.values():
            if variable.required:
                self._value(variable.name, variable.mark)


def refuse_unknown(given: Iterable[str], declared: Iterable[str]) -> None:
    """Refuse values for variables that a profile does not declare.

    Raises:
        UsageError: one is said.
    """
    names = list(declared)
    for name in given:
        if name not in names:
            raise UsageError(
                f"the profile has no variable {name[:80]!r}",
                hint=meant(name, names) or "it has none at all",
            )


def _missing(variable: Variable, mark: Mark) -> UsageError:
    name = variable.name
    hint = f"say it: --set {name}={'DIRECTORY' if variable.find else 'VALUE'}"
    if variable.about:
        hint = f"{hint} ({variable.about})"
    if variable.find:
        return UsageError(
            f"the variable {name} has no value: nothing was found at "
            f"{', '.join(variable.find)[:200]}",
            hint=hint,
            path=str(mark),
        )
    return UsageError(f"the variable {name} has no value", hint=hint, path=str(mark))


def substituted(node: Node, values: Values, *, quiet: bool = False) -> Node:
    """A tree with the references in its texts replaced; names of keys stay as they are.

    Args:
        node: the tree.
        values: of the variables.
        quiet: a text whose variables have no value stays as it is written.
    """
    match node.kind:
        case "text":
            try:
                text, given = values.text(node.value, node.mark)
            except UsageError:
                if not quiet:
                    raise
                return node
            return node if text is node.value else Node(text, "text", node.mark, given)
        case "list":
            inner = tuple(substituted(one, values, quiet=quiet) for one in node.value)
            return Node(inner, "list", node.mark)
        case "table":
            pairs = tuple((key, substituted(v, values, quiet=quiet)) for key, v in node.value)
            return Node(pairs, "table", node.mark)
    return node
