"""The one vocabulary for "where to look": words, files, directories, standard input.

``cacerts``, ``jre:HOME``, ``system``, ``certifi``, the names of shipped root lists, ``-``, and
paths. A word wins over a file of the same name; ``./cacerts`` is the file. What a file is
goes by its content.
"""

from __future__ import annotations

import os

from .. import formats
from ..errors import (
    PasswordError,
    PasswordRequired,
    UnknownFormat,
    Unreadable,
    UsageError,
    WrongPassword,
)
from ..host.files import STDIN, is_directory, read_directory, read_file
from ..model import LIMITS, Certificate, Finding, PrivateKey, Store, TrustedCert, replace
from . import lists
from .anchors import RootList

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..host.jre import Jre
    from ..model import Limits, Password

    Say = Callable[[str], None]

__all__ = ["known_sources", "open_any", "open_source", "open_store"]

_WORDS = {
    "cacerts": "the trust store of the JRE in use (JAVA_HOME, else PATH, else the newest)",
    "jre:HOME": "the trust store of the JRE or JDK in HOME",
    "system": "what the operating system trusts (SSL_CERT_FILE, SSL_CERT_DIR, else its own)",
    "certifi": "the certifi package installed beside storekeeper",
    "scan:PATH": "every entry of every store and certificate file below PATH",
    "-": "a store or list on standard input",
}

# Beyond this, reading a JKS a second time to check its digest is no longer free.
_CHECK_UP_TO = 16 * 1024 * 1024


def known_sources() -> tuple[tuple[str, str], ...]:
    """(word, what it means) of every word `open_source` knows."""
    found = list(_WORDS.items())
    for name in lists.SHIPPED:
        about = lists.used(name, 0)
        said = f"{about.count} roots of {about.title}, {about.date}; fingerprints only"
        found.append((name, said))
    return tuple(found)


def open_source(
    text: str,
    password: Password | str | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    limits: Limits = LIMITS,
    say: Say | None = None,
) -> Store | RootList:
    """What a word or path stands for.

    Without a password, stores are tried with none, with ``changeit`` and with the empty one;
    the finding ``default-password`` says so when one of these was needed or verified.

    Args:
        text: a word of `known_sources`, or a path.
        password: the store's password, when somebody gave one.
        environ: in place of the process's environment.
        limits: how much the input may ask for.
        say: is told what a user should know of the choice: which JRE, that a list stands in
            for a JRE, that the password given was not the store's.

    Raises:
        UsageError: an empty or malformed word.
        Unreadable: nothing is there. The hint names the word that was perhaps meant.
        StorekeeperError: as `formats.read` and `lists.read`, with the path.
    """
    tell = say or _silent
    if not text:
        raise UsageError("an empty source", hint=_words_hint())
    if text in _WORDS or text in lists.SHIPPED:
        if text != STDIN and os.path.exists(text):
            tell(f"{text!r} is a word here; the file of that name is ./{text}")
        return _word(text, password, environ, limits, tell)
    scheme, colon, rest = text.partition(":")
    if scheme == "jre" and colon:
        from ..host.locate import jre_at

        if not rest:
            raise UsageError("jre: needs a directory", hint="as in jre:/opt/agent/jre")
        return _of_jre(jre_at(os.path.expanduser(rest)), password, limits, tell)
    if scheme == "scan" and colon:
        from .store_files import union

        if not rest:
            raise UsageError("scan: needs a path", hint="as in scan:/opt/agent")
        return union(os.path.expanduser(rest), password, limits)
    if rest.startswith("//") and scheme.isalpha() and not os.path.exists(text):
        raise UsageError(
            f"{text!r} is an address, and nothing is fetched here",
            hint="download it first, look at it, and give the file",
        )
    return _path(text, password, limits)


def open_any(
    source: Store | RootList | str | os.PathLike[str] | bytes,
    password: Password | str | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    limits: Limits = LIMITS,
    say: Say | None = None,
) -> Store | RootList:
    """`open_source` for the library: also what is open already, a path object, or bytes.

    A path object is always a path, never a word.
    """
    if isinstance(source, Store | RootList):
        return source
    if isinstance(source, bytes):
        return _content(source, None, password, limits)
    if isinstance(source, str):
        return open_source(source, password, environ=environ, limits=limits, say=say)
    return _path(os.fsdecode(source), password, limits)


def open_store(
    source: Store | RootList | str | os.PathLike[str] | bytes,
    password: Password | str | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    limits: Limits = LIMITS,
    say: Say | None = None,
) -> Store:
    """The store a word, path or the bytes of a file stand for.

    A list or page that holds its certificates is given as a store of format "PEM".

    Args:
        source: a word of `known_sources` or a path; a path object; bytes; what is open already.
        password: the store's password, when there is one.
        environ: as for `open_source`.
        limits: as for `open_source`.
        say: as for `open_source`.

    Raises:
        UnknownFormat: also for a list of fingerprints, which holds no certificates.
        StorekeeperError: as `open_source`.
    """
    found = open_any(source, password, environ=environ, limits=limits, say=say)
    if isinstance(found, Store):
        return found
    entries = tuple(
        TrustedCert(anchor.label or anchor.subject or anchor.sha256, anchor.certificate)
        for anchor in found.anchors
        if anchor.certificate is not None
    )
    if len(entries) < len(found.anchors):
        raise UnknownFormat(
            f"expected a store, found a list of {len(found.anchors)} roots without certificates",
            hint="it can be one side of a comparison: storekeeper diff takes it",
            path=found.path or found.name,
        )
    return Store("PEM", entries, findings=found.findings, path=found.path)


# --- words -----------------------------------------------------------------------------


def _word(
    word: str,
    password: Password | str | None,
    environ: Mapping[str, str] | None,
    limits: Limits,
    tell: Say,
) -> Store | RootList:
    match word:
        case "cacerts":
            from ..host.locate import in_use

            jre, note = in_use(environ)
            return _fallback(note, tell) if jre is None else _of_jre(jre, password, limits, tell)
        case "system":
            return _system(environ, limits, tell)
        case "certifi":
            return _path(_certifi(), password, limits)
        case "-":
            return _content(read_file(STDIN, limits), "standard input", password, limits)
        case "jre:HOME" | "scan:PATH":
            real = "jre:/opt/agent/jre" if word == "jre:HOME" else "scan:/opt/agent"
            raise UsageError(f"{word} needs a real directory", hint=f"as in {real}")
        case _:
            return lists.load(word)


def _of_jre(
    jre: Jre, password: Password | str | None, limits: Limits, tell: Say
) -> Store | RootList:
    if jre.note:
        tell(jre.note)
    if jre.jssecacerts:
        tell(f"this JRE trusts by {jre.jssecacerts}: Java takes it before cacerts")
    try:
        return _path(jre.truststore, password, limits)
    except WrongPassword as wrong:
        # One password is given for both sides of a comparison, and often meant for the other.
        try:
            found = _path(jre.truststore, None, limits)
        except PasswordError:
            raise wrong from None
        tell(f"{jre.truststore}: read without the password that was given, which is not its own")
        return found


def _fallback(passed_over: str, tell: Say) -> RootList:
    if passed_over:
        tell(passed_over)
    roots = lists.load(lists.FALLBACK)
    note = (
        f"no JRE was found on this machine: cacerts stands for the roots of {roots.title} "
        f"({roots.date}), a list that travels with storekeeper"
    )
    tell(note)
    return replace(roots, note="; ".join(filter(None, (note, roots.note))))


def _system(environ: Mapping[str, str] | None, limits: Limits, tell: Say) -> Store | RootList:
    from ..host.system import system_certificates

    found = system_certificates(environ, limits)
    if found.note:
        tell(found.note)
    if found.path is not None:
        return _path(found.path, None, limits)
    certificates = [Certificate(encoded) for encoded in found.ders]
    # The operating system's store has no names of its own; the fingerprint is one.
    entries = tuple(TrustedCert(c.sha256[:16], c) for c in certificates)
    return Store("system", entries, path=found.description)


def _certifi() -> str:
    # certifi itself imports importlib.resources, which takes longer than the whole comparison.
    from importlib.machinery import PathFinder

    spec = PathFinder.find_spec("certifi")
    if spec is None or spec.origin is None:
        raise Unreadable(
            "the certifi package is not installed",
            hint="'mozilla' is the same list as fingerprints, and travels with storekeeper",
            path="certifi",
        )
    path = os.path.join(os.path.dirname(spec.origin), "cacert.pem")
    if os.path.isfile(path):
        return path
    # Distributions point certifi at the system's bundle.
    import certifi

    return str(certifi.where())


# --- files -----------------------------------------------------------------------------


def _path(path: str, password: Password | str | None, limits: Limits) -> Store | RootList:
    if is_directory(path):
        from ..formats import directory
        from . import trees

        roots = trees.read(path, limits=limits)
        if roots is not None:
            return roots
        store = directory.read(read_directory(path, limits), limits=limits, path=path)
        if not store.entries:
            roots = trees.below(path, limits=limits)
            if roots is not None:
                return roots
            raise UnknownFormat(
                "a directory without a certificate in it",
                hint="storekeeper scan finds what is in it and below; keystores are to be "
                "named by themselves",
                path=path,
            )
        return store
    try:
        data = read_file(path, limits)
    except Unreadable as error:
        if not os.path.lexists(path):
            from .nearby import file_meant, word_meant

            words = (*_WORDS, *lists.SHIPPED)
            error.hint = (
                word_meant(path, [one for one in words if one.isascii() and ":" not in one])
                or file_meant(path)
                or error.hint
                or "storekeeper sources shows the words that stand for a store"
            )
        raise
    return _content(data, path, password, limits)


def _content(
    data: bytes, path: str | None, password: Password | str | None, limits: Limits
) -> Store | RootList:
    if kind := lists.sniff(data):
        try:
            return lists.read(data, path=path, limits=limits)
        except UnknownFormat:
            if kind != "html":
                raise
            # A page without certificates: the codecs say better what it is.
    if password is not None:
        return formats.read(data, password, limits=limits, path=path)
    return _without_password(data, path, limits)


def _without_password(data: bytes, path: str | None, limits: Limits) -> Store:
    from ..host.passwords import DEFAULT_PASSWORD, candidates_for_reading

    tried: PasswordError | None = None
    for candidate in candidates_for_reading():
        try:
            store = formats.read(data, candidate, limits=limits, path=path)
        except PasswordError as error:
            tried = error
            continue
        if candidate.text is None:
            return _checked(data, store, limits, path)
        return _with_default(store, f"opened with {candidate.origin}")
    assert tried is not None
    raise PasswordRequired(
        f"a password is needed: none, {DEFAULT_PASSWORD!r} and the empty one do not open it",
        hint="give it with --storepass env:NAME, or as the password argument",
        path=path,
    ) from tried


def _checked(data: bytes, store: Store, limits: Limits, path: str | None) -> Store:
    """A store that opened without a password, its digest verified if the default one fits."""
    if store.integrity.state != "not-checked" or len(data) > _CHECK_UP_TO:
        return store
    if store.format not in ("JKS", "JCEKS"):
        return store  # a MAC with thousands of iterations is not worth the time
    from ..host.passwords import candidates_for_reading

    for candidate in candidates_for_reading()[1:]:
        try:
            verified = formats.read(data, candidate, limits=limits, path=path)
        except PasswordError:
            continue
        return _with_default(verified, f"verified with {candidate.origin}")
    return store


def _with_default(store: Store, message: str) -> Store:
    keys = sum(isinstance(entry, PrivateKey) for entry in store.entries)
    finding = Finding("default-password", "info", "", message)
    if keys:
        finding = Finding(
            "default-password",
            "warning",
            "",
            message,
            f"it holds {keys} private key{'s' if keys > 1 else ''}: "
            "give the store a password of its own",
        )
    return replace(store, findings=(*store.findings, finding))


# --- hints -----------------------------------------------------------------------------


def _words_hint() -> str:
    return f"a path, or one of {', '.join((*_WORDS, *lists.SHIPPED))}"


def _silent(_: str) -> None:
    return None
