"""A CA, a leaf and a request, issued by our own code."""

from __future__ import annotations

import functools
from typing import Any

from storekeeper.model import Certificate
from storekeeper.name_text import parse
from storekeeper.pki import issue, requests
from storekeeper.pki.ext_text import parse_all
from tests import pki
from tests.entries import BEGAN

SUBJECT = parse("CN=one,O=two")
CA = ("bc:critical", "ku:critical=keyCertSign,cRLSign")


@functools.cache
def root(kind: str = "EC", name: str = "root") -> Certificate:
    private = pki.pkcs8(pki.key(name, kind))
    return issue.self_signed(
        private,
        parse(f"CN={name}"),
        not_before=BEGAN,
        days=9000,
        extensions=parse_all(CA).extensions,
    )


def leaf(*words: str, **options: Any) -> Certificate:
    return issue.issue(
        pki.spki(pki.key("leaf")),
        SUBJECT,
        root(),
        pki.pkcs8(pki.key("root")),
        not_before=BEGAN,
        extensions=parse_all(words).extensions,
        **options,
    )


def request(key: str = "leaf") -> requests.Request:
    asked = parse_all(("san=dns:a", "bc")).extensions
    return requests.read(requests.make(pki.pkcs8(pki.key(key)), SUBJECT, asked))
