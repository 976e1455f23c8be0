# ruff: noqa: RUF001 - letters that look alike are the point
"""Names printed and compared as Java does."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from storekeeper import der
from storekeeper.names import Name
from tests import jvm
from tests.name_samples import CN, EMAIL, O, asked, folded_sigma, name, root_names, utf8
from tests.strategies_names import names, string_values


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_root_names_are_printed_and_compared_as_java_does(version: str) -> None:
    encoded = root_names()
    assert len(encoded) > 100
    requests = [{"op": "x500", "der": one} for one in encoded]
    for one, answer in zip(
        encoded, jvm.jvm(version).worker.call("many", requests=requests), strict=True
    ):
        found, said = Name(one), answer["result"]
        assert found.java() == said["to_string"]
        assert found.canonical() == said["canonical"]


@settings(max_examples=250, deadline=None)
@given(names())
@example(utf8('"already quoted"').der)
@example(utf8('"half quoted').der)
@example(utf8("a\nb").der)
@example(utf8("trailing\n").der)
@example(utf8("\u00a0 edge \u00a0").der)
@example(utf8(b"a\xed\xa0\x80b").der)
@example(name((CN, der.UNIVERSAL_STRING, "wide"), (CN, der.BMP_STRING, "half")).der)
def test_any_name_is_printed_as_the_newest_java_does(encoded: bytes) -> None:
    said = asked(jvm.newest(), encoded)
    if said is None:
        # Java is stricter: it checks each string against its type.
        return
    found = Name(encoded)
    assert found.java() == said["to_string"]
    assert folded_sigma(found.canonical()) == folded_sigma(said["canonical"])


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_every_java_folds_names_alike(version: str) -> None:
    java = jvm.jvm(version)

    @settings(max_examples=100, deadline=None)
    @given(names(string_values((der.UTF8_STRING, der.PRINTABLE_STRING, der.T61_STRING))))
    def check(encoded: bytes) -> None:
        found = Name(encoded)
        letters = "".join(a.text or "" for rdn in found.rdns for a in rdn)
        if any(unicodedata.ucd_3_2_0.category(letter) == "Cn" for letter in letters):
            return  # an old Java has no capitals for letters that are newer than it
        said = asked(java, encoded)
        assert said is not None
        assert folded_sigma(found.canonical()) == folded_sigma(said["canonical"])

    check()


def test_where_javas_differ_the_newest_is_followed() -> None:
    latin = name((O, der.PRINTABLE_STRING, b"Soci\xe9t\xe9"))
    said = {java.major: java.worker.call("x500", der=latin.der) for java in jvm.default_jvms()}
    assert said[max(said)]["canonical"] == latin.canonical()
    assert latin.canonical() == unicodedata.normalize("NFKD", "o=société")
    if 17 in said:
        assert said[17]["canonical"] == "o=soci\ufffdt\ufffd"
    odd = name((O, der.BIT_STRING, b"\x00\xaa"))
    assert odd.java() == "O=#030200aa"
    if 11 in said:
        assert jvm.oldest().worker.call("x500", der=odd.der)["to_string"] == "O=#030200AA"


_SAME = [
    (utf8("Example"), utf8("EXAMPLE  ")),
    (utf8("Example"), name((O, der.PRINTABLE_STRING, " eXample"))),
    (utf8("a  b"), utf8("a b")),
    (utf8("Straße"), utf8("STRASSE")),
    (utf8("Σίσυφος"), utf8("ΣΊΣΥΦΟΣ")),
    (utf8("é"), utf8("e\u0301")),
    (utf8("ﬁ"), utf8("FI")),
]
_DIFFERENT = [
    (utf8("Example"), name((O, der.T61_STRING, "Example"))),
    (utf8("Example"), name((O, der.BMP_STRING, "Example"))),
    (utf8("Example"), name((O, der.IA5_STRING, "Example"))),
    (utf8("a\tb"), utf8("a b")),
    # Java folds only what RFC 2253 gives a keyword.
    (utf8("1", "2.5.4.5"), name(("2.5.4.5", der.PRINTABLE_STRING, "1"))),
    (utf8("a", EMAIL), utf8("A", EMAIL)),
    # Normalised after escaping: one value that looks like two.
    (utf8("b，cn=a"), name((CN, der.UTF8_STRING, "a"), (O, der.UTF8_STRING, "b"))),
    (utf8("a"), name((O, der.UTF8_STRING, "a"), (O, der.UTF8_STRING, "a"))),
]


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_names_match_where_java_says_they_are_equal(version: str) -> None:
    worker = jvm.jvm(version).worker
    for pairs, verdict in ((_SAME, True), (_DIFFERENT, False)):
        for one, other in pairs:
            assert worker.call("x500", der=one.der, other=other.der)["equal"] is verdict
            assert one.matches(other) is other.matches(one) is verdict, (one, other)


def test_the_fullwidth_comma_really_makes_one_canonical_form_of_two_names() -> None:
    one, other = _DIFFERENT[6]
    assert one.canonical() == other.canonical() == "o=b,cn=a"
    assert not one.matches(other)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_matching_is_javas_equality(data: st.DataObject) -> None:
    values = string_values((der.UTF8_STRING, der.PRINTABLE_STRING, der.T61_STRING))
    one = data.draw(names(values, oids=[CN, O, EMAIL]))
    other = data.draw(st.one_of(st.just(one), names(values, oids=[CN, O, EMAIL])))
    changed = data.draw(st.sampled_from([lambda b: b, bytes.upper, bytes.lower]))
    with_case = changed(other)
    if asked(jvm.newest(), with_case) is None:
        with_case = other
    said = asked(jvm.newest(), one, other=with_case)
    assert said is not None
    assert Name(one).matches(Name(with_case)) is said["equal"]
