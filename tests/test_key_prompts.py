"""The commands about keys at a terminal, and the examples of their --help, which all run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from storekeeper import cli, formats
from storekeeper.formats import jks
from storekeeper.model import Password, PrivateKey, Store
from tests import jvm, pki
from tests.commands import PASSWORD, Authority
from tests.prompting import at_terminal

TOP = Path(__file__).parent.parent
COMMANDS = ("genkey", "csr", "reply", "sign", "import-key")


def answered(folder: Path, *words: str, answers: tuple[str, ...] = ()) -> tuple[int, str]:
    """Exit status and what the terminal shows, when a person answers each question in turn."""
    environ = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(folder),
        "PYTHONPATH": str(TOP),
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
        "COLUMNS": "200",
    }
    command = [sys.executable, "-m", "storekeeper", *words]
    return at_terminal(command, folder, environ, [f"{one}\n".encode() for one in answers])


KEY = ("--alias", "srv", "--dname", "h", "--keyalg", "EC")


@pytest.mark.parametrize("spec", [(), ("--storepass", "prompt")])
def test_a_new_password_is_typed_twice(spec: tuple[str, ...], tmp_path: Path) -> None:
    words = ("genkey", "id.p12", *KEY, *spec)
    status, shown = answered(tmp_path, *words, answers=("hush hush", "hush hash"))
    assert (status, os.listdir(tmp_path)) == (2, []), shown
    assert "not the same" in shown
    status, shown = answered(tmp_path, *words, answers=("hush hush", "hush hush"))
    assert status == 0, shown
    assert "New password of id.p12: " in shown
    assert "Password of id.p12 again: " in shown
    assert "hush" not in shown
    data = (tmp_path / "id.p12").read_bytes()
    (found,) = jvm.newest().worker.load(data, "hush hush")["entries"]
    assert found["key"] is not None
    # And once, where it is there to be compared with.
    words = ("genkey", "id.p12", "--alias", "two", *KEY[2:], *spec)
    status, shown = answered(tmp_path, *words, answers=("hush hush",))
    assert status == 0, shown
    assert "again" not in shown


def test_a_new_key_password_is_typed_twice(tmp_path: Path) -> None:
    words = ("genkey", "id.jks", *KEY, "--keypass", "prompt")
    status, shown = answered(
        tmp_path, *words, answers=("of the store", "of the store", "of the key", "of the key")
    )
    assert status == 0, shown
    assert "New password of the key: " in shown
    data = (tmp_path / "id.jks").read_bytes()
    (found,) = jvm.newest().worker.load(data, "of the store", keypass="of the key")["entries"]
    assert found["key"] is not None
    # Asked for when the store's is not the key's.
    status, shown = answered(
        tmp_path,
        *("csr", "id.jks", "-o", "x.csr", "--storepass", "prompt"),
        answers=("of the store", "of the key"),
    )
    assert status == 0, shown
    assert "Password of the key 'srv': " in shown
    assert (tmp_path / "x.csr").exists()
    status, shown = answered(tmp_path, "csr", "id.jks", answers=("wrong",))
    assert status == 3, shown
    assert "came from the prompt" in shown


def test_what_opened_a_store_is_said_once(tmp_path: Path) -> None:
    (tmp_path / "root.pem").write_bytes(pki.pem("CERTIFICATE", pki.certificate("h")))
    words = ("import", "trust.jks", "root.pem", "--storepass", "prompt")
    status, shown = answered(tmp_path, *words, answers=("changeit",) * 2)
    assert status == 0, shown
    status, shown = answered(tmp_path, "passwd", "trust.jks", answers=("hush hush",) * 2)
    assert status == 0, shown
    assert shown.count("opened with the default password") == 1
    assert "written with it again" not in shown
    formats.read((tmp_path / "trust.jks").read_bytes(), Password("hush hush"))


@pytest.mark.parametrize("name", ["id.p12", "id.jks"])
def test_what_was_typed_for_the_store_is_tried_on_its_keys(name: str, tmp_path: Path) -> None:
    status, shown = answered(tmp_path, "genkey", name, *KEY, answers=("hush hush",) * 2)
    assert status == 0, shown
    for words in (
        ("csr", name),
        ("export", name, "--key", "--no-encryption"),
        ("import-key", "other.p12", name, "--alias", "srv", "--storepass", "env:HOME"),
        ("copy", "id.p12", "third.p12", "--alias", "srv", "--storepass", "env:HOME"),
    )[: 4 if name == "id.p12" else 3]:
        status, shown = answered(tmp_path, *words, answers=("hush hush",))
        assert status == 0, shown
        assert shown.count("assword of ") == 1, shown
    # One that is not the key's is no reason to give up.
    status, shown = answered(
        tmp_path, "genkey", "own.jks", *KEY, "--keypass", "prompt",
        answers=("of the store",) * 2 + ("of the key",) * 2,
    )  # fmt: skip
    assert status == 0, shown
    status, shown = answered(
        tmp_path, "export", "own.jks", "--key", "--no-encryption", "--storepass", "prompt",
        answers=("of the store", "of the key"),
    )  # fmt: skip
    assert status == 0, shown
    assert "BEGIN PRIVATE KEY" in shown


def test_an_encrypted_key_and_a_new_store(tmp_path: Path) -> None:
    (tmp_path / "srv.key").write_bytes(pki.pem("PRIVATE KEY", pki.pkcs8(pki.key("h"))))
    locked = pki.openssl(
        *("pkcs8", "-topk8", "-in", str(tmp_path / "srv.key"), "-passout", "pass:of the source")
    )
    (tmp_path / "srv.key").write_bytes(locked)
    (tmp_path / "srv.crt").write_bytes(pki.pem("CERTIFICATE", pki.certificate("h")))
    status, shown = answered(
        tmp_path,
        *("import-key", "id.p12", "srv.key", "srv.crt"),
        answers=("of the store", "of the store", "of the source"),
    )
    assert status == 0, shown
    assert shown.index("New password of id.p12: ") < shown.index("Password of the key ")
    store = formats.read((tmp_path / "id.p12").read_bytes(), Password("of the store"))
    (entry,) = store.entries
    assert isinstance(entry, PrivateKey)
    assert entry.pkcs8("of the store") == pki.pkcs8(pki.key("h"))


# -- the examples of --help ----------------------------------------------------------------


def examples(name: str) -> list[str]:
    """The commands below "examples:" and "instead of" in the --help of a command."""
    epilog = cli.options_of(name).epilog or ""
    text = epilog.partition("\nexit status:")[0].replace("\\\n", "")
    found = re.findall(r"^  (storekeeper .*)$", text, re.MULTILINE)
    assert found
    return [line.replace(" S ", " own.p12 ") for line in found]


def files(folder: Path) -> None:
    """What the examples speak of."""
    root = Authority("Example Root")
    issuing = Authority("Example Int", root)
    key = pki.pkcs8(pki.key("example key"))
    leaf = issuing.issues("example key", pki.spki(pki.key("example key")))
    chain = (leaf, issuing.certificate, root.certificate)

    def pem(name: str, *ders: bytes) -> None:
        (folder / name).write_bytes(b"".join(pki.pem("CERTIFICATE", one) for one in ders))

    pem("answer.pem", *(one.der for one in chain))
    pem("chain.pem", *(one.der for one in chain))
    pem("server.crt", leaf.der)
    pem("intermediate.crt", issuing.certificate.der)
    pem("roots.pem", root.certificate.der)
    (folder / "server.key").write_bytes(pki.pem("PRIVATE KEY", key))
    (folder / "key.pass").write_text(f"{PASSWORD}\n")
    (folder / "key.pass").chmod(0o600)
    pki.openssl("crl2pkcs7", "-nocrl", "-certfile", str(folder / "chain.pem"), "-out",
                str(folder / "answer.p7b"))  # fmt: skip
    (folder / "conf").mkdir()
    own = pki.cert("example key")
    for path in ("conf/.keystore", "own.p12", "id.p12"):
        alias = "agent" if path.startswith("conf") else "server"
        entry = {"alias": alias, "kind": "private", "key": key, "chain": [own.der]}
        kind = "JKS" if path.startswith("conf") else "PKCS12"
        (folder / path).write_bytes(jvm.newest().worker.store(kind, PASSWORD, [entry]))
    sealed = jks.seal_private_key(key, Password(PASSWORD), "JKS")
    lab = jks.seal_private_key(root.pkcs8, Password(PASSWORD), "JKS")
    entries = (PrivateKey("ca", (root.certificate,), lab), PrivateKey("x", (own,), sealed))
    (folder / "ca.jks").write_bytes(formats.write(Store("JKS", entries), Password(PASSWORD)))
    for file in folder.rglob("*"):
        if file.is_file():
            file.chmod(0o600)


@pytest.mark.parametrize("name", COMMANDS)
def test_examples_run(name: str, tmp_path: Path) -> None:
    program = tmp_path / "storekeeper"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m storekeeper "$@"\n')
    program.chmod(0o755)
    for number, line in enumerate(examples(name)):
        folder = tmp_path / str(number)
        folder.mkdir()
        files(folder)
        before = []
        if name == "genkey":  # makes what the others take up
            for path in ("own.p12", "id.p12"):
                (folder / path).unlink()
        if "--signer-store" in line:
            shutil.copy(folder / "ca.jks", folder / "ca.p12")
        if name == "import-key":
            for path in ("own.p12", "conf/.keystore"):
                (folder / path).unlink()
        if name == "sign":
            (folder / "server.crt").unlink()
            before = ["storekeeper csr id.p12 -o server.csr"]
            line = line.replace("--ca own.p12", "--ca ca.jks")
            if "--ca ca.p12" in line:
                before.append(examples(name)[1])
        environment = {
            "PATH": f"{tmp_path}:/usr/bin:/bin",
            "PYTHONPATH": str(TOP),
            "HOME": str(folder),
            "LC_ALL": "C.UTF-8",
            "STOREPASS": PASSWORD,
            "IN": PASSWORD,
            "STOREKEEPER_STOREPASS": PASSWORD,
            # What "system" and "cacerts" stand for here.
            "SSL_CERT_FILE": str(folder / "roots.pem"),
            "JAVA_HOME": str(jvm.newest().home),
        }
        for command in (*before, line):
            done = subprocess.run(
                ["bash", "-o", "pipefail", "-c", command],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=60,
            )
            assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


def test_the_other_half_of_the_examples() -> None:
    """Every command says which line of keytool it stands for."""
    for name in COMMANDS:
        assert "keytool -" in (cli.options_of(name).epilog or "")
