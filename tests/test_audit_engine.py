"""The audit of many stores: one process or several, in order, with memory that stays flat."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import storekeeper
from storekeeper import formats
from storekeeper.errors import UsageError
from storekeeper.model import Certificate, Password, Store, TrustedCert
from storekeeper.trust.audit import engine, entries, workers
from storekeeper.trust.audit.asked import Asked
from storekeeper.trust.audit.engine import audit, audit_store, exit_status
from storekeeper.trust.audit.policy import Policy
from storekeeper.trust.audit.tasks import Task
from storekeeper.trust.audit.values import AuditedStore
from tests import changing, forge, jvm, pki

AT = forge.AT
TOP = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Forty stores of several formats and sizes, two of which can't be read."""
    folder = tmp_path_factory.mktemp("stores")
    named = []
    for number in range(40):
        path = folder / f"{number:02}.store"
        format = ("JKS", "PEM", "PKCS12")[number % 3 if number % 9 else 2]
        some = [
            TrustedCert(f"root-{which}", pki.cert(f"Engine Root {which}"))
            for which in range(number % 5 + 1)
        ]
        path.write_bytes(formats.write(Store(format, tuple(some)), changing.PASS))
        named.append(str(path))
    (folder / "07.store").write_bytes(b"nothing that is a store")
    (folder / "23.store").unlink()
    return named


def test_several_processes_say_what_one_does(stores: list[str]) -> None:
    _, serial = audit(stores, at=AT, jobs=1)
    _, parallel = audit(stores, at=AT, jobs=3)
    one, three = list(serial), list(parallel)
    assert one == three
    assert [store.name for store in one] == stores
    assert [number for number, store in enumerate(one) if store.problem] == [7, 23]
    assert sum(len(store.findings) for store in one) > 100


def test_without_an_interpreter_to_start_one_process_does_it(
    stores: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        pytest.fail("a process was started")

    monkeypatch.setattr(workers, "_Worker", refused)
    for name in ("", "/usr/sbin/server-that-embeds"):
        monkeypatch.setattr(sys, "executable", name)
        _, found = audit(stores[:5], at=AT, jobs=2)
        assert [store.name for store in found] == stores[:5]


def test_what_is_open_already_is_audited_among_the_others(stores: list[str]) -> None:
    opened = Store("JKS", (TrustedCert("open", pki.cert("Engine Root 1")),))
    _, found = audit([stores[0], opened, stores[1], b"\xfe\xed\xfe\xed"], at=AT, jobs=2)
    names = [(store.name, bool(store.problem)) for store in found]
    assert names == [
        (stores[0], False), ("a store", False), (stores[1], False), ("bytes", True),
    ]  # fmt: skip


def test_nothing_is_opened_before_its_turn(stores: list[str]) -> None:
    taken: list[int] = []

    def endless() -> Iterator[str]:
        for number in range(10_000):
            taken.append(number)
            yield stores[0]

    for jobs in (1, 2):
        taken.clear()
        _, found = audit(endless(), at=AT, jobs=jobs)
        next(found)
        time.sleep(0.3)
        found.close()  # type: ignore[attr-defined]
        assert len(taken) <= 1 + engine.PAYS_FOR + 2 * workers.AHEAD + 2


def test_leaving_early_leaves_no_process_and_no_thread(stores: list[str]) -> None:
    before = threading.active_count()
    _, found = audit(stores, at=AT, jobs=2)
    next(found)
    found.close()  # type: ignore[attr-defined]
    assert threading.active_count() == before
    children = subprocess.run(
        ["ps", "-ww", "--ppid", str(os.getpid()), "-o", "args="], capture_output=True, text=True
    ).stdout  # fmt: skip
    assert "trust.audit.workers" not in children


def test_a_process_that_dies_takes_one_store_with_it(
    stores: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = workers._Worker.audited

    def killed(self: workers._Worker, task: Task) -> AuditedStore:
        if task.name == stores[5]:
            os.kill(self.process.pid, signal.SIGKILL)
            self.process.wait()
        return real(self, task)

    monkeypatch.setattr(workers._Worker, "audited", killed)
    found = list(audit(stores, at=AT, jobs=2)[1])
    assert [store.name for store in found] == stores
    assert found[5].problem == "the process that read it ended with signal 9"
    assert found[5].status == 4
    assert [n for n, store in enumerate(found) if store.problem] == [5, 7, 23]


def test_an_error_of_whoever_names_the_stores_is_his(stores: list[str]) -> None:
    def names() -> Iterator[str]:
        yield from stores[:3]
        raise ValueError("the generator's own")

    for jobs in (1, 2):
        with pytest.raises(ValueError, match="the generator's own"):
            list(audit(names(), at=AT, jobs=jobs)[1])


def test_it_works_in_programs_that_do_not_guard_their_main(
    stores: list[str], tmp_path: Path
) -> None:
    """Processes of `multiprocessing` would run such a program again."""
    program = tmp_path / "program.py"
    program.write_text(
        "from storekeeper import audit\n"
        f"head, stores = audit({stores[:6]!r}, jobs=2)\n"
        "print(sum(1 for _ in stores))\n"
    )
    done = subprocess.run(
        [sys.executable, str(program)],
        env={"PYTHONPATH": str(TOP), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("6\n", "")


def test_passwords_are_not_in_the_arguments(stores: list[str]) -> None:
    """Every user of a machine can read those."""
    secret = Password("squeamish ossifrage")
    _, found = audit(stores[:8], at=AT, jobs=2, password=secret)
    next(found)
    shown = subprocess.run(["ps", "-wweo", "args="], capture_output=True, text=True).stdout
    assert "trust.audit.workers" in shown
    assert "ossifrage" not in shown
    found.close()  # type: ignore[attr-defined]


def test_memory_is_flat(tmp_path: Path) -> None:
    """A thousand stores against two hundred: whole processes, their workers included."""
    cacerts = jvm.by_major(17).cacerts
    for number in range(1_000):
        os.link(_copied(cacerts, tmp_path), tmp_path / f"{number:04}.jks")

    def peak(count: int) -> tuple[int, int]:
        program = (
            "import glob, resource, sys\n"
            "from storekeeper import audit\n"
            f"names = sorted(glob.glob({str(tmp_path)!r} + '/*.jks'))[:{count}]\n"
            "head, stores = audit(names, jobs=2)\n"
            "assert sum(len(store.entries) for store in stores) == 143 * len(names)\n"
            "for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):\n"
            "    print(resource.getrusage(who).ru_maxrss)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONPATH": str(TOP), "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
        own, children = map(int, done.stdout.split())
        return own, children

    small, large = peak(200), peak(1_000)
    for few, many in zip(small, large, strict=True):
        assert many <= 1.15 * few


def _copied(cacerts: Path, folder: Path) -> Path:
    copy = folder / "copy"
    if not copy.exists():
        copy.write_bytes(cacerts.read_bytes())
    return copy


def test_what_is_kept_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    from storekeeper.trust.audit import certificates

    monkeypatch.setattr(certificates, "KEPT", 3)
    monkeypatch.setattr(entries, "KEPT", 3)
    some = tuple(TrustedCert(f"a{which}", pki.cert(f"Engine Root {which}")) for which in range(5))
    settings = engine.Settings(Policy(), AT, Asked())
    auditor = engine.Auditor(settings)
    first = auditor.audited(Task("x", Store("JKS", some)))
    again = auditor.audited(Task("x", Store("JKS", some)))
    assert first == again
    assert len(auditor._entries._entries) == 3
    assert len(auditor._entries.certificates._known) == 3


# -- what is the same for all -------------------------------------------------------------


def test_the_head(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(AT))
    head, _ = audit([])
    assert (head.at, head.version, head.fails_on) == (AT, storekeeper.__version__, "warning")
    assert "mozilla" in [one.name for one in head.lists]
    assert all(one.date and one.source and one.count for one in head.lists)


def test_words_that_are_wrong() -> None:
    for how in ({"only": ["expird"]}, {"skip": ["expird"]}):
        with pytest.raises(UsageError) as caught:
            audit([], **how)  # type: ignore[arg-type]
        assert caught.value.hint == "did you mean 'expired'?"
    with pytest.raises(UsageError, match="expected one of error"):
        audit([], fail_on="often")
    with pytest.raises(UsageError, match="expected one of error"):
        audit([], least="mild")  # type: ignore[arg-type]


def test_only_skip_and_least() -> None:
    store = Store("JKS", (TrustedCert("a", pki.cert("Engine Root 1")),))

    def codes(**how: object) -> set[str]:
        found = next(audit([store], at=AT, **how)[1])  # type: ignore[arg-type]
        return {one.code for one in found.findings}

    assert codes() == {"unknown-root", "quantum-vulnerable"}
    assert codes(only=["unknown-root"]) == {"unknown-root"}
    assert codes(skip=["unknown-root"]) == {"quantum-vulnerable"}
    assert codes(least="warning") == {"unknown-root"}


def test_exit_statuses(stores: list[str]) -> None:
    head, found = audit([stores[0], stores[7], stores[23]], at=AT)
    assert [exit_status(head, store) for store in found] == [1, 4, 4]
    head, found = audit([stores[0]], at=AT, fail_on="error")
    assert [exit_status(head, store) for store in found] == [0]


def test_a_password_that_is_missing_is_a_result(tmp_path: Path) -> None:
    path = changing.store_file(tmp_path / "k.p12", "PKCS12", password="only we know")
    audited = audit_store(str(path), at=AT)
    assert (audited.status, audited.entries) == (3, ())
    assert "a password is needed" in audited.problem
    assert audit_store(str(path), at=AT, password="only we know").problem == ""
    wrong = audit_store(str(path), at=AT, password="not this one")
    assert wrong.status == 3
    # One password for many stores: a trust store is read without it, and that is told.
    trust = changing.store_file(tmp_path / "t.jks", "JKS", changing.trusted("a"))
    found = audit_store(str(trust), at=AT, password="only we know")
    assert found.problem == ""
    assert [one.message for one in found.findings if one.code == "source-note"] == [
        "read without the password that was given, which is not its own"
    ]


def test_every_jre_of_the_machine_when_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    home = jvm.by_major(21).home
    monkeypatch.setenv("JAVA_HOME", str(home))
    _, found = audit(at=AT)
    named = {store.name: store for store in found}
    store = named[f"jre:{os.path.realpath(home)}"]
    assert store.runtime == "java21.0.8"
    assert len(store.entries) == 143


def test_results_go_between_processes_whole() -> None:
    import pickle

    audited = audit_store(str(jvm.by_major(25).cacerts), at=AT)
    assert pickle.loads(pickle.dumps(audited)) == audited


def test_hostile_certificates_break_no_audit() -> None:
    huge = forge.names(("dns", "a" * 10_000_000))
    own = forge.key("hostile")
    names = ("CN=<script>alert(1)</script>", "CN=\u202ereversed", "CN=" + "x" * 100_000)
    some = [
        Certificate(forge.make(name, own, name, own, forge.basic(), serial=-1)) for name in names
    ]
    some.append(Certificate(forge.make("CN=big", own, "CN=big", own, huge)))
    some += [Certificate(b""), Certificate(b"\x30"), Certificate(bytes(100_000))]
    store = Store("JKS", tuple(TrustedCert(f"a{n}", one) for n, one in enumerate(some)))
    audited = audit_store(store, at=AT)
    assert len(audited.entries) == len(some)
    assert max(len(one.message) for one in audited.findings) < 2_000
    assert max(len(one.subject) for one in audited.entries) <= 1_000


def test_json_is_json_and_streams(stores: list[str], tmp_path: Path) -> None:
    from storekeeper.report.audit.json import render

    head, found = audit(stores[:9], at=AT)
    text = "".join(render(head, found))
    values = json.loads(text)
    assert values["schema"] == "storekeeper.audit/1"
    assert [store["name"] for store in values["stores"]] == stores[:9]
    assert values["stores"][7]["error"]["exit_status"] == 4
    seen: list[str] = []

    def watched() -> Iterator[AuditedStore]:
        for store in audit(stores[:3], at=AT)[1]:
            seen.append(store.name)
            yield store

    for piece in render(head, watched()):
        if '"entries"' in piece:
            break
    assert seen == stores[:1]
