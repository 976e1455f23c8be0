"""OpenSSL's and Python's verdicts, against the libraries themselves."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from storekeeper.errors import UsageError
from storekeeper.model import Certificate
from storekeeper.trust.runtimes import table
from storekeeper.trust.verdict import Verdict, judge
from tests import forge, libcrypto, verdict_cases, verdict_names, verdict_random
from tests.verdict_cases import HOST, Case, leaf, lone, mid, root

AT = datetime.fromtimestamp(forge.AT, UTC)

SETTINGS: dict[str, dict[str, Any]] = {
    "seclevel=0": {"level": 0},
    "": {},
    "seclevel=2": {"level": 2},
    "seclevel=3": {"level": 3},
    "seclevel=0,partial_chain": {"level": 0, "flags": libcrypto.PARTIAL_CHAIN},
    "seclevel=0,strict": {"level": 0, "flags": libcrypto.STRICT},
    "seclevel=0,partial_chain,strict": {
        "level": 0,
        "flags": libcrypto.PARTIAL_CHAIN | libcrypto.STRICT,
    },
    "seclevel=0,depth=0": {"level": 0, "depth": 0},
    "seclevel=0,depth=1,partial_chain": {
        "level": 0,
        "depth": 1,
        "flags": libcrypto.PARTIAL_CHAIN,
    },
    "seclevel=0,purpose=any": {"level": 0, "purpose": None},
    "seclevel=0,purpose=sslclient": {"level": 0, "purpose": libcrypto.SSL_CLIENT},
    "seclevel=0,no_partial_wildcards,no_common_name": {
        "level": 0,
        "hostflags": libcrypto.NO_PARTIAL_WILDCARDS | libcrypto.NEVER_CHECK_SUBJECT,
    },
}

LIBRARIES = [
    pytest.param("openssl3.0", id="system"),
    pytest.param("openssl1.1", id="1.1.1", marks=pytest.mark.slow),
    pytest.param("openssl3.5", id="3.5", marks=pytest.mark.slow),
]


def _library(runtime: str) -> libcrypto.SharedObject:
    try:
        if runtime == "openssl3.0":
            return libcrypto.system()
        return libcrypto.of_wheel({"openssl1.1": "1.1.1", "openssl3.5": "3.5"}[runtime])
    except libcrypto.Unavailable as why:
        pytest.skip(str(why))


def _ours(case: Case, runtime: str) -> Verdict:
    return judge(case.chain, map(Certificate, case.anchors), case.host, runtime, at=AT)


def _differences(
    cases: Sequence[Case], library: libcrypto.SharedObject, runtime: str, setting: str
) -> Iterator[str]:
    name = ",".join(part for part in (runtime, setting) if part)
    options = {"level": 2 if library.version >= "3.2" else 1} | SETTINGS[setting]
    for case in cases:
        theirs = library.judge(case.chain, case.anchors, at=forge.AT, host=case.host, **options)
        ours = _ours(case, name)
        if theirs is None:
            if ours.rule != "unparsable":
                yield f"{case.name}: not parsed by {library.version}, here {ours.message!r}"
            continue
        said = next((note for note in ours.notes if note.startswith("error ")), "error 0 depth 0")
        number, depth = int(said.split()[1]), int(said.split()[-1])
        expected = (theirs.accepts, theirs.error, "" if theirs.accepts else theirs.message)
        found = (ours.accepts, number, ours.message)
        if expected != found or (not theirs.accepts and theirs.depth != depth):
            yield f"{case.name}: {library.version} says {theirs}, here {found} at depth {depth}"


def _cases() -> list[Case]:
    found: dict[tuple[object, ...], Case] = {}
    for case in verdict_cases.all_cases():
        found.setdefault((case.chain, case.anchors, case.host), case)
    return list(found.values())


@pytest.mark.parametrize("runtime", LIBRARIES)
@pytest.mark.parametrize("setting", ["seclevel=0", "", "seclevel=0,partial_chain,strict"])
def test_every_case(runtime: str, setting: str) -> None:
    library = _library(runtime)
    assert list(_differences(_cases(), library, runtime, setting)) == []


@pytest.mark.slow
@pytest.mark.parametrize("runtime", LIBRARIES)
@pytest.mark.parametrize("setting", SETTINGS)
def test_every_case_and_random_worlds_in_every_setting(runtime: str, setting: str) -> None:
    library = _library(runtime)
    cases = [*_cases(), *map(verdict_random.case, range(1500))]
    assert list(_differences(cases, library, runtime, setting)) == []


@pytest.mark.parametrize("setting", ["seclevel=0", "seclevel=0,partial_chain", "seclevel=2"])
def test_random_worlds(setting: str) -> None:
    library = _library("openssl3.0")
    cases = list(map(verdict_random.case, range(150)))
    assert list(_differences(cases, library, "openssl3.0", setting)) == []


@pytest.mark.parametrize("runtime", LIBRARIES)
def test_random_names(runtime: str) -> None:
    library = _library(runtime)
    cases = list(map(verdict_names.case, range(200)))
    assert list(_differences(cases, library, runtime, "seclevel=0")) == []


@pytest.mark.slow
@pytest.mark.parametrize("runtime", LIBRARIES)
def test_many_random_names(runtime: str) -> None:
    library = _library(runtime)
    cases = list(map(verdict_names.case, range(4000)))
    assert list(_differences(cases, library, runtime, "seclevel=0")) == []


def _pem(certificates: Sequence[bytes], path: Path) -> Path:
    path.write_text("".join(ssl.DER_cert_to_PEM_cert(one) for one in certificates))
    return path


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl here (Debian: openssl)")
def test_the_command_says_the_same(tmp_path: Path) -> None:
    """`openssl verify` prints the first error; it is that of the library."""
    version = subprocess.run(["openssl", "version"], capture_output=True, text=True, check=True)
    if not version.stdout.startswith("OpenSSL 3."):
        pytest.skip(f"{version.stdout.strip()} is not 3")
    for case in list(verdict_cases.routes())[::3]:
        if not case.anchors:
            continue
        command = ["openssl", "verify", "-purpose", "sslserver", "-attime", str(forge.AT)]
        command += ["-no-CApath", "-no-CAstore", "-verify_hostname", case.host or ""]
        command += ["-CAfile", str(_pem(case.anchors, tmp_path / "ca.pem"))]
        if case.chain[1:]:
            command += ["-untrusted", str(_pem(case.chain[1:], tmp_path / "more.pem"))]
        command.append(str(_pem(case.chain[:1], tmp_path / "leaf.pem")))
        if case.host is None:
            command = [part for part in command if part not in ("-verify_hostname", "")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        first = next((line for line in done.stderr.splitlines() if line.startswith("error ")), "")
        ours = _ours(case, "openssl3,seclevel=0")
        assert (done.returncode == 0) == ours.accepts, (case.name, done.stderr)
        if first and "lookup: " in first:
            assert first.partition("lookup: ")[2] == ours.message, case.name


# -- Python ---------------------------------------------------------------------------


def _handshake(context: ssl.SSLContext, server: ssl.SSLContext, host: str) -> str:
    """What the client raises; "" when the handshake is done."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    theirs = server.wrap_bio(to_server, to_client, server_side=True)
    try:
        ours = context.wrap_bio(to_client, to_server, server_hostname=host)
    except ValueError as error:
        return str(error)
    for _ in range(10):
        for side in (ours, theirs):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLCertVerificationError as error:
                return str(error)
        if ours.version() and ours.getpeercert(binary_form=True):
            try:
                ours.do_handshake()
                return ""
            except ssl.SSLWantReadError:
                continue
    raise AssertionError("the handshake found no end")


def _now(make: Any, **options: Any) -> bytes:
    now = int(time.time())
    given = {"start": now - 100 * forge.DAY, "end": now + 100 * forge.DAY} | options
    made: bytes = make(**given)
    return made


def _python_cases() -> Iterator[tuple[str, tuple[bytes, ...], tuple[bytes, ...], str]]:
    past = {"end": int(time.time()) - forge.DAY}
    ids = (forge.subject_id(b"root"), forge.authority_id(b"root"))
    r, m, e = _now(root), _now(mid), _now(leaf)
    yield "good for 3.12", (e, m), (r,), HOST
    strict_root = _now(root, extensions=(*verdict_cases.CA, ids[0]))
    strict_mid = _now(
        mid, extensions=(*verdict_cases.CA, forge.subject_id(b"mid"), forge.authority_id(b"root"))
    )
    strict_leaf = _now(leaf, extensions=(verdict_cases.SAN, forge.authority_id(b"mid")))
    yield "good for both", (strict_leaf, strict_mid), (strict_root,), HOST
    yield "intermediate missing", (strict_leaf,), (strict_root,), HOST
    yield "intermediate trusted", (strict_leaf,), (strict_mid,), HOST
    yield "leaf trusted", (strict_leaf,), (strict_leaf,), HOST
    yield "root sent, not trusted", (strict_leaf, strict_mid, strict_root), (r,), HOST
    yield "other host", (strict_leaf, strict_mid), (strict_root,), "other.example.net"
    yield "address", (strict_leaf, strict_mid), (strict_root,), "192.0.2.7"
    yield "expired", (_now(leaf, **past), m), (r,), HOST
    yield "common name", (_now(leaf, extensions=()), m), (r,), HOST
    partial = _now(leaf, extensions=(forge.names(("dns", "s*.example.net")),))
    yield "partial wildcard", (partial, m), (r,), HOST
    whole = _now(leaf, extensions=(forge.names(("dns", "*.example.net")),))
    yield "wildcard", (whole, m), (r,), HOST
    yield "v1 root", (_now(lone),), (_now(root, version=1, extensions=()),), HOST
    weak = forge.key("weak", "RSA1024")
    yield "small key of the root", (_now(lone, signer=weak),), (_now(root, own=weak),), HOST
    yield "no host", (e, m), (r,), ""
    yield "leading dot", (e, m), (r,), ".example.net"
    yield "umlaut", (e, m), (r,), "bücher.example.net"
    yield "two dots", (e, m), (r,), "a..example.net"
    client = _now(leaf, extensions=(verdict_cases.SAN, forge.purposes(forge.CLIENT)))
    yield "for clients", (client, m), (r,), HOST


@pytest.mark.skipif(ssl.OPENSSL_VERSION_INFO < (3, 0), reason="this Python has an older OpenSSL")
@pytest.mark.parametrize("release", ["python3.12", "python3.13"])
def test_handshakes_of_this_python(release: str) -> None:
    """The flags decide, so this interpreter can be either release."""
    flags = ssl.VerifyFlags.VERIFY_X509_TRUSTED_FIRST
    if release == "python3.13":
        flags |= ssl.VerifyFlags(libcrypto.PARTIAL_CHAIN | libcrypto.STRICT)
    library = ".".join(map(str, ssl.OPENSSL_VERSION_INFO[:2]))
    for title, chain, anchors, host in _python_cases():
        context = ssl.create_default_context(cadata="".join(map(ssl.DER_cert_to_PEM_cert, anchors)))
        context.verify_flags = flags
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.set_ciphers("DEFAULT@SECLEVEL=0")
        with tempfile.TemporaryDirectory() as home:
            key = forge.key_of(chain[0]).private_bytes(
                Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
            )
            pem = _pem(chain, Path(home, "chain.pem"))
            with open(pem, "ab", opener=lambda path, mode: os.open(path, mode, 0o600)) as file:
                file.write(key)
            server.load_cert_chain(pem)
        said = _handshake(context, server, host)
        ours = judge(chain, map(Certificate, anchors), host, f"{release},openssl={library}")
        assert ours.accepts == (not said), (title, said, ours)
        if ours.rule != "illegal-host":
            assert said.rpartition(" (_ssl.c")[0] == ours.message, title
        else:
            assert said, title


@pytest.mark.parametrize("release", ["python3.12", "python3.13"])
def test_python_is_openssl_with_its_flags(release: str) -> None:
    library = _library("openssl3.0")
    flags = libcrypto.PARTIAL_CHAIN | libcrypto.STRICT if release == "python3.13" else 0
    for case in _cases():
        ours = _ours(case, release)
        if ours.rule == "illegal-host":
            continue
        theirs = library.judge(
            case.chain,
            case.anchors,
            at=forge.AT,
            host=None if case.host is None else case.host.encode("idna").decode(),
            flags=flags,
            level=2,
            hostflags=libcrypto.NO_PARTIAL_WILDCARDS,
        )
        if theirs is None:
            assert ours.rule == "unparsable", case.name
            continue
        assert theirs.accepts == ours.accepts, (case.name, theirs, ours)
        if theirs.error not in (0, 62, 64):
            assert ours.message.endswith(": " + theirs.message), case.name


# -- names of runtimes ----------------------------------------------------------------


def test_a_runtime_is_named_with_its_options() -> None:
    asked = table.find("OpenSSL-3.5,partial_chain,depth=2")
    assert asked is not None
    assert (asked.version, asked.name) == ((3, 5), "openssl3.5,partial_chain,depth=2")
    assert table.find("java17") is None
    assert table.find("opensslx") is None
    openssl3 = table.find("openssl3")
    assert openssl3 is not None
    assert openssl3.version == (3, 0)


@pytest.mark.parametrize(
    "name",
    ["openssl3,partial", "openssl3,depth=x", "openssl3,purpose=mail", "python3.13,openssl=x"],
)
def test_an_option_that_is_none(name: str) -> None:
    with pytest.raises(UsageError):
        judge([leaf()], [Certificate(root())], HOST, name, at=AT)


def test_a_version_nobody_measured_is_said() -> None:
    verdict = judge([leaf(), mid()], [Certificate(root())], HOST, "openssl3.3", at=AT)
    assert verdict.accepts
    assert "not measured" in verdict.notes[0]
    assert not judge([leaf(), mid()], [Certificate(root())], HOST, "openssl3", at=AT).notes
