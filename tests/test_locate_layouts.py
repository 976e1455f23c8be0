"""JREs wherever their installers put them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from storekeeper.host.locate import (
    jre_at,
    jres,
)
from tests.jre_layouts import find, make, only

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
