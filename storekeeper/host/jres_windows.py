"""Places of JREs on Windows, and what installers wrote into the registry."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# Where the vendors' MSI packages install to by default.
_VENDORS = (
    ("Java/*", "Oracle Java"),
    ("Eclipse Adoptium/*", "Eclipse Adoptium"),
    ("Eclipse Foundation/*", "Eclipse Adoptium"),
    ("AdoptOpenJDK/*", "AdoptOpenJDK"),
    ("Amazon Corretto/*", "Amazon Corretto"),
    ("Zulu/*", "Azul Zulu"),
    ("Microsoft/jdk-*", "Microsoft OpenJDK"),
    ("BellSoft/*", "BellSoft Liberica"),
    ("SapMachine/*", "SapMachine"),
    ("Semeru/*", "IBM Semeru"),
    ("RedHat/*", "Red Hat"),
    ("JetBrains/*/jbr", "JetBrains IDE"),
    ("Android/Android Studio/jbr", "Android Studio"),
    ("BMC Software/*/jre", "BMC"),
    ("*/jre", "bundled in Program Files"),
    ("*/*/jre", "bundled in Program Files"),
)

_PROGRAM_FILES = ("$ProgramFiles", "$ProgramW6432", "$ProgramFiles(x86)", "$LOCALAPPDATA/Programs")

PLACES = (
    *((f"{base}/{place}", words) for base in _PROGRAM_FILES for place, words in _VENDORS),
    ("~/scoop/apps/*/current", "Scoop"),
    ("$LOCALAPPDATA/Coursier/cache/jvm/*", "Coursier"),
    (
        "$LOCALAPPDATA/Coursier/cache/arc/https/github.com/*/*/releases/download/*/*/*",
        "Coursier",
    ),
    ("$SystemDrive/hostedtoolcache/windows/Java_*/*/*", "GitHub runner tool cache"),
    ("$SystemDrive/xmatters/*/jre", "xMatters integration agent"),
    ("$SystemDrive/SoftwareAG/jvm/*", "webMethods"),
    ("$SystemDrive/tibco/tibcojre*/*", "TIBCO"),
)

# Key below HKEY_LOCAL_MACHINE\SOFTWARE, and the value that names the home. Oracle's
# installation guide ("Windows Registry") for JavaSoft; the others from their packages.
_KEYS = (
    (r"JavaSoft\Java Runtime Environment", "JavaHome"),
    (r"JavaSoft\Java Development Kit", "JavaHome"),
    (r"JavaSoft\JRE", "JavaHome"),
    (r"JavaSoft\JDK", "JavaHome"),
    (r"Eclipse Adoptium\JRE", "Path"),
    (r"Eclipse Adoptium\JDK", "Path"),
    (r"Microsoft\JDK", "Path"),
    (r"Azul Systems\Zulu", "InstallationPath"),
)

# Adoptium has the value three keys below: <version>\hotspot\MSI.
_DEPTH = 4


def registry() -> Iterator[tuple[str, str]]:
    """Homes named in the registry, with how they were found; nothing off Windows."""
    if sys.platform != "win32":
        return
    import winreg

    for view in (winreg.KEY_WOW64_64KEY, winreg.KEY_WOW64_32KEY):
        for key, value in _KEYS:
            for home in _values(rf"SOFTWARE\{key}", value, view, _DEPTH):
                yield home, f"registry ({key})"


def _values(key: str, value: str, view: int, depth: int) -> Iterator[str]:
    if sys.platform != "win32":
        return
    import winreg

    names: list[str] = []
    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, key, 0, winreg.KEY_READ | view) as handle:
            if depth:
                count = winreg.QueryInfoKey(handle)[0]
                names = [winreg.EnumKey(handle, index) for index in range(count)]
            home = winreg.QueryValueEx(handle, value)[0]
            if isinstance(home, str):
                yield home
    except OSError:
        pass  # no such key, or no such value in it: the keys below may have it
    for name in names:
        yield from _values(rf"{key}\{name}", value, view, depth - 1)
