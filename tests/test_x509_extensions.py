"""Extensions, any of them and in any form, against `cryptography` and Java."""

from __future__ import annotations

import datetime as dt
import ipaddress

import pytest
from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID as Access
from cryptography.x509.oid import ExtendedKeyUsageOID as Purpose
from hypothesis import given, settings
from hypothesis import strategies as st

from storekeeper import der
from storekeeper.errors import Damaged
from storekeeper.extensions import READERS, SUBJECT_ALT_NAME
from storekeeper.general_names import GeneralName, general_name
from storekeeper.x509 import Facts
from tests import jvm
from tests.x509_judges import USAGES, Extensions, agree, encoded, everything, java_agrees, made

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
    bits = {name: draw(st.booleans()) for name in USAGES}
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
