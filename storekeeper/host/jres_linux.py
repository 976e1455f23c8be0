"""Places of JREs on Linux and the BSDs."""

from __future__ import annotations

PLACES = (
    # Debian Java policy and the packages of Fedora, SUSE, Alpine and Arch.
    ("/usr/lib/jvm/*", "/usr/lib/jvm"),
    ("/usr/lib64/jvm/*", "/usr/lib64/jvm"),
    ("/usr/lib32/jvm/*", "/usr/lib32/jvm"),
    # Oracle's RPMs; the eclipse-temurin images (/opt/java/openjdk); tarballs by hand.
    ("/usr/java/*", "/usr/java"),
    ("/usr/jdk/*", "/usr/jdk"),
    ("/opt/java/*", "/opt/java"),
    ("/opt/java", "/opt/java"),
    ("/opt/jdk*", "/opt"),
    ("/opt/jre*", "/opt"),
    ("/opt/*jdk*", "/opt"),
    ("/usr/local/java*", "/usr/local"),
    ("/usr/local/jdk*", "/usr/local"),
    # The openjdk images of Docker Hub.
    ("/usr/local/openjdk-*", "/usr/local"),
    # IBM Java and Semeru.
    ("/opt/ibm/java*", "/opt/ibm"),
    ("/opt/ibm/*/jre", "/opt/ibm"),
    # FreeBSD ports; NixOS system profile.
    ("/usr/local/openjdk*", "/usr/local"),
    ("/run/current-system/sw/lib/openjdk", "NixOS"),
    # Homebrew on Linux.
    ("/home/linuxbrew/.linuxbrew/opt/openjdk*/libexec", "Homebrew"),
    # actions/setup-java and the images of GitHub's runners.
    ("/opt/hostedtoolcache/Java_*/*/*", "GitHub runner tool cache"),
    # Coursier: managed JVMs, first layout and the archive cache of 2.1.
    ("~/.cache/coursier/jvm/*", "Coursier"),
    ("~/.cache/coursier/arc/https/github.com/*/*/releases/download/*/*/*", "Coursier"),
    ("/snap/openjdk/current/jdk", "snap"),
    ("/snap/*/current/jbr", "snap"),
    ("/var/lib/flatpak/runtime/org.freedesktop.Sdk.Extension.openjdk*/*/*/active/files/*",
     "flatpak"),
    # JetBrains Toolbox (second layout without channel directories) and tarballs; Android Studio.
    ("~/.local/share/JetBrains/Toolbox/apps/*/jbr", "JetBrains IDE"),
    ("~/.local/share/JetBrains/Toolbox/apps/*/*/*/jbr", "JetBrains IDE"),
    ("~/android-studio/jbr", "Android Studio"),
    ("/usr/local/android-studio/jbr", "Android Studio"),
    ("/opt/*/jbr", "JetBrains IDE"),
    # Bundled runtimes of agents and servers.
    ("/opt/xmatters/*/jre", "xMatters integration agent"),
    ("/opt/softwareag/jvm/*", "webMethods"),
    ("/opt/SoftwareAG/jvm/*", "webMethods"),
    ("/opt/webmethods/jvm/*", "webMethods"),
    ("/opt/tibco/tibcojre*/*", "TIBCO"),
    ("/opt/snaplogic/pkgs/*", "SnapLogic"),
    ("/opt/bmc/*/jre", "BMC"),
    ("/opt/*/jre", "bundled in /opt"),
    ("/opt/*/*/jre", "bundled in /opt"),
)  # fmt: skip

# Links of update-alternatives(1) and Red Hat's alternatives(8), to a program or a home.
ALTERNATIVES = (
    "/etc/alternatives/java",
    "/etc/alternatives/jre",
    "/etc/alternatives/java_sdk",
    "/etc/alternatives/jre_openjdk",
)

# Their databases: every choice is a line of the file, and those of java end in /bin/java.
ALTERNATIVES_DATABASES = ("/var/lib/dpkg/alternatives/java", "/var/lib/alternatives/java")
