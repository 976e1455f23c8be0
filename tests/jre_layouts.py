"""Homes of JREs as their installers leave them."""

from __future__ import annotations

from pathlib import Path

from storekeeper.host.locate import (
    Jre,
    Jres,
    jres,
)

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
