"""Requests put together by hand, and read from JSON of any kind."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper.errors import Damaged, LimitExceeded, StorekeeperError, UsageError
from storekeeper.identity.requests import from_json, request_for, shown
from storekeeper.model import Certificate
from storekeeper.names import Name
from storekeeper.report.probes import request_json
from storekeeper.tls.messages import CertificateRequest
from tests import forge, identity_cases

DER = forge.name("O=Example,CN=Client CA")


def test_a_name_in_each_form() -> None:
    certificate = Certificate(identity_cases.root("O=Example,CN=Client CA"))
    forms = (certificate, Name(DER), DER)
    for one in forms:
        assert request_for([one]).authorities == (DER,)
    text = request_for(["CN=Client CA,O=Example"]).authorities[0]
    assert Name(text).rfc4514() == "CN=Client CA,O=Example"
    assert Name(text).matches(Name(DER))
    assert request_for([*forms, "CN=Client CA,O=Example"]).authorities[0] == DER


def test_numbers_or_words() -> None:
    made = request_for(
        (), "TLSv1.2", certificate_types=("RSA", "ecdsa_sign", 2), signature_algorithms=(
            "rsa_pss_rsae_sha256", 0x0403, "0x0807"))  # fmt: skip
    assert made == CertificateRequest("TLSv1.2", (), (1, 64, 2), (0x0804, 0x0403, 0x0807))


@pytest.mark.parametrize(
    "wrong",
    [
        {"protocol": "TLS 1.3"},
        {"protocol": "SSLv2"},
        {"certificate_types": ("RSA2",)},
        {"signature_algorithms": ("0xzz",)},
        {"signature_algorithms": (70_000,)},
        {"authorities": ["no name"]},
    ],
)
def test_words_that_are_none(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        request_for(**wrong)


@given(
    st.lists(st.binary(min_size=1, max_size=40), max_size=4, unique=True),
    st.sampled_from(["TLSv1.2", "TLSv1.3"]),
    st.lists(st.integers(0, 255), max_size=4),
    st.lists(st.integers(0, 0xFFFF), max_size=4),
)
def test_json_of_a_probe_comes_back(
    names: list[bytes], protocol: str, types: list[int], schemes: list[int]
) -> None:
    request = CertificateRequest(protocol, tuple(names), tuple(types), tuple(schemes))
    assert from_json(json.dumps(request_json(request))) == request
    probe = {"schema": "storekeeper.probe/1", "members": [{"request": None}, {"request":
             request_json(request)}]}  # fmt: skip
    assert from_json(json.dumps(probe)) == request
    assert from_json(json.dumps({"probes": [{"error": "x"}, probe]})) == request


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[]", "{}", "3", "null", '{"authorities": 3}', '{"authorities": [3]}'),
        *('{"authorities": [{"der": "zz"}]}', '{"authorities": [], "protocol": 3}'),
        '{"authorities": [], "signature_algorithms": [[]]}',
        '{"authorities": [], "protocol": "SSLv9"}',
        '{"members": [{"request": {}}]}',
        "[" * 100_000,
    ],
)
def test_json_that_holds_none(text: str) -> None:
    with pytest.raises(Damaged):
        from_json(text)


def test_more_than_a_server_can_send() -> None:
    names = [{"der": f"{number:08x}"} for number in range(30_000)]
    with pytest.raises(LimitExceeded):
        from_json(json.dumps({"authorities": names}))
    numbers = {"authorities": [], "signature_algorithms": list(range(2_000))}
    with pytest.raises(LimitExceeded):
        from_json(json.dumps(numbers))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["authorities", "der", "request", "members", "probes", "protocol",
                         "signature_algorithms", "certificate_types", "when"]),
        inner,
        max_size=3,
    ),
    max_leaves=12,
)  # fmt: skip


@given(_JSON)
def test_any_json(value: object) -> None:
    """A request, or one of our errors."""
    with contextlib.suppress(StorekeeperError):
        assert isinstance(from_json(json.dumps(value)), CertificateRequest)


def test_names_for_people() -> None:
    assert shown(DER) == "CN=Client CA,O=Example"
    assert shown(b"\x30\x00") == "(an empty name)"
    assert "can't be read" in shown(b"\x04\x01a")
