"""Plans of profiles and carrying them out: idempotent, all or nothing, the same everywhere."""

from __future__ import annotations

import contextlib
import os
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from storekeeper import formats
from storekeeper.change.apply import encode
from storekeeper.change.incoming import Incoming
from storekeeper.change.journal import records as changes_made
from storekeeper.change.plan import Plan
from storekeeper.errors import NetworkError, StorekeeperError, WriteRefused
from storekeeper.host.locks import lock
from storekeeper.model import Certificate, PrivateKey, Store, TrustedCert
from storekeeper.profile.applying import apply_profile
from storekeeper.profile.context import Context
from storekeeper.profile.gathering import authentic
from storekeeper.profile.load import load
from storekeeper.profile.planning import plan_profile
from storekeeper.profile.values import SourceWish
from tests import changing, forge, jvm, pki, servers
from tests.profiles import MORE, ROOT, Folder, pem

TYPES = ["trust.jks", "trust.jceks", "trust.p12", "trust.pem"]
MADE = servers.setup("localhost", "Profile Inter", "Profile CA")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    monkeypatch.setenv("PW", "changeit")
    return Folder(tmp_path)


def certificates(path: Path, password: str | None = "changeit") -> list[object]:
    store = formats.read(path.read_bytes(), password)
    return [entry.certificate for entry in store.entries if isinstance(entry, TrustedCert)]


# -- idempotent, drift --------------------------------------------------------------------


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize("state", ["present", "exact"])
def test_a_second_time_nothing_is_touched(folder: Folder, name: str, state: str) -> None:
    folder.target(name, f"  state: {state}\n  mode: '0640'\n")
    (done,) = folder.apply()
    assert done.changed
    assert stat.S_IMODE((folder.path / name).stat().st_mode) == 0o640
    before, noted = folder.seen(name), changes_made()
    (plan,) = folder.plan()
    assert plan.unchanged
    (done,) = folder.apply()
    assert not done.changed
    assert folder.seen(name) == before
    assert changes_made() == noted


def test_drift_is_found_and_mended(folder: Folder) -> None:
    folder.target()
    folder.apply()
    path = folder.path / "trust.jks"
    good = path.read_bytes()
    changing.store_file(path, "JKS", *formats.read(good, "changeit").entries[:1])
    (plan,) = folder.plan()
    assert [step.state for step in plan.plan.steps] == ["unchanged", "added"] or [
        step.state for step in plan.plan.steps
    ] == ["added", "unchanged"]
    folder.apply()
    assert set(certificates(path)) == {ROOT, MORE}


def test_attributes_alone_are_drift(folder: Folder) -> None:
    folder.target(more="  mode: '0600'\n")
    folder.apply()
    path = folder.path / "trust.jks"
    path.chmod(0o666)
    before = path.read_bytes()
    (plan,) = folder.plan()
    assert plan.plan.unchanged
    assert [(one.what, one.old, one.new) for one in plan.attributes] == [("mode", "0666", "0600")]
    (done,) = folder.apply()
    assert done.changed
    assert path.read_bytes() == before
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_directory_is_not_shut(folder: Folder) -> None:
    (folder.path / "anchors").mkdir(mode=0o755)
    folder.target("anchors", "  mode: '0640'\n", sources="file: root.pem")
    with pytest.raises(StorekeeperError, match="could not be entered"):
        folder.apply()
    folder.target("anchors", "  mode: '0750'\n", sources="file: root.pem")
    assert folder.apply()[0].changed
    assert stat.S_IMODE((folder.path / "anchors").stat().st_mode) == 0o750
    assert folder.plan()[0].unchanged


def test_descriptors_give_a_line_to_each_target(folder: Folder) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"first one\nsecond one\n")
    os.close(writing)
    folder.profile(
        "targets:\n"
        f"- {{path: a.jks, password: 'fd:{reading}', sources: [{{file: root.pem}}]}}\n"
        f"- {{path: b.jks, password: 'fd:{reading}', sources: [{{file: root.pem}}]}}\n"
    )
    context = Context()
    folder.apply(context)
    os.close(reading)
    assert certificates(folder.path / "a.jks", "first one") == [ROOT]
    assert certificates(folder.path / "b.jks", "second one") == [ROOT]


def test_unknown_users_are_told_before_anything_is_written(folder: Folder) -> None:
    folder.target(more="  owner: nobody-at-all\n")
    with pytest.raises(StorekeeperError, match="there is no user 'nobody-at-all'") as caught:
        folder.apply()
    assert str(folder.path / "p.yaml:3:3") in str(caught.value)
    assert not (folder.path / "trust.jks").exists()


# -- states -------------------------------------------------------------------------------


def test_absent_takes_out_what_the_sources_name(folder: Folder) -> None:
    folder.target()
    folder.apply()
    folder.target(more="  state: absent\n", sources="file: more.pem")
    folder.apply()
    assert certificates(folder.path / "trust.jks") == [ROOT]
    (plan,) = folder.plan()
    assert plan.unchanged
    (folder.path / "trust.jks").unlink()
    (plan,) = folder.plan()
    assert plan.unchanged


@pytest.mark.parametrize("format", ["JKS", "JCEKS", "PKCS12"])
def test_exact_never_removes_a_key(folder: Folder, format: str) -> None:
    path = changing.store_file(folder.path / "trust.jks", format)
    before = changing.read(path)
    folder.target(more="  state: exact\n")
    (plan,) = folder.plan()
    folder.apply()
    after = changing.read(path)
    keys = [entry for entry in before.entries if isinstance(entry, PrivateKey)]
    assert [entry for entry in after.entries if isinstance(entry, PrivateKey)] == keys
    assert {e.certificate for e in after.entries if isinstance(e, TrustedCert)} == {ROOT, MORE}
    assert sorted(step.state for step in plan.plan.steps) == ["added"] * 2 + ["removed"] * 2
    assert folder.plan()[0].unchanged


def test_exact_leaves_what_is_no_trust_of_a_store_with_keys(folder: Folder) -> None:
    """A certificate that Java does not list is a link of some chain there."""
    key = changing.private("server", "PKCS12", born=None)
    link = TrustedCert("link", changing.OTHER, attributes=())
    listed = changing.trusted("listed", changing.CORP, None)
    for keyed, left in ((True, {ROOT, MORE, changing.OTHER}), (False, {ROOT, MORE})):
        entries = (*((key,) if keyed else ()), link, listed)
        path = changing.store_file(folder.path / "trust.p12", "PKCS12", *entries)
        folder.target("trust.p12", "  state: exact\n")
        folder.apply()
        assert set(certificates(path)) == left
        assert folder.plan()[0].unchanged


def test_exact_frees_the_alias_of_what_goes(folder: Folder) -> None:
    path = folder.path / "trust.jks"
    changing.store_file(path, "JKS", changing.trusted("ca", changing.OTHER))
    folder.target(more="  state: exact\n  alias: ca\n", sources="file: root.pem")
    folder.apply()
    (entry,) = changing.read(path).entries
    assert (entry.alias, entry.certificate) == ("ca", ROOT)  # type: ignore[union-attr]


def test_exact_does_not_empty_a_store(folder: Folder) -> None:
    """Filters that leave nothing are a mistake, and trusting nothing is no way to find it."""
    path = changing.store_file(folder.path / "trust.jks", "JKS")
    before = path.read_bytes()
    nothing = "00" * 32
    folder.target(more=f"  state: exact\n  filters: {{sha256: '{nothing}'}}\n")
    with pytest.raises(WriteRefused, match="nothing is left to trust"):
        folder.apply()
    assert path.read_bytes() == before


def test_a_directory_converges(folder: Folder) -> None:
    target = folder.path / "anchors"
    target.mkdir()
    (target / "other.crt").write_bytes(pem(changing.OTHER))
    folder.target("anchors", "  state: exact\n  alias: '{cn}'\n")
    folder.profile(
        folder.path.joinpath("p.yaml").read_text()[15:].replace("  password: env:PW\n", "")
    )
    folder.apply()
    assert sorted(os.listdir(target)) == ["profile-more.crt", "profile-root.crt"]
    assert folder.plan()[0].unchanged


def test_backups_are_the_command_s_then_the_profile_s_then_the_usual(folder: Folder) -> None:
    for said, usual, kept in ((None, 3, 1), (0, 3, 0), (2, 0, 1)):
        folder.target(more="  backups: 1\n", sources="file: root.pem")
        folder.apply()
        folder.target(more="  backups: 1\n")
        list(apply_profile(folder.plan(), backups=said, usual_backups=usual))
        assert len([name for name in os.listdir(folder.path) if ".jks." in name]) == kept
        for name in os.listdir(folder.path):
            if ".jks" in name:
                (folder.path / name).unlink()


@pytest.mark.parametrize("state", ["present", "exact"])
def test_another_encryption_is_drift_once(folder: Folder, state: str) -> None:
    """Keys of the file go along, and stay the same keys."""
    path = changing.store_file(folder.path / "trust.p12", "PKCS12")
    for compat in ("java8", "modern"):
        folder.target("trust.p12", f"  compat: {compat}\n  state: {state}\n")
        folder.apply()
        (key,) = (e for e in changing.read(path).entries if isinstance(e, PrivateKey))
        assert key.pkcs8("changeit") == changing.KEY
        assert folder.plan()[0].unchanged


def test_two_targets_in_one_file(folder: Folder) -> None:
    """Each is planned alone; the second again when the first has changed the file."""
    folder.profile(
        "targets:\n"
        "- {name: a, path: t.jks, password: env:PW, sources: [{file: root.pem}]}\n"
        "- {name: b, path: t.jks, password: env:PW, sources: [{file: more.pem}]}\n"
    )
    assert [done.changed for done in folder.apply()] == [True, True]
    assert certificates(folder.path / "t.jks") == [ROOT, MORE]
    assert [done.changed for done in folder.apply()] == [False, False]


def test_a_target_another_one_changed_is_planned_again(folder: Folder) -> None:
    """As it stands b is as wished; after a it no longer is."""
    changing.store_file(folder.path / "t.jks", "JKS", changing.trusted("m", MORE))
    folder.profile(
        "targets:\n"
        "- {name: a, path: t.jks, password: env:PW, state: exact, sources: [{file: root.pem}]}\n"
        "- {name: b, path: t.jks, password: env:PW, sources: [{file: more.pem}]}\n"
    )
    assert [plan.unchanged for plan in folder.plan()] == [False, True]
    assert [done.changed for done in folder.apply()] == [True, True]
    assert certificates(folder.path / "t.jks") == [ROOT, MORE]


# -- sources and filters ------------------------------------------------------------------


def test_a_store_gives_certificates_and_never_a_key(folder: Folder) -> None:
    changing.store_file(folder.path / "corp.p12", "PKCS12")
    folder.target(sources="store: corp.p12, password: 'env:PW', aliases: 'corp-*'")
    folder.apply()
    assert set(certificates(folder.path / "trust.jks")) == {changing.CORP, changing.OTHER}
    folder.target("all.jks", sources="store: corp.p12, password: 'env:PW'")
    folder.apply()
    entries = changing.read(folder.path / "all.jks").entries
    assert all(isinstance(entry, TrustedCert) for entry in entries)
    assert len(entries) == 4
    folder.target("no.jks", sources="file: corp.p12, password: 'env:PW'")
    with pytest.raises(WriteRefused, match="holds a private key") as caught:
        folder.plan()
    assert "wanted in" in caught.value.hint


def test_a_certificate_in_the_profile_itself(folder: Folder) -> None:
    block = pem(ROOT).decode().replace("\n", "\n      ")
    folder.profile(
        "targets:\n- path: t.p12\n  password: env:PW\n"
        f"  sources:\n  - certificate: |\n      {block}\n"
    )
    folder.apply()
    assert certificates(folder.path / "t.p12") == [ROOT]


@pytest.mark.parametrize(
    ("filters", "kept"),
    [
        ("expired: drop", {"Profile Root", "Filtered CA", "Filtered Leaf"}),
        ("non-ca: drop", {"Profile Root", "Filtered CA", "Filtered Old"}),
        pytest.param(f"sha256: '{ROOT.sha256}'", {"Profile Root"}, id="sha256"),
        ("on-list: LIST", {"Profile Root"}),
        ("not-on-list: LIST", {"Filtered CA", "Filtered Leaf", "Filtered Old"}),
    ],
)
def test_filters(folder: Folder, filters: str, kept: set[str]) -> None:
    (folder.path / "more.pem").unlink()
    folder.write("made.pem", *(one for one in filtered().values()))
    (folder.path / "list.txt").write_text(ROOT.sha256)
    filters = filters.replace("LIST", str(folder.path / "list.txt"))
    folder.target(more=f"  alias: '{{cn}}'\n  filters: {{{filters}}}\n")
    (plan,) = folder.plan()
    names = {"profile-root": "Profile Root"} | {
        name.lower().replace(" ", "-"): name for name in filtered()
    }
    assert {names[step.alias] for step in plan.plan.steps if step.state == "added"} == kept
    left = [step for step in plan.plan.steps if step.state == "left-out"]
    assert len(left) == 4 - len(kept)
    assert all(step.message for step in left)


def test_refusing_filters(folder: Folder) -> None:
    folder.write("made.pem", filtered()["Filtered Old"])
    folder.target(more="  filters: {expired: refuse}\n")
    with pytest.raises(WriteRefused, match="refused: expired on"):
        folder.apply()
    assert not (folder.path / "trust.jks").exists()


def filtered() -> dict[str, Certificate]:
    from storekeeper.model import Certificate

    made = {}
    for name, ca, ends in (
        ("Filtered CA", True, 4_000_000_000),
        ("Filtered Leaf", False, 4_000_000_000),
        ("Filtered Old", True, 1_500_000_000),
    ):
        made[name] = Certificate(
            forge.make(
                f"CN={name}",
                forge.key_of_seed(name),
                f"CN={name}",
                forge.key_of_seed(name),
                forge.basic(ca),
                start=1_400_000_000,
                end=ends,
            )
        )  # fmt: skip
    return made


# -- servers ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server() -> Iterator[servers.Running]:
    with servers.openssl(MADE) as running:
        yield running


def test_pins_and_chains(folder: Folder, server: servers.Running) -> None:
    leaf, inter = map(Certificate, MADE.chain)
    root = Certificate(pki.certificate("Profile CA", None, ca=True))
    at = server.at

    def taken(source: str) -> list[object]:
        folder.target("s.pem", sources=f"server: '{at}', {source}")
        (folder.path / "s.pem").unlink(missing_ok=True)
        folder.apply()
        return certificates(folder.path / "s.pem", None)

    assert taken(f"pin: {leaf.sha256}") == [leaf]
    assert taken(f"pin: {inter.sha256}") == [inter]
    # What issued the pinned one is known by its signature.
    assert taken(f"pin: {leaf.sha256}, only: issuer") == [inter]
    (folder.path / "ca.pem").write_bytes(pem(root))
    assert taken("chains-to: ca.pem, only: leaf, sni: localhost") == [leaf]
    for source, message in (
        (f"pin: {ROOT.sha256}", "sends no certificate with SHA-256"),
        ("chains-to: more.pem", "is not one of .*more.pem: "),
    ):
        folder.target("s.pem", sources=f"server: '{at}', {source}")
        with pytest.raises(WriteRefused, match=message):
            folder.plan()


def test_an_issuer_whose_signature_nobody_can_verify_is_not_taken() -> None:
    leaf = Certificate(MADE.chain[0])
    oid = bytes.fromhex("06082a8648ce3d040302")  # ecdsa-with-SHA256, in the two places it has
    doubtful = Certificate(leaf.der.replace(oid, oid[:-1] + b"\x7f"))
    assert doubtful != leaf
    for first, taken in ((leaf, 2), (doubtful, 1)):
        sent = [Incoming(one, "s") for one in (first, Certificate(MADE.chain[1]))]
        wish = SourceWish("server", "s", pins=(first.sha256,), only="all")
        assert len(authentic(wish, sent, Context())) == taken


def test_around_a_pin_only_what_a_whole_handshake_vouches_for(folder: Folder) -> None:
    """Of TLS 1.2 that ends before the server's Finished, anybody may have changed the chain."""
    made = MADE.but(client="required", versions=("TLSv1.2", "TLSv1.2"))
    leaf = Certificate(MADE.chain[0])
    with servers.openssl(made) as running:
        folder.target("s.pem", sources=f"server: '{running.at}', pin: {leaf.sha256}, only: issuer")
        with pytest.raises(NetworkError, match="did not get far enough"):
            folder.apply()
        folder.target("s.pem", sources=f"server: '{running.at}', pin: {leaf.sha256}")
        folder.apply()
    assert certificates(folder.path / "s.pem", None) == [leaf]


def test_a_chain_for_another_host_is_not_taken(folder: Folder) -> None:
    """Whoever has any certificate of that CA could answer otherwise."""
    made = servers.setup("other.example", "Profile Inter", "Profile CA")
    root = pki.certificate("Profile CA", None, ca=True)
    (folder.path / "ca.pem").write_bytes(pki.pem("CERTIFICATE", root))
    with servers.openssl(made) as running:
        folder.target(sources=f"server: '{running.at}', chains-to: ca.pem, sni: localhost")
        with pytest.raises(WriteRefused, match="No name matching localhost found"):
            folder.plan()


def test_an_unreachable_server_changes_nothing(folder: Folder) -> None:
    """Not even in the target before it."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    folder.profile(
        "targets:\n"
        "- {name: a, path: a.jks, password: env:PW, sources: [{file: root.pem}]}\n"
        f"- {{name: b, path: b.jks, password: env:PW, sources: [{{server: 'localhost:{port}', "
        f"pin: '{ROOT.sha256}'}}]}}\n"
    )
    with pytest.raises(NetworkError, match="refused") as caught:
        folder.apply()
    assert caught.value.exit_status == 5
    assert sorted(os.listdir(folder.path)) == ["more.pem", "p.yaml", "root.pem"]


# -- refusals -----------------------------------------------------------------------------


def two_targets(folder: Folder, second: str) -> None:
    folder.profile(
        "targets:\n- {name: a, path: a.jks, password: env:PW, sources: [{file: root.pem}]}\n"
        f"- {second}\n"
    )


@pytest.mark.parametrize(
    ("second", "status", "message"),
    [
        ("{path: there.jks, password: env:OTHER, sources: [{file: root.pem}]}", 3, "wrong"),
        ("{path: there.jks, password: env:NOT_SET_AT_ALL, sources: [{file: root.pem}]}", 3,
         "NOT_SET_AT_ALL is not set"),
        ("{path: new.jks, sources: [{file: root.pem}]}", 3, "a password is needed"),
        ("{path: broken.jks, password: env:PW, sources: [{file: root.pem}]}", 4, ""),
        ("{path: there.jks, type: PKCS12, password: env:PW, sources: [{file: root.pem}]}", 2,
         "is a JKS, not a PKCS12"),
        ("{path: there.jks, password: env:PW, sources: [{file: no-such-*.pem}]}", 4,
         "no file matches"),
        ("{path: no/such/x.jks, password: env:PW, sources: [{file: root.pem}]}", 6,
         "there is no directory"),
        ("{path: there.jks, password: env:PW, sources: [{file: p.yaml}]}", 4, ""),
        ("{path: new.der, type: DER, sources: [{file: '*.pem'}]}", 6, "DER"),
        ("{path: there.jks, password: env:PW, alias: corp-root, sources: [{file: root.pem}]}", 6,
         "the alias is taken"),
    ],
)  # fmt: skip
def test_what_fails_in_one_target_changes_none(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, second: str, status: int, message: str
) -> None:
    monkeypatch.setenv("OTHER", "not this one")
    changing.store_file(folder.path / "there.jks", "JKS")
    (folder.path / "broken.jks").write_bytes(b"\xfe\xed\xfe\xed\0\0\0\2\0\0")
    two_targets(folder, second)
    before = {name: (folder.path / name).read_bytes() for name in os.listdir(folder.path)}
    with pytest.raises(StorekeeperError) as caught:
        folder.apply()
    said = caught.value
    assert said.exit_status == status, str(said)
    assert message in said.message
    assert "p.yaml:4:" in f"{said} {said.hint}"
    assert "not this one" not in f"{said}{said.hint}{said!r}"
    after = {name: (folder.path / name).read_bytes() for name in os.listdir(folder.path)}
    assert after == before


@pytest.mark.skipif(os.geteuid() == 0 and not os.path.exists("/usr/bin/setpriv"), reason="root may")
def test_a_directory_without_permission(folder: Folder) -> None:
    """Known before the first target is written, by somebody who is not root."""
    shut = folder.path / "shut"
    shut.mkdir()
    two_targets(folder, "{path: shut/x.jks, password: env:PW, sources: [{file: root.pem}]}")
    shut.chmod(0o555)
    environment = {**os.environ, "PYTHONPATH": str(Path(formats.__file__).parents[2])}
    words = [sys.executable, "-m", "storekeeper", "apply", str(folder.path / "p.yaml")]
    if os.geteuid() == 0:
        folder.path.chmod(0o777)
        for parent in folder.path.parents[:3]:
            with contextlib.suppress(OSError):
                parent.chmod(parent.stat().st_mode | 0o055)
        words = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", *words]
        environment |= {"HOME": str(folder.path), "XDG_STATE_HOME": str(folder.path / "state")}
    done = subprocess.run(words, capture_output=True, text=True, env=environment, timeout=60)
    if "No module named" in done.stderr or "Permission denied" in done.stderr:
        pytest.skip("nobody can't read the checkout")
    assert done.returncode == 6, done.stderr
    assert "p.yaml:4:" in done.stderr
    assert "shut/x.jks: no permission to write" in done.stderr
    assert not (folder.path / "a.jks").exists()


def test_a_target_in_use(folder: Folder) -> None:
    """It is not the first one, and the first is not written either."""
    (folder.path / "sub").mkdir()
    folder.profile(
        "targets:\n- {path: sub/first.jks, password: env:PW, sources: [{file: root.pem}]}\n"
        "- {path: trust.jks, password: env:PW, sources: [{file: root.pem}]}\n"
    )
    pid = os.fork()
    if pid == 0:
        with lock(str(folder.path / "trust.jks")):
            (folder.path / "held").touch()
            time.sleep(60)
        os._exit(0)
    try:
        while not (folder.path / "held").exists():
            time.sleep(0.01)
        with pytest.raises(WriteRefused, match="is changing files in its directory"):
            list(apply_profile(folder.plan(), timeout=0.1))
        assert not (folder.path / "trust.jks").exists()
        assert not (folder.path / "sub/first.jks").exists()
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)


def test_a_target_that_changes_meanwhile_is_planned_again(folder: Folder) -> None:
    changing.store_file(folder.path / "trust.jks", "JKS", changing.trusted("a"))
    folder.target()
    plans = folder.plan()
    changing.store_file(folder.path / "trust.jks", "JKS", changing.trusted("b", changing.OTHER))
    list(apply_profile(plans))
    assert set(certificates(folder.path / "trust.jks")) == {changing.OTHER, ROOT, MORE}


# -- the same everywhere ------------------------------------------------------------------


ALIKE = {
    "trust.jks": "  password: env:PW\n",
    "trust.jceks": "  password: env:PW\n",
    "trust.p12": "  password: env:PW\n",
    "java8.p12": "  password: env:PW\n  compat: java8\n",
    "passwordless.p12": "  password: none\n  compat: passwordless\n",
    "trust.pem": "",
    "anchors/": "",
}


def test_two_machines_write_the_same_bytes(folder: Folder, tmp_path: Path) -> None:
    """Two processes with another home, time zone, locale and hash seed, a second apart."""
    text = "targets:\n"
    for name, more in ALIKE.items():
        path = name.rstrip("/")
        text += f"- path: ${{out}}/{path}\n{more}  sources: [{{file: '{tmp_path}/*.pem'}}]\n"
    folder.profile("variables: {out: {required: true}}\n" + text)
    written: list[dict[str, bytes]] = []
    for number, zone in enumerate(("UTC", "Asia/Tokyo")):
        out = tmp_path / f"out{number}"
        (out / "anchors").mkdir(parents=True)
        environment = {
            **os.environ,
            "HOME": str(out),
            "TZ": zone,
            "PYTHONHASHSEED": str(number),
            "XDG_STATE_HOME": str(out / "state"),
            "PYTHONPATH": str(Path(formats.__file__).parents[2]),
        }
        environment.pop("SOURCE_DATE_EPOCH", None)
        words = ["-m", "storekeeper", "apply", str(folder.path / "p.yaml"), "-q"]
        subprocess.run([sys.executable, *words, "--set", f"out={out}"], check=True, env=environment)
        written.append(
            {
                str(path.relative_to(out)): path.read_bytes()
                for path in out.rglob("*")
                if path.is_file() and "state" not in path.parts
            }
        )
    assert written[0] == written[1]
    assert len(written[0]) == len(ALIKE) + 1


@pytest.mark.parametrize("version", jvm.FEW_PARAMS)
def test_every_java_opens_what_a_profile_made(folder: Folder, version: str) -> None:
    java = jvm.jvm(version)
    for name, more in list(ALIKE.items())[:5]:
        folder.profile(f"targets:\n- path: {name}\n{more}  sources: [{{file: '*.pem'}}]\n")
        (done,) = folder.apply()
        password = None if "passwordless" in name else "changeit"
        content = (folder.path / name).read_bytes()
        found = java.worker.load(content, password)["entries"]
        assert {entry["chain"][0] for entry in found} == {ROOT.der, MORE.der}
        assert {entry["kind"] for entry in found} == {"trusted"}
        assert done.changed


def test_salts_are_drawn_where_there_is_a_key(folder: Folder) -> None:
    path = changing.store_file(folder.path / "trust.p12", "PKCS12")
    folder.target("trust.p12")
    (plan,) = folder.plan()
    assert encode(plan.plan)[0] != encode(plan.plan)[0]
    trust = Store("PKCS12", (TrustedCert("a", ROOT), TrustedCert("b", MORE)))
    path.write_bytes(formats.write(trust, "changeit"))
    folder.write("new.pem", changing.CORP)
    (plan,) = folder.plan()
    first = encode(plan.plan)[0]
    assert first == encode(plan.plan)[0]
    assert first is not None
    path.write_bytes(formats.write(Store("PKCS12", trust.entries[:1]), "changeit"))
    (other,) = folder.plan()
    salt = formats.read(first, "changeit")
    assert salt.entries  # it opens
    assert encode(other.plan)[0] != first


def test_a_new_password_is_typed_twice(folder: Folder) -> None:
    folder.profile("targets: [{path: t.jks, password: prompt, sources: [{file: '*.pem'}]}]")
    asked: list[str] = []

    def typed(*answers: str) -> Context:
        left = iter(answers)

        def prompt(what: str) -> str:
            asked.append(what)
            return next(left)

        return Context(prompt=prompt)

    with pytest.raises(StorekeeperError, match="not the same"):
        folder.apply(typed("one two", "one too"))
    folder.apply(typed("one two", "one two"))
    assert asked[-1].endswith("t.jks again")
    # Of one that is there, once, though it is opened twice.
    folder.write("new.pem", changing.CORP)
    folder.apply(typed("one two"))
    assert len(certificates(folder.path / "t.jks", "one two")) == 3


# -- one road -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "more"),
    [
        ([], ""),
        (["--alias", "{cn}"], "  alias: '{cn}'\n"),
        (["--on-conflict", "skip", "--alias", "corp-root"],
         "  alias: corp-root\n  on-conflict: skip\n"),
        (["--compat", "java11"], "  compat: java11\n"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["there.jks", "there.p12", "new.p12", "new.jks"])
def test_the_command_and_the_profile_make_the_same_plan(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, name: str, words: list[str], more: str
) -> None:
    from storekeeper.cli import main, mending

    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1760000000")
    changing.store_file(folder.path / "there.jks", "JKS")
    changing.store_file(folder.path / "there.p12", "PKCS12")
    seen: list[Plan] = []

    def told(_args: object, plan: Plan, **_: object) -> int:
        seen.append(plan)
        return 0

    monkeypatch.setattr(mending, "told", told)
    path = str(folder.path / name)
    sources = [str(folder.path / "more.pem"), str(folder.path / "root.pem")]
    said = ["import", path, *sources, "--storepass", "env:PW", "--at", "2026-06-01", *words]
    assert main(said) == 0
    folder.target(name, more)
    (plan,) = folder.plan(Context(at=1_780_272_000))
    assert seen == [plan.plan]


def test_the_plan_of_a_profile_shows_no_secret(folder: Folder) -> None:
    folder.target()
    os.environ["PW"] = "hunter2 secret"
    try:
        plans = plan_profile(load(folder.path / "p.yaml"))
    finally:
        os.environ["PW"] = "changeit"
    assert "hunter2" not in repr(plans)
