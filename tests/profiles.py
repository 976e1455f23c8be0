"""Profiles for the tests: written, loaded, planned and applied in one folder."""

from __future__ import annotations

import os
from pathlib import Path

from storekeeper import formats
from storekeeper.model import Certificate, TrustedCert
from storekeeper.profile.applying import Converged, apply_profile
from storekeeper.profile.context import Context
from storekeeper.profile.load import load
from storekeeper.profile.planning import TargetPlan, plan_profile
from tests import pki

ROOT, MORE = pki.cert("Profile Root"), pki.cert("Profile More")
HEAD = "storekeeper: 1\n"


def pem(*certificates: Certificate) -> bytes:
    return b"".join(pki.pem("CERTIFICATE", one.der) for one in certificates)


def certificates(path: Path, password: str | None = "changeit") -> list[object]:
    store = formats.read(path.read_bytes(), password)
    return [entry.certificate for entry in store.entries if isinstance(entry, TrustedCert)]


class Folder:
    """A folder with a profile, its sources, and the password of its stores in PW."""

    def __init__(self, path: Path) -> None:
        self.path = path
        os.environ["PW"] = "changeit"
        self.write("root.pem", ROOT)
        self.write("more.pem", MORE)

    def write(self, name: str, *certificates: Certificate) -> Path:
        path = self.path / name
        path.write_bytes(pem(*certificates))
        return path

    def profile(self, text: str, name: str = "p.yaml") -> Path:
        path = self.path / name
        path.write_text(HEAD + text, encoding="utf-8")
        return path

    def target(
        self, name: str = "trust.jks", more: str = "", sources: str = "file: '*.pem'"
    ) -> Path:
        """A profile of one target with these keys besides."""
        return self.profile(
            f"targets:\n- path: {name}\n  password: env:PW\n{more}  sources: [{{{sources}}}]\n"
        )

    def plan(self, context: Context | None = None, name: str = "p.yaml") -> tuple[TargetPlan, ...]:
        return plan_profile(load(self.path / name), context)

    def apply(self, context: Context | None = None, name: str = "p.yaml") -> list[Converged]:
        return list(apply_profile(self.plan(context, name), context))

    def seen(self, name: str = "trust.jks") -> tuple[bytes, int, list[str]]:
        """The bytes of a file, when it was changed, and what lies beside it."""
        path = self.path / name
        return path.read_bytes(), path.stat().st_mtime_ns, sorted(os.listdir(self.path))
