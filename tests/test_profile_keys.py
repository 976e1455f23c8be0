"""Keys a profile wishes for: from stores and files, chosen for a server, in every store type."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from storekeeper import formats
from storekeeper.change.plan import Plan
from storekeeper.errors import PasswordError, StorekeeperError, UsageError, WriteRefused
from storekeeper.formats import reseal
from storekeeper.model import Certificate, Password, PrivateKey, Store
from storekeeper.profile.checks import check_profile
from storekeeper.profile.context import Context
from storekeeper.profile.load import load
from tests import changing, jvm, pki, servers
from tests.profiles import ROOT, Folder

CA, MID = (
    pki.certificate("Keys Root", None, ca=True),
    pki.certificate("Keys Issuing", "Keys Root", ca=True),
)
LEAF = pki.certificate("keys.example", "Keys Issuing")
STRANGER = pki.certificate("Keys Stranger")
SERVER = servers.setup("localhost", "Inter", "Root")
CHAIN = [LEAF, MID, CA]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    monkeypatch.setenv("PW", "changeit")
    made = Folder(tmp_path)
    for name, ders in {"leaf": [LEAF], "mid": [MID], "ca": [CA], "stranger": [STRANGER]}.items():
        made.write(f"{name}.crt", *map(Certificate, ders))
    for name, owner in {"own": "keys.example", "stranger": "Keys Stranger"}.items():
        key = pki.pem("PRIVATE KEY", pki.pkcs8(pki.key(owner)))
        (tmp_path / f"{name}.key").write_bytes(key)
    entries = []
    for alias, owner, *chain in (
        ("two", "Keys Stranger", STRANGER),
        ("one", "keys.example", LEAF),
    ):
        sealed = reseal.seal_private_key(
            pki.pkcs8(pki.key(str(owner))), "PKCS12", Password("changeit")
        )
        entries.append(PrivateKey(str(alias), tuple(map(Certificate, chain)), sealed))
    content = formats.write(Store("PKCS12", tuple(entries)), Password("changeit"))
    (tmp_path / "both.p12").write_bytes(content)
    return made


def wish(folder: Folder, keys: str, name: str = "id.p12", more: str = "") -> None:
    folder.profile(
        f"targets:\n- name: identity\n  path: {name}\n  password: env:PW\n{more}"
        f"  sources: [{{file: '*.crt'}}]\n  keys: [{keys}]\n"
    )


def key(folder: Folder, name: str = "id.p12") -> PrivateKey:
    (entry,) = changing.read(folder.path / name).entries
    assert isinstance(entry, PrivateKey)
    return entry


@pytest.mark.parametrize("name", ["id.p12", "id.jks", "id.jceks"])
@pytest.mark.parametrize(
    "source",
    ["files: [own.key, leaf.crt]", "from: both.p12, password: 'env:PW', alias: one"],
)  # fmt: skip
def test_a_key_with_its_chain(folder: Folder, name: str, source: str) -> None:
    wish(folder, f"{{{source}, as: agent}}", name)
    (done,) = folder.apply()
    found = key(folder, name)
    assert done.changed
    assert found.alias == "agent"
    assert [one.der for one in found.chain] == CHAIN
    assert found.pkcs8("changeit") == pki.pkcs8(pki.key("keys.example"))
    before = folder.seen(name)
    assert folder.plan()[0].unchanged
    folder.apply()
    assert folder.seen(name) == before
    assert os.stat(folder.path / name).st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("chain", "length"), [("full", 3), ("without-root", 2), ("leaf", 1)]
)  # fmt: skip
def test_how_much_of_the_chain(folder: Folder, chain: str, length: int) -> None:
    wish(folder, f"{{files: [own.key, leaf.crt], as: agent, chain: {chain}}}", "id.jks")
    folder.apply()
    assert [one.der for one in key(folder, "id.jks").chain] == CHAIN[:length]
    assert folder.plan()[0].unchanged


def test_a_chain_that_does_not_close_is_refused(folder: Folder) -> None:
    folder.profile(
        "targets:\n- {path: id.p12, password: env:PW,"
        " keys: [{files: [own.key, leaf.crt], as: agent}]}\n"
    )
    with pytest.raises(WriteRefused, match="Keys Issuing"):
        folder.apply()
    assert not (folder.path / "id.p12").exists()
    folder.profile(
        "targets:\n- {path: id.p12, password: env:PW,"
        " keys: [{files: [own.key, leaf.crt], as: agent, chain: leaf}]}\n"
    )
    folder.apply()
    assert [one.der for one in key(folder).chain] == [LEAF]


def test_several_keys_in_one_store(folder: Folder) -> None:
    wish(
        folder,
        "{files: [own.key, leaf.crt], as: a}, {files: [stranger.key, stranger.crt], as: b}",
        "id.jks",
    )
    folder.apply()
    entries = changing.read(folder.path / "id.jks").entries
    assert [entry.alias for entry in entries] == ["a", "b"]
    assert folder.plan()[0].unchanged


def test_keys_and_certificates_in_one_file_are_two_targets(folder: Folder) -> None:
    folder.profile(
        "targets:\n"
        "- {name: t, path: id.jks, password: env:PW, sources: [{file: root.pem}]}\n"
        "- {name: i, path: id.jks, password: env:PW, sources: [{file: '*.crt'}],"
        " keys: [{files: [own.key, leaf.crt], as: k}]}\n"
    )
    (folder.path / "id.jks").touch(mode=0o600)
    (folder.path / "id.jks").unlink()
    with pytest.raises(WriteRefused, match="every user may read it"):
        folder.apply()
    (folder.path / "id.jks").chmod(0o600)
    folder.apply()
    assert {entry.alias for entry in changing.read(folder.path / "id.jks").entries} >= {"k"}
    assert all(plan.unchanged for plan in folder.plan())


@pytest.mark.parametrize(
    ("keys", "kind", "message"),
    [
        ("{from: both.p12, password: env:PW, as: a}", UsageError, "found 2: 'two', 'one'"),
        ("{from: both.p12, password: env:WRONG, alias: one}", PasswordError, "wrong"),
        ("{from: leaf.crt}", UsageError, "expected one private key"),
        ("{files: [own.key, stranger.crt], as: a}", WriteRefused, "does not belong"),
        ("{from: both.p12, password: env:PW, alias: three}", UsageError, "'three'"),
    ],
)
def test_errors(
    folder: Folder,
    monkeypatch: pytest.MonkeyPatch,
    keys: str,
    kind: type[StorekeeperError],
    message: str,
) -> None:
    monkeypatch.setenv("WRONG", "no password of anything")
    wish(folder, keys)
    with pytest.raises(kind, match=message) as caught:
        folder.apply()
    assert "p.yaml:7:" in f"{caught.value} {caught.value.hint}"
    assert "no password of anything" not in f"{caught.value!r}{caught.value.hint}"
    assert not (folder.path / "id.p12").exists()


def test_a_taken_alias_is_not_replaced_unasked(folder: Folder) -> None:
    wish(folder, "{files: [own.key, leaf.crt], as: agent}")
    folder.apply()
    before = (folder.path / "id.p12").read_bytes()
    wish(folder, "{files: [stranger.key, stranger.crt], as: agent}")
    with pytest.raises(WriteRefused):
        folder.apply()
    assert (folder.path / "id.p12").read_bytes() == before
    wish(
        folder,
        "{files: [stranger.key, stranger.crt], as: agent}",
        more="  on-conflict: replace\n",
    )
    folder.apply()
    assert [one.der for one in key(folder).chain] == [STRANGER]


def test_the_command_and_the_profile_make_the_same_plan(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is a key, its seal is drawn; so a store that has it already is compared."""
    from storekeeper.cli import main, mending

    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1760000000")
    wish(folder, "{files: [own.key, leaf.crt], as: agent, chain: full}", "id.jks")
    folder.apply()
    seen: list[Plan] = []

    def told(_args: object, plan: Plan, **_: object) -> int:
        seen.append(plan)
        return 0

    monkeypatch.setattr(mending, "told", told)
    words = ["import-key", "id.jks", "own.key", "leaf.crt", "--alias", "agent"]
    words += ["--storepass", "env:PW"]
    for name in ("ca.crt", "leaf.crt", "mid.crt", "stranger.crt"):
        words += ["--trust", name]
    monkeypatch.chdir(folder.path)
    assert main(words) == 0
    assert seen == [folder.plan()[0].plan]
    wish(folder, "{files: [own.key, leaf.crt], as: agent, chain: leaf}", "id.jks")
    assert not folder.plan()[0].unchanged


def test_the_key_a_server_accepts(folder: Folder) -> None:
    """Chosen out of a store, its chain completed so that Java sends it; and the check says so."""
    made = SERVER.but(authorities=(CA,), client="required")
    root = pki.certificate("Root", None, ca=True)
    folder.write("server-ca.pem", Certificate(root))
    with servers.openssl(made) as running:
        folder.profile(
            "targets:\n"
            "- {name: trust, path: t.jks, password: env:PW, sources: [{file: server-ca.pem}]}\n"
            "- name: identity\n  path: id.p12\n  password: env:PW\n  sources: [{file: '*.crt'}]\n"
            f"  keys: [{{from: both.p12, password: env:PW, for: '{running.at}'}}]\n"
            "checks:\n"
            f"- {{name: c, server: '{running.at}', store: trust, identity: identity,"
            " host: localhost}\n"
        )
        context = Context()
        plans = folder.plan(context)
        profile = load(folder.path / "p.yaml")
        (before,) = check_profile(profile, context, plans)
        assert before.passed, before
        assert before.sent == "one"
        folder.apply()
        assert [one.der for one in key(folder).chain] == [LEAF, MID]
        assert all(plan.unchanged for plan in folder.plan())
        (after,) = check_profile(profile, Context())
        assert after.passed
        assert after.verdict is not None
        assert after.verdict.accepts
        # Another one's root: the chain is refused, in Java's words, and nothing is changed.
        folder.write("server-ca.pem", ROOT)
        (folder.path / "t.jks").unlink()
        folder.apply()
        (refused,) = check_profile(profile, Context())
        assert refused.passed is False
        assert refused.verdict is not None
        assert "PKIX path building failed" in refused.verdict.message
    (gone,) = check_profile(profile, Context())
    assert gone.passed is None
    assert gone.error is not None
    assert gone.error.exit_status == 5


def test_no_key_a_server_accepts(folder: Folder) -> None:
    other = pki.certificate("Nobody's CA", None, ca=True)
    made = SERVER.but(authorities=(other,), client="required")
    with servers.openssl(made) as running:
        wish(folder, f"{{from: both.p12, password: env:PW, for: '{running.at}'}}")
        with pytest.raises(WriteRefused, match="would accept none of the keys") as caught:
            folder.apply()
    assert "Nobody's CA" in caught.value.hint
    assert not (folder.path / "id.p12").exists()


@pytest.mark.parametrize("version", jvm.FEW_PARAMS)
def test_every_java_opens_the_key(folder: Folder, version: str) -> None:
    for name, more in {"a.p12": "", "b.p12": "  compat: java8\n", "c.jks": ""}.items():
        wish(folder, "{files: [own.key, leaf.crt], as: agent}", name, more)
        folder.apply()
        content = (folder.path / name).read_bytes()
        (entry,) = jvm.jvm(version).worker.load(content, "changeit")["entries"]
        assert (entry["alias"], entry["kind"]) == ("agent", "private")
        assert [*entry["chain"]] == CHAIN
        assert entry["key"] == pki.pkcs8(pki.key("keys.example"))
