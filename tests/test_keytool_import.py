"""``storekeeper keytool``'s writing commands beside each JVM's keytool: the stores they leave."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from storekeeper import formats
from storekeeper.formats import reseal
from storekeeper.model import Certificate, Password, PrivateKey, Store, TrustedCert
from tests import jvm, pki
from tests.our_keytool import Done, ours, theirs

PASSWORD = "changeit"
OTHER = "changeit2"
MODEL = "17.0.9.2"
FEW = jvm.FEW_PARAMS
CREATED = 1_600_000_000_000
GIVEN = ("-storepass", PASSWORD)
ADDED = "Certificate was added to keystore\n"
NOT_ADDED = "Certificate was not added to keystore\n"
INSTALLED = "Certificate reply was installed in keystore\n"

ROOT = pki.certificate("Import Root", ca=True)
MIDDLE = pki.certificate("Import Middle", "Import Root", ca=True)
LEAF = pki.certificate("import.example", "Import Middle")
OWN = pki.certificate("import.example")
STRANGER = pki.certificate("Stranger", ca=True)
FILES = {
    "root.pem": [ROOT],
    "middle.pem": [MIDDLE],
    "leaf.pem": [LEAF],
    "stranger.pem": [STRANGER],
    "all.pem": [ROOT, MIDDLE, LEAF],
    "chain.pem": [LEAF, MIDDLE, ROOT],
    "short.pem": [LEAF, MIDDLE],
    "own.pem": [OWN],
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificates")
    for name, parts in FILES.items():
        (folder / name).write_bytes(b"".join(pki.pem("CERTIFICATE", part) for part in parts))
    return folder


def beginning(kind: str) -> bytes:
    """A store with a key, and two trusted certificates, one of them the root."""
    password = Password(PASSWORD)
    sealed = reseal.seal_private_key(pki.pkcs8(pki.key("import.example")), kind, password)
    entries = (
        PrivateKey("server", (Certificate(OWN),), sealed, CREATED),
        TrustedCert("root", Certificate(ROOT), CREATED),
        TrustedCert("corp-*", pki.cert("Corp", ca=True), CREATED),
        TrustedCert("corp-x", pki.cert("Corp X", ca=True), CREATED),
    )
    return formats.write(Store(kind, entries), password)


class Both:
    """One folder for keytool, one for us; the same words run in each."""

    def __init__(self, version: str, folder: Path, files: Path, kind: str | None) -> None:
        self.jvm = jvm.jvm(version)
        self.files = files
        self.kind = kind or "PKCS12"
        self.stores = [folder / "theirs" / "store.jks", folder / "ours" / "store.jks"]
        content = None if kind is None else beginning(kind)
        for path in self.stores:
            path.parent.mkdir()
            if content is not None:
                path.write_bytes(content)
        self.env = {"XDG_STATE_HOME": str(folder / "state")}

    def run(self, *words: str, input: bytes = b"") -> Done:
        """Both succeed, or both fail; gives how ours ended."""
        words = tuple(str(self.files / word) if word in FILES else word for word in words)
        one, two = self.stores
        other = theirs(self.jvm, *words, "-keystore", one, input=input)
        own = ours(*words, "-keystore", two, input=input, env=self.env)
        assert (own.returncode == 0) == (other.returncode == 0), (other, own)
        return own

    def same(self, storepass: str = PASSWORD, keypass: str | None = None) -> dict[str, object]:
        """What Java finds in each, which has to be the same; entries by alias."""
        found = []
        for path in self.stores:
            loaded = self.jvm.worker.load(
                path.read_bytes(),
                type=self.kind,
                storepass=storepass,
                keypass=keypass or storepass,
            )
            found.append({e["alias"]: {**e, "created_ms": None} for e in loaded["entries"]})
        assert found[1] == found[0]
        assert all(e["key_error"] is None for e in found[1].values())
        return dict(found[1])


@pytest.fixture(params=FEW)
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


# --- certificates to trust ---------------------------------------------------------------


def test_new_store_whatever_its_suffix(version: str, tmp_path: Path, files: Path) -> None:
    both = Both(version, tmp_path, files, None)
    done = both.run("-importcert", "-noprompt", "-file", "root.pem", *GIVEN)
    assert (done.stdout, done.stderr) == ("", ADDED)
    assert set(both.same()) == {"mykey"}


def test_only_the_first_and_what_is_left_out_is_named(
    version: str, tmp_path: Path, files: Path
) -> None:
    both = Both(version, tmp_path, files, None)
    done = both.run("-import", "-noprompt", "-alias", "Many", "-file", "all.pem", *GIVEN)
    assert done.stderr.startswith(ADDED)
    assert "of 3 certificates only the first is imported" in done.stderr
    assert "CN=Import Middle; CN=import.example" in done.stderr
    assert set(both.same()) == {"many"}


@pytest.mark.parametrize("kind", ["PKCS12", "JKS", "JCEKS"])
def test_added_beside_what_is_there(version: str, kind: str, tmp_path: Path, files: Path) -> None:
    both = Both(version, tmp_path, files, kind)
    # Its issuer is trusted, so nobody is asked.
    done = both.run("-importcert", "-alias", "{middle}", "-file", "middle.pem", *GIVEN, "-nowarn")
    assert (done.stdout, done.stderr) == ("", ADDED)
    assert len(both.same()) == 5


ANSWERS = [
    pytest.param("stranger.pem", b"yes\n", True, id="trusted"),
    pytest.param("stranger.pem", b"no\n", False, id="not-trusted"),
    pytest.param("stranger.pem", b"", False, id="no-answer"),
    pytest.param("leaf.pem", b"y\n", True, id="issuer-unknown"),
    pytest.param("root.pem", b"yes\n", True, id="there-already"),
    pytest.param("root.pem", b"\n", False, id="there-already-not-again"),
    pytest.param("own.pem", b"yes\n", True, id="there-as-a-key"),
]


@pytest.mark.parametrize(("file", "answer", "added"), ANSWERS)
def test_questions(
    version: str, file: str, answer: bytes, added: bool, tmp_path: Path, files: Path
) -> None:
    both = Both(version, tmp_path, files, "PKCS12")
    done = both.run("-importcert", "-alias", "new", "-file", file, *GIVEN, input=answer)
    assert done.returncode == 0
    assert (ADDED if added else NOT_ADDED) in done.stderr
    assert ("new" in both.same()) is added
    asked = "Do you still want to add it?" if file in ("root.pem", "own.pem") else "Trust this"
    assert asked in done.stderr
    assert done.stdout.startswith("Owner: ") is (asked == "Trust this")


def test_taken_alias_is_an_error(version: str, tmp_path: Path, files: Path) -> None:
    both = Both(version, tmp_path, files, "PKCS12")
    before = both.stores[1].read_bytes()
    words = ("-importcert", "-noprompt", "-alias", "ROOT", "-file", "stranger.pem", *GIVEN)
    assert both.run(*words).returncode == 6
    file = str(files / "stranger.pem")
    again = ("-importcert", "-noprompt", "-alias", "ROOT", "-file", file, *GIVEN, "--rc1")
    assert ours(*again, "-keystore", both.stores[1]).returncode == 1
    assert both.stores[1].read_bytes() == before


# --- a CA's answer -----------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["PKCS12", "JKS"])
def test_reply_with_its_chain(version: str, kind: str, tmp_path: Path, files: Path) -> None:
    both = Both(version, tmp_path, files, kind)
    done = both.run("-importcert", "-alias", "server", "-file", "chain.pem", *GIVEN, "-nowarn")
    assert (done.stdout, done.stderr) == ("", INSTALLED)
    entry = both.same()["server"]
    assert isinstance(entry, dict)
    assert entry["chain"] == [LEAF, MIDDLE, ROOT]


def test_reply_completed_from_the_store(version: str, tmp_path: Path, files: Path) -> None:
    both = Both(version, tmp_path, files, "PKCS12")
    both.run("-importcert", "-alias", "middle", "-file", "middle.pem", *GIVEN)
    both.run("-importcert", "-alias", "server", "-file", "leaf.pem", *GIVEN)
    entry = both.same()["server"]
    assert isinstance(entry, dict)
    assert entry["chain"] == [LEAF, MIDDLE, ROOT]


@pytest.mark.parametrize("answer", [b"yes\n", b"no\n"])
def test_reply_nobody_trusts(version: str, answer: bytes, tmp_path: Path, files: Path) -> None:
    both = Both(version, tmp_path, files, "PKCS12")
    both.run("-delete", "-alias", "root", *GIVEN)
    done = both.run("-importcert", "-alias", "server", "-file", "chain.pem", *GIVEN, input=answer)
    assert "... is not trusted. Install reply anyway? [no]:  " in done.stderr
    entry = both.same()["server"]
    assert isinstance(entry, dict)
    assert len(entry["chain"]) == (3 if answer == b"yes\n" else 1)


@pytest.mark.parametrize("file", ["stranger.pem", "own.pem", "leaf.pem"])
def test_reply_refused(version: str, file: str, tmp_path: Path, files: Path) -> None:
    """Another key, what is there already, and an issuer nobody knows."""
    both = Both(version, tmp_path, files, "PKCS12")
    words = ("-importcert", "-noprompt", "-alias", "server", "-file", file, *GIVEN)
    assert both.run(*words).returncode == 6
    both.same()


# --- entries and passwords ---------------------------------------------------------------


@pytest.mark.parametrize("kind", ["PKCS12", "JKS", "JCEKS"])
def test_names(version: str, kind: str, tmp_path: Path, files: Path) -> None:
    both = Both(version, tmp_path, files, kind)
    assert both.run("-delete", "-alias", "corp-*", *GIVEN, "-nowarn") == Done(0, "", "")
    renamed = ("-changealias", "-alias", "server", "-destalias", "Web")
    assert both.run(*renamed, *GIVEN, "-nowarn").stderr == ""
    assert set(both.same()) == {"web", "root", "corp-x"}
    for words, status in [
        (("-delete", "-alias", "corp-*"), 1),
        (("-delete", "-alias", ""), 1),
        (("-changealias", "-alias", "gone", "-destalias", "web"), 1),
        (("-changealias", "-alias", "root", "-destalias", "WEB"), 6),
        (("-changealias", "-alias", "root", "-destalias", "root"), 6),
    ]:
        assert both.run(*words, *GIVEN).returncode == status
    assert len(both.same()) == 3


@pytest.mark.parametrize("kind", ["PKCS12", "JKS", "JCEKS"])
def test_password_of_a_store(version: str, kind: str, tmp_path: Path, files: Path) -> None:
    both = Both(version, tmp_path, files, kind)
    assert both.run("-storepasswd", "-new", OTHER, *GIVEN).returncode == 0
    # In a JKS the key keeps its own.
    both.same(OTHER, OTHER if kind == "PKCS12" else PASSWORD)
    assert both.run("-storepasswd", "-new", "short", "-storepass", OTHER).returncode == 2
    typed = b"sesame!\nsesame!\n"
    done = both.run("-storepasswd", "-storepass", OTHER, input=typed)
    assert done.stderr.startswith("New keystore password: ")
    both.same("sesame!", "sesame!" if kind == "PKCS12" else PASSWORD)


@pytest.mark.parametrize("kind", ["JKS", "JCEKS"])
def test_password_of_a_key(version: str, kind: str, tmp_path: Path, files: Path) -> None:
    both = Both(version, tmp_path, files, kind)
    key = ("-keypasswd", "-alias", "server", *GIVEN)
    both.run(*key, "-new", OTHER)
    both.same(PASSWORD, OTHER)
    assert both.run(*key, "-keypass", "wrong!", "-new", "sesame!").returncode == 3
    both.run(*key, "-keypass", OTHER, "-new", "sesame!")
    both.same(PASSWORD, "sesame!")
    done = both.run(*key, input=b"sesame!\nthird-one\nthird-one\n")
    assert "Enter key password for <server>" in done.stderr
    both.same(PASSWORD, "third-one")
    assert both.run("-keypasswd", "-alias", "root", *GIVEN, "-new", OTHER).returncode == 2


def test_password_of_a_key_in_a_pkcs12(version: str, tmp_path: Path, files: Path) -> None:
    both = Both(version, tmp_path, files, "PKCS12")
    done = both.run("-keypasswd", "-alias", "server", *GIVEN, "-new", OTHER)
    assert done.returncode == 6
    both.same()


# --- ours alone --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("-delete", "-alias", "a", *GIVEN), 4),
        (("-importcert", "-file", "root.pem", "-storepass", "short"), 2),
        (("-importcert", "-file", "gone.pem", *GIVEN), 4),
        (("-importcert", "-file", "root.pem", "-storetype", "PKCS11", *GIVEN), 4),
    ],
)
def test_failures(words: Sequence[str], status: int, tmp_path: Path, files: Path) -> None:
    words = tuple(str(files / word) if word.endswith(".pem") else word for word in words)
    store = tmp_path / "none.p12"
    for more, expected in ((), status), (("--rc1",), 1):
        assert ours(*words, "-keystore", store, *more).returncode == expected
        assert not store.exists()


@pytest.mark.parametrize("words", [("-delete", "-alias", "root"), ("-storepasswd", "-new", OTHER)])
def test_wrong_password(words: Sequence[str], tmp_path: Path) -> None:
    store = tmp_path / "store.p12"
    store.write_bytes(content := beginning("PKCS12"))
    done = ours(*words, "-keystore", store, "-storepass", "wrong!")
    assert done.returncode == 3
    assert "wrong!" not in done.stderr
    assert store.read_bytes() == content


def test_trusted_by_cacerts(tmp_path: Path, files: Path) -> None:
    """With -trustcacerts an issuer in the JRE's cacerts counts, and what is there is said."""
    security = tmp_path / "jre" / "lib" / "security"
    security.mkdir(parents=True)
    root = TrustedCert("theroot", Certificate(ROOT), CREATED)
    content = formats.write(Store("JKS", (root,)), Password(PASSWORD))
    (security / "cacerts").write_bytes(content)
    (tmp_path / "jre" / "release").write_text('JAVA_VERSION="17.0.9"\n')
    (tmp_path / "jre" / "bin").mkdir()
    (tmp_path / "jre" / "bin" / "java").write_text("#!/bin/sh\n")
    os.chmod(tmp_path / "jre" / "bin" / "java", 0o755)
    env = {"JAVA_HOME": str(tmp_path / "jre"), "XDG_STATE_HOME": str(tmp_path / "state")}
    store = tmp_path / "store.p12"

    def run(file: str, *more: str, input: bytes = b"") -> Done:
        alias = ("-alias", file, "-file", str(files / file))
        words = ("-importcert", *alias, "-keystore", str(store), *GIVEN, *more)
        return ours(*words, input=input, env=env)

    assert run("middle.pem", input=b"no\n").stderr.endswith(NOT_ADDED)
    assert run("middle.pem", "-trustcacerts").stderr == ADDED
    done = run("root.pem", "-trustcacerts", input=b"yes\n")
    assert "in system-wide CA keystore under alias <theroot>" in done.stderr
    assert done.stderr.endswith(ADDED)


def test_cacerts_is_a_file_here(tmp_path: Path, files: Path) -> None:
    """A relative name that is a word elsewhere."""
    words = ("-importcert", "-noprompt", "-file", str(files / "root.pem"), *GIVEN)
    done = ours(*words, "-keystore", "cacerts", cwd=tmp_path, env={"XDG_STATE_HOME": str(tmp_path)})
    assert done.stderr == ADDED
    assert (tmp_path / "cacerts").is_file()
