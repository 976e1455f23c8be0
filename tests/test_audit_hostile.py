"""Stores full of what no CA would issue: every output stays valid, short and quick.

From the bytes of a file through the engine to the text; `audit_outputs.judge` has a schema or
a parser for each.
"""

from __future__ import annotations

import html.parser
import json
import time
from pathlib import Path
from typing import Any

import pytest

from storekeeper import der
from storekeeper.frozen import replace
from storekeeper.model import Certificate
from storekeeper.report.audit import text as text_report
from storekeeper.trust.audit.engine import audit
from storekeeper.trust.audit.values import AuditedStore, AuditHead
from storekeeper.x509 import facts_or_none
from tests import audit_samples, hostile
from tests.audit_outputs import FORMATS, judge, rendered
from tests.clock import units

Audits = tuple[AuditHead, dict[str, AuditedStore]]

SECONDS = 1_500  # units of tests/clock: 15 seconds or so of an idle machine


@pytest.fixture(scope="module")
def audits(tmp_path_factory: pytest.TempPathFactory) -> Audits:
    """The corpus as JKS, PKCS12 and PEM, the first with ten megabytes of names, audited."""
    folder = tmp_path_factory.mktemp("hostile")
    paths = {
        "JKS": hostile.written(folder, "JKS", hostile.huge()),
        "PKCS12": hostile.written(folder, "PKCS12"),
        "PEM": hostile.written(folder, "PEM"),
    }
    started = time.process_time()
    head, stores = audit(
        [str(path) for path in paths.values()],
        password=hostile.PASSWORD,
        at=hostile.AT,
        jobs=1,
        host=hostile.BIDI,
    )
    found = dict(zip(paths, stores, strict=True))
    assert units(time.process_time() - started) < SECONDS
    return head, found


def test_nothing_is_lost(audits: Audits) -> None:
    for format, store in audits[1].items():
        assert store.problem == ""
        assert store.format == format
        assert len(store.entries) == len(hostile.certificates()) + (format == "JKS")
        held = {one.certificate.sha256 for one in store.entries if one.certificate}
        lost = {
            name
            for name, one in hostile.certificates().items()
            if Certificate(one).sha256 not in held
        }
        # In PEM what follows a certificate is cut from it, and an empty block is an entry of
        # no certificate.
        assert lost == ({"empty", "trailing"} if format == "PEM" else set())


def test_what_can_not_be_read_is_told(audits: Audits) -> None:
    """An unreadable certificate is a finding, and never silence."""
    for store in (audits[1]["JKS"], audits[1]["PKCS12"]):
        told = {one.sha256 for one in store.findings if one.code == "unreadable-certificate"}
        for one in hostile.certificates().values():
            facts = facts_or_none(Certificate(one))
            if facts is None or facts.problems:
                assert Certificate(one).sha256 in told


@pytest.mark.parametrize("name", FORMATS)
def test_output_is_valid_and_short(audits: Audits, name: str) -> None:
    head, stores = audits
    for store in stores.values():
        started = time.process_time()
        text = rendered(name, [store], head)
        assert units(time.process_time() - started) < SECONDS / 5
        # Of a megabyte of certificates, and eleven with the huge one.
        assert len(text) < 1_000_000
        judge(name, text)
    options: dict[str, Any] = {"everything": True} if name == "prometheus" else {}
    judge(name, rendered(name, stores.values(), head, **options))


@pytest.mark.parametrize("name", FORMATS)
def test_texts_nobody_parsed(name: str) -> None:
    """Audited values whose every text is hostile: what no reader of ours would let through."""
    stores = [audit_samples.hostile(10_000_000)]
    stores.append(replace(stores[0], problem=hostile.TEXTS["lines"], hint=hostile.SCRIPT))
    head = audit_samples.head(policy=hostile.SCRIPT, host=hostile.TEXTS["control"])
    text = rendered(name, stores, head)
    assert len(text) < 1_000_000
    judge(name, text)


@pytest.mark.parametrize(
    "numbers",
    [range(2), pytest.param(range(2, 60), marks=pytest.mark.slow)],
    ids=["few", "many"],
)
def test_damaged_certificates(numbers: range) -> None:
    """Certificates and chains with octets changed, gone and put in, through everything."""
    for number in numbers:
        head, stores = audit([hostile.mutated(number)], at=hostile.AT, jobs=1)
        (store,) = stores
        assert store.problem == ""
        for name in (*FORMATS, "json", "html"):
            judge(name, rendered(name, [store], head))
        judge("text", "".join(text_report.render(head, [store])))


# -- the outputs of other modules, by what is said above -------------------------------------


class _Page(html.parser.HTMLParser):
    """Elements that load or run something, and what is in them."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts = 0
        self.loads: list[str] = []
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        if tag in ("img", "iframe", "object", "embed", "base", "form", "link", "meta"):
            self.loads += [f"{tag} {name}={value}" for name, value in attrs
                           if name in ("src", "href", "data", "action", "http-equiv")]  # fmt: skip
        self.handlers += [f"{tag} {name}" for name, _ in attrs if name.startswith("on")]
        self.loads += [
            f"{tag} {name}={value}"
            for name, value in attrs
            if name in ("href", "src") and not (value or "").startswith(("#", "data:"))
        ]


def test_html_has_no_element_of_theirs(audits: Audits) -> None:
    head, stores = audits
    plain, hostile_page = _Page(), _Page()
    plain.feed(rendered("html", audit_samples.small()))
    text = rendered("html", stores.values(), head)
    hostile_page.feed(text)
    assert hostile_page.scripts == plain.scripts
    assert hostile_page.handlers == plain.handlers == []
    assert {*hostile_page.loads} <= {*plain.loads}
    judge("html", text)
    assert hostile.SCRIPT not in text
    assert len(text) < 10_000_000


def test_json_and_text(audits: Audits) -> None:
    head, stores = audits
    text = rendered("json", stores.values(), head)
    judge("json", text)
    assert len(json.loads(text)["stores"]) == len(stores)
    plain = "".join(text_report.render(head, stores.values()))
    judge("text", plain)


# -- the corpus itself -----------------------------------------------------------------------


def test_the_corpus_is_hostile() -> None:
    """Each case is what its name says: bytes that a reader can't take for something else."""
    made = {name: Certificate(one) for name, one in hostile.certificates().items()}
    read = {name: facts_or_none(one) for name, one in made.items()}
    unreadable = {name for name, facts in read.items() if facts is None}
    assert unreadable >= {"no-certificate", "empty", "cut", "length-huge", "deep", "html"}
    serials = {name: facts.serial for name, facts in read.items() if facts is not None}
    assert serials["serial-negative"] == -5
    assert serials["serial-zero"] == 0
    assert serials["serial-10-kB"].bit_length() > 80_000
    partly = {name for name, facts in read.items() if facts is not None and facts.problems}
    assert partly >= {"dates-malformed", "extension-twice", "extension-garbage", "dates-markup"}
    kinds = {name: str(facts.key) for name, facts in read.items() if facts and not facts.problems}
    assert kinds["key-ml-dsa-65"] == "ML-DSA-65"
    assert kinds["key-unknown"] == "1.3.6.1.4.1.99999.1"
    for name, text in hostile.TEXTS.items():
        facts = read[f"subject-{name}"]
        assert facts is not None
        assert facts.subject.common_name == text
    assert len(hostile.huge()) > 10_000_000
    huge = facts_or_none(Certificate(hostile.huge()))
    assert huge is not None
    assert len(huge.extension("2.5.29.17") or b"") > 10_000_000
    assert der.read(hostile.huge()).tag == der.SEQUENCE


def test_a_hostile_name_is_not_where_a_report_goes(audits: Audits) -> None:
    """The folder of the stores has markup and an override in its name, too."""
    assert all("<b>" in (store.path or "") for store in audits[1].values())
    assert all(Path(store.path or "").exists() for store in audits[1].values())
