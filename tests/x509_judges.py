"""Certificates made for a test, and `cryptography` and Java as judges of what is read from them."""

from __future__ import annotations

import datetime as dt
import functools
import ipaddress
from collections.abc import Callable
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID as Access

from storekeeper import der
from storekeeper.errors import StorekeeperError
from storekeeper.general_names import GeneralName
from storekeeper.oids import EXTENDED_KEY_USAGES
from storekeeper.x509 import Facts

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
    return ec.generate_private_key(CURVES[kind]())


CURVES: dict[str, Callable[[], ec.EllipticCurve]] = {
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


USAGES = {
    "digital_signature": "digitalSignature",
    "content_commitment": "nonRepudiation",
    "key_encipherment": "keyEncipherment",
    "data_encipherment": "dataEncipherment",
    "key_agreement": "keyAgreement",
    "key_cert_sign": "keyCertSign",
    "crl_sign": "cRLSign",
}


def usages(usage: x509.KeyUsage) -> tuple[str, ...]:
    found = [ours for theirs, ours in USAGES.items() if getattr(usage, theirs)]
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
            for name, bit in zip([*USAGES.values(), "encipherOnly", "decipherOnly"], usage)  # noqa: B905
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
