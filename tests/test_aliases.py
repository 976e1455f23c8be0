"""Aliases: what is called legal is what every Java finds again; nobody gets a taken one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper import formats
from storekeeper.change.aliases import TEMPLATE, Aliases, expand, is_template, legal, slug
from storekeeper.errors import UsageError, WriteRefused
from storekeeper.formats import mutf8
from storekeeper.model import Certificate, Store, TrustedCert
from tests import jvm, pki, strategies
from tests.changing import CORP, PASS, trusted
from tests.pkcs12_files import FAST

JAVA_FORMATS = ("JKS", "JCEKS", "PKCS12")
FORMATS = (*JAVA_FORMATS, "PEM")
# One Java that is always asked, and the others where there is time.
VERSIONS = [
    pytest.param(v, marks=() if v.startswith("17.") else pytest.mark.slow) for v in jvm.VERSIONS
]

ODD = [
    "İstanbul",
    "ΟΔΥΣΣΕΥΣ",
    "STRASSE ẞ",
    "ǅ ﬀ ĳ",
    "Ⅷ Ⓐ",
    "🔑 Key",
    "é e\u0301",
    "-storepass",
    "CN=x,O=y",
    'a"b\\c',
    "..",
    "a  b",
    "x" * 300,
    "-----BEGIN CERTIFICATE-----",
    "-----END CERTIFICATE-----",
    "----------",
    "friendlyName: x",
    "# x",
    "subject=/CN=x",
    "Bag Attributes",
]

words = st.one_of(
    strategies.any_text,
    st.text(st.characters(codec="utf-8", categories=["L", "M", "N", "P", "S", "Zs"]), max_size=30),
    st.sampled_from(ODD),
)


def kept(alias: str, format: str) -> str | None:
    try:
        return legal(alias, format)
    except WriteRefused:
        return None


def stored(format: str, *aliases: str) -> bytes:
    date = 1 if format in ("JKS", "JCEKS") else None
    entries = tuple(trusted(alias, CORP, date) for alias in aliases)
    more = {"encryption": FAST} if format == "PKCS12" else {}
    return formats.write(Store(format, entries), PASS, **more)


# -- what a format keeps ------------------------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("format", JAVA_FORMATS)
def test_what_is_legal_is_what_java_finds(
    version: str, format: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    worker = jvm.jvm(version).worker
    path = tmp_path_factory.mktemp("aliases") / "store"
    tried = 0

    @given(st.lists(words, max_size=4))
    def every_one(wanted: list[str]) -> None:
        nonlocal tried
        found = {alias.lower(): alias for word in wanted if (alias := kept(word, format))}
        data = stored(format, *found.values())
        listed = {entry["alias"] for entry in worker.load(data, PASS, format)["entries"]}
        # Java lists those of a PKCS12 in lower case.
        assert listed == {a.lower() if format == "PKCS12" else a for a in found.values()}
        path.write_bytes(data)
        for alias in found.values():
            line = ["-list", "-v", "-keystore", str(path), "-storepass", PASS, "-storetype", format]
            assert "Alias name: " in worker.keytool(*line, "-alias", alias)
            tried += 1

    every_one()
    assert tried > 20


@given(words, st.sampled_from(FORMATS))
def test_what_is_legal_is_read_again(word: str, format: str) -> None:
    _read_again(word, format)


@pytest.mark.parametrize("format", FORMATS)
def test_odd_ones_are_read_again(format: str) -> None:
    for word in ODD:
        _read_again(word, format)


def _read_again(word: str, format: str) -> None:
    alias = kept(word, format)
    if alias is None:
        return
    assert legal(alias, format) == alias
    assert alias.lower() == word.lower()
    (entry,) = formats.read(stored(format, alias), PASS).entries
    assert entry.alias == alias


@pytest.mark.parametrize("version", VERSIONS)
def test_capitals_in_a_jks_are_why(version: str) -> None:
    """What `legal` changes is what Java would list and not find."""
    (entry,) = jvm.jvm(version).worker.load(stored("JKS", "Corp"), PASS, "JKS")["entries"]
    assert (entry["alias"], entry["chain"]) == ("Corp", [])
    assert legal("Corp", "JKS") == legal("Corp", "JCEKS") == "corp"
    assert legal("Corp", "PKCS12") == legal("Corp", "PEM") == "Corp"


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    ("alias", "why"),
    [
        ("", "empty"),
        (" corp", "blanks around"),
        ("corp\u3000", "blanks around"),
        ("corp\n", "blanks around"),
        ("co\nrp", "can't be printed"),
        ("co\x00rp", "can't be printed"),
        ("co\u202erp", "can't be printed"),
        ("co\u200brp", "can't be printed"),
        ("co\ue000rp", "can't be printed"),
        ("co\ud800rp", "not valid Unicode"),
    ],
)
def test_what_would_be_lost(alias: str, why: str, format: str) -> None:
    with pytest.raises(WriteRefused, match=why) as caught:
        legal(alias, format)
    assert caught.value.alias == alias
    assert "--alias" in caught.value.hint
    # What a terminal would obey is not printed. Private use does no harm.
    assert caught.value.message.replace("\ue000", "").isprintable()


@pytest.mark.parametrize("character", ["x", "ü", "中", "🔑", "İ"])
@pytest.mark.parametrize("format", JAVA_FORMATS)
def test_the_longest(format: str, character: str) -> None:
    """Java's writeUTF takes 65535 bytes, six of them for a character beyond the BMP."""
    for length in (100, 10_000, 15_000, 40_000, 70_000):
        alias = kept(character * length, format)
        if alias is None:
            assert length * len(mutf8.encode(character.lower())) > 0xFFFF
            with pytest.raises(WriteRefused, match="longer than") as caught:
                legal(character * length, format)
            assert len(str(caught.value)) < 300
            continue
        (entry,) = formats.read(stored(format, alias), PASS).entries
        assert entry.alias == alias


# -- who has it ---------------------------------------------------------------------------------

few = st.text(st.sampled_from("aAbB1-"), min_size=1, max_size=3)


@given(st.lists(few, max_size=8), st.lists(few, max_size=12), st.sampled_from(JAVA_FORMATS))
def test_nobody_gets_a_taken_one(there: list[str], wanted: list[str], format: str) -> None:
    aliases = Aliases([trusted(alias) for alias in there], format)
    taken = {alias.lower() for alias in there}
    for word in wanted:
        alias = aliases.free(word)
        assert alias.lower() not in taken
        assert alias == word or (alias.startswith(f"{word}-") and word.lower() in taken)
        assert aliases.is_given(alias)
        taken.add(alias.lower())


@given(st.lists(few, min_size=1, max_size=6), st.data())
def test_one_that_went_may_be_had_again(there: list[str], data: st.DataObject) -> None:
    entries = [trusted(alias) for alias in there]
    aliases = Aliases(entries, "JKS")
    gone = data.draw(st.sampled_from(there))
    holder = aliases.holder(gone.swapcase())
    assert holder is not None
    assert holder.alias.lower() == gone.lower()
    aliases.drop(gone)
    assert aliases.holder(gone) is None
    assert aliases.free(gone) == gone


def test_ten_thousand_of_one_name_try_each_number_once() -> None:
    aliases = Aliases([], "JKS")
    given_ = [aliases.free("ca") for _ in range(10_000)]
    assert given_[:3] == ["ca", "ca-1", "ca-2"]
    assert given_[-1] == "ca-9999"


# -- templates ----------------------------------------------------------------------------------


def test_every_word() -> None:
    leaf = pki.cert("Grüße, Welt", "The Issuer")
    serial = 1 + sum("Grüße, Welt".encode())
    for word, expected in {
        "cn": "grüße-welt",
        "o": "",
        "ou": "",
        "issuer": "the-issuer",
        "serial": f"{serial:x}",
        "sha256": leaf.sha256,
        "sha256:8": leaf.sha256[:8],
        "sha1:4": leaf.sha1[:4],
        "not_after": "2046-01-01",
        "label": "file-name",
        "n": "7",
        "cn:3": "grü",
    }.items():
        found = expand(f"x{{{word}}}x", leaf, label="File: Name!", number=7)
        assert found == f"x{expected}x", word
    assert expand(TEMPLATE, leaf) == f"grüße-welt-{leaf.sha256[:8]}"


def test_a_template_that_gives_nothing_gives_the_fingerprint() -> None:
    for template in ("{o}", "{o} - {ou}", "{label}", ""):
        assert expand(template, CORP) == CORP.sha256[:16]
    unreadable = Certificate(b"nonsense")
    assert expand("{cn}{issuer}{serial}{not_after}", unreadable) == unreadable.sha256[:16]
    assert expand(TEMPLATE, unreadable) == unreadable.sha256[:8]


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("{host}", "unknown word {host}"),
        ("{}", "unknown word {}"),
        ("{CN}", "unknown word {CN}"),
        ("{cn", "without its other half"),
        ("cn}", "without its other half"),
        ("{{cn}}", "without its other half"),
        ("{cn:}x{cn:0}", "expected a length"),
        ("{cn:65}", "expected a length"),
        ("{cn:-1}", "expected a length"),
        ("{cn:٣x}", "expected a length"),
    ],
)
def test_templates_that_make_no_sense(template: str, why: str) -> None:
    assert is_template(template)
    with pytest.raises(UsageError, match="the template") as caught:
        expand(template, CORP)
    assert why in str(caught.value)


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=20), st.sampled_from(FORMATS))
def test_whatever_a_certificate_says_its_alias_is_legal(name: str, format: str) -> None:
    """Names come from strangers: with line ends, braces, and what a terminal obeys."""
    try:
        certificate = pki.cert(name)
    except ValueError:
        return  # longer than a common name may be
    for template in (TEMPLATE, "{cn}", "{issuer}.{cn:5}"):
        alias = expand(template, certificate, label=name)
        assert legal(alias, format)
        assert len(alias) <= 200
        assert "{" not in alias
        assert "/" not in alias


@given(strategies.any_text)
def test_slugs_are_words_with_hyphens(text: str) -> None:
    found = slug(text)
    assert slug(found) == found
    assert all(part and all(c.isalnum() for c in part) for part in found.split("-") if found)


def test_the_store_says_so_too(tmp_path: Path) -> None:
    entries = [TrustedCert("corp", CORP, 1)]
    assert Aliases(entries, "JKS").legal("Other") == "other"
    with pytest.raises(WriteRefused):
        Aliases(entries, "PKCS12").legal("a\tb")
