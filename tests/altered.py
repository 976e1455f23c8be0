"""JREs with something changed: roots in the JDK's own cacerts, other files."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from tests import jvm


def copy(version: str, folder: Path) -> jvm.Jvm:
    """A JRE of links to the files of another; what is to differ must be written anew."""
    home = folder / version
    original = jvm.jvm(version).home
    try:
        shutil.copytree(original, home, symlinks=True, copy_function=os.link)
    except (OSError, shutil.Error):  # another file system
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(original, home, symlinks=True)
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
