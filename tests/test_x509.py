"""Facts of certificates, judged by cryptography, by the JVMs and by OpenSSL."""

from __future__ import annotations

import datetime as dt
import functools
import ipaddress
import pickle
import subprocess
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID as Access
from cryptography.x509.oid import ExtendedKeyUsageOID as Purpose
from hypothesis import example, given, settings
from hypothesis import strategies as st

from storekeeper import der
from storekeeper.errors import Damaged, StorekeeperError
from storekeeper.extensions import READERS, SUBJECT_ALT_NAME
from storekeeper.general_names import GeneralName, general_name
from storekeeper.model import Certificate
from storekeeper.oids import EXTENDED_KEY_USAGES
from storekeeper.x509 import Facts, facts, facts_or_none, key_info
from tests import jvm
from tests.real_roots import real_roots

DAY = dt.timedelta(days=1)
START = dt.datetime(2024, 2, 29, 12, 0, 1, tzinfo=dt.UTC)
NAME = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "tester")])

Extensions = list[tuple[x509.ExtensionType, bool]]


@functools.cache
def key(kind: str) -> Any:
    """A private key of each kind, made once."""
    if kind.startswith("rsa"):
        return rsa.generate_private_key(65537, int(kind[3:]))
    if kind == "dsa":
        return dsa.generate_private_key(1024)
    if kind == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    if kind == "ed448":
        return ed448.Ed448PrivateKey.generate()
    return ec.generate_private_key(_CURVES[kind]())


_CURVES: dict[str, Callable[[], ec.EllipticCurve]] = {
    "secp192r1": ec.SECP192R1,
    "secp224r1": ec.SECP224R1,
    "secp256r1": ec.SECP256R1,
    "secp384r1": ec.SECP384R1,
    "secp521r1": ec.SECP521R1,
    "secp256k1": ec.SECP256K1,
    "brainpoolP256r1": ec.BrainpoolP256R1,
    "brainpoolP384r1": ec.BrainpoolP384R1,
    "brainpoolP512r1": ec.BrainpoolP512R1,
}


def made(
    *extensions: tuple[x509.ExtensionType, bool],
    kind: str = "ed25519",
    digest: Any = None,
    serial: int = 77,
    start: dt.datetime = START,
    end: dt.datetime = START + 400 * DAY,
    **signing: Any,
) -> x509.Certificate:
    """A self-signed certificate."""
    private = key(kind)
    builder = (
        x509.CertificateBuilder()
        .subject_name(NAME)
        .issuer_name(NAME)
        .public_key(private.public_key())
        .serial_number(serial)
        .not_valid_before(start)
        .not_valid_after(end)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(private, digest, **signing)


def encoded(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


# -- the judge: cryptography --------------------------------------------------------------


def value_of(certificate: x509.Certificate, kind: type[Any]) -> Any:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


_USAGES = {
    "digital_signature": "digitalSignature",
    "content_commitment": "nonRepudiation",
    "key_encipherment": "keyEncipherment",
    "data_encipherment": "dataEncipherment",
    "key_agreement": "keyAgreement",
    "key_cert_sign": "keyCertSign",
    "crl_sign": "cRLSign",
}


def usages(usage: x509.KeyUsage) -> tuple[str, ...]:
    found = [ours for theirs, ours in _USAGES.items() if getattr(usage, theirs)]
    if usage.key_agreement:
        found += ["encipherOnly"] * usage.encipher_only + ["decipherOnly"] * usage.decipher_only
    return tuple(found)


def theirs(name: x509.GeneralName) -> GeneralName:
    """A name of cryptography's in our words."""
    kinds: dict[type[x509.GeneralName], str] = {
        x509.DNSName: "dns",
        x509.RFC822Name: "email",
        x509.UniformResourceIdentifier: "uri",
        x509.IPAddress: "ip",
    }
    if type(name) in kinds:
        return GeneralName(kinds[type(name)], str(name.value))
    if isinstance(name, x509.RegisteredID):
        return GeneralName("rid", name.value.dotted_string)
    if isinstance(name, x509.DirectoryName):
        return GeneralName("dirname", name.value.rfc4514_string())
    assert isinstance(name, x509.OtherName)
    value = der.read(name.value)
    oid = name.type_id.dotted_string
    text = value.tag in (der.UTF8_STRING, der.IA5_STRING)
    shown = value.content.decode() if text else f"#{name.value.hex()}"
    return GeneralName("other", f"{oid}={shown}")


def names(found: Any) -> tuple[GeneralName, ...]:
    return tuple(map(theirs, found or ()))


def urls(access: x509.AuthorityInformationAccess | None, method: x509.ObjectIdentifier) -> Any:
    return tuple(
        one.access_location.value
        for one in access or ()
        if one.access_method == method
        and isinstance(one.access_location, x509.UniformResourceIdentifier)
    )


def agree(ours: Facts, judge: x509.Certificate) -> None:
    """Every fact against cryptography's."""
    assert ours.serial == judge.serial_number
    assert ours.version == judge.version.value + 1
    assert ours.not_before == judge.not_valid_before_utc.timestamp()
    assert ours.not_after == judge.not_valid_after_utc.timestamp()
    assert ours.subject.der == judge.subject.public_bytes()
    assert ours.issuer.der == judge.issuer.public_bytes()
    assert ours.signature_oid == judge.signature_algorithm_oid.dotted_string
    assert ours.tbs == judge.tbs_certificate_bytes
    public = judge.public_key()
    if isinstance(public, ec.EllipticCurvePublicKey):
        assert ours.key.curve == public.curve.name
    if hasattr(public, "key_size"):
        assert ours.key.bits == public.key_size
    assert list(ours.extensions) == [e.oid.dotted_string for e in judge.extensions]
    assert [c for c, _ in ours.extensions.values()] == [e.critical for e in judge.extensions]
    constraints = value_of(judge, x509.BasicConstraints)
    assert ours.basic_constraints == (constraints and (constraints.ca, constraints.path_length))
    usage = value_of(judge, x509.KeyUsage)
    assert ours.key_usage == (usage and usages(usage))
    purposes = value_of(judge, x509.ExtendedKeyUsage)
    assert ours.extended_key_usage == (
        purposes
        and tuple(EXTENDED_KEY_USAGES.get(p.dotted_string, p.dotted_string) for p in purposes)
    )
    ski, aki = (
        value_of(judge, x509.SubjectKeyIdentifier),
        value_of(judge, x509.AuthorityKeyIdentifier),
    )
    assert ours.subject_key_id == (ski and ski.digest)
    assert ours.authority_key_id == (aki and aki.key_identifier)
    assert ours.subject_alt_names == names(value_of(judge, x509.SubjectAlternativeName))
    access = value_of(judge, x509.AuthorityInformationAccess)
    assert ours.ocsp_urls == urls(access, Access.OCSP)
    assert ours.ca_issuer_urls == urls(access, Access.CA_ISSUERS)
    points = value_of(judge, x509.CRLDistributionPoints)
    assert ours.crl_urls == tuple(
        name.value
        for point in points or ()
        for name in point.full_name or ()
        if isinstance(name, x509.UniformResourceIdentifier)
    )
    policies = value_of(judge, x509.CertificatePolicies)
    assert ours.certificate_policies == tuple(
        policy.policy_identifier.dotted_string for policy in policies or ()
    )
    constrained = value_of(judge, x509.NameConstraints)
    assert ours.permitted_names == names(constrained and constrained.permitted_subtrees)
    assert ours.excluded_names == names(constrained and constrained.excluded_subtrees)
    assert ours.problems == ()


def test_roots_agree_with_cryptography() -> None:
    compared = 0
    for root in real_roots():
        ours = Facts(root)
        assert ours.problems == ()
        with warnings.catch_warnings():  # about serial numbers and NULL parameters
            warnings.simplefilter("ignore")
            try:
                judge = x509.load_der_x509_certificate(root)
                judge.public_key()
            except ValueError:
                continue
            agree(ours, judge)
        compared += 1
    assert compared > 100


# -- the judge: Java ----------------------------------------------------------------------

_JAVA_KINDS = {1: "email", 2: "dns", 4: "dirname", 6: "uri", 7: "ip", 8: "rid"}


def java_agrees(ours: Facts, said: dict[str, Any], *, major: int) -> None:
    assert ours.serial == said["serial"]
    assert ours.version == said["version"]
    assert ours.not_before is not None
    assert ours.not_after is not None
    assert ours.not_before * 1000 == said["not_before_ms"]
    assert ours.not_after * 1000 == said["not_after_ms"]
    # Java 11 has no name for what it cannot verify.
    if not said["sig_alg"][0].isdigit():
        assert ours.signature_algorithm.split(" with ")[0] == said["sig_alg"]
    usage = said["key_usage"]
    assert ours.key_usage == (
        None
        if usage is None
        else tuple(
            name
            for name, bit in zip([*_USAGES.values(), "encipherOnly", "decipherOnly"], usage)  # noqa: B905
            if bit
        )
    )
    assert ours.extended_key_usage == (
        None if said["eku"] is None else tuple(EXTENDED_KEY_USAGES.get(o, o) for o in said["eku"])
    )
    # -1: no CA; 2^31-1: no limit. Java asks the extension alone, version 1 has none.
    constraints = ours.basic_constraints or (False, None)
    unlimited = 2**31 - 1 if constraints[1] is None else constraints[1]
    assert said["basic_constraints"] == (unlimited if constraints[0] else -1)
    theirs = [tuple(pair) for pair in said["san"] or ()]
    assert len(theirs) == len(ours.subject_alt_names)
    for name, (number, value) in zip(ours.subject_alt_names, theirs, strict=True):
        assert name.kind == _JAVA_KINDS.get(number, "other")
        if name.kind == "ip":
            assert ipaddress.ip_address(name.value) == ipaddress.ip_address(value)
        elif name.kind not in ("other", "dirname"):
            assert name.value == value


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_roots_agree_with_java(version: str) -> None:
    java = jvm.jvm(version)
    requests = [{"op": "certificate", "der": root} for root in real_roots()]
    answers = java.worker.call("many", requests=requests)
    refused = 0
    for root, answer in zip(real_roots(), answers, strict=True):
        if answer["ok"]:
            java_agrees(Facts(root), answer["result"], major=java.major)
        refused += not answer["ok"]
    assert refused < 5


# -- certificates of every kind -----------------------------------------------------------

_SIGNED: dict[str, tuple[dict[str, Any], str, str]] = {
    "RSA": ({"kind": "rsa2048", "digest": hashes.SHA256()}, "RSA 2048", "SHA256withRSA"),
    "RSA odd size": ({"kind": "rsa1025", "digest": hashes.SHA512()}, "RSA 1025", "SHA512withRSA"),
    "PSS": (
        {
            "kind": "rsa2048",
            "digest": hashes.SHA384(),
            "rsa_padding": padding.PSS(padding.MGF1(hashes.SHA384()), 48),
        },
        "RSA 2048",
        "RSASSA-PSS with SHA-384",
    ),
    "DSA": ({"kind": "dsa", "digest": hashes.SHA256()}, "DSA 1024", "SHA256withDSA"),
    "Ed25519": ({"kind": "ed25519"}, "Ed25519", "Ed25519"),
    "Ed448": ({"kind": "ed448"}, "Ed448", "Ed448"),
    **{
        curve: (
            {"kind": curve, "digest": hashes.SHA512()},
            f"EC {curve}",
            "SHA512withECDSA",
        )
        for curve in _CURVES
    },
}


@pytest.mark.parametrize("kind", _SIGNED)
def test_keys_and_signatures(kind: str) -> None:
    options, key_text, signature = _SIGNED[kind]
    certificate = made(**options)
    ours = Facts(encoded(certificate))
    agree(ours, certificate)
    assert str(ours.key) == key_text
    assert ours.signature_algorithm == signature
    assert not ours.is_ca
    assert ours.self_issued
    java = jvm.newest()
    answer = java.worker.call(
        "many", requests=[{"op": "certificate", "der": encoded(certificate)}]
    )[0]
    if answer["ok"]:  # Java has lost the smaller curves
        java_agrees(ours, answer["result"], major=java.major)
    else:
        assert kind in _CURVES


def test_a_certificate_of_version_1(tmp_path: Path) -> None:
    private, request, out = (tmp_path / name for name in ("key", "csr", "der"))
    generate = f"openssl req -new -newkey rsa:2048 -nodes -subj /CN=v1 -keyout {private}"
    subprocess.run(
        f"{generate} -out {request}".split(),
        check=True,
        capture_output=True,
    )
    subprocess.run(
        f"openssl x509 -req -in {request} -key {private} -days 9 -outform DER -out {out}".split(),
        check=True,
        capture_output=True,
    )
    data = out.read_bytes()
    ours = Facts(data)
    agree(ours, x509.load_der_x509_certificate(data))
    if ours.version == 1:  # OpenSSL from 3.2 on no longer makes them
        assert ours.is_ca
        assert ours.extensions == {}
        assert ours.extension(SUBJECT_ALT_NAME) is None


# -- extensions ---------------------------------------------------------------------------

oids = st.sampled_from(["1.2.3.4", "2.5.29.32.0", "1.3.6.1.4.1.311.20.2.3", "2.999.1"]).map(
    x509.ObjectIdentifier
)
hosts = st.from_regex(r"[a-z0-9*]{1,8}(\.[a-z0-9-]{1,8}){0,3}", fullmatch=True)
web = hosts.map(lambda host: x509.UniformResourceIdentifier(f"http://{host}/x?a=b"))
directory = st.text("abc,+ =ü", min_size=1, max_size=6).map(
    lambda text: x509.DirectoryName(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)]))
)
general_names = st.one_of(
    hosts.map(x509.DNSName),
    hosts.map(lambda host: x509.RFC822Name(f"me@{host}")),
    web,
    st.ip_addresses().map(x509.IPAddress),
    directory,
    oids.map(x509.RegisteredID),
    st.builds(
        x509.OtherName,
        oids,
        st.sampled_from([b"\x0c\x02\xc3\xa9", b"\x16\x01a", b"\x02\x01\x05", b"\x30\x00"]),
    ),
)


@st.composite
def key_usages(draw: st.DrawFn) -> x509.KeyUsage:
    bits = {name: draw(st.booleans()) for name in _USAGES}
    agreeing = bits["key_agreement"]
    return x509.KeyUsage(
        **bits,
        encipher_only=agreeing and draw(st.booleans()),
        decipher_only=agreeing and draw(st.booleans()),
    )


networks = st.one_of(
    st.builds(
        lambda address, bits: ipaddress.ip_network((address, bits), strict=False),
        st.ip_addresses(v=4),
        st.integers(0, 32),
    ),
    st.builds(
        lambda address, bits: ipaddress.ip_network((address, bits), strict=False),
        st.ip_addresses(v=6),
        st.integers(0, 128),
    ),
).map(x509.IPAddress)
subtrees = st.lists(
    st.one_of(hosts.map(lambda host: x509.DNSName(host.replace("*", "x"))), networks, directory),
    min_size=1,
    max_size=3,
)
_ANY_EXTENSION: list[st.SearchStrategy[x509.ExtensionType]] = [
    st.builds(
        lambda ca, length: x509.BasicConstraints(ca, length if ca else None),
        st.booleans(),
        st.none() | st.integers(0, 300),
    ),
    key_usages(),
    st.lists(
        st.one_of(oids, st.sampled_from([Purpose.SERVER_AUTH, Purpose.CLIENT_AUTH])),
        min_size=1,
        max_size=4,
    ).map(x509.ExtendedKeyUsage),
    st.lists(general_names, min_size=1, max_size=5).map(x509.SubjectAlternativeName),
    st.binary(max_size=30).map(x509.SubjectKeyIdentifier),
    st.builds(
        lambda identifier, issuer, serial: x509.AuthorityKeyIdentifier(
            identifier, issuer and [issuer], serial if issuer else None
        ),
        st.none() | st.binary(max_size=30),
        st.none() | directory,
        st.integers(1, 10**9),
    ),
    st.lists(
        st.builds(
            x509.AccessDescription,
            st.sampled_from([Access.OCSP, Access.CA_ISSUERS]),
            st.one_of(web, hosts.map(x509.DNSName)),
        ),
        min_size=1,
        max_size=3,
    ).map(x509.AuthorityInformationAccess),
    st.lists(
        st.builds(
            lambda full, reasons: x509.DistributionPoint(
                full, None, reasons, None if full else [x509.DNSName("crl.example")]
            ),
            st.none() | st.lists(st.one_of(web, directory), min_size=1, max_size=2),
            st.none() | st.just(frozenset([x509.ReasonFlags.key_compromise])),
        ),
        min_size=1,
        max_size=3,
    ).map(x509.CRLDistributionPoints),
    st.lists(
        oids.map(lambda oid: x509.PolicyInformation(oid, ["http://cps.example"])),
        min_size=1,
        max_size=3,
    ).map(x509.CertificatePolicies),
    st.builds(
        x509.NameConstraints,
        subtrees,
        st.none() | subtrees,
    ),
    st.just(x509.OCSPNoCheck()),
]


@st.composite
def extension_lists(draw: st.DrawFn) -> Extensions:
    chosen = draw(st.lists(st.sampled_from(range(len(_ANY_EXTENSION))), unique=True, max_size=6))
    return [(draw(_ANY_EXTENSION[index]), draw(st.booleans())) for index in chosen]


instants = st.integers(-631152000, 253402300799).map(
    lambda seconds: dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=seconds)
)


@settings(max_examples=200, deadline=None)
@given(extension_lists(), st.integers(1, 2**159 - 1), instants, instants)
def test_any_extension_agrees_with_cryptography(
    extensions: Extensions, serial: int, one: dt.datetime, other: dt.datetime
) -> None:
    certificate = made(*extensions, serial=serial, start=min(one, other), end=max(one, other))
    agree(Facts(encoded(certificate)), certificate)


@settings(max_examples=100, deadline=None)
@given(extension_lists())
def test_any_extension_agrees_with_java(extensions: Extensions) -> None:
    certificate = made(*extensions)
    java = jvm.newest()
    data = encoded(certificate)
    answer = java.worker.call("many", requests=[{"op": "certificate", "der": data}])[0]
    if answer["ok"]:
        java_agrees(Facts(data), answer["result"], major=java.major)
    else:
        assert "ParsingException" in answer["error"] or "IOException" in answer["error"]


def san(*parts: bytes) -> x509.UnrecognizedExtension:
    return x509.UnrecognizedExtension(x509.ObjectIdentifier(SUBJECT_ALT_NAME), der.sequence(*parts))


def test_malformed_names_are_kept_in_hex_and_shown_safely() -> None:
    found = Facts(
        encoded(
            made(
                (
                    san(
                        der.encode(0x87, b"\x01\x02\x03"),
                        der.encode(0x88, b"\x80"),
                        der.encode(0xA4, b"\x0c\x01a"),
                        der.encode(0xA0, b"\x06\x01\x2a"),
                        der.encode(0xA3, b"\x30\x00"),
                        der.encode(0x82, b"a\x1b[2Jb\xff"),
                    ),
                    False,
                )
            )
        )
    )
    assert found.subject_alt_names == (
        GeneralName("other", "010203"),
        GeneralName("other", "80"),
        GeneralName("other", "0c0161"),
        GeneralName("other", "06012a"),
        GeneralName("other", "3000"),
        GeneralName("dns", "a\x1b[2Jb\xff"),
    )
    assert str(found.subject_alt_names[-1]) == r"dns:a\u{1b}[2Jbÿ"
    assert found.problems == ()


def test_a_mask_with_holes() -> None:
    value = der.read(der.encode(0x87, bytes([10, 1, 0, 0, 255, 0, 255, 0])))
    assert str(general_name(value, subtree=True)) == "ip:10.1.0.0/255.0.255.0"
    assert general_name(value).kind == "other"


@pytest.mark.parametrize("oid", READERS)
def test_one_unreadable_extension_hides_no_other(oid: str) -> None:
    for broken in (b"", b"\x30", b"\x04\x82\xff\xff", b"\x31\x02\x05\x00"):
        certificate = made(
            (x509.UnrecognizedExtension(x509.ObjectIdentifier(oid), broken), True),
            (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), b"anything"), False),
        )
        found = Facts(encoded(certificate))
        assert found.extensions == {oid: (True, broken), "1.2.3": (False, b"anything")}
        assert everything(found)
        (problem,) = found.problems
        assert problem.startswith(f"{READERS[oid][0]}: ")
        assert not found.is_ca
        assert (found.key_usage, found.basic_constraints, found.subject_key_id) == (None,) * 3
        assert found.subject_alt_names == found.crl_urls == found.certificate_policies == ()


def test_a_repeated_extension_is_a_problem() -> None:
    certificate = encoded(made((san(der.encode(0x82, b"a")), False)))
    value = der.encode(der.OCTET_STRING, der.sequence(der.encode(0x82, b"b")))
    one = der.sequence(der.oid(SUBJECT_ALT_NAME), value)
    fields = list(der.read(certificate).items("", 3)[0].children())
    old = fields[-1].explicit("").content
    tbs = der.sequence(*(f.raw for f in fields[:-1]), der.explicit(3, der.sequence(old, one)))
    found = Facts(der.sequence(tbs, *(p.raw for p in der.read(certificate).items("", 3)[1:])))
    assert found.problems == ("extension subjectAltName is repeated",)
    assert found.subject_alt_names == (GeneralName("dns", "b"),)


def test_an_unreadable_list_of_extensions() -> None:
    certificate = encoded(made((san(der.encode(0x82, b"a")), False)))
    # Not the first octet 0xa3: serial number and key are random and may have one.
    *_, extensions = der.read(certificate).items("", 3)[0].children()
    at = certificate.index(extensions.raw) + 2
    found = Facts(certificate[:at] + b"\x31" + certificate[at + 1 :])
    with pytest.raises(Damaged, match="extensions"):
        found.extensions  # noqa: B018
    assert everything(found)
    assert found.problems == ("extensions: extensions: expected SEQUENCE, found SET",)


# -- certificates as entries --------------------------------------------------------------


def test_facts_are_kept_with_the_certificate() -> None:
    certificate = Certificate(encoded(made()))
    assert facts(certificate) is facts(certificate)
    assert facts_or_none(certificate) is facts(certificate)
    again = pickle.loads(pickle.dumps(certificate))
    assert again == certificate
    assert facts(again).subject == facts(certificate).subject


def test_bytes_that_are_no_certificate() -> None:
    certificate = Certificate(b"<html>no certificate</html>")
    for _ in range(2):
        with pytest.raises(Damaged, match="unreadable certificate") as caught:
            facts(certificate)
        assert caught.value.offset == 0
    assert facts_or_none(certificate) is None


def test_keys_of_tomorrow() -> None:
    def spki(oid: str, *parameters: bytes, bits: bytes = b"\0k") -> bytes:
        algorithm = der.sequence(der.oid(oid), *parameters)
        return der.sequence(algorithm, der.encode(der.BIT_STRING, bits))

    assert str(key_info(spki("1.2.3.4"))) == "1.2.3.4"
    assert str(key_info(spki("2.16.840.1.101.3.4.3.18"))) == "ML-DSA-65"
    assert str(key_info(spki("1.2.840.10045.2.1", der.oid("1.2.3")))) == "EC 1.2.3"
    explicit = key_info(spki("1.2.840.10045.2.1", der.sequence()))
    assert (explicit.curve, explicit.bits) == ("explicit parameters", None)
    assert str(key_info(spki("1.2.840.10045.2.1"))) == "EC"
    assert str(key_info(spki("1.2.840.113549.1.1.1"))) == "RSA"
    with pytest.raises(Damaged):
        key_info(b"\x30\x00")


# -- any bytes ----------------------------------------------------------------------------

_PROPERTIES = [name for name, value in vars(Facts).items() if isinstance(value, property)]


def everything(found: Facts) -> list[str]:
    """Read every property; those documented to may raise our errors."""
    read = []
    for name in _PROPERTIES:
        try:
            read.append(repr(getattr(found, name)))
        except StorekeeperError:
            assert name in ("key", "extensions", "repeated_extensions", "signature")
    printed = found.subject.rfc4514() + found.issuer.java() + found.subject.canonical()
    return [*read, printed, str(found.subject_alt_names)]


@functools.cache
def seeds() -> tuple[bytes, ...]:
    rich = made(
        (x509.BasicConstraints(True, 3), True),
        (x509.SubjectAlternativeName([x509.DNSName("a.b"), x509.DirectoryName(NAME)]), False),
        (x509.NameConstraints([x509.IPAddress(ipaddress.ip_network("10.0.0.0/8"))], None), True),
        (x509.ExtendedKeyUsage([Purpose.SERVER_AUTH]), False),
        (x509.SubjectKeyIdentifier(b"id"), False),
        (x509.AuthorityKeyIdentifier(b"id", None, None), False),
        (
            x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier("1.2"), None)]),
            False,
        ),
    )
    pss = made(
        kind="rsa2048",
        digest=hashes.SHA256(),
        rsa_padding=padding.PSS(padding.MGF1(hashes.SHA256()), 32),
    )
    return (*map(encoded, (rich, pss, made(kind="secp256r1", digest=hashes.SHA256()))),)


def survives(data: bytes) -> None:
    try:
        found = Facts(data)
    except StorekeeperError:
        return
    assert everything(found)


@settings(max_examples=600, deadline=None)
@given(st.data())
def test_changed_bytes_raise_only_our_errors(data: st.DataObject) -> None:
    found = bytearray(data.draw(st.sampled_from(seeds())))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(found) - 1))
        found[at : at + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=3))
        if not found:
            break
    survives(bytes(found))


@settings(max_examples=200)
@given(st.binary(max_size=200))
@example(b"\x30\x80" * 100)
def test_any_bytes_raise_only_our_errors(data: bytes) -> None:
    survives(data)


def test_every_cut_raises_only_our_errors() -> None:
    for seed in seeds():
        for length in range(len(seed)):
            with pytest.raises(StorekeeperError):
                Facts(seed[:length])


def single_changes(seed: bytes) -> Iterator[bytes]:
    for at in range(len(seed)):
        for octet in (0, 0x7F, 0x80, 0xFF, seed[at] ^ 1, seed[at] ^ 0x20):
            yield seed[:at] + bytes([octet]) + seed[at + 1 :]


@pytest.mark.slow
def test_every_single_change_raises_only_our_errors() -> None:
    for seed in seeds():
        for changed in single_changes(seed):
            survives(changed)
