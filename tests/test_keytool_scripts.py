"""Whole scripts as people have them, run with each JVM's keytool and with ours.

The scripts are in tests/scripts/keytool and call ``keytool`` by its name. Run in equal
folders, both have to end with the same status, print the same, and leave stores with the
same entries. What a script makes anew (a key, a certificate) is random, and is compared by
all that is not. Lines at the head of a script say what to look at::

    # stores: PATH:STOREPASS[:KEYPASS] ...    stores it makes or changes
    # kept: PATH ALIAS ...                    entries whose date keytool loses and we keep
    # sizes: default                          keys of no given size, larger since JDK 19
    # same: PATH ...                          other files it makes that must be equal, .der or PEM
"""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_der_private_key

from storekeeper import formats
from storekeeper.formats.pkcs12_java import listed
from storekeeper.model import Certificate, Entry, Password, PrivateKey, TrustedCert
from tests import jvm, keytool_folder

SCRIPTS = Path(__file__).parent / "scripts" / "keytool"
MODEL = "17.0.9.2"
EVERYDAY = {
    *("agent_install", "already_there", "convert_whole"),
    *("fails_wrong_password", "fails_missing_alias", "fails_alias_exists"),
}
"""Scripts of a run without the slow tests: a keytool takes half a second of a core to start."""
RUNS = [
    pytest.param(
        script,
        version,
        id=f"{script.stem}-java{version.partition('.')[0]}",
        marks=() if version == MODEL and script.stem in EVERYDAY else pytest.mark.slow,
    )
    for script in sorted(SCRIPTS.glob("*.sh"))
    for version in jvm.VERSIONS
]
BACKUP = re.compile(r"\.bak$")


class Side(NamedTuple):
    """One run of a script."""

    folder: Path
    status: int
    stdout: str
    said: str


class Named(NamedTuple):
    """A store named at the head of a script, and what opens it."""

    path: str
    storepass: str
    keypass: str


def head(script: Path, word: str) -> Iterator[str]:
    """What the lines ``# word: ...`` of a script say."""
    for line in script.read_text(encoding="utf-8").splitlines():
        if line.startswith(f"# {word}: "):
            yield from [line.removeprefix(f"# {word}: ")] if word == "kept" else line.split()[2:]


def stores(script: Path) -> list[Named]:
    parts = [one.split(":") for one in head(script, "stores")]
    return [Named(path, storepass, (*key, storepass)[0]) for path, storepass, *key in parts]


@pytest.fixture(scope="module")
def beginning(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scripts") / "work"
    keytool_folder.make(folder)
    return folder


def run(script: Path, beginning: Path, folder: Path, java: jvm.Jvm, *, ours: bool) -> Side:
    """Run a script in a copy of the beginning, with a JRE of its own."""
    work = folder / "work"
    shutil.copytree(beginning, work)
    keytool_folder.runtime(java.home, work / "jre")
    keytool_folder.program(folder / "bin" / "keytool", None if ours else java)
    done = subprocess.run(
        [script],
        cwd=work,
        env={
            "PATH": f"{folder / 'bin'}:/usr/bin:/bin",
            "JAVA_HOME": str(work / "jre"),
            "HOME": str(folder),
            "PYTHONPATH": str(keytool_folder.TOP),
            "XDG_STATE_HOME": str(folder / "state"),
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        start_new_session=True,  # no terminal: nothing can wait for a password
    )
    # keytool prints its errors on standard output, and means nobody to read on.
    printed = [one for one in done.stdout.splitlines() if not one.startswith("keytool error: ")]
    return Side(work, done.returncode, "\n".join(printed), f"{done.stdout}\n{done.stderr}")


# --- what has to be equal ----------------------------------------------------------------


def key_kind(key: object) -> tuple[str, object]:
    match key:
        case rsa.RSAPublicKey() | rsa.RSAPrivateKey():
            return "RSA", key.key_size
        case ec.EllipticCurvePublicKey() | ec.EllipticCurvePrivateKey():
            return "EC", key.curve.name
    return type(key).__name__, None


def extension(one: x509.Extension[x509.ExtensionType], key: bytes) -> tuple[object, ...]:
    """An extension; what comes from a key that is random, by how it comes from it."""
    value: object = one.value
    match one.value:
        case x509.SubjectKeyIdentifier():
            digest = x509.SubjectKeyIdentifier.from_public_key(_public(key)).digest
            value = one.value.digest == digest
        case x509.AuthorityKeyIdentifier() as authority:
            identifier = authority.key_identifier or b""
            value = (
                len(identifier),
                authority.authority_cert_issuer,
                authority.authority_cert_serial_number is None,
            )
    return one.oid.dotted_string, one.critical, value


def _public(der: bytes) -> ec.EllipticCurvePublicKey | rsa.RSAPublicKey:
    key = x509.load_der_x509_certificate(der).public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey)
    return key


def shape(der: bytes, sizes: bool) -> tuple[object, ...]:
    """All of a certificate that is not random in one made by a script.

    Without ``sizes`` that of its key does not count, nor what depends on it.
    """
    made = x509.load_der_x509_certificate(der)
    return (
        made.version,
        made.subject.public_bytes(),
        made.issuer.public_bytes(),
        made.not_valid_after_utc - made.not_valid_before_utc,
        made.signature_algorithm_oid.dotted_string if sizes else None,
        key_kind(made.public_key())[: 2 if sizes else 1],
        [extension(one, der) for one in made.extensions],
    )


def issued(der: bytes, by: bytes) -> bool:
    made, issuer = x509.load_der_x509_certificate(der), x509.load_der_x509_certificate(by)
    try:
        made.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError):
        return False
    return True


class Judge(NamedTuple):
    """What is known when stores are compared.

    Attributes:
        java: reads them.
        given: the certificates that were there before.
        sizes: whether the sizes of new keys have to be equal.
    """

    java: jvm.Jvm
    given: frozenset[bytes]
    sizes: bool


def entry(found: jvm.Entry, judge: Judge) -> tuple[object, ...]:
    """An entry as Java found it, in a form equal for equal work."""
    assert found["key_error"] is None, found
    chain, key = found["chain"], found["key"]
    certificates = [one if one in judge.given else shape(one, judge.sizes) for one in chain]
    if key is None:
        return found["kind"], certificates
    links = [issued(one, by) for one, by in zip(chain, [*chain[1:], chain[-1]], strict=True)]
    what: object = key
    if key != keytool_folder.SERVER_KEY:
        private = load_der_private_key(key, None)
        assert isinstance(private, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
        kind = key_kind(private)[: 2 if judge.sizes else 1]
        what = (kind, private.public_key() == _public(chain[0]))
    return found["kind"], certificates, links, what, found["key_algorithm"]


def own_chain(found: Entry) -> Sequence[Certificate]:
    """The certificates of an entry as our reader has them."""
    match found:
        case TrustedCert():
            return (found.certificate,)
        case PrivateKey():
            return found.chain
    raise AssertionError(found)


def seen(judge: Judge, path: Path, of: Named) -> tuple[str, dict[str, tuple[object, ...]]]:
    """A store as Java reads it, and that our reader says the same of it."""
    content = path.read_bytes()
    loaded = judge.java.worker.load(content, of.storepass, keypass=of.keypass)
    found = {one["alias"]: one for one in loaded["entries"]}
    own = formats.read(content, Password(of.storepass))
    # What Java does not list it drops when it writes; ours keeps it, and nobody sees it.
    shown = [one for one in own.entries if own.format != "PKCS12" or listed(one)]
    chains = {one.alias.lower(): [link.der for link in own_chain(one)] for one in shown}
    assert chains == {alias: one["chain"] for alias, one in found.items()}
    return own.format, {alias: entry(one, judge) for alias, one in found.items()}


def dates(path: Path, of: Named) -> dict[str, int | None]:
    """The dates in the file; where Java says "now" for want of one, None."""
    own = formats.read(path.read_bytes(), Password(of.storepass))
    return {one.alias.lower(): one.created_ms for one in own.entries}


def kept(theirs: dict[str, int | None], ours: dict[str, int | None], began: int) -> set[str]:
    """The entries whose old date only ours has; no date differs otherwise.

    keytool gives an entry the date of today where it copies or renames it, whether it had
    another or, out of OpenSSL's hands, none. That is the one thing ours may do better.
    """
    better = set()
    for alias, date in theirs.items():
        own = ours[alias]
        if date == own:
            continue
        assert date is not None, f"{alias}: keytool has no date, ours {own}"
        assert date >= began, f"{alias}: keytool kept {date}, ours has {own}"
        if own is None or own < began:
            better.add(alias)
    return better


def files(folder: Path) -> set[str]:
    """What a script left, without the backups that only ours makes."""
    found = (path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder).as_posix() for path in found}
    return {name for name in names if not name.startswith("jre/") and not BACKUP.search(name)}


# --- the tests ---------------------------------------------------------------------------


@pytest.mark.parametrize(("script", "version"), RUNS)
def test_script(script: Path, version: str, beginning: Path, tmp_path: Path) -> None:
    java = jvm.jvm(version)
    began = int(time.time() * 1000) // 1000 * 1000
    theirs = run(script, beginning, tmp_path / "theirs", java, ours=False)
    ours = run(script, beginning, tmp_path / "ours", java, ours=True)
    both = f"--- keytool\n{theirs.said}\n--- storekeeper\n{ours.said}"
    assert (ours.status, ours.stdout) == (theirs.status, theirs.stdout), both
    assert script.stem.startswith("fails_") is (theirs.status != 0), both
    assert files(ours.folder) == files(theirs.folder), both
    cacerts = formats.read(java.cacerts.read_bytes(), Password("changeit"))
    given = keytool_folder.GIVEN.union(one.der for one in cacerts.certificates())
    judge = Judge(java, given, java.major >= 19 or "default" not in head(script, "sizes"))
    for store in stores(script):
        expected, found = (seen(judge, side.folder / store.path, store) for side in (theirs, ours))
        assert found == expected, both
    for store in stores(script):
        one, two = (dates(side.folder / store.path, store) for side in (theirs, ours))
        better = kept(one, two, began)
        said = [
            set(line.split()[1:]) for line in head(script, "kept") if line.split()[0] == store.path
        ]
        assert better == set().union(*said), f"{store.path}\n{both}"
    for name in head(script, "same"):
        contents = [(side.folder / name).read_bytes() for side in (theirs, ours)]
        if not name.endswith(".der"):  # the lines of PEM end as the release likes it
            contents = [text.replace(b"\r\n", b"\n") for text in contents]
        assert contents[1] == contents[0], name


def test_there_are_scripts_and_they_are_run_as_they_are() -> None:
    scripts = list(SCRIPTS.iterdir())
    assert len(scripts) > 20
    assert {one.stem for one in scripts} > EVERYDAY
    assert all(one.suffix == ".sh" and one.stat().st_mode & 0o111 for one in scripts)
