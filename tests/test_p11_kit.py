"""p11-kit files, OpenSSL's trusted certificates, and the directories they stand in.

The judge is p11-kit's own trust module, asked through PKCS#11 (tests/p11_trust.py).
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import time
import warnings
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from hypothesis import given, settings
from hypothesis import strategies as st

from storekeeper import der
from storekeeper.errors import Damaged, InputError, LimitExceeded, Unreadable
from storekeeper.model import LIMITS, Store, replace
from storekeeper.trust import lists, openssl_trust, p11_kit
from storekeeper.trust.anchors import CODE_SIGNING, EMAIL, SERVER, Anchor, RootList
from storekeeper.trust.sources import open_source
from tests import clock, p11_trust
from tests.list_samples import pem, root

needs_p11_kit = pytest.mark.skipif(p11_trust.module() is None, reason="no p11-kit-trust.so here")
needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl here")
ALL = (SERVER, EMAIL, CODE_SIGNING)
EKU = {SERVER: "1.3.6.1.5.5.7.3.1", EMAIL: "1.3.6.1.5.5.7.3.4", CODE_SIGNING: "1.3.6.1.5.5.7.3.3"}


def sha256(name: str) -> str:
    return hashlib.sha256(root(name)[0]).hexdigest()


def public_key(name: str) -> bytes:
    key = root(name)[1].public_key()
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def quoted(octets: bytes) -> str:
    return '"' + "".join(f"%{octet:02x}" for octet in octets) + '"'


def extension(name: str, oid: str, *purposes: str) -> str:
    """The object that attaches key usages to a certificate's key."""
    usages = der.sequence(*(der.oid(EKU[purpose]) for purpose in purposes))
    value = der.sequence(der.oid(oid), der.octet_string(usages))
    return (
        f"[p11-kit-object-v1]\nclass: x-certificate-extension\nobject-id: {oid}\n"
        f"value: {quoted(value)}\n{public_key(name).decode()}\n"
    )


def p11(name: str, *lines: str) -> str:
    return "\n".join(("[p11-kit-object-v1]", *lines, pem(root(name)[0])))


def trusted(name: str, *options: str) -> str:
    """BEGIN TRUSTED CERTIFICATE as OpenSSL writes it."""
    done = subprocess.run(
        ["openssl", "x509", "-trustout", *options],
        input=pem(root(name)[0]).encode(),
        capture_output=True,
        check=True,
    )
    return done.stdout.decode()


USAGES, REJECTED_USAGES = "2.5.29.37", "1.3.6.1.4.1.3319.6.10.1"


def judged(folder: Path) -> dict[str, tuple[set[str], set[str]]]:
    """SHA-256: what p11-kit trusts it for, what it distrusts it for."""
    module = p11_trust.module()
    assert module
    done = subprocess.run(
        [sys.executable, "-m", "tests.p11_trust", module, str(folder)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[1],
    )
    return {
        digest: (
            {p for p, word in words.items() if word in p11_trust.TRUSTED},
            {p for p, word in words.items() if word == p11_trust.REJECTED},
        )
        for digest, words in json.loads(done.stdout).items()
    }


def ours(roots: RootList) -> dict[str, tuple[set[str], set[str]]]:
    return {
        one.sha256: (set(ALL if one.purposes is None else one.purposes), set(one.rejected))
        for one in (*roots.anchors, *roots.others)
    }


def opened(path: Path) -> RootList:
    found = open_source(str(path))
    assert isinstance(found, RootList)
    return found


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A directory such as /etc/pki/ca-trust/source, with a bit of everything."""
    folder = tmp_path / "source"
    for inside in ("anchors", "blocklist"):
        (folder / inside).mkdir(parents=True)
    (folder / "anchors" / "plain.pem").write_text(pem(root("plain")[0]))
    (folder / "anchors" / "der.crt").write_bytes(root("der")[0])
    (folder / "blocklist" / "bad.pem").write_text(pem(root("blocked")[0]))
    (folder / "unsaid.pem").write_text(pem(root("unsaid")[0]))
    (folder / "all.p11-kit").write_text(
        p11("yes", "trusted: true", 'label: "f%c3%bcr alles"')
        + p11("no", "x-distrusted: true")
        + p11("mail", "trusted: true")
        + extension("mail", USAGES, EMAIL)
        + p11("not-mail", "trusted: true")
        + extension("not-mail", REJECTED_USAGES, EMAIL)
        + p11("neither", "modifiable: false")
    )
    (folder / "README").write_text("nothing here is a certificate\n")
    return folder


@needs_p11_kit
def test_a_source_directory_as_p11_kit_sees_it(source: Path) -> None:
    expected = judged(source)
    roots = opened(source)
    assert ours(roots) == expected
    assert expected[sha256("mail")][0] == {EMAIL}
    assert {a.sha256 for a in roots.anchors} == {sha256(name) for name in ("plain", "der", "yes")}
    assert not roots.findings
    labels = {a.sha256: a.label for a in roots.anchors}
    assert labels[sha256("yes")] == "für alles"
    assert labels[sha256("plain")] == "plain.pem"


@pytest.mark.skipif(shutil.which("trust") is None, reason="p11-kit's trust is not installed")
def test_what_p11_kit_dumps_of_this_machine(tmp_path: Path) -> None:
    out = tmp_path / "anchors.pem"
    extract = ["trust", "extract", "--filter=ca-anchors", "--purpose=server-auth"]
    dump = subprocess.run(["trust", "dump"], check=True, capture_output=True, timeout=60)
    if p11_kit.FIRST_LINE.encode() not in dump.stdout:
        pytest.skip("p11-kit has no objects here")
    subprocess.run([*extract, "--format=pem-bundle", str(out)], check=True, timeout=60)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # serial numbers that are not positive
        expected = x509.load_pem_x509_certificates(out.read_bytes())
    roots = lists.read(dump.stdout)
    assert {a.sha256 for a in roots.anchors} >= {
        one.fingerprint(hashes.SHA256()).hex() for one in expected
    }
    assert len(expected) > 0


@needs_p11_kit
@needs_openssl
@pytest.mark.parametrize(
    "options",
    [
        ("-addtrust", "serverAuth"),
        ("-addtrust", "emailProtection", "-addtrust", "codeSigning"),
        ("-addtrust", "serverAuth", "-addreject", "emailProtection"),
        ("-addtrust", "serverAuth", "-addtrust", "emailProtection", "-addreject", "serverAuth"),
        ("-addtrust", "OCSPSigning"),
    ],
    ids=lambda options: "-".join(options[1::2]),
)
def test_openssls_settings_as_p11_kit_sees_them(tmp_path: Path, options: tuple[str, ...]) -> None:
    folder = tmp_path / "source"
    (folder / "anchors").mkdir(parents=True)
    (folder / "one.pem").write_text(trusted("aux", *options))
    assert ours(opened(folder))[sha256("aux")] == judged(folder)[sha256("aux")]
    by_file = opened(folder / "one.pem")
    assert ours(by_file) == ours(opened(folder))


@needs_openssl
@pytest.mark.parametrize(
    "options",
    [
        (),
        ("-addtrust", "serverAuth"),
        ("-addtrust", "emailProtection"),
        ("-addtrust", "anyExtendedKeyUsage"),
        ("-addtrust", "anyExtendedKeyUsage", "-addreject", "serverAuth"),
        ("-addtrust", "serverAuth", "-addreject", "serverAuth"),
        ("-addreject", "serverAuth"),
        ("-addreject", "anyExtendedKeyUsage"),
        ("-addtrust", "OCSPSigning"),
    ],
    ids=lambda options: "-".join(options[::-1]) or "none",
)
def test_what_openssl_verifies_with_such_a_certificate(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    (tmp_path / "ca.pem").write_text(trusted("aux", *options))
    (tmp_path / "own.pem").write_text(pem(root("aux")[0]))
    purposes, _ = ours(opened(tmp_path / "ca.pem"))[sha256("aux")]
    for word, purpose in (("sslserver", SERVER), ("smimesign", EMAIL)):
        done = subprocess.run(
            ["openssl", "verify", "-purpose", word, "-CAfile", "ca.pem", "own.pem"],
            capture_output=True,
            cwd=tmp_path,
        )
        assert (done.returncode == 0) == (purpose in purposes), (word, done.stderr)


@needs_openssl
def test_openssls_settings_as_openssl_prints_them() -> None:
    text = trusted("both", "-addtrust", "serverAuth", "-addreject", "codeSigning",
                   "-setalias", "Zweite Wurzel")  # fmt: skip
    text += trusted("none-at-all") + trusted("refused", "-addreject", "serverAuth")
    text += pem(root("without")[0])
    roots = lists.read(text.encode(), path="bundle.trust.crt")
    assert lists.sniff(text.encode()) == "openssl-trust"
    assert roots.title.endswith("; 1 more not trusted for TLS servers, 1 of them distrusted")
    assert roots.path == "bundle.trust.crt"
    found = {a.sha256: (a.label, a.purposes, a.rejected) for a in (*roots.anchors, *roots.others)}
    assert found == {
        sha256("both"): ("Zweite Wurzel", (SERVER,), (CODE_SIGNING,)),
        sha256("none-at-all"): ("", None, ()),
        sha256("without"): ("", None, ()),
        sha256("refused"): ("", (EMAIL, CODE_SIGNING), (SERVER,)),
    }
    assert [a.sha256 for a in roots.others] == [sha256("refused")]


def test_dates_and_values_of_p11_kit() -> None:
    certificate = root("in-value")[0]
    text = (
        "# made by hand\n"
        + p11("dated", "trusted: true", 'nss-server-distrust-after: "241130235959Z"',
              'nss-email-distrust-after: "%00"')
        + p11("percent", "trusted: true",
              f"nss-server-distrust-after: {quoted(b'250415235959Z')}")
        + p11("wrong-date", "trusted: true", 'nss-server-distrust-after: "soon"')
        + f"[p11-kit-object-v1]\nclass: certificate\ntrusted: true\nvalue: {quoted(certificate)}\n"
        + "[p11-kit-object-v1]\nclass: nss-trust\ntrust-server-auth: nss-not-trusted\n"
    )  # fmt: skip
    roots = lists.read(text.encode())
    dates = {a.sha256: a.distrusted_after(SERVER) for a in roots.anchors}
    assert dates == {
        sha256("dated"): 1733011199,
        sha256("percent"): 1744761599,
        sha256("wrong-date"): None,
        sha256("in-value"): None,
    }
    assert all(a.distrusted_after(EMAIL) is None for a in roots.anchors)
    (finding,) = roots.findings
    assert "nss-server-distrust-after" in finding.message
    assert finding.where == f"line {text[: text.index('soon')].count(chr(10)) - 1}"


def test_objects_that_are_damaged() -> None:
    good = p11("good", "trusted: true")
    cut = p11("cut", "trusted: true").partition("-----END")[0]
    wrong = '[p11-kit-object-v1]\ntrusted: true\nvalue: "%zz"\n'
    junk = f"[p11-kit-object-v1]\nvalue: {quoted(b'junk')}\n"
    usages = (
        f"[p11-kit-object-v1]\nclass: x-certificate-extension\nobject-id: {USAGES}\n"
        f"value: {quoted(b'0')}\n"
    )
    roots = lists.read((cut + good + wrong + junk + usages).encode())
    assert [a.sha256 for a in roots.anchors] == [sha256("good")]
    assert [f.where for f in roots.findings][-1:] == ["line 5"] or len(roots.findings) == 3
    with pytest.raises(Damaged):
        lists.read((cut + junk).encode())


def test_debians_directory(tmp_path: Path) -> None:
    for name in ("mozilla/one.crt", "mozilla/two.crt", "local/three.crt", "doc/readme.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(pem(root(name)[0]) if name.endswith(".crt") else "read me\n")
    (tmp_path / "mozilla" / "broken.crt").write_text("-----BEGIN CERTIFICATE-----\nMIIB\n")
    roots = opened(tmp_path)
    assert {a.label for a in roots.anchors} == {
        *("mozilla/one.crt", "mozilla/two.crt", "local/three.crt"),
    }
    assert "ca-certificates.conf" in roots.note
    assert any("broken.crt" in f.message for f in roots.findings)


def test_a_directory_of_certificates_stays_a_store(tmp_path: Path) -> None:
    (tmp_path / "one.pem").write_text(pem(root("one")[0]))
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "two.crt").write_text(pem(root("two")[0]))
    found = open_source(str(tmp_path))
    assert isinstance(found, Store)
    assert len(found.entries) == 1


def test_certificates_beside_an_empty_directory_of_anchors(tmp_path: Path) -> None:
    (tmp_path / "anchors").mkdir()
    (tmp_path / "one.pem").write_text(pem(root("one")[0]))
    assert isinstance(open_source(str(tmp_path)), Store)
    (tmp_path / "anchors" / "two.pem").write_text(pem(root("two")[0]))
    roots = opened(tmp_path)
    assert [a.sha256 for a in roots.anchors] == [sha256("two")]
    assert [a.sha256 for a in roots.others] == [sha256("one")]


def test_a_directory_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "anchors").mkdir()
    with pytest.raises(InputError, match="without a certificate"):
        open_source(str(tmp_path))
    with pytest.raises(Unreadable):
        open_source(str(tmp_path / "nonesuch"))


@pytest.mark.parametrize("entries", [0, 1])
def test_limits(entries: int) -> None:
    limits = replace(LIMITS, entries=entries)
    text = p11("one", "trusted: true") + p11("two", "trusted: true") + p11("three")
    with pytest.raises(LimitExceeded):
        p11_kit.read(text, limits=limits)
    blocks = "".join(pem(root(name)[0]) for name in ("one", "two"))
    with pytest.raises(LimitExceeded):
        openssl_trust.read(blocks, limits=limits)


SAMPLE = (
    p11("one", "trusted: true", 'nss-server-distrust-after: "241130235959Z"')
    + extension("one", USAGES, SERVER)
    + pem(root("two")[0]).replace("CERTIFICATE", "TRUSTED CERTIFICATE")
)


def check(text: str) -> None:
    for read in (p11_kit.read, openssl_trust.read):
        try:
            roots = read(text)
        except InputError:
            continue
        for anchor in (*roots.anchors, *roots.others):
            assert isinstance(anchor, Anchor)
            str(anchor.subject)


@given(st.integers(0, 1 << 20), st.text(max_size=20), st.integers(0, 60))
@settings(max_examples=100)
def test_only_our_errors_leave(at: int, junk: str, skip: int) -> None:
    at %= len(SAMPLE)
    check(SAMPLE[:at] + junk + SAMPLE[at + skip :])


@given(st.binary(max_size=60))
@settings(max_examples=60)
def test_only_our_errors_leave_on_any_settings(aux: bytes) -> None:
    encoded = root("one")[0] + aux
    try:
        anchor = openssl_trust.anchor(encoded)
    except InputError:
        return
    assert anchor.sha256 == sha256("one")


@pytest.mark.parametrize(
    "text",
    [
        "[p11-kit-object-v1]\n" * 100_000,
        '[p11-kit-object-v1]\nvalue: "' + "%" * 1_000_000,
        "[p11-kit-object-v1]\n" + "-----BEGIN PUBLIC KEY-----\n" * 60_000,
        "-----BEGIN TRUSTED CERTIFICATE-----\n" * 60_000,
        "-----BEGIN " * 200_000,
        "[p11-kit-object-v1]\n" + "a:b\n" * 300_000,
    ],
    ids=["objects", "percents", "keys", "begins", "dashes", "attributes"],
)
def test_hostile_texts_take_linear_time(text: str) -> None:
    started = time.process_time()
    check(text)
    assert clock.units(time.process_time() - started) < 400
