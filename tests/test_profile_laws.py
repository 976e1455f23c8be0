"""Laws of profiles: any text gives a profile or our error; what was applied is as wished."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import random
import string
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper import formats
from storekeeper.change.incoming import Incoming
from storekeeper.change.target import Target
from storekeeper.errors import StorekeeperError
from storekeeper.model import Certificate, Password, PrivateKey, Store, TrustedCert, replace
from storekeeper.profile.converge import converge
from storekeeper.profile.dumping import as_values, dump
from storekeeper.profile.keys import TABLES
from storekeeper.profile.load import load, parse, validate
from storekeeper.profile.values import (
    CheckWish,
    Filters,
    KeyWish,
    Known,
    Product,
    Profile,
    Reading,
    Rule,
    Setting,
    SourceWish,
    TargetWish,
    Variable,
)
from tests import changing, pki

WHOLE = dump(
    Profile(
        "p",
        "a title",
        "about",
        (Variable("home", "where", "/opt", find=("/opt/x*",), has=("jre",)),),
        (),
        (TargetWish("t", "/x.jks", sources=(SourceWish("list", "certifi"),)),),
        (CheckWish("c", "a.example:443"),),
        ("restart it",),
        Product("P", rules=(Rule("a rule"),), settings=(Setting("/f", "k", values=(("a", "b"),)),)),
    )
)


def _validated(data: bytes) -> Profile:
    return validate(data)


def _loaded(data: bytes) -> Profile:
    return load(data, environ={})


def understood(data: bytes) -> None:
    """Whatever else comes out of it than our errors is a failure."""
    for read in (_loaded, parse, _validated):
        with contextlib.suppress(StorekeeperError):
            assert isinstance(read(data), Profile)


@given(st.text())
def test_any_text_is_a_profile_or_our_error(text: str) -> None:
    understood(text.encode("utf-8", "surrogatepass"))


@given(st.binary())
def test_any_bytes_are_a_profile_or_our_error(data: bytes) -> None:
    understood(data)


@given(st.integers(0, 2**32), st.integers(1, 6))
def test_a_changed_profile_is_a_profile_or_our_error(seed: int, count: int) -> None:
    """Pieces taken out, doubled and put elsewhere, and characters that mean something in YAML."""
    draw = random.Random(seed)
    text = WHOLE
    for _ in range(count):
        at, end = sorted(draw.randrange(len(text) + 1) for _ in range(2))
        match draw.randrange(4):
            case 0:
                text = text[:at] + text[end:]
            case 1:
                text = text[:end] + text[at : at + 60] + text[end:]
            case 2:
                text = text[:at] + draw.choice("{}[]&*!|>%@`'\"#:,-?~\t\n\0\u2028$") + text[at:]
            case 3:
                text = text[:at] + draw.choice(["${a}", "<<: *a", "!!set", "&a ", "*a"]) + text[at:]
    understood(text.encode())


# Values in any place of any table: numbers, lists and tables where texts should be.
PLAIN = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5))
NESTED = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


def tables(name: str, depth: int = 0) -> st.SearchStrategy[Any]:
    def of(shape: str) -> st.SearchStrategy[Any]:
        kind, _, table = shape.partition(" ")
        if table and depth < 3:
            inner = tables(table, depth + 1)
            whole = st.lists(inner, max_size=2) if kind == "tables" else inner
            return st.one_of(whole, NESTED)
        return st.one_of(PLAIN, NESTED)

    return st.fixed_dictionaries({}, optional={key.name: of(key.shape) for key in TABLES[name]})


@given(tables("profile"))
def test_any_value_of_any_key_is_a_profile_or_our_error(values: dict[str, Any]) -> None:
    values["storekeeper"] = 1
    values.pop("extends", None)
    understood(json.dumps(values).encode())


# -- dump and load ------------------------------------------------------------------------

NAMES = st.text(string.ascii_lowercase + "-", min_size=1, max_size=6).filter(
    lambda name: name[0] != "-"
)
TEXTS = st.text(min_size=1, max_size=8).map(lambda text: text.replace("\ud800", "?"))
PATHS = st.builds("/{}".format, st.text("ab c$é{}:#'\"\\\n*", min_size=1, max_size=6))
MAYBE = st.just("") | TEXTS
SPECS = st.sampled_from(["", "none", "prompt", "env:PW", "file:/a b", "cmd:x 'y'"])
PRINTS = st.sampled_from(["ab" * 32, "00" * 32])


def unique(values: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(values, max_size=3, unique_by=lambda one: one.name).map(tuple)


def several(values: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(values, max_size=2).map(tuple)


FILES = st.builds(
    SourceWish,
    st.sampled_from(["file", "store"]),
    PATHS,
    SPECS,
    several(TEXTS),
    st.sampled_from([None, "leaf", "ca"]),
    skip_bad=st.booleans(),
)
SERVERS = st.builds(
    SourceWish,
    st.just("server"),
    TEXTS,
    pins=st.lists(PRINTS, min_size=1, max_size=2).map(tuple),
    chains_to=st.just("") | PATHS,
    starttls=MAYBE,
    sni=MAYBE,
)
TREATMENTS = st.sampled_from(["keep", "drop", "refuse"])
KEYED = st.builds(
    TargetWish,
    NAMES,
    PATHS,
    MAYBE,
    st.sampled_from(["", "JKS", "PKCS12"]),
    SPECS,
    SPECS,
    keys=st.lists(
        st.builds(
            KeyWish,
            PATHS,
            password=SPECS,
            key_password=SPECS,
            name=MAYBE,
            server=MAYBE,
            chain=st.sampled_from(["full", "leaf", "without-root"]),
        )
        | st.builds(KeyWish, files=st.lists(PATHS, min_size=1).map(tuple), alias=MAYBE),
        min_size=1,
        max_size=2,
    ).map(tuple),
)
TARGETS = KEYED | st.builds(
    TargetWish,
    NAMES,
    PATHS,
    MAYBE,
    st.sampled_from(["", "JKS", "PEM"]),
    SPECS,
    alias=MAYBE,
    on_conflict=st.sampled_from([None, "skip", "rename"]),
    state=st.sampled_from(["present", "absent", "exact"]),
    owner=MAYBE,
    mode=st.sampled_from(["", "0640", "600"]),
    backups=st.none() | st.integers(0, 99),
    group=MAYBE,
    sources=several(FILES | SERVERS),
    filters=st.builds(
        Filters, TREATMENTS, TREATMENTS, TREATMENTS, several(TEXTS), sha256=several(PRINTS)
    ),
)
VARIABLES = st.builds(
    Variable,
    NAMES,
    MAYBE,
    TEXTS,
    find=st.lists(PATHS, min_size=1, max_size=2).map(tuple),
    has=several(NAMES),
    read=several(st.builds(Reading, PATHS, TEXTS, base=MAYBE)),
)
PRODUCTS = st.builds(
    Product,
    TEXTS,
    MAYBE,
    st.sampled_from(["client", "server", "both"]),
    MAYBE,
    rules=several(st.builds(Rule, TEXTS, MAYBE, st.booleans())),
    settings=several(
        st.builds(
            Setting,
            TEXTS,
            TEXTS,
            default=MAYBE,
            about=MAYBE,
            values=several(st.tuples(TEXTS, TEXTS)),
        )
    ),
    errors=several(st.builds(Known, TEXTS, TEXTS)),
    pages=several(TEXTS),
)
PROFILES = st.builds(
    Profile,
    st.just("profile"),
    MAYBE,
    MAYBE,
    unique(VARIABLES),
    targets=unique(TARGETS),
    checks=unique(st.builds(CheckWish, NAMES, TEXTS, MAYBE, host=MAYBE)),
    restart=several(TEXTS),
    product=st.none() | PRODUCTS,
)


def readable(text: object) -> bool:
    """Texts no YAML file can hold in quotes either, or that hold a reference by chance."""
    said = repr(text)
    return "\\ud" not in said and "${" not in said


@given(PROFILES.filter(readable))
def test_a_dumped_profile_is_read_as_it_was(profile: Profile) -> None:
    text = dump(profile, escape=False)
    assert parse(text) == profile
    assert as_values(parse(text)) == as_values(profile)
    # A dollar that is a dollar: the variables are declared and used by nobody.
    bare = replace(profile, variables=())
    assert load(dump(bare).encode(), environ={}) == bare


@pytest.mark.parametrize("name", ["null", "no", "y", "on", "true"])
def test_a_variable_may_be_called_what_yaml_takes_for_something_else(name: str) -> None:
    profile = parse(f'storekeeper: 1\nvariables:\n  "{name}": {{default: "0"}}\n')
    assert [one.name for one in profile.variables] == [name]
    assert parse(dump(profile, escape=False)) == profile


# -- convergence --------------------------------------------------------------------------

POOL = [pki.cert(f"Wish {number}") for number in range(5)]
PASSWORD = Password(changing.PASS)


@functools.cache
def key_entry(format: str) -> PrivateKey:
    return changing.private("server", format)


@given(
    st.lists(st.tuples(st.sampled_from(POOL), st.sampled_from("abcde")), max_size=5),
    st.lists(st.sampled_from(POOL), max_size=6),
    st.sampled_from(["present", "absent", "exact"]),
    st.sampled_from(["", "{cn}", "a", "{n}"]),
    st.sampled_from([None, "skip", "rename", "replace", "fail"]),
    st.sampled_from(["JKS", "PKCS12", "PEM"]),
    st.booleans(),
)
def test_what_was_applied_is_as_wished(
    there: list[tuple[Certificate, str]],
    wanted: list[Certificate],
    state: Any,
    alias: str,
    policy: Any,
    format: str,
    keyed: bool,
) -> None:
    entries: dict[str, Any] = {}
    for certificate, name in there:
        entries[name] = TrustedCert(name, certificate, 0 if format == "JKS" else None)
    if keyed and format != "PEM":
        entries["server"] = key_entry(format)
    target = Target("x", "x", store=Store(format, tuple(entries.values())), password=PASSWORD)
    wish = TargetWish("t", "x", alias=alias, on_conflict=policy, state=state)
    incoming = [Incoming(one, "x") for one in wanted]
    try:
        plan = converge(target, wish, incoming, at=1_780_000_000)
    except StorekeeperError:
        refused = policy in (None, "fail", "replace") or (state == "exact" and not wanted)
        assert refused  # an alias of a key, or one that was chosen and is taken
        return
    assert plan.result is not None
    assert plan == converge(target, wish, incoming, at=1_780_000_000)
    found = [e.certificate for e in plan.result.entries if isinstance(e, TrustedCert)]
    skipped = {step.sha256 for step in plan.steps if step.state == "conflict"}
    match state:
        case "absent":
            assert not set(found) & set(wanted)
        case "exact":
            assert {c.sha256 for c in found} | skipped == {c.sha256 for c in wanted}
        case _:
            assert {c.sha256 for c in found} | skipped >= {c.sha256 for c in wanted}
    assert [e for e in plan.result.entries if isinstance(e, PrivateKey)] == [
        e for e in entries.values() if isinstance(e, PrivateKey)
    ]
    again = replace(target, store=plan.result)
    assert converge(again, wish, incoming, at=1_780_000_000).unchanged
    if format != "PEM" or plan.result.entries:
        content = formats.write(plan.result, PASSWORD)
        read = replace(target, store=formats.read(content, PASSWORD))
        assert converge(read, wish, incoming, at=1_780_000_000).unchanged


@given(st.sets(st.sampled_from(POOL), min_size=1), st.permutations(range(5)))
def test_applied_from_files_a_plan_is_empty(wanted: set[Certificate], order: list[int]) -> None:
    from storekeeper.profile.applying import apply_profile
    from storekeeper.profile.planning import plan_profile

    os.environ["PW"] = "changeit"
    with tempfile.TemporaryDirectory() as folder:
        for number in order:
            if POOL[number] in wanted:
                path = Path(folder) / f"{number}.pem"
                path.write_bytes(pki.pem("CERTIFICATE", POOL[number].der))
        text = (
            "storekeeper: 1\ntargets: [{path: t.p12, password: env:PW, compat: passwordless,"
            " state: exact, sources: [{file: '*.pem'}]}]"
        ).replace("env:PW", "none")
        (Path(folder) / "p.yaml").write_text(text)
        profile = load(Path(folder) / "p.yaml")
        assert [done.changed for done in apply_profile(plan_profile(profile))] == [True]
        assert [plan.unchanged for plan in plan_profile(profile)] == [True]
