"""One Java runtime: where its trust store is, and what its release file says of it.

The trust store is in ``lib/security`` since Java 9 and in a JRE, in ``jre/lib/security``
in a JDK 8. Java takes ``jssecacerts`` before ``cacerts`` where it lies beside it (JSSE
Reference Guide, "The Default Truststore"). No program is started.
"""

from __future__ import annotations

import os

from ..errors import Unreadable
from ..frozen import Frozen
from .files import symlink_chain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .managers import Manager
    from .tree import Tree

_PROGRAMS = ("java", "java.exe")

_SECURITY = ("lib/security", "jre/lib/security")

# From the directory somebody names to the home inside it: macOS bundles, Homebrew's
# openjdk, the JRE of a product, the runtime of an IDE, webMethods.
_INSIDE = (
    "Contents/Home",
    "libexec/openjdk.jdk/Contents/Home",
    "libexec",
    "jre",
    "jbr",
    "Contents/jbr/Contents/Home",
    "jvm/jvm",
)


class Jre(Frozen):
    """A Java runtime with a trust store.

    Attributes:
        home: its directory, without symbolic links; of a JDK 8 the JDK's.
        version: JAVA_VERSION of its release file ("17.0.15", "1.8.0_392"), or None.
        implementor: IMPLEMENTOR of its release file ("Eclipse Adoptium"), or None.
        cacerts: path of its cacerts, below `home`.
        links: `cacerts` and what it becomes with each symbolic link; the last is real.
        jssecacerts: path of the file Java prefers to `cacerts`, when there is one.
        found_by: every way it was found, first the one that counts most.
        note: what a user of it ought to be told, or "".
        root: the root of the tree it is in; "/" for this machine.
    """

    home: str
    version: str | None
    implementor: str | None
    cacerts: str
    links: tuple[str, ...]
    jssecacerts: str | None = None
    found_by: tuple[str, ...] = ()
    note: str = ""
    root: str = "/"

    @property
    def cacerts_real(self) -> str:
        """The file at the end of the symbolic links."""
        return self.links[-1]

    @property
    def manager(self) -> Manager | None:
        """Who rewrites the real cacerts, if somebody does."""
        from .managers import manager_of

        return manager_of(self.links, self.root)

    @property
    def truststore(self) -> str:
        """The file Java trusts by: `jssecacerts` when there is one, else `cacerts`."""
        return self.jssecacerts or self.cacerts


class Skipped(Frozen):
    """A place where a JRE could have been expected.

    Attributes:
        path: the place.
        why: lower case, no full stop.
        found_by: how the place was come upon.
        broken: a JRE is there, and its cacerts cannot be used: what it runs trusts nothing,
            or cannot be told from here.
    """

    path: str
    why: str
    found_by: str
    broken: bool = False


def version_key(jre: Jre) -> tuple[int, ...]:
    """A version for comparing: 1.8.0_392 is (8, 0, 392) and older than 11; unknown is oldest."""
    numbers: list[int] = []
    for piece in (
        (jre.version or "").replace("_", ".").replace("-", ".").replace("+", ".").split(".")
    ):
        if not (piece.isascii() and piece.isdigit() and len(piece) < 10):
            break
        numbers.append(int(piece))
    return tuple(numbers[1:] if numbers[:1] == [1] and len(numbers) > 1 else numbers)


def look(tree: Tree, path: str, found_by: str) -> Jre | Skipped:
    """The JRE at or in a path."""
    try:
        real = symlink_chain(path, tree.root)[-1]
    except Unreadable as problem:
        return Skipped(path, problem.message, found_by)
    home = real
    if tree.isfile(home):
        # bin/java, or a library beside it
        home = os.path.dirname(home)
        if not _is_program(real):
            return Skipped(path, _why_no_program(real), found_by)
    if os.path.basename(home) == "bin":
        home = os.path.dirname(home)
    if not os.path.isdir(home):
        return Skipped(path, "no such directory", found_by)
    # A jre/ inside a JDK 8 belongs to it; one inside a product stands for itself.
    parent, name = os.path.split(home)
    if name == "jre" and has_java(tree, parent):
        home = parent
    security = _security(tree, home)
    if security.startswith("jre/") and not has_java(tree, home):
        home, security = os.path.join(home, "jre"), "lib/security"
    if not security:
        for inner in _INSIDE:
            deeper = tree.real(os.path.join(home, inner))
            if security := _security(tree, deeper):
                home = deeper
                break
    if not security and (closed := _closed(tree, home)):
        return Skipped(path, f"no permission to look into {closed}", found_by, broken=True)
    if not security:
        # JAVA_HOME=/usr: a java is there, and it is a link into a JRE.
        for name in _PROGRAMS:
            program = os.path.join(home, "bin", name)
            linked = tree.real(program)
            if linked != program and os.path.isfile(linked) and linked != real:
                return look(tree, linked, found_by)
        folders = (os.path.join(home, *security.split("/")) for security in _SECURITY)
        broken = has_java(tree, home) and any(map(tree.isdir, folders))
        return Skipped(path, _why_no_cacerts(path, real, home), found_by, broken)
    return _jre(tree, home, security, found_by)


def _jre(tree: Tree, home: str, security: str, found_by: str) -> Jre | Skipped:
    cacerts = os.path.join(home, *security.split("/"), "cacerts")
    try:
        links = symlink_chain(cacerts, tree.root)
    except Unreadable as problem:
        return Skipped(home, f"its cacerts: {problem.message}", found_by, broken=True)
    if not os.path.isfile(links[-1]):
        what = (
            "a directory"
            if os.path.isdir(links[-1])
            else f"a link to {links[-1]}, which is missing"
        )
        return Skipped(home, f"its cacerts is {what}", found_by, broken=True)
    preferred = os.path.join(os.path.dirname(cacerts), "jssecacerts")
    facts = _release(tree, home)
    return Jre(
        home,
        facts.get("JAVA_VERSION"),
        facts.get("IMPLEMENTOR"),
        cacerts,
        links,
        preferred if tree.isfile(preferred) else None,
        (found_by,),
        root=tree.root,
    )


def _security(tree: Tree, home: str) -> str:
    """Where below a home its cacerts is, even if only as a link that leads nowhere; "" if not."""
    for security in _SECURITY:
        path = os.path.join(home, *security.split("/"), "cacerts")
        if os.path.lexists(path) or tree.isfile(path):
            return security
    return ""


def _closed(tree: Tree, home: str) -> str:
    """The directory on the way to a cacerts that this user may not look into, or ""."""
    for security in _SECURITY:
        folder = home
        for name in ("", *security.split("/")):
            folder = tree.real(os.path.join(folder, name)) if name else folder
            if os.path.isdir(folder) and not os.access(folder, os.X_OK):
                return folder
    return ""


def _release(tree: Tree, home: str) -> dict[str, str]:
    """The release file: KEY="value" lines."""
    text = tree.text(os.path.join(home, "release"))
    pairs = (line.partition("=") for line in text.splitlines())
    return {key.strip(): value.strip().strip('"') for key, _, value in pairs if value.strip('" ')}


def has_java(tree: Tree, home: str) -> bool:
    """Whether a directory has a java in its bin."""
    return any(tree.isfile(os.path.join(home, "bin", name)) for name in _PROGRAMS)


def _is_program(path: str) -> bool:
    """Whether a file named by somebody can be the java of a home, by where it is."""
    return os.path.basename(os.path.dirname(path)) == "bin" and not _is_script(path)


def _is_script(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read(2) == b"#!"
    except OSError:
        return False


def _why_no_program(path: str) -> str:
    if _is_script(path):
        return "a script that chooses a java (a version manager's shim?), not a JRE's own program"
    return "a file, but not in the bin directory of a JRE"


def _why_no_cacerts(path: str, real: str, home: str) -> str:
    if real.endswith("/usr/bin/java"):
        return "the system's launcher, which chooses a JRE by itself"
    looked = " or ".join(f"{security}/cacerts" for security in _SECURITY)
    shown = "" if home == path else f" in {home}"
    return f"no {looked}{shown}"
