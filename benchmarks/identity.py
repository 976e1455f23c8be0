"""Predictions of which key is sent, in process, against one signature."""

from __future__ import annotations

from datetime import UTC, datetime

from benchmarks.inside import best
from storekeeper import CertificateRequest, select_client_key
from tests import forge, identity_cases

NOW = datetime.fromtimestamp(forge.AT, UTC)
KEYS = 30


def choosing() -> tuple[float, float]:
    """Milliseconds of a choice among thirty keys by 145 names, and of one RSA-2048 signature."""
    keys = tuple(identity_cases.entry(f"k{number}", number) for number in range(KEYS))
    store = identity_cases.Case("thirty", keys).store("JKS")
    names = tuple(forge.name(f"CN=Root {number},O=Example") for number in range(144))
    request = CertificateRequest("TLSv1.3", (*names, forge.name(identity_cases.MID)))
    for manager in identity_cases.MANAGERS:
        found = select_client_key(store, request, "java17", manager, NOW)
        assert found.alias is not None
    private = forge.key("measure", "RSA2048")
    return (
        best(lambda: select_client_key(store, request, "java17", "PKIX", NOW), 40),
        best(lambda: forge.sign(private, "SHA256withRSA", b"measure"), 40),
    )
