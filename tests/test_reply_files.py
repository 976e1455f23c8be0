"""Answers in files of every shape, given to the command, and beside keytool."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from storekeeper import formats
from storekeeper.change.key_entries import plan_reply
from storekeeper.change.target import open_target
from storekeeper.model import Entry, PrivateKey, Store, TrustedCert
from storekeeper.x509 import facts
from tests import jvm, pki
from tests.commands import OPENS, PASSWORD, Commands
from tests.reply_lab import DATE, lab, run

__all__ = ["run"]  # fixture


# -- files ---------------------------------------------------------------------------------


def made(run: Commands, name: str, *more: TrustedCert) -> Path:
    """A store with the key under a password of its own (JKS), and other entries around it."""
    path = run.folder / name
    around: tuple[Entry, ...] = (
        TrustedCert("first", lab().unrelated, DATE - 5),
        lab().entry(),
        *more,
    )
    if name.endswith(".jks"):
        path.write_bytes(formats.write(Store("JKS", around), OPENS))
    else:
        entries: list[dict[str, object]] = [
            {"alias": "first", "kind": "trusted", "chain": [lab().unrelated.der]},
            {
                "alias": "srv",
                "kind": "private",
                "key": lab().pkcs8,
                "chain": [lab().placeholder.der],
            },
        ]
        path.write_bytes(jvm.newest().worker.store("PKCS12", PASSWORD, entries))
    path.chmod(0o600)
    return path


def answers(run: Commands) -> dict[str, list[str]]:
    """One answer in the shapes CAs send it."""
    leaf, issuing, root = lab().answer
    run.write("all.pem", root, b"some text\n", leaf, issuing)
    run.write("crlf.pem", b"".join(pki.pem("CERTIFICATE", c.der).replace(b"\n", b"\r\n")
                                   for c in lab().answer))  # fmt: skip
    run.write("leaf.pem", leaf)
    run.write("ca.pem", issuing, root)
    for form in ("DER", "PEM"):
        words = ["crl2pkcs7", "-nocrl", "-certfile", "all.pem", "-outform", form]
        (run.folder / f"{form.lower()}.p7b").write_bytes(pki.openssl(*words))
    (run.folder / "leaf.der").write_bytes(leaf.der)
    return {
        "pem": ["all.pem"],
        "crlf": ["crlf.pem"],
        "files": ["ca.pem", "leaf.pem"],
        "pkcs7": ["der.p7b"],
        "pkcs7 in pem": ["pem.p7b"],
        "der and trust": ["leaf.der", "--trust", "ca.pem"],
        "folder of trust": ["leaf.pem", "--trust", "folder"],
    }


@pytest.mark.parametrize("store", ["id.jks", "id.p12"])
def test_every_shape_of_an_answer(store: str, run: Commands) -> None:
    shapes = answers(run)
    (run.folder / "folder").mkdir()
    (run.folder / "folder" / "ca.crt").write_bytes((run.folder / "ca.pem").read_bytes())
    for shape, words in shapes.items():
        path = made(run, store)
        before = run.store(store)
        run("reply", store, *words)
        after = run.store(store)
        entry = after.find("srv")
        assert isinstance(entry, PrivateKey)
        assert entry.chain == lab().answer, shape
        # Nothing else is different: the other entry, the sealed key, its date.
        old = before.find("srv")
        assert isinstance(old, PrivateKey)
        assert (old.sealed.data, old.created_ms) == (entry.sealed.data, entry.created_ms)
        assert before.find("first") == after.find("first")
        content = path.read_bytes()
        said = run("reply", store, *words)
        assert "unchanged" in said.out
        assert said.err == ""
        assert path.read_bytes() == content


def test_java_opens_what_was_answered(run: Commands) -> None:
    words = answers(run)["pkcs7"]
    for name, own in (("id.jks", "another one"), ("id.p12", PASSWORD)):
        path = made(run, name)
        run("reply", name, *words)
        for judge in jvm.default_jvms():
            opened = judge.worker.load(path.read_bytes(), PASSWORD, keypass=own)["entries"]
            found = next(one for one in opened if one["alias"] == "srv")
            assert found["chain"] == [one.der for one in lab().answer]
            assert found["key"] == lab().pkcs8
            if name == "id.jks":
                assert found["created_ms"] == DATE
            root, chain = found["chain"][-1], found["chain"][:-1]
            assert judge.worker.call("validate", root=root, chain=chain) == 2


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["leaf.pem"], 6, "issuer CN=Reply Int is missing"),
        (["ca.pem"], 6, "for this key"),
        (["leaf.pem", "--trust", "nothing"], 4, "nothing"),
        (["x.txt"], 4, "x.txt"),
        (["all.pem", "--alias", "first"], 2, "trusted certificate"),
        (["all.pem", "--alias", "nobody"], 1, "no such entry"),
        (["all.pem", "--storepass", "env:WRONG"], 3, "environment variable WRONG"),
    ],
)
def test_refusals_leave_the_store_alone(
    words: list[str], status: int, says: str, run: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WRONG", "not it")
    answers(run)
    path = made(run, "id.jks")
    (run.folder / "x.txt").write_text("no certificate\n")
    before, names = path.read_bytes(), set(run.folder.iterdir())
    assert says in run("reply", "id.jks", *words, status=status).err
    assert path.read_bytes() == before
    assert set(run.folder.iterdir()) <= names | {run.folder / "state"}


def test_incomplete_and_then_complete(run: Commands) -> None:
    answers(run)
    made(run, "id.jks")
    said = run("reply", "id.jks", "leaf.pem", "--incomplete")
    assert "warning" in said.err
    assert "[incomplete-chain]" in said.err
    assert "replaced" in run("reply", "id.jks", "ca.pem", "leaf.pem").out
    # A renewal, for which the CA sent one file: the chain there was knows the way.
    run.write("renewed.pem", lab().renewed)
    run("reply", "id.jks", "renewed.pem")
    assert run.key("id.jks").chain == (lab().renewed, *lab().answer[1:])


def test_looking_changes_nothing(run: Commands) -> None:
    answers(run)
    path = made(run, "id.jks")
    before = path.read_bytes()
    assert "planned: 1 replaced" in run("reply", "id.jks", "all.pem", "--dry-run").out
    run("reply", "id.jks", "all.pem", "--check", status=1)
    assert path.read_bytes() == before
    run("reply", "id.jks", "all.pem")
    run("reply", "id.jks", "all.pem", "--check")
    assert "restored" in run("undo").out
    assert path.read_bytes() == before


# -- keytool -------------------------------------------------------------------------------


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_keytool_does_the_same(version: str, run: Commands) -> None:
    """The same answers to the same requests: where keytool takes one, the chain is the same."""
    judge = jvm.jvm(version)
    answers(run)
    for store, (shape, trusts) in itertools.product(
        ("id.jks", "id.p12"),
        (("all.pem", False), ("der.p7b", False), ("leaf.pem", True)),
    ):
        more = [TrustedCert("root", lab().root.certificate, DATE)] if trusts else []
        more += [TrustedCert("int", lab().issuing.certificate, DATE)] if trusts else []
        made(run, store, *more)
        if trusts and store == "id.p12":
            for alias, one in (("root", lab().root), ("int", lab().issuing)):
                run.write(f"{alias}.pem", one.certificate)
                run("import", store, f"{alias}.pem", "--alias", alias)
        theirs = run.folder / f"theirs-{store}"
        theirs.write_bytes((run.folder / store).read_bytes())
        own = ["-keypass", "another one"] if store == "id.jks" else []
        judge.worker.keytool("-importcert", "-noprompt", "-alias", "srv", "-file",
                             run.folder / shape, "-keystore", theirs, "-storepass", PASSWORD,
                             *own)  # fmt: skip
        run("reply", store, shape)
        assert run.key(store).chain == run.key(theirs.name).chain == lab().answer
        theirs.unlink()


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_what_keytool_makes_and_signs(version: str, run: Commands) -> None:
    judge = jvm.jvm(version)
    store: list[str | Path] = ["-keystore", run.folder / "k.jks", "-storepass", PASSWORD]
    keypass = ("-storetype", "JKS", "-keypass", PASSWORD)  # which Java 11 asks for otherwise

    def keytool(*words: str | Path) -> None:
        judge.worker.keytool(*words, *store)

    keytool(
        "-genkeypair", "-alias", "ca", "-keyalg", "EC", "-dname", "CN=CA", "-ext", "bc:c", *keypass
    )
    keytool("-genkeypair", "-alias", "srv", "-keyalg", "EC", "-dname", "CN=srv", *keypass)
    keytool("-certreq", "-alias", "srv", "-file", run.folder / "k.csr")
    keytool("-gencert", "-rfc", "-alias", "ca", "-infile", run.folder / "k.csr", "-outfile",
            run.folder / "k.pem")  # fmt: skip
    ours = run.folder / "ours.jks"
    ours.write_bytes((run.folder / "k.jks").read_bytes())
    keytool("-importcert", "-noprompt", "-alias", "srv", "-file", run.folder / "k.pem")
    run("reply", "ours.jks", "k.pem", "--alias", "srv")
    assert run.key("ours.jks").chain == run.key("k.jks").chain
    assert [facts(one).subject.common_name for one in run.key("k.jks").chain] == ["srv", "CA"]


def test_targets_opened_for_real(run: Commands) -> None:
    path = made(run, "id.jks")
    opened = open_target(str(path), OPENS)
    plan = plan_reply(opened, "srv", lab().answer)
    assert [type(one).__name__ for one in plan.changes] == ["Replace"]
