"""GnuTLS's verdicts, against the library itself: verdict and text."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storekeeper.model import Certificate
from storekeeper.trust.verdict import judge
from tests import forge, libgnutls, verdict_cases, verdict_names, verdict_random
from tests.verdict_cases import HOST, Case, leaf, mid, root

AT = datetime.fromtimestamp(forge.AT, UTC)


def _library() -> libgnutls.SharedObject:
    try:
        return libgnutls.system()
    except libgnutls.Unavailable as why:
        pytest.skip(str(why))


def _differences(cases: Sequence[Case], library: libgnutls.SharedObject) -> Iterator[str]:
    release = "gnutls" + ".".join(library.version.split(".")[:2])
    for case in cases:
        theirs = library.judge(case.chain, case.anchors, at=forge.AT, host=case.host)
        ours = judge(case.chain, map(Certificate, case.anchors), case.host, release, at=AT)
        if theirs is None:
            if ours.rule != "unparsable":
                yield f"{case.name}: not imported by {release}, here {ours.message!r}"
            continue
        expected = (theirs.status == 0, theirs.message if theirs.status else "")
        if expected != (ours.accepts, ours.message):
            yield f"{case.name}: {release} says {theirs}, here {ours.message!r}"


def test_every_case() -> None:
    found: dict[tuple[object, ...], Case] = {}
    for case in verdict_cases.all_cases():
        found.setdefault((case.chain, case.anchors, case.host), case)
    assert list(_differences(list(found.values()), _library())) == []


def test_random_worlds() -> None:
    assert list(_differences(list(map(verdict_random.case, range(200))), _library())) == []
    assert list(_differences(list(map(verdict_names.case, range(200))), _library())) == []


@pytest.mark.slow
def test_many_random_worlds() -> None:
    assert list(_differences(list(map(verdict_random.case, range(4000))), _library())) == []
    assert list(_differences(list(map(verdict_names.case, range(4000))), _library())) == []


@pytest.mark.skipif(
    shutil.which("certtool") is None, reason="no certtool here (Debian: gnutls-bin)"
)
def test_the_command_says_the_same(tmp_path: Path) -> None:
    """certtool has no date to judge by: these are valid today, or were."""
    now = int(time.time())
    dates = {"start": now - 100 * forge.DAY, "end": now + 100 * forge.DAY}
    past = {"start": now - 100 * forge.DAY, "end": now - forge.DAY}
    r, m, e = root(**dates), mid(**dates), leaf(**dates)
    for chain, anchors, host in (
        ((e, m), (r,), HOST),
        ((e,), (r,), HOST),
        ((e,), (m,), HOST),
        ((e, m), (r,), "other.example.net"),
        ((leaf(**past), m), (r,), HOST),
    ):
        for name, group in (("ca", anchors), ("chain", chain)):
            text = "".join(map(ssl.DER_cert_to_PEM_cert, group))
            (tmp_path / f"{name}.pem").write_text(text)
        command = ["certtool", "--verify", "--load-ca-certificate", str(tmp_path / "ca.pem")]
        command += ["--verify-hostname", host, "--infile", str(tmp_path / "chain.pem")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        ours = judge(chain, map(Certificate, anchors), host, "gnutls")
        assert (done.returncode == 0) == ours.accepts, done.stdout + done.stderr
        said = ours.message or "The certificate is trusted. "
        assert f"Chain verification output: {'Not v' if ours.message else 'V'}erified. " in (
            done.stdout
        )
        assert said.strip() in done.stdout
