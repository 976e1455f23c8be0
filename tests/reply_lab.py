"""A key that waits for its certificate, and the CAs that may answer."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest

from storekeeper.change.target import Target
from storekeeper.formats import jks
from storekeeper.model import Certificate, Password, PrivateKey, Store, TrustedCert
from storekeeper.pki import keys
from tests import pki
from tests.commands import OPENS, Authority, Commands

DATE = 1_700_000_000_000
OWN = Password("another one")


class Lab:
    """A root, a second root, an intermediate of both, and a key that has a certificate of it."""

    def __init__(self) -> None:
        self.root = Authority("Reply Root")
        self.other = Authority("Other Root", days=9500)
        self.issuing = Authority("Reply Int", self.root)
        self.pkcs8 = pki.pkcs8(pki.key("reply.example"))
        self.spki = keys.spki_of(self.pkcs8)
        self.leaf = self.issuing.issues("reply.example", self.spki)
        self.renewed = self.issuing.issues("reply.example", self.spki, later=30)
        # The same intermediate under the other root.
        self.crossed = self.other.issues(
            "Reply Int", keys.spki_of(self.issuing.pkcs8), ext=("bc:c=ca:true",)
        )
        self.placeholder = pki.cert("reply.example")
        self.unrelated = pki.cert("Unrelated")

    @property
    def answer(self) -> tuple[Certificate, Certificate, Certificate]:
        return self.leaf, self.issuing.certificate, self.root.certificate

    def entry(self, *chain: Certificate) -> PrivateKey:
        sealed = jks.seal_private_key(self.pkcs8, OWN, "JKS")
        return PrivateKey("srv", chain or (self.placeholder,), sealed, DATE)


@functools.cache
def lab() -> Lab:
    return Lab()


def target(*entries: PrivateKey | TrustedCert) -> Target:
    return Target("x.jks", "x.jks", store=Store("JKS", entries), password=OPENS)


@pytest.fixture
def run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Commands:
    return Commands(tmp_path, capsys, monkeypatch)
