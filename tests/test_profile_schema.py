"""The JSON Schema for editors: it takes what is read here, and refuses what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from storekeeper.errors import StorekeeperError
from storekeeper.profile.keys import TABLES
from storekeeper.profile.load import load, parse
from storekeeper.profile.schema import schema
from storekeeper.profile.shipped import shipped, shipped_path
from tests.console import TOP

GOOD = {
    "least": {"storekeeper": 1},
    "numbers": {
        "storekeeper": "1",
        "variables": {"port": 443, "on": True, "none": None, "n": {"default": 5}},
        "targets": [{"path": "a.jks", "backups": 2, "mode": "0640", "sources": None}],
    },
    "references": {
        "storekeeper": 1,
        "targets": [
            {
                "path": "${home}/a",
                "state": "${state}",
                "password": "${how}",
                "backups": "${n}",
                "sources": [{"server": "${host}:443", "pin": ["${pin}"]}],
            }
        ],
    },
    "keys": {
        "storekeeper": 1,
        "targets": [{"path": "a", "keys": [{"from": "b"}, {"files": ["c", "d"], "chain": "leaf"}]}],
        "product": {"name": "P", "rules": ["a", {"text": "b"}]},
    },
}
BAD = {
    "no-version": {"targets": []},
    "version": {"storekeeper": 2},
    "unknown": {"storekeeper": 1, "tagets": []},
    "unknown-below": {"storekeeper": 1, "targets": [{"path": "a", "sorces": []}]},
    "no-path": {"storekeeper": 1, "targets": [{"name": "a"}]},
    "no-list": {"storekeeper": 1, "targets": {"path": "a"}},
    "choice": {"storekeeper": 1, "targets": [{"path": "a", "state": "exakt"}]},
    "two-kinds": {
        "storekeeper": 1,
        "targets": [{"path": "a", "sources": [{"file": "a", "store": "b"}]}],
    },
    "no-kind": {"storekeeper": 1, "targets": [{"path": "a", "sources": [{"only": "ca"}]}]},
    "password": {"storekeeper": 1, "targets": [{"path": "a", "password": "hunter2"}]},
    "pin": {
        "storekeeper": 1,
        "targets": [{"path": "a", "sources": [{"server": "a", "pin": "abcd"}]}],
    },
    "both-keys": {
        "storekeeper": 1,
        "targets": [{"path": "a", "keys": [{"from": "b", "files": ["c"]}]}],
    },
    "backups": {"storekeeper": 1, "targets": [{"path": "a", "backups": -1}]},
    "variable-name": {"storekeeper": 1, "variables": {"a b": 1}},
    "flag": {
        "storekeeper": 1,
        "targets": [{"path": "a", "sources": [{"file": "a", "skip-bad": "maybe"}]}],
    },
}


@pytest.fixture(scope="module")
def validator() -> Any:
    jsonschema = pytest.importorskip("jsonschema")
    found = schema()
    jsonschema.Draft202012Validator.check_schema(found)
    return jsonschema.Draft202012Validator(found)


@pytest.mark.parametrize("name", GOOD)
def test_both_take(validator: Any, name: str) -> None:
    validator.validate(GOOD[name])
    parse(json.dumps(GOOD[name]))


@pytest.mark.parametrize("name", BAD)
def test_both_refuse(validator: Any, name: str) -> None:
    assert not validator.is_valid(BAD[name])
    with pytest.raises(StorekeeperError):
        parse(json.dumps(BAD[name]))


def test_every_shipped_profile_is_one(validator: Any) -> None:
    paths = [shipped_path(name) for name in shipped()]
    for path in [*paths, str(TOP / "tests/scripts/files/agent.yaml")]:
        with open(path, encoding="utf-8") as file:
            validator.validate(yaml.safe_load(file))
        assert load(path, resolve=False).title


def test_every_key_is_explained() -> None:
    for table, keys in TABLES.items():
        assert len({key.name for key in keys}) == len(keys), table
        for key in keys:
            assert key.about
            assert not key.about.endswith(".") or key.about.endswith("...")
            inner = key.shape.partition(" ")[2]
            assert not inner or inner in TABLES
