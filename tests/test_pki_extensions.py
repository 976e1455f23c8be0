"""Extensions: every byte as keytool writes it, every slip refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from storekeeper import der
from storekeeper.errors import StorekeeperError, UsageError
from storekeeper.name_text import parse
from storekeeper.pki import ext_text, extensions, requests
from storekeeper.pki.ext_text import Asked, Honour, honour, parse_all, parse_ext
from storekeeper.pki.extensions import Extension, general_name
from tests import jvm, pki
from tests.entries import Entry, ext

# Words that keytool takes, by the extension they make: one of each fits into one command.
TAKEN = {
    "bc": """bc bc:critical bc:c bc: BC b bC BasicConstraints basicconstraints Basic bc=ca:true
        bc=ca:TRUE bc=ca:false bc=0 bc=3 bc=03 bc=+3 bc=-1 bc=ca:true,pathlen:1
        bc=pathlen:1,ca:true bc=ca:false,pathlen:1 bc=CA:True,PathLen:2 bc=ca:true,pathlen:-2
        bc=ca:true, bc=ca:true,ca:false bc:critical=ca:true,pathlen:0 bc:CRITICAL=2147483647
        2.5.29.19=30030101ff 2.5.29.19:critical=0500""",
    "ku": """ku=digitalSignature ku=digitalSignature,keyEncipherment ku=DIGITALsignature ku=dig
        ku=dS ku=ds ku=DS ku=kE,kA,kCS,cRLS,eO,dO,nR,dE ku=de ku=dE ku=dec ku=crl ku=cRLSign
        ku=kcs ku=contentCommitment ku=cC ku=nonRepudiation ku=decipherOnly ku=encipherOnly
        ku=dig, ku=dig,dig ku:critical=dig,keyE KU:critical=keyCertSign,cRLSign k=dig keyU=e
        KeyUsage=keyAgreement,decipherOnly 2.5.29.15=03020780""",
    "eku": """eku=serverAuth eku=sA,cA eku=sa eku=serv,cli eku=SERVERAUTH eku=OCSPS eku=ocsp
        eku=codeSigning,emailProtection,timeStamping,OCSPSigning,anyExtendedKeyUsage
        eku=cS,eP,tS,aEKU eku=any eku=1.2.3.4 eku=1.2.3.4,serverAuth eku=1.2 e=sA eKU=cl
        eku=2.5.29.37.0 eku:critical=serverAuth ExtendedKeyUsage=serverAuth extended=sA""",
    "san": """san=dns:a san=dns:a.example.com,dns:b.example.com san=DNS:A.Example.COM san=d:a
        san=dns:*.example.com san=dns:*.com san=dns:a- san=dns:1a san=dns:1.2.3.4 san=dns:xn--a
        san=ip:1.2.3.4 san=ip:::1 san=ip:2001:db8::1 san=ip:2001:db8:0:0:0:0:0:1 san=ip:[::1]
        san=ip:::ffff:1.2.3.4 san=email:a@example.com san=email:a san=e:x@y san=u:urn:x
        san=uri:http://example.com/a san=uri:http://a/,uri:ldap://x/y san=uri:http://a/b=c
        san=uri:http://a/b%20c?d=e#f san=uri:spiffe://td/x san=uri:mailto:a@b san=uri:http://ä/
        san=oid:1.2.3.4 san=oid:2.16.840.1.99999 san=oid:1.2.3.99999999999999999999 san=o:1.2
        san=dns:a,ip:10.0.0.1,email:x@y.z,uri:https://a/,oid:1.3.5 san:critical=dns:a,ip:::1
        SubjectAlternativeName=dns:a subjectalt=dns:a SubjectA=dns:a sAN=dns:a
        2.5.29.17=3003820161""",
    "ian": """ian=dns:a,uri:http://x.example/ IssuerAlternativeName=email:a@b ian:critical=dns:a
        i=dns:a issuer=ip:::2""",
    "sia": """sia=caRepository:uri:http://a.example/ sia=carep:uri:http://a/ sia=tS:uri:http://a/
        sia=caRepository:uri:http://a/,timeStamping:dns:b sia=1.2.3:uri:http://a/
        sia=ocsp:uri:http://a/ SubjectInfoAccess=caRepository:dns:a SubjectI=caIssuers:ip:::1""",
    "aia": """aia=ocsp:uri:http://a/ aia=caIssuers:uri:http://a/,ocsp:uri:http://b/ a=cI:uri:http:x
        aia=OCSP:URI:http://a/ aia=cai:uri:http://a/ aia=1.3.6.1.5.5.7.48.2:uri:http://a/
        aia=caRepository:email:a@b AuthorityInfoAccess=ocsp:uri:http://a/ authority=o:oid:1.2.3""",
    "crl": """crl=uri:http://a/ crl=uri:http://a/,uri:http://b/ crl=dns:a crl:critical=uri:http://a/
        CRLDistributionPoints=uri:http://a/x.crl crldp=uri:http://a/ c=uri:ldap:///CN=x?y
        CRLD=uri:http://a/""",
    "oid": """1.2.3.4=0500 1.2.3.4=05:00 1.2.3.4:critical=0500 1.2.3.4 1.2.3.4= 1.2.3.4=0101ffAB
        1.2.3.4=1:2 1.2=00 2.16.840.1.5=04:02:01:02""",
    "ski": "2.5.29.14=04020102",
    "aki": "2.5.29.35=300480020102",
}
LISTS = {kind: words.split() for kind, words in TAKEN.items()}

# What keytool refuses, and we do.
REFUSED = """bc= bc=ca bc=true bc=99999999999 bc=ca:true,foo:1 bc=ca:true,pathlen:x bc:=
    bc=ca:true,pathlen ku= ku ku=d ku=key ku=ke ku=KE ku=cS ku=cs ku=foo ku=dig,foo ku=dig,,kE ku=0
    ku=:dig ku=dig:key eku= eku eku=OS eku=c eku=foo eku=4.2 eku=1. eku=,sA s=dns:a subj=dns:a
    ExtKeyUsage=serverAuth san= san san=dns san=a san=ip:foo san=ip:256.1.1.1 san=ip:localhost
    san=ip:1 san=ip:0x7f.1 san=uri:foo san=uri: san=uri:a: san=uri:/relative san=uri:http://a/%zz
    san=uri:http://a/| san=oid:foo san=oid:3.1 san=dns:* san=dns:a_b san=dns:_a san=dns:-a
    san=dns:a..b san=dns:.a san=dns:a. san=dns:*a.com san=dns:a.*.com san=dns: san=dns:ä.example
    san=dns:a:b san=dns:a,b san=foo:a san=rid:1.2 san=email: san=, san=:a san=dns:a,,dns:b
    san=email:a@b,c@d san=dn:CN=a SubjectAltName=dns:a IssuerAltName=dns:a sia=caRepository
    sia=caRepository:uri sia:critical=caRepository:uri:http://a/ sia=foo:uri:http://a/ aia=
    aia:critical=ocsp:uri:http://a/ aia=ocsp::x crl= crl crl=, crl=http://a/ 1.2.3.4=0 1.2.3.4=050
    1.2.3.4=0x0500 oid=0500 1=0500 3.2.3=0500 1.2.3.4.=0500 ski aki foo foo=bar =x : :critical
    critical none nc=x cDP=uri:http://a/ sAlN=dns:a"""
SPACED = ["", "bc= 3", "ku= dig", "ku=dig, keyE", "san=dns: a", "san=dns:a b", "san=dns:a, dns:b"]

# What keytool takes and makes something else of than was meant.
SLIPS = """bc=ca:yes bc=pathlen:1 bc=, bc:crtical bc:foo 1.2.3.4=xyz 1.2.3.4:foo=00 san=ip:1.2.3
    san=ip:1.2.3.4/24 san=ip:fe80::1%eth0 san=email:ä@b"""


def rows() -> list[list[str]]:
    """Commands of one word of each list, until every word was in one."""
    longest = max(map(len, LISTS.values()))
    return [[words[i] for words in LISTS.values() if i < len(words)] for i in range(longest)]


def entry(version: str, folder: Path) -> Entry:
    return Entry(jvm.jvm(version), folder, "a", pki.pkcs8(pki.key()), parse("CN=a"))


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_every_byte_is_keytools(version: str, tmp_path: Path) -> None:
    store = entry(version, tmp_path)
    if store.judge.major < 17:
        pytest.skip("Java 11 has a test of its own")
    for row in rows():
        assert ours(store, row) == theirs(store, row), row


def test_every_byte_is_that_of_java_11_where_it_knows_the_word(tmp_path: Path) -> None:
    """It knew fewer words, no wildcards, and another order."""
    store = entry(jvm.VERSIONS[0], tmp_path)
    if store.judge.major >= 17:
        pytest.skip("there is no Java 11")
    compared = 0
    for word in (word for words in LISTS.values() for word in words):
        try:
            made = theirs(store, [word])
        except jvm.JavaError:
            continue
        assert sorted(ours(store, [word]), key=str) == sorted(made, key=str), word
        compared += 1
    assert compared > 140


def theirs(store: Entry, words: list[str]) -> tuple[Extension, ...]:
    return requests.read(store.made("-certreq", "-file", *ext(*words))).extensions


def ours(store: Entry, words: list[str]) -> tuple[Extension, ...]:
    made = requests.make(store.pkcs8, parse("CN=a"), parse_all(words).extensions)
    return requests.read(made).extensions


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_what_keytool_refuses_we_refuse(version: str, tmp_path: Path) -> None:
    store = entry(version, tmp_path)
    if store.judge.major < 17:
        pytest.skip("Java 11 lets more slips through")
    for text in [*REFUSED.split(), *SPACED]:
        with pytest.raises(jvm.JavaError):
            store.made("-certreq", "-file", *ext(text))
        with pytest.raises(UsageError) as caught:
            parse_ext(text)
        assert caught.value.hint, text
        assert caught.value.message.startswith("extension "), text


@pytest.mark.parametrize("text", SLIPS.split())
def test_slips_are_refused_where_keytool_makes_something_of_them(text: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        parse_ext(text)
    assert caught.value.hint
    entry(jvm.DEFAULT_VERSIONS[-1], tmp_path).made("-certreq", "-file", *ext(text))


@pytest.mark.parametrize(
    "words",
    [
        ["bc", "bc=1"],
        ["san=dns:a", "san=dns:b"],
        ["2.5.29.19=0500", "bc"],
        ["bc", "2.5.29.19=0500"],
        ["1.10.3=0500", "1.2.3=0500", "2.5.29.32=0500", "2.16.1=0500", "1.2.3=0101ff"],
    ],
)
def test_the_last_of_each_kind_in_keytools_order(words: list[str], tmp_path: Path) -> None:
    store = entry(jvm.DEFAULT_VERSIONS[-1], tmp_path)
    assert ours(store, words) == theirs(store, words)


@pytest.mark.slow
@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_every_shortening_of_every_word(version: str, tmp_path: Path) -> None:
    """Each beginning of each word and of its initials, as it is, small and large."""
    store = entry(version, tmp_path)
    if store.judge.major < 17:
        pytest.skip("Java 11 took fewer for unambiguous")
    words = [("ku", word) for word in (*extensions.KEY_USAGES, "contentCommitment")]
    words += [("eku", word) for word in extensions.PURPOSES]
    for kind, word in words:
        initials = word[0] + "".join(char for char in word[1:] if char.isupper())
        starts = {word[:end] for end in range(1, len(word))}
        starts |= {initials[:end] for end in range(1, len(initials) + 1)}
        for start in sorted({form for one in starts for form in (one, one.lower(), one.upper())}):
            text = f"{kind}={start}"
            try:
                made = [one.value for one in theirs(store, [text]) if one.oid != "2.5.29.14"]
            except jvm.JavaError:
                with pytest.raises(UsageError):
                    parse_ext(text)
            else:
                assert [parse_ext(text).value] == made, text


# -- words --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("sam=dns:a", "SubjectAlternativeName"),
        ("SubjectAltName=dns:a", "did you mean 'SubjectAlternativeName'"),
        ("eku=serverAuht", "did you mean 'serverAuth'"),
        ("ku=key", "write more"),
        ("bc:critcal", "did you mean 'critical'"),
        ("bc=pathlen:1", "bc=ca:true,pathlen:1"),
        ("san=host", "dns:host"),
        ("honored=all", "san=dns"),
    ],
)
def test_hints(text: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_ext(text)
    assert hint in caught.value.hint


@pytest.mark.parametrize("flag", ["noncritical", "non-critical", "false", "non"])
def test_not_critical_may_be_said(flag: str) -> None:
    assert parse_ext(f"bc:{flag}") == parse_ext("bc")


def test_a_directory_name_for_which_keytool_has_no_word() -> None:
    value = parse_ext("san=dn:/O=b/CN=a").value
    assert value == der.sequence(der.encode(0xA4, parse("CN=a,O=b").der))


@given(st.text(max_size=40), st.sampled_from(("", "bc=", "san=", "ku=", "aia=ocsp:", "1.2.3=")))
def test_any_text_is_an_extension_or_refused(text: str, start: str) -> None:
    try:
        found = parse_all([start + text])
    except UsageError:
        return
    for extension in found.extensions:
        assert extensions.decode_all(der.read(extensions.encode_all([extension]))) == (extension,)


def test_a_very_long_word_is_refused_at_once() -> None:
    for text in ("san=" + "dns:a," * 100_000, "1." * 200_000, "1.2.3=" + "0" * 200_000):
        with pytest.raises(UsageError):
            parse_ext(text)
    with pytest.raises(UsageError):
        parse_ext("eku=1.2." + "9" * 5000)


# -- honored ------------------------------------------------------------------------------

REQUESTED = ("san=dns:a", "bc:critical", "ku=dig", "eku=sA", "1.2.3=0500", "crl=uri:http://a/")


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_what_is_honoured_is_what_keytool_honours(version: str, tmp_path: Path) -> None:
    asker = entry(version, tmp_path)
    ca = Entry(asker.judge, tmp_path, "ca", pki.pkcs8(pki.key("ca")), parse("CN=ca"), ext=("bc",))
    request = tmp_path / "request"
    request.write_bytes(asker.made("-certreq", "-file", *ext(*REQUESTED)))
    requested = requests.read(request.read_bytes()).extensions
    for words in (
        ["ku=keyE"],
        ["honored=all"],
        ["honored=san"],
        ["honored=san:critical"],
        ["honored=all,-bc"],
        ["honored=-bc,all"],
        ["honored=all,bc:non-critical"],
        ["honored=all,bc:non"],
        ["honored=all,bc:c"],
        ["honored=1.2.3"],
        ["honored=san", "honored=bc"],
        ["honored=all", "san=dns:z"],
        ["honored=san,-san"],
        ["honored=SubjectAlt,key,ext"],
        ["Honored=2.5.29.14"],
    ):
        made = ca.made("-gencert", "-outfile", "-infile", request, *ext(*words))
        asked = parse_all(words)
        wanted = extensions.ordered((*honour(requested, asked.honoured), *asked.extensions))
        assert _of(made) == {one.oid: one for one in wanted if one.oid not in KEY_IDS}, words


KEY_IDS = ("2.5.29.14", "2.5.29.35")


def _of(certificate: bytes) -> dict[str, Extension]:
    from storekeeper.model import Certificate
    from storekeeper.x509 import facts

    return {
        oid: Extension(oid, critical, value)
        for oid, (critical, value) in facts(Certificate(certificate)).extensions.items()
        if oid not in KEY_IDS
    }


@pytest.mark.parametrize(
    "text", ["honored=", "honored=foo", "honored=all:critical", "honored=bc:foo", "honored=bc:"]
)
def test_honoured_words_that_are_none(text: str) -> None:
    with pytest.raises(UsageError, match="honored"):
        parse_all([text])


def test_nothing_is_honoured_unasked_and_the_authority_never_by_all() -> None:
    request = (parse_ext("bc"), Extension("2.5.29.35", False, b"\x30\x00"))
    assert honour(request, ()) == ()
    assert honour(request, (Honour(""),)) == request[:1]
    assert honour(request, (Honour(""), Honour("2.5.29.35"))) == request
    assert parse_all([]) == Asked()


# -- values -------------------------------------------------------------------------------


def test_cryptography_reads_what_we_write() -> None:
    words = [words[0] for kind, words in LISTS.items() if kind not in ("oid", "ski", "aki")]
    made = requests.make(pki.pkcs8(pki.key()), parse("CN=a"), parse_all(words).extensions)
    read = x509.load_der_x509_csr(made).extensions
    assert read.get_extension_for_class(x509.BasicConstraints).value.ca
    assert read.get_extension_for_class(x509.KeyUsage).value.digital_signature
    names = read.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["a"]
    key_id = x509.SubjectKeyIdentifier.from_public_key(pki.key().public_key()).digest
    assert extensions.key_id(extensions.subject_key_id(pki.spki(pki.key()))) == key_id


@given(st.sets(st.sampled_from(extensions.KEY_USAGES), min_size=1))
def test_key_usages_come_back(names: set[str]) -> None:
    from storekeeper.extensions import key_usage

    value = extensions.key_usage(names).value
    assert set(key_usage(der.read(value))) == names


@given(st.ip_addresses())
def test_addresses(address: object) -> None:
    from ipaddress import IPv6Address, ip_address

    from storekeeper.general_names import general_name as read

    if isinstance(address, IPv6Address) and (address.ipv4_mapped or address.scope_id):
        return
    made = general_name("ip", str(address))
    assert ip_address(read(der.read(made)).value) == address


@pytest.mark.parametrize(
    ("kind", "value"),
    [("dns", "a\n"), ("foo", "a"), ("oid", "1"), ("oid", "1.2\n"), ("uri", "a b:c"), ("dn", "x")],
)
def test_general_names_that_are_none(kind: str, value: str) -> None:
    with pytest.raises(UsageError):
        general_name(kind, value)


def test_words_are_told_apart_by_their_case_at_last() -> None:
    usages = extensions.KEY_USAGES
    assert ext_text.one_of("dE", usages, "usage") == "dataEncipherment"
    assert ext_text.one_of("de", usages, "usage") == "decipherOnly"
    with pytest.raises(StorekeeperError, match="keyEncipherment or keyAgreement"):
        ext_text.one_of("ke", usages, "usage")
