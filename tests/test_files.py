"""Reading files and directories, symbolic links, and who rewrites a file."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper.errors import InputError, LimitExceeded, Unreadable
from storekeeper.host import files, managers
from storekeeper.model import LIMITS, replace

SMALL = replace(LIMITS, file_size=1000, entries=5)


def refusal(path: str | Path) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        files.read_file(str(path))
    assert caught.value.path == str(path)
    assert caught.value.message[0].islower()
    assert not caught.value.message.endswith(".")
    return caught.value


@pytest.mark.parametrize("size", [0, 1, 999, 1000])
def test_reads_up_to_the_limit(tmp_path: Path, size: int) -> None:
    file = tmp_path / "store"
    file.write_bytes(bytes(range(256)) * 4)
    os.truncate(file, size)
    assert files.read_file(str(file), SMALL) == (bytes(range(256)) * 4)[:size]


def test_refuses_beyond_the_limit_without_reading(tmp_path: Path) -> None:
    file = tmp_path / "huge"
    file.touch()
    os.truncate(file, 1 << 40)  # sparse: reading it would take hours
    with pytest.raises(LimitExceeded, match="at most 268435456 bytes, found 1099511627776 bytes"):
        files.read_file(str(file))


def test_file_without_a_size_is_read_to_its_end() -> None:
    if not os.path.exists("/proc/self/status"):
        pytest.skip("no /proc")
    assert b"Name:" in files.read_file("/proc/self/status")


def test_missing(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.jks").message == "no such file"
    (tmp_path / "file").touch()
    assert "not a directory" in refusal(tmp_path / "file" / "below").message


def test_directory_for_a_file(tmp_path: Path) -> None:
    error = refusal(tmp_path)
    assert error.message == "expected a file, found a directory"
    assert "directory" in error.hint
    assert error.exit_status == 4


@pytest.mark.parametrize("name", ["a\0b", "x" * 5000])
def test_impossible_names(name: str) -> None:
    refusal(name)
    assert files.is_directory(name) is False
    with pytest.raises(Unreadable):
        files.read_directory(name)


def test_dangling_link_says_where_it_leads(tmp_path: Path) -> None:
    (tmp_path / "cacerts").symlink_to("elsewhere/cacerts")
    assert str(tmp_path / "elsewhere/cacerts") in refusal(tmp_path / "cacerts").message


def test_link_circle(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    assert "circle" in refusal(tmp_path / "a").message
    with pytest.raises(Unreadable, match="more than 40 symbolic links"):
        files.symlink_chain(str(tmp_path / "a"))


def test_fifo_device_and_socket_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    assert refusal(tmp_path / "fifo").message == "expected a file, found a named pipe"
    assert refusal("/dev/zero").message == "expected a file, found a character device"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
        assert refusal(tmp_path / "s").message == "expected a file, found a socket"


def test_open_descriptor_of_the_shell_is_read() -> None:
    """As in ``storekeeper list <(command)``."""
    if not os.path.exists("/dev/fd"):
        pytest.skip("no /dev/fd")
    read, write = os.pipe()

    def fill() -> None:
        os.write(write, b"x" * 50_000)
        os.close(write)

    writer = threading.Thread(target=fill)
    writer.start()
    try:
        assert files.read_file(f"/dev/fd/{read}") == b"x" * 50_000
    finally:
        writer.join()
        os.close(read)


def run(code: str, *args: str, stdin: bytes | None = None, uid: int | None = None) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, *args],
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        user=uid,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


READ_OR_SAY = """
import sys
from storekeeper.host import files
from storekeeper.errors import StorekeeperError
from storekeeper.model import LIMITS, replace
try:
    print(len(files.read_file(sys.argv[1], replace(LIMITS, file_size=3_000_000))))
except StorekeeperError as error:
    print(type(error).__name__, error, "|", error.hint)
"""


def test_standard_input() -> None:
    assert run(READ_OR_SAY, "-", stdin=b"a" * 2_500_000) == "2500000\n"
    assert run(READ_OR_SAY, "-", stdin=b"a" * 3_000_001).startswith("LimitExceeded -: ")
    assert run("import sys; sys.stdin.close()\n" + READ_OR_SAY, "-").startswith("Unreadable -: ")
    assert run("import sys; sys.stdin = None\n" + READ_OR_SAY, "-").startswith("Unreadable -: ")


def test_no_permission(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        (tmp_path / "key").touch(0o000)
        assert "owner uid" in refusal(tmp_path / "key").message
        return
    # Root may read everything: ask as nobody, with a path that nobody may walk.
    for folder in (*tmp_path.parents, tmp_path):
        if not folder.stat().st_mode & 0o001:
            folder.chmod(folder.stat().st_mode | 0o011)
    (tmp_path / "key").touch(0o600)
    (tmp_path / "locked").mkdir(0o700)
    # nobody can't import from everywhere root can: import first, then change.
    code = "import os\n" + READ_OR_SAY.replace("try:", "os.setgid(65534); os.setuid(65534)\ntry:")
    said = run(code, str(tmp_path / "key"))
    assert said.startswith(f"Unreadable {tmp_path / 'key'}: no permission to read it (owner uid 0")
    assert "-rw-------; this process is uid 65534" in said
    assert "| run as a user who may read it" in said
    assert "no permission" in run(code, str(tmp_path / "locked" / "key"))
    listing = code.replace("read_file(", "read_directory(")
    assert "no permission" in run(listing, str(tmp_path / "locked"))


def test_directory(tmp_path: Path) -> None:
    (tmp_path / "b.pem").write_bytes(b"B")
    (tmp_path / "a.crt").write_bytes(b"A")
    (tmp_path / "5ed36f99.0").symlink_to("b.pem")
    (tmp_path / "gone.pem").symlink_to("nowhere")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "c.pem").write_bytes(b"C")
    os.mkfifo(tmp_path / "pipe")
    found = files.read_directory(str(tmp_path))
    assert [name for name, _ in found] == ["5ed36f99.0", "a.crt", "b.pem", "gone.pem", "pipe"]
    content = dict(found)
    assert content["a.crt"] == b"A"
    assert content["5ed36f99.0"] is content["b.pem"]  # read once
    gone, pipe = content["gone.pem"], content["pipe"]
    assert isinstance(gone, InputError)
    assert gone.path == str(tmp_path / "gone.pem")
    assert "which does not exist" in gone.message
    assert isinstance(pipe, InputError)
    assert "named pipe" in pipe.message
    assert files.is_directory(str(tmp_path))
    assert not files.is_directory(str(tmp_path / "a.crt"))
    assert not files.is_directory("-")


def test_directory_limits(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b"x" * 600)
    assert len(files.read_directory(str(tmp_path), SMALL)) == 1
    (tmp_path / "alias").symlink_to("one")  # the same file counts once
    assert len(files.read_directory(str(tmp_path), SMALL)) == 2
    (tmp_path / "two").write_bytes(b"y" * 600)
    with pytest.raises(LimitExceeded, match="more than 1000 bytes"):
        files.read_directory(str(tmp_path), SMALL)
    for index in range(5):
        (tmp_path / f"e{index}").touch()
    with pytest.raises(LimitExceeded, match="holds 8 names, at most 5"):
        files.read_directory(str(tmp_path), SMALL)
    with pytest.raises(Unreadable, match="no such directory"):
        files.read_directory(str(tmp_path / "none"))
    with pytest.raises(Unreadable, match="expected a directory, found a file"):
        files.read_directory(str(tmp_path / "one"))


@given(st.text())
def test_only_our_errors_leave_on_any_path(path: str) -> None:
    from storekeeper.host.locate import jre_at

    for function in (files.read_file, files.read_directory, files.symlink_chain, jre_at):
        if path != "-":
            with contextlib.suppress(InputError):
                function(path)


def test_a_current_directory_that_is_gone(tmp_path: Path) -> None:
    code = """
import os, sys
from storekeeper.errors import Unreadable
from storekeeper.host import files, locate
os.chdir(sys.argv[1])
os.rmdir(sys.argv[1])
for function in (files.read_file, files.symlink_chain, locate.jre_at):
    try:
        function("x")
    except Unreadable as error:
        print(error)
print(files.symlink_chain("/")[-1], len(locate.jres({"JAVA_HOME": "x"}).skipped))
"""
    (tmp_path / "here").mkdir()
    assert run(code, str(tmp_path / "here")).splitlines() == [
        "x: no such file",
        "x: the current directory no longer exists",
        "x: no such directory",
        "/ 1",
    ]


def test_symlink_chain_shows_every_hop(tmp_path: Path) -> None:
    jvm = tmp_path / "usr/lib/jvm"
    real = tmp_path / "etc/ssl/certs/java/cacerts"
    security = jvm / "java-17/lib/security"
    for folder in (security, real.parent):
        folder.mkdir(parents=True)
    real.write_bytes(b"")
    (jvm / "default-java").symlink_to("java-17")
    (security / "cacerts").symlink_to(real)
    assert files.symlink_chain(str(jvm / "default-java/lib/security/cacerts")) == (
        str(jvm / "default-java/lib/security/cacerts"),
        str(security / "cacerts"),
        str(real),
    )
    assert files.symlink_chain(str(real)) == (str(real),)
    assert files.symlink_chain(str(tmp_path / "none")) == (str(tmp_path / "none"),)


def test_symlink_chain_stays_below_its_root(tmp_path: Path) -> None:
    root = tmp_path / "image"
    (root / "etc").mkdir(parents=True)
    (root / "etc/cacerts").write_bytes(b"")
    (root / "absolute").symlink_to("/etc/cacerts")
    (root / "escape").symlink_to("../../../../../etc/cacerts")
    for name in ("absolute", "escape"):
        for given_path in (str(root / name), f"/{name}"):
            chain = files.symlink_chain(given_path, str(root))
            assert chain[-1] == str(root / "etc/cacerts"), given_path
            assert chain[0] == str(root / name)


def test_the_real_file_comes_last_even_if_it_was_shown_before(tmp_path: Path) -> None:
    base = os.path.realpath(tmp_path)
    os.symlink(".", os.path.join(base, "c"))
    os.symlink("c/x", os.path.join(base, "d"))
    assert files.symlink_chain(os.path.join(base, "d/../a"))[-1] == os.path.join(base, "a")


def circle(path: str) -> bool:
    try:
        os.stat(path)
    except OSError as problem:
        return problem.errno == errno.ELOOP
    return False


@given(
    st.lists(
        st.tuples(st.sampled_from("abcd"), st.sampled_from(["a", "b", "c/x", "../b", "d/..", "."])),
        max_size=4,
    ),
    st.sampled_from(["a/x", "b", "c/a", "d/../a/b"]),
)
def test_the_last_hop_is_what_the_system_says(links: list[tuple[str, str]], path: str) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        base = os.path.realpath(folder)
        for name, target in links:
            if not os.path.lexists(os.path.join(base, name)):
                os.symlink(target, os.path.join(base, name))
        full = os.path.join(base, path)
        try:
            expected = os.path.realpath(full, strict=True)
        except FileNotFoundError:
            expected = os.path.realpath(full)
            # Something is missing before a circle is reached: the system stops at the former.
            if any(circle(os.path.join(base, name)) for name, _ in links):
                return
        except OSError:  # a circle
            with pytest.raises(Unreadable):
                files.symlink_chain(full)
            return
        assert files.symlink_chain(full)[-1] == expected


JAVA = "/etc/ssl/certs/java/cacerts"

MANAGED = [
    # place, marker beside it, name, directory of anchors, command
    (JAVA, "/etc/ca-certificates/update.d/jks-keystore", "ca-certificates-java",
     "/usr/local/share/ca-certificates", "update-ca-certificates"),
    (JAVA, "/etc/ca-certificates/update.d/java-cacerts", "java-cacerts",
     "/usr/local/share/ca-certificates", "update-ca-certificates"),
    (JAVA, "/etc/ca-certificates/extracted/x", "update-ca-trust (Arch)",
     "/etc/ca-certificates/trust-source/anchors", "update-ca-trust"),
    ("/etc/pki/ca-trust/extracted/java/cacerts", "", "update-ca-trust",
     "/etc/pki/ca-trust/source/anchors", "update-ca-trust"),
    ("/etc/pki/java/cacerts", "", "update-ca-trust",
     "/etc/pki/ca-trust/source/anchors", "update-ca-trust"),
    ("/var/lib/ca-certificates/java-cacerts", "", "update-ca-certificates (SUSE)",
     "/etc/pki/trust/anchors", "update-ca-certificates"),
    ("/usr/local/openjdk-17/lib/security/cacerts",
     "/etc/ca-certificates/update.d/docker-openjdk", "the image's docker-openjdk hook",
     "/usr/local/share/ca-certificates", "update-ca-certificates"),
    ("/opt/java/openjdk/lib/security/cacerts", "/__cacert_entrypoint.sh",
     "the image's entrypoint", "", ""),
    ("/nix/store/abc-openjdk-21/lib/openjdk/lib/security/cacerts", "", "the Nix store", "", ""),
    ("/snap/openjdk/12/jdk/lib/security/cacerts", "", "snap", "", ""),
    ("/var/lib/flatpak/runtime/x/active/files/jvm/lib/security/cacerts", "", "flatpak", "", ""),
    ("/home/u/.sdkman/candidates/java/21-tem/lib/security/cacerts", "", "SDKMAN", "", ""),
    ("/home/u/.local/share/mise/installs/java/21/lib/security/cacerts", "", "asdf or mise",
     "", ""),
    ("/opt/homebrew/Cellar/openjdk/23/libexec/lib/security/cacerts", "", "Homebrew", "", ""),
    ("/opt/idea/jbr/lib/security/cacerts", "", "the IDE", "", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("place", "marker", "name", "anchors", "command"), MANAGED, ids=[row[2] for row in MANAGED]
)
def test_managers(
    tmp_path: Path, place: str, marker: str, name: str, anchors: str, command: str
) -> None:
    for inside in filter(None, (place, marker)):
        (tmp_path / inside[1:]).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / inside[1:]).touch()
    # reached through a link from a JRE's home
    link = tmp_path / "usr/lib/jvm/java/lib/security/cacerts"
    link.parent.mkdir(parents=True)
    link.symlink_to(place)
    for path in (place, str(tmp_path / place[1:]), str(link)):
        manager = managers.managed_by(path, str(tmp_path))
        assert manager is not None
        assert (manager.name, manager.anchors, manager.command) == (name, anchors, command)
        assert manager.hint
        if anchors:
            assert anchors in manager.hint
            assert command in manager.hint


def test_nobody_manages_a_plain_store(tmp_path: Path) -> None:
    for place in ("/opt/app/conf/.keystore", "/opt/jdk-21/lib/security/cacerts"):
        (tmp_path / place[1:]).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place[1:]).touch()
        assert managers.managed_by(place, str(tmp_path)) is None


def test_debian_package_of_this_machine_agrees() -> None:
    """What dpkg says of the hook that writes the file."""
    hook = "/etc/ca-certificates/update.d/jks-keystore"
    if not os.path.exists(hook) or not os.path.exists(JAVA):
        pytest.skip("no Debian with ca-certificates-java")
    owner = subprocess.run(["dpkg", "-S", hook], capture_output=True, text=True, check=True).stdout
    manager = managers.managed_by(JAVA)
    assert manager is not None
    assert owner.startswith(f"{manager.name}:")
