"""``storekeeper keytool -list``, ``-printcert`` and ``-exportcert`` beside each JVM's keytool."""

from __future__ import annotations

import itertools
import re
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from storekeeper import formats
from storekeeper.cli.keytool import certificate, extensions, java_text
from storekeeper.errors import StorekeeperError
from storekeeper.formats import reseal
from storekeeper.model import (
    Certificate,
    Password,
    PrivateKey,
    Secret,
    SecretKey,
    Store,
    TrustedCert,
)
from tests import jvm, pki
from tests.our_keytool import ours, theirs
from tests.real_roots import real_roots

PASSWORD = "changeit"
MODEL = "17.0.9.2"
# Every start of a JVM counts: what does not differ between them is asked of one.
FEW = [
    pytest.param(v, id=f"java{v.partition('.')[0]}", marks=() if v == MODEL else pytest.mark.slow)
    for v in jvm.VERSIONS
]
GIVEN = ("-storepass", PASSWORD)
CREATED = 1_600_000_000_000

# Everything OpenSSL can put into a certificate and keytool has a form for.
EXTENSIONS = """
[req]
distinguished_name = name
[name]
[all]
basicConstraints = critical,CA:true,pathlen:3
keyUsage = critical,digitalSignature,nonRepudiation,keyEncipherment,dataEncipherment,keyAgreement,\
keyCertSign,cRLSign,encipherOnly,decipherOnly
extendedKeyUsage = serverAuth,clientAuth,codeSigning,emailProtection,timeStamping,OCSPSigning,\
anyExtendedKeyUsage,1.2.3.4,ipsecEndSystem,ipsecTunnel,ipsecUser
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
subjectAltName = DNS:example.com,DNS:*.ex.org,IP:10.0.0.1,IP:2001:db8::1,email:a@b.c,\
URI:http://x/y,RID:1.2.3.4,otherName:1.3.6.1.4.1.311.20.2.3;UTF8:user@dom,dirName:dir
issuerAltName = DNS:issuer.example
nameConstraints = permitted;DNS:.example.com,permitted;IP:10.0.0.0/255.0.0.0,excluded;email:b.c,\
excluded;IP:2001:db8::/ffff:ffff::,permitted;dirName:dir
policyConstraints = requireExplicitPolicy:2,inhibitPolicyMapping:0
policyMappings = 1.2.3:1.2.4,1.2.5:1.2.6
inhibitAnyPolicy = critical,2
crlDistributionPoints = cdp1,cdp2
freshestCRL = URI:http://delta/crl
authorityInfoAccess = OCSP;URI:http://ocsp,caIssuers;URI:http://ca,1.2.3.9;DNS:foo
subjectInfoAccess = 1.3.6.1.5.5.7.48.5;URI:http://repo,1.3.6.1.5.5.7.48.3;URI:http://ts
certificatePolicies = 1.2.3,@pol
nsCertType = client,server,email,objsign,reserved,sslCA,emailCA,objCA
nsComment = hello
noCheck = ignored
tlsfeature = status_request
1.2.3.4.5 = critical,ASN1:UTF8String:some text that is longer than one line, with {braces} in it
2.5.29.16 = ASN1:SEQUENCE:period
[some]
basicConstraints = CA:true
keyUsage = keyCertSign
nameConstraints = permitted;DNS:.example.com
certificatePolicies = 1.2.3,1.2.4
policyConstraints = inhibitPolicyMapping:1
crlDistributionPoints = cdp3
2.5.29.16 = ASN1:SEQUENCE:end
[few]
basicConstraints = critical,CA:false
subjectKeyIdentifier = none
authorityKeyIdentifier = none
nsCertType = server
[period]
from = IMP:0,GENTIME:20260101000000Z
to = IMP:1,GENTIME:20270101000000Z
[end]
to = IMP:1,GENTIME:20270101000000Z
[dir]
C = DE
O = "Dir, Inc"
CN = Dir
[pol]
policyIdentifier = 1.3.5.8
CPS.1 = "http://my.cps/"
userNotice.1 = @notice
[notice]
explicitText = "UTF8:Explicit"
organization = "Org"
noticeNumbers = 1,2
[cdp1]
fullname = URI:http://crl/1,URI:ldap://crl/2
reasons = keyCompromise,CACompromise
CRLissuer = dirName:dir
[cdp2]
relativename = relative
[cdp3]
CRLissuer = dirName:dir
[relative]
CN = relative
"""
KEYS = {
    "rsa-weak-sha1": ("rsa:1024", "-sha1"),
    "rsa-md5": ("rsa:2048", "-md5"),
    "rsa-disabled": ("rsa:512", "-sha256"),
    "rsa-sha3": ("rsa:2048", "-sha3-256"),
    "rsa-sha512-256": ("rsa:2048", "-sha512-256"),
    "rsa-ripemd": ("rsa:2048", "-ripemd160"),
    "rsa-signed-pss": ("rsa:2048", "-sigopt", "rsa_padding_mode:pss", "-sha256"),
    "pss": ("rsa-pss",),
    "ec-384": ("ec", "-pkeyopt", "ec_paramgen_curve:P-384", "-sha384"),
    "ec-192": ("ec", "-pkeyopt", "ec_paramgen_curve:secp192k1"),
    "ec-256k1": ("ec", "-pkeyopt", "ec_paramgen_curve:secp256k1"),
    "ec-brainpool": ("ec", "-pkeyopt", "ec_paramgen_curve:brainpoolP320r1"),
    "ed25519": ("ed25519",),
    "ed448": ("ed448",),
}
NAME = (
    "/C=DE/O=Ärger, GmbH/OU=a+OU=b/CN=ext/emailAddress=x@y/serialNumber=12/dnQualifier=q/title=T"
    "/GN=G/SN=S/initials=I/pseudonym=P/businessCategory=B/postalCode=9/DC=dc/UID=uid"
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates of every kind of key and extension, in one PEM file."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "openssl.cnf").write_text(EXTENSIONS, encoding="utf-8")

    def one(name: str, section: str, *options: str) -> bytes:
        base = ("req", "-x509", "-new", "-nodes", "-utf8", "-multivalue-rdn", "-days", "9000")
        files = ("-config", str(folder / "openssl.cnf"), "-keyout", str(folder / "key"))
        pki.openssl(*base, *files, "-subj", name, "-extensions", section,
                    "-out", str(folder / "out.pem"), *options)  # fmt: skip
        return (folder / "out.pem").read_bytes()

    serial = ("-set_serial", "0x0123456789abcdef0123")
    parts = [one(NAME, "all", "-newkey", "rsa:2048", *serial)]
    for number, (name, options) in enumerate(KEYS.items()):
        section = ("few", "some")[number % 2]
        # OpenSSL can't say -1000; the serials of real roots have shown the rest.
        serial = ("-set_serial", str(number * 1000))
        parts.append(one(f"/CN={name}", section, *serial, "-newkey", *options))
    path = folder / "made.pem"
    path.write_bytes(b"".join(parts))
    return path


def as_17(text: str, major: int) -> str:
    """What a JDK prints, in the words of 17, where they differ:

    - 11 writes "no limit" as the number that means it, and had no name for one purpose;
    - from 19 on the serial number of an authority key identifier has colons; 17 has groups;
    - so has that of a revoked certificate;
    - 25 knows the names of Edwards and Montgomery keys alone, without a size;
    - 25 ends every line of PEM as MIME does, 17 only those within the base64 text.
    """
    if major == 11:
        text = text.replace("PathLen:2147483647", "PathLen: no limit")
    if major >= 19:
        text = re.sub(
            r"SerialNumber: (?!\[)((?:..:)*..)(?=$|  On)", _grouped, text, flags=re.MULTILINE
        )
    if major >= 25:
        text = re.sub(r" (Ed25519) key$", r" 255-bit \1 key", text, flags=re.MULTILINE)
        text = re.sub(r" (Ed448) key$", r" 448-bit \1 key", text, flags=re.MULTILINE)
        text = text.replace("CERTIFICATE-----\r\n", "CERTIFICATE-----\n")
        text = text.replace("\r\n-----END", "\n-----END")
    return text


def _grouped(found: re.Match[str]) -> str:
    digits = found[1].replace(":", "").removeprefix("00") or "00"
    groups = [digits[at : at + 8] for at in range(0, len(digits), 8)]
    return f"SerialNumber: [    {' '.join(groups)}]"


def same(version: str, *words: str | Path, input: bytes = b"") -> str:
    """Run both, compare what they print on standard output, and return it."""
    one = jvm.jvm(version)
    expected, found = theirs(one.home, *words, input=input), ours(*words, input=input)
    assert (found.returncode, expected.returncode) == (0, 0), (expected, found)
    assert found.stdout == as_17(expected.stdout, one.major)
    return found.stdout


# --- certificates ----------------------------------------------------------------------


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS[1:])  # 11 has no name for some
def test_every_kind_of_key_and_extension(version: str, made: Path) -> None:
    shown = same(version, "-printcert", "-v", "-file", made)
    assert shown.count("ObjectId") > 40
    assert "Unparseable" not in shown


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_every_real_root(version: str, tmp_path: Path) -> None:
    path = tmp_path / "roots.pem"
    path.write_bytes(b"".join(pki.pem("CERTIFICATE", der) for der in real_roots()))
    same(version, "-printcert", "-file", path)


@pytest.mark.parametrize("options", [(), ("-rfc",)], ids=["text", "rfc"])
@pytest.mark.parametrize("version", FEW)
def test_where_certificates_come_from(
    version: str, options: tuple[str, ...], tmp_path: Path
) -> None:
    der = pki.certificate("leaf", "root")
    (tmp_path / "one.der").write_bytes(der)
    chain = pki.pem("CERTIFICATE", der) + pki.pem("CERTIFICATE", pki.certificate("root"))
    (tmp_path / "chain.pem").write_bytes(chain)
    bundle = tmp_path / "bundle.p7b"
    made = ("-nocrl", "-certfile", str(tmp_path / "chain.pem"), "-out", str(bundle))
    pki.openssl("crl2pkcs7", *made)
    same(version, "-printcert", *options, "-file", tmp_path / "one.der")
    same(version, "-printcert", *options, "-file", bundle)
    same(version, "-printcert", *options, input=chain)


def test_a_critical_extension_that_is_damaged_is_shown() -> None:
    # Java refuses the whole certificate.
    shown = extensions.text("2.5.29.19", True, bytes.fromhex("0203010203"))
    assert shown.startswith("Unparseable BasicConstraints extension due to\n")
    assert shown.endswith("0000: 02 03 01 02 03                                     .....\n")


@given(st.sampled_from(sorted(extensions.KNOWN)), st.booleans(), st.binary(max_size=80))
def test_no_extension_stops_the_others(oid: str, critical: bool, encoded: bytes) -> None:
    assert (
        extensions.text(oid, critical, encoded).endswith("\n") or extensions.KNOWN[oid][1] is None
    )


@given(st.data())
def test_a_damaged_certificate_is_our_error_or_printed(data: st.DataObject) -> None:
    der = bytearray(data.draw(st.sampled_from(ROOTS)))
    for _ in range(data.draw(st.integers(1, 4))):
        der[data.draw(st.integers(0, len(der) - 1))] = data.draw(st.integers(0, 255))
    try:
        shown = certificate.long_form(Certificate(bytes(der)))
    except StorekeeperError:
        return
    assert shown.startswith("Owner: ")


ROOTS = [pki.certificate("root"), pki.certificate("leaf", "root"), *real_roots()[:5]]


def test_what_hides_on_a_terminal_is_spelled_out() -> None:
    shown = certificate.long_form(pki.cert("up\x1b[2Jand\u202eaway"))
    assert "up\\u{1b}[2Jand\\u{202e}away" in shown


# --- keystores -------------------------------------------------------------------------


def entries(format: str) -> Store:
    """One entry of each kind, a chain of two, aliases whose order is not that of the file."""
    chain = (pki.cert("leaf", "root"), pki.cert("root"))
    password = Password(PASSWORD)
    private, secret = pki.pkcs8(pki.key("leaf")), Secret("AES", b"k" * 16)
    sealed = reseal.seal_private_key(private, format, password)
    kept = None if format == "PKCS12" else CREATED
    found: list[TrustedCert | PrivateKey | SecretKey] = [
        TrustedCert("z trust", pki.cert("other"), kept),
        PrivateKey("one", chain, sealed, CREATED),
        TrustedCert("ärger, gmbh", pki.cert("third"), kept),
        TrustedCert("b", pki.cert("root"), kept),
    ]
    if format != "JKS":
        sealed = reseal.seal_secret(secret, format, password)
        found.append(SecretKey("secret", sealed, CREATED))
    return Store(format, tuple(found))


@pytest.fixture(scope="module", params=["JKS", "JCEKS", "PKCS12"])
def keystore(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keystore") / f"store.{request.param}"
    path.write_bytes(formats.write(entries(request.param), PASSWORD))
    return path


@pytest.mark.parametrize("style", [(), ("-v",), ("-rfc",)], ids=["short", "v", "rfc"])
@pytest.mark.parametrize("version", FEW)
def test_list(version: str, style: tuple[str, ...], keystore: Path) -> None:
    shown = same(version, "-list", *style, "-keystore", keystore, *GIVEN)
    assert f"contains {4 if keystore.suffix == '.JKS' else 5} entries" in shown


@pytest.mark.parametrize(
    ("alias", "style"), [("one", ("-v",)), ("Z Trust", ("-rfc",)), ("secret", ()), ("B", ())]
)
def test_list_of_one_entry(alias: str, style: tuple[str, ...], keystore: Path) -> None:
    if alias == "secret" and keystore.suffix == ".JKS":
        pytest.skip("A JKS has no secret keys.")
    shown = same(MODEL, "-list", *style, "-alias", alias, "-keystore", keystore, *GIVEN)
    assert alias in shown  # as it was asked for


@pytest.mark.parametrize("version", FEW)
def test_exportcert(version: str, keystore: Path, tmp_path: Path) -> None:
    words = ("-exportcert", "-alias", "one", "-keystore", keystore, *GIVEN)
    same(version, *words, "-rfc")
    done = ours(*words, "-file", tmp_path / "one.cer", "-nowarn")
    assert (done.returncode, done.stdout) == (0, "")
    assert (tmp_path / "one.cer").read_bytes() == pki.certificate("leaf", "root")
    assert done.stderr == f"Certificate stored in file <{tmp_path / 'one.cer'}>\n"


@pytest.mark.parametrize("type", ["PKCS12", "jks", "JKS", "pkcs12"])
def test_the_type_that_was_asked_for_is_in_the_heading(type: str, tmp_path: Path) -> None:
    path = tmp_path / "store.jks"
    path.write_bytes(formats.write(entries("JKS"), PASSWORD))
    words = ("-list", "-keystore", path, "-storetype", type, *GIVEN)
    assert type.upper() in same(MODEL, *words).splitlines()[0]


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_list_of_a_real_cacerts(version: str) -> None:
    # Another JVM's as well: a JKS, or a PKCS12 without a password and its question.
    for other in (MODEL, "21.0.8.2"):
        same(version, "-list", "-keystore", jvm.jvm(other).cacerts)
    one = jvm.jvm(version)
    words = ("-list", "-v", "-cacerts", *GIVEN)
    done = ours(*words, env={"JAVA_HOME": str(one.home)})
    assert done.returncode == 0
    assert done.stdout == as_17(theirs(one.home, *words).stdout, one.major)


def test_without_a_password_a_jks_is_listed_and_the_banner_shown(tmp_path: Path) -> None:
    path = tmp_path / "store.jks"
    path.write_bytes(formats.write(entries("JKS"), PASSWORD))
    version = MODEL
    for answer in (b"", b"\n", b"\nchangeit\n"):
        same(version, "-list", "-keystore", path, input=answer)
    expected = theirs(jvm.jvm(version).home, "-list", "-keystore", path, "-protected")
    # A JKS gets more: a wish to have it converted.
    assert expected.stderr.startswith(ours("-list", "-keystore", path, "-protected").stderr)
    same(version, "-list", "-keystore", path, input=b"changeit")
    assert "NOT been verified" not in ours("-list", "-keystore", path, input=b"changeit").stderr


def test_an_encrypted_pkcs12_is_not_half_listed(tmp_path: Path) -> None:
    path = tmp_path / "store.p12"
    path.write_bytes(formats.write(entries("PKCS12"), PASSWORD))
    java = jvm.jvm(MODEL)
    assert "contains 2 entries" in theirs(java.home, "-list", "-keystore", path).stdout
    done = ours("-list", "-keystore", path)
    assert (done.returncode, done.stdout) == (3, "")
    assert "its certificates are encrypted, and no password was given" in done.stderr


def test_what_keytool_leaves_out_is_left_out_and_said(tmp_path: Path) -> None:
    (tmp_path / "root.pem").write_bytes(pki.pem("CERTIFICATE", pki.certificate("root")))
    path = tmp_path / "openssl.p12"
    pki.openssl("pkcs12", "-export", "-nokeys", "-in", str(tmp_path / "root.pem"),
                "-caname", "root", "-out", str(path), "-passout", f"pass:{PASSWORD}")  # fmt: skip
    shown = same(MODEL, "-list", "-keystore", path, *GIVEN)
    assert "contains 0 entries" in shown
    done = ours("-list", "-keystore", path, *GIVEN)
    assert "no trustedKeyUsage attribute" in done.stderr


# --- requests and revocation lists -----------------------------------------------------


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS[1:])
def test_printcertreq(version: str, tmp_path: Path) -> None:
    # A request names no issuer: without what speaks of one.
    lines = EXTENSIONS.splitlines(keepends=True)
    config = "".join(line for line in lines if not line.startswith("authorityKeyIdentifier"))
    (tmp_path / "openssl.cnf").write_text(config, encoding="utf-8")
    base = ("req", "-new", "-nodes", "-keyout", str(tmp_path / "key"), "-subj", "/CN=x/O=A, B")
    for number, more in enumerate((("-reqexts", "all"), ("-sha1",))):
        path = tmp_path / f"{number}.csr"
        pki.openssl(*base, "-newkey", "rsa:1024", "-config", str(tmp_path / "openssl.cnf"),
                    "-out", str(path), *more)  # fmt: skip
        same(version, "-printcertreq", "-file", path)
    assert "(weak)" in same(version, "-printcertreq", input=path.read_bytes())
    der = pki.openssl("req", "-in", str(path), "-outform", "DER")
    (tmp_path / "forged").write_bytes(der[:-1] + bytes([der[-1] ^ 1]))
    done = ours("-printcertreq", "-file", tmp_path / "forged")
    assert done.returncode == 4
    assert "not signed by the key in it" in done.stderr


def revocation_list(*, revoked: bool, extensions: bool) -> bytes:
    """A list of root's with everything cryptography can put into one, as PEM."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    name = x509.load_der_x509_certificate(pki.certificate("root")).subject
    builder = x509.CertificateRevocationListBuilder().issuer_name(name).last_update(now)
    builder = builder.next_update(now + timedelta(days=9))
    for number, flag in enumerate(x509.ReasonFlags if revoked else ()):
        one = x509.RevokedCertificateBuilder().revocation_date(now)
        one = one.serial_number((1 << (120 - number * 12)) + 200)
        if flag is not x509.ReasonFlags.unspecified:
            one = one.add_extension(x509.CRLReason(flag), critical=False)
        if number == 3:
            one = one.add_extension(x509.InvalidityDate(now), critical=False)
        if number == 4:
            issuer = x509.CertificateIssuer([x509.DirectoryName(name), x509.DNSName("x")])
            one = one.add_extension(issuer, critical=True)
        builder = builder.add_revoked_certificate(one.build())
    if extensions:
        key, url = pki.key("root").public_key(), x509.UniformResourceIdentifier("http://x/")
        only = frozenset(set(x509.ReasonFlags) - {x509.ReasonFlags.unspecified,
                                                  x509.ReasonFlags.remove_from_crl})  # fmt: skip
        for critical, one_of in (
            (False, x509.CRLNumber(77_777_777_777_777)),
            (False, x509.AuthorityKeyIdentifier.from_issuer_public_key(key)),
            (True, x509.DeltaCRLIndicator(5)),
            (True, x509.IssuingDistributionPoint([url], None, True, False, only, False, False)),
            (False, x509.IssuerAlternativeName([x509.DNSName("x")])),
            (False, x509.FreshestCRL([x509.DistributionPoint([url], None, None, None)])),
            (False, x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), b"\5\0")),
        ):
            builder = builder.add_extension(one_of, critical=critical)
    signer = pki.key("root")
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    return builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS[1:])
def test_printcrl(version: str, tmp_path: Path) -> None:
    for number, (revoked, more) in enumerate(itertools.product((True, False), repeat=2)):
        path = tmp_path / f"{number}.crl"
        path.write_bytes(revocation_list(revoked=revoked, extensions=more))
    (tmp_path / "all.crl").write_bytes(
        b"".join(path.read_bytes() for path in sorted(tmp_path.glob("*.crl")))
    )
    shown = same(version, "-printcrl", "-file", tmp_path / "all.crl")
    assert shown.count("WARNING: not verified.") == 4
    assert shown.count("Reason Code: ") == 18


def test_who_signed_a_revocation_list(tmp_path: Path) -> None:
    data = revocation_list(revoked=False, extensions=False)
    (tmp_path / "store.jks").write_bytes(formats.write(entries("JKS"), PASSWORD))
    words = ("-printcrl", "-keystore", tmp_path / "store.jks", *GIVEN)
    assert "Verified by b in keystore with a 256-bit EC (secp256r1) key" in same(
        MODEL, *words, input=data
    )
    done = ours("-printcrl", "-trustcacerts", input=data, env=java_home())
    expected = theirs(jvm.jvm(MODEL).home, "-printcrl", "-trustcacerts", input=data)
    assert done.stdout == expected.stdout
    assert "not verified" in done.stdout


def java_home() -> dict[str, str]:
    return {"JAVA_HOME": str(jvm.jvm(MODEL).home)}


# --- failures --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bad")
    (folder / "store.p12").write_bytes(formats.write(entries("PKCS12"), PASSWORD))
    (folder / "root.pem").write_bytes(pki.pem("CERTIFICATE", pki.certificate("root")))
    (folder / "empty").touch()
    (folder / "text").write_text("hello\n")
    return folder


FAILURES = {
    "alias": (("-list", "-alias", "nope", "-keystore", "store.p12", *GIVEN), 1,
              "alias 'nope': the entry does not exist"),
    "secret": (("-exportcert", "-alias", "secret", "-keystore", "store.p12", *GIVEN), 1,
               "the entry has no certificate"),
    "default alias": (("-exportcert", "-keystore", "store.p12", *GIVEN), 1,
                      "alias 'mykey': the entry does not exist"),
    "password": (("-list", "-keystore", "store.p12", "-storepass", "wrongwrong"), 3,
                 "wrong password"),
    "absent": (("-list", "-keystore", "nope", *GIVEN), 4, "nope: the keystore does not exist"),
    "empty": (("-list", "-keystore", "empty", *GIVEN), 4, "exists, but is empty"),
    "text": (("-list", "-keystore", "text", *GIVEN), 4, "text"),
    "certificate": (("-list", "-keystore", "root.pem", *GIVEN), 4, "expected a keystore"),
    "store": (("-printcert", "-file", "store.p12"), 4, "found a keystore (PKCS12)"),
    "nothing": (("-printcert",), 4, "expected a certificate, found nothing"),
    "no file": (("-printcert", "-file", "nope"), 4, "no such file"),
    "no request": (("-printcertreq", "-file", "root.pem"), 4, "expected a certificate request"),
    "no list": (("-printcrl", "-file", "root.pem"), 4, "expected a revocation list"),
    "v and rfc": (("-list", "-v", "-rfc", "-keystore", "store.p12"), 2, "-v and -rfc"),
    "cacerts": (("-list", "-cacerts", "-keystore", "x"), 2, "-cacerts can't be used"),
    "token": (("-list", "-keystore", "NONE", "-storetype", "PKCS11"), 4, "kept by a token"),
}  # fmt: skip


@pytest.mark.parametrize("case", FAILURES)
def test_failures(case: str, bad: Path) -> None:
    words, status, message = FAILURES[case]
    done = ours(*words, cwd=bad)
    assert (done.returncode, done.stdout) == (status, "")
    assert "storekeeper: error: " in done.stderr
    assert message in done.stderr
    assert PASSWORD not in done.stderr
    assert ours(*words, "--rc1", cwd=bad).returncode == 1


@pytest.mark.slow
def test_keytool_fails_where_we_do(bad: Path) -> None:
    home = jvm.jvm(MODEL).home
    for case, (words, _, _) in FAILURES.items():
        placed = [str(bad / word) if (bad / word).exists() else word for word in words]
        assert theirs(home, *placed).returncode == 1, case


def test_a_broken_certificate_does_not_hide_the_others(tmp_path: Path) -> None:
    good = pki.pem("CERTIFICATE", pki.certificate("root"))
    (tmp_path / "some.pem").write_bytes(good + pki.pem("CERTIFICATE", b"0\x03\x02\x01") + good)
    done = ours("-printcert", "-file", tmp_path / "some.pem")
    assert done.returncode == 4  # keytool prints none of them, and fails
    assert done.stdout.count("Owner: CN=root") == 2


# --- dates -----------------------------------------------------------------------------

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Sydney")


@pytest.fixture
def zone() -> Iterator[None]:
    yield
    time.tzset()


@pytest.mark.parametrize("name", ZONES)
@given(seconds=st.integers(-(10**9), 4 * 10**9))
def test_dates_are_those_of_the_date_command(name: str, seconds: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", name)
        time.tzset()
        text = java_text.date_time(seconds)
        day = java_text.date(seconds)
    time.tzset()
    assert re.fullmatch(r"[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d [A-Z]+ \d{4}", text)
    assert day == f"{text[4:7]} {int(text[8:10])}, {text[-4:]}"


@pytest.mark.parametrize("name", ZONES)
def test_zones_are_java_s(name: str, tmp_path: Path) -> None:
    (tmp_path / "one.der").write_bytes(pki.certificate("root"))
    home = jvm.jvm(MODEL).home
    words = ("-printcert", "-file", str(tmp_path / "one.der"))
    command = [str(home / "bin" / "keytool"), *words]
    command += [f"-J-Duser.timezone={name}", "-J-Duser.language=en"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ours(*words, env={"TZ": name}).stdout == done.stdout
