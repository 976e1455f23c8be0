"""Names, judged by X500Principal of every JVM, by OpenSSL and by cryptography."""

from __future__ import annotations

import re
import warnings

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from storekeeper import der
from storekeeper.errors import Damaged, LimitExceeded, StorekeeperError, UsageError
from storekeeper.name_text import parse
from storekeeper.names import SHORT, Name, printable
from tests import jvm
from tests.jvm import JavaError
from tests.name_samples import CN, EMAIL, O, folded_sigma, name, root_names, utf8
from tests.real_roots import real_roots
from tests.strategies_names import names, string_values, texts

# -- our own form, RFC 4514 ---------------------------------------------------------------


def test_root_names_agree_with_cryptography() -> None:
    from cryptography import x509

    compared = 0
    for encoded in real_roots():
        try:
            with warnings.catch_warnings():  # about serial numbers, of which real roots have all
                warnings.simplefilter("ignore")
                subject = x509.load_der_x509_certificate(encoded).subject
        except ValueError:
            continue
        ours = Name(subject.public_bytes())
        words = {x509.ObjectIdentifier(oid): word for oid, word in SHORT.items()}
        assert ours.rfc4514() == subject.rfc4514_string(words)
        assert ours.common_name == next(
            (a.value for a in reversed(list(subject)) if a.oid.dotted_string == CN), None
        )
        compared += 1
    assert compared > 100


@pytest.mark.parametrize(
    ("found", "text"),
    [
        # RFC 4514 section 4
        (name(("0.9.2342.19200300.100.1.25", der.IA5_STRING, "net")), "DC=net"),
        (utf8('James "Jim" Smith, III', CN), r"CN=James \"Jim\" Smith\, III"),
        (utf8("Before\rAfter", CN), r"CN=Before\0DAfter"),
        (name(("1.3.6.1.4.1.1466.0", der.OCTET_STRING, b"Hi")), "1.3.6.1.4.1.1466.0=#04024869"),
        (utf8("Lučić", CN), "CN=Lučić"),
        (utf8(" # a "), r"O=\ # a\ "),
        (utf8("#"), r"O=\#"),
        (utf8(" "), r"O=\ "),
        (utf8(""), "O="),
        (utf8("a\u202egnp.exe"), r"O=a\E2\80\AEgnp.exe"),
        (name((O, der.PRINTABLE_STRING, b"Soci\xe9t\xe9")), "O=Société"),
        (utf8(b"\xff"), "O=#0c01ff"),
        (name(), ""),
        (Name(b"\x30\x03\x31\x01\x30"), "#3003310130"),
        (Name(b""), "#"),
    ],
)
def test_rfc4514(found: Name, text: str) -> None:
    assert found.rfc4514() == str(found) == text
    assert repr(found) == f"Name({text})"


@settings(max_examples=400, deadline=None)
@given(names())
def test_what_is_printed_is_parsed_again(encoded: bytes) -> None:
    found = Name(encoded)
    again = parse(found.rfc4514())

    def contents(one: Name) -> list[list[tuple[str, str | bytes]]]:
        return [
            sorted((a.oid, a.encoded.hex() if a.text is None else a.text) for a in rdn)
            for rdn in one.rdns
        ]

    assert contents(again) == contents(found)
    assert parse(again.rfc4514()).der == again.der


@settings(max_examples=300, deadline=None)
@given(names(string_values((der.UTF8_STRING, der.PRINTABLE_STRING)), oids=[CN, O, "1.2.3.4"]))
def test_text_keeps_the_canonical_form(encoded: bytes) -> None:
    found = Name(encoded)
    again = parse(found.rfc4514())
    assert again.canonical() == found.canonical()
    assert again.matches(found)


def test_hidden_characters_are_shown() -> None:
    assert printable("plain ü 漢\u3000字") == "plain ü 漢\u3000字"
    assert printable("a\x1b[2J\u202e\U000e0041\ud800") == (r"a\u{1b}[2J\u{202e}\u{e0041}\u{d800}")


# -- from text ----------------------------------------------------------------------------

_JAVA_TEXTS = [
    "CN=www.example.org, O=Example, C=DE",
    "cn=a,o=b",
    'CN="Smith, John", O="A ""B',
    'CN="Smith, John" , O=x',
    "CN=a\\,b+OU=c,O=d",
    "CN=\\C3\\A9;O=ü",
    "EMAILADDRESS=a@example.org, DC=example, UID=x, SERIALNUMBER=1, T=Dr, GIVENNAME=G",
    "OID.1.2.3.4=#0c0161",
    "1.2.3.4=#0c0161",
    "CN= spaced  out ",
    "CN=\\ kept\\ ",
    "STREET=Way 1, L=Town, ST=State, S=Other, SURNAME=Sn, INITIALS=I, GENERATION=III, DNQ=1",
    "C=DE, CN=underscore_here, O=star*",
    "CN=#13026162",
    "CN=",
    "",
]


def test_latin_1_in_one_line() -> None:
    assert parse("/O=Soci\\xE9t\\xE9").rfc4514() == "O=Société"


@pytest.mark.parametrize("text", _JAVA_TEXTS)
def test_text_is_parsed_as_java_does(text: str) -> None:
    try:
        said = jvm.newest().worker.call("x500", name=text)["der"]
    except JavaError:
        with pytest.raises(UsageError):
            parse(text)
    else:
        assert parse(text).der == said


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["CN", "O", "OU", "DC", "UID", "EMAILADDRESS", "T"]), texts),
        min_size=1,
        max_size=3,
    )
)
def test_what_java_prints_is_parsed_as_java_parses_it(pairs: list[tuple[str, str]]) -> None:
    words = {"EMAILADDRESS": EMAIL, "CN": CN, "O": O, "OU": "2.5.4.11", "T": "2.5.4.12"}
    words |= {"DC": "0.9.2342.19200300.100.1.25", "UID": "0.9.2342.19200300.100.1.1"}
    printed = name(*((words[w], der.UTF8_STRING, t) for w, t in pairs)).rfc4514()
    java = printed.replace("emailAddress=", "EMAILADDRESS=").replace("title=", "T=")
    # Java 25 takes the comma of an escaped backslash and an escaped comma for a separator.
    if re.search(r"\\\\\\[,+;]", java):
        assert parse(java).der == parse(printed).der
        return
    said = jvm.newest().worker.call("x500", name=java)
    assert parse(java).der == parse(printed).der
    # Java loses spaces before an escaped octet,
    if re.search(r" \\[0-9A-F]{2}", java):
        return
    # and writes question marks into an IA5String for what it cannot hold.
    if all(text.isascii() for word, text in pairs if word in ("DC", "EMAILADDRESS")):
        assert folded_sigma(parse(java).canonical()) == folded_sigma(said["canonical"])


def test_root_names_survive_each_spelling() -> None:
    for encoded in root_names():
        found = Name(encoded)
        flat = [(a.oid, a.text) for rdn in found.rdns for a in rdn]
        assert [(a.oid, a.text) for r in parse(found.rfc4514()).rdns for a in r] == flat
        assert [(a.oid, a.text) for r in parse(found.java()).rdns for a in r] == flat
        if all(a.tag != der.BMP_STRING for rdn in found.rdns for a in rdn):
            assert [(a.oid, a.text) for r in parse(found.oneline()).rdns for a in r] == flat


def test_slashes_and_pluses_inside_a_one_line_value() -> None:
    found = parse("/C=US/O=Acme/Road Runner+more/CN=tcp\\/ip\\+OU=x/1.2.3.4=x+CN=\\xC3\\xa9")
    assert found.rfc4514() == (
        r"1.2.3.4=#130178+CN=é,CN=tcp/ip\+OU=x,O=Acme/Road Runner\+more,C=US"
    )


@settings(max_examples=200)
@given(names(string_values((der.UTF8_STRING, der.PRINTABLE_STRING, der.T61_STRING))))
def test_one_line_is_parsed_again(encoded: bytes) -> None:
    found = Name(encoded)
    text = found.oneline()
    if "\\" not in "".join(a.text or "" for rdn in found.rdns for a in rdn) and found.rdns:
        parsed = parse(text)
        assert [len(rdn) for rdn in parsed.rdns] == [len(rdn) for rdn in found.rdns]


@pytest.mark.parametrize(
    "text",
    [
        "host",
        "=a",
        "CN",
        "CN=a,",
        "CN=a,O",
        "CN=a+",
        'CN="a',
        'CN="a"b',
        'CN=a"b',
        "CN=a\\",
        "CN=#zz",
        "CN=#0c05",
        "CN=#",
        "nonsense=a",
        "9.9.9=a",
        "1..2=a",
        "1=a",
        "٣.٤=a",
        "CN=\\ff",
        "CN=\ud800",
        "CN=\\\ud800",
        "/",
        "/CN",
        "//CN=a",
        "/nonsense=a",
        "/CN=\ud800",
        "1." * 40 + "1=a",
        "2.5.4.3.1" + "0" * 5000 + "=a",
        "CN=" + "a" * 200_000,
    ],
)
def test_bad_text_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text)
    assert len(str(caught.value)) < 12_000


@settings(max_examples=500, deadline=None)
@given(
    st.one_of(
        st.text(st.characters()),
        st.text('CNO=,;+"\\#/ .0129aféx\x00\ud800', max_size=30),
        st.text('=,;+"\\#/ 01af', max_size=12).map("CN={}".format),
        st.text('=,;+"\\#/ 01afx', max_size=12).map("/CN={}".format),
    )
)
@example("CN=\x00#0c0161")
@example("CN=\\00#0c0161")
def test_any_text_is_a_name_or_a_usage_error(text: str) -> None:
    try:
        found = parse(text)
    except UsageError:
        return
    assert all(a.text is not None for rdn in found.rdns for a in rdn) or "#" in text
    assert parse(found.rfc4514()).canonical() == found.canonical()


# -- any bytes ----------------------------------------------------------------------------


@settings(max_examples=400)
@given(st.one_of(st.binary(max_size=60), names()), st.data())
def test_any_bytes_print(encoded: bytes, data: st.DataObject) -> None:
    if encoded and data.draw(st.booleans()):
        at = data.draw(st.integers(0, len(encoded) - 1))
        encoded = encoded[:at] + data.draw(st.binary(max_size=3)) + encoded[at + 1 :]
    found = Name(encoded)
    assert found.rfc4514().isprintable() or any(c.isspace() for c in found.rfc4514())
    assert isinstance(found.java() + found.oneline() + found.canonical(), str)
    assert found.matches(found)
    assert found == Name(encoded)
    assert hash(found) == hash(Name(encoded))
    if not readable(found):
        assert found.rfc4514() == f"#{encoded.hex()}"
        with pytest.raises(StorekeeperError):
            found.first(CN)


def readable(found: Name) -> bool:
    try:
        return found.rdns is not None
    except (Damaged, LimitExceeded):
        return False


def test_a_name_is_no_text() -> None:
    assert utf8("a") != utf8("a").der
