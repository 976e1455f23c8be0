"""JREs with something changed: roots in the JDK's own cacerts, other files."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests import jvm


def copy(version: str, folder: Path) -> jvm.Jvm:
    """A JRE of links to the files of another; what is to differ must be written anew."""
    home = folder / version
    subprocess.run(["cp", "-al", str(jvm.jvm(version).home), str(home)], check=True)
    return jvm.Jvm(version, home)


def rewrite(path: Path, data: bytes) -> None:
    """Write a file that no other name shares."""
    path.unlink(missing_ok=True)
    path.write_bytes(data)


def with_roots(version: str, folder: Path, roots: Mapping[str, bytes]) -> jvm.Jvm:
    """A JRE whose cacerts has more roots, under aliases as the JDK's own have them."""
    found = copy(version, folder)
    store = found.home / "lib" / "security" / "cacerts"
    rewrite(store, store.read_bytes())
    for alias, certificate in roots.items():
        file = folder / "root.der"
        file.write_bytes(certificate)
        found.keytool(
            *("-importcert", "-noprompt", "-keystore", store, "-storepass", "changeit"),
            *("-alias", f"{alias} [jdk]", "-file", file),
        )
    return found


def remove(found: jvm.Jvm) -> None:
    """Take a copy away again."""
    shutil.rmtree(found.home)
