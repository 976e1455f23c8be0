"""Whether the client's Java can load the stores it is given, which comes before what they hold."""

from __future__ import annotations

from ..frozen import Frozen
from ..trust.java_loading import Unloadable, unloadable
from ..trust.runtimes import jdk
from .values import Diagnosis, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Store
    from .values import Case

_USES = {"trust": "trust store", "client": "client's keystore"}
_PROPERTIES = {"trust": "javax.net.ssl.trustStore", "client": "javax.net.ssl.keyStore"}


class Loading(Frozen):
    """A store that a client can't load as it is.

    Attributes:
        use: "trust" or "client".
        name: of its file.
        format: that it has.
        problem: why.
        steps: what mends it.
    """

    use: str
    name: str
    format: str
    problem: Unloadable
    steps: tuple[Step, ...]


def loading(
    store: Store, name: str, runtime: str, *, use: str = "trust", password: str = ""
) -> Loading | None:
    """What keeps a runtime from loading a store; None where nothing does, or nothing is known.

    Args:
        store: as it was read.
        name: of its file, for the commands.
        runtime: "java17", ...; of others than Java nothing is claimed.
        use: "trust" or "client".
        password: a word for ``--storepass``, or "".
    """
    release = jdk.release(runtime)
    problem = None if release is None else unloadable(store, release)
    if release is None or problem is None:
        return None
    steps = tuple(_steps(problem, store.format, name, use, release, password))
    return Loading(use, name, store.format, problem, steps)


def _steps(
    problem: Unloadable, kind: str, name: str, use: str, release: jdk.Release, password: str
) -> Iterator[Step]:
    from shlex import quote

    word = f" --storepass {quote(password)}" if password else ""
    compat = "java8" if release.version < (11, 0, 12) else "java11"
    file, said = quote(name), f"-D{_PROPERTIES[use]}Type"
    if problem.code in ("scheme", "key-scheme"):
        yield Step(
            "encrypt it so that this Java reads it; a backup is kept",
            (f"storekeeper convert {file} --compat {compat}{word}",),
        )
        if problem.since:
            releases = problem.since.replace(" and ", ", ")
            yield Step(f"update the client's Java to {releases} or later, which read it as it is")
    elif problem.code == "provider":
        yield Step(
            "make a PKCS12 of it, under the same name; a backup is kept",
            (f"storekeeper convert {file} --storetype PKCS12 --compat {compat}{word}",),
            ("programs that load it with BouncyCastle no longer do",),
        )
        yield Step(f"give the program BouncyCastle's provider, and {said}={kind}")
    elif problem.code == "type":
        yield Step(f"tell the program the type: {said}={kind}")
        yield Step(
            "make a PKCS12 of it, under the same name; a backup is kept",
            (f"storekeeper convert {file} --storetype PKCS12 --compat {compat}{word}",),
        )
    elif problem.code == "format":
        made = _beside(name)
        line = f"storekeeper convert {file} {quote(made)} --compat {compat}{word}"
        yield Step(
            f"make a keystore of it, and name that to the program: -D{_PROPERTIES[use]}={made}",
            (f"{line} --dest-storepass prompt",),
        )
    else:
        yield Step("storekeeper list tells which entry it is; storekeeper delete takes it out")


def _beside(name: str) -> str:
    import os

    return f"{os.path.splitext(name.rstrip(os.sep))[0]}.p12"


def diagnose(case: Case, *, certain: bool = True) -> Iterator[Diagnosis]:
    """Stores that the client can't load; or, not ``certain``, can't unless it is told how."""
    for one in case.unloaded:
        problem = one.problem
        if problem.certain is not certain:
            continue
        says = (f"this Java says: {problem.says}",) if problem.says else ()
        yield Diagnosis(
            "store-unreadable",
            f"{case.runtime} can't load the {_USES[one.use]} {one.name}",
            (f"{one.name}: {problem.why}", *says),
            one.steps,
            problem.certain,
        )


def hidden(case: Case, use: str) -> bool:
    """Whether nothing of a store reaches the client, so that what is in it does not matter yet."""
    return any(one.use == use and one.problem.certain for one in case.unloaded)
