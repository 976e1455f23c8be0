"""What every test may count on."""

from __future__ import annotations

import functools
import os
import tempfile

import pytest
from hypothesis import HealthCheck, settings

from storekeeper.formats import jks_keys, kdf
from tests import jvm

# The same examples in every run, so that none fails by chance; "explore" is for finding more.
settings.register_profile(
    "default",
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("long", settings.get_profile("default"), max_examples=600)
settings.register_profile("explore", settings.get_profile("long"), derandomize=False)
settings.load_profile(os.environ.get("STOREKEEPER_HYPOTHESIS", "default"))

# The same password, salt and rounds give the same key: loops in Python, a tenth of a second each,
# that whatever is written and read again would go through again and again.
_KEYS = pytest.MonkeyPatch()
for _module, _name in ((jks_keys, "_derive"), (kdf, "_pkcs12_key")):
    _KEYS.setattr(_module, _name, functools.lru_cache(maxsize=4096)(getattr(_module, _name)))

# Every change is written down, and the journal of whoever runs this is not ours to write in:
# here for fixtures that live longer than a test, below for each test.
_STATE = tempfile.TemporaryDirectory(prefix="storekeeper-state-")
os.environ["XDG_STATE_HOME"] = _STATE.name


def pytest_report_header() -> list[str]:
    return jvm.pytest_report_header_lines()


@pytest.fixture(autouse=True)
def _plain_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """No test may depend on the passwords or dates of whoever runs it, or change their journal."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.getbasetemp() / "state"))
    for name in ("STOREKEEPER_STOREPASS", "STOREKEEPER_KEYPASS", "SOURCE_DATE_EPOCH", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
