"""Places of JREs on macOS."""

from __future__ import annotations

PLACES = (
    # java_home(1).
    ("/Library/Java/JavaVirtualMachines/*/Contents/Home", "/Library/Java/JavaVirtualMachines"),
    ("~/Library/Java/JavaVirtualMachines/*/Contents/Home", "~/Library/Java/JavaVirtualMachines"),
    ("/System/Library/Java/JavaVirtualMachines/*/Contents/Home", "Apple's Java 6"),
    ("/Library/Internet Plug-Ins/JavaAppletPlugin.plugin/Contents/Home", "Oracle's applet plug-in"),
    # Homebrew: keg-only formulas, on Apple silicon and on Intel.
    ("/opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home", "Homebrew"),
    ("/usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home", "Homebrew"),
    ("~/Library/Caches/Coursier/jvm/*", "Coursier"),
    ("~/Library/Caches/Coursier/arc/https/github.com/*/*/releases/download/*/*/*", "Coursier"),
    ("/Users/runner/hostedtoolcache/Java_*/*/*", "GitHub runner tool cache"),
    ("/Applications/*.app/Contents/jbr/Contents/Home", "JetBrains IDE"),
    ("~/Applications/*.app/Contents/jbr/Contents/Home", "JetBrains IDE"),
    ("/Applications/*.app/Contents/jre/Contents/Home", "application"),
)
