"""Apigee's certificate JSON, alone, in a ticket, and broken."""

from __future__ import annotations

import json

from storekeeper.tls.evidence import read
from storekeeper.tls.evidence.values import Listed, StorePath
from tests.evidence import every, one

LEAF = {
    "certInfo": [
        {
            "basicConstraints": "CA:FALSE",
            "expiryDate": 1578889324000,
            "isValid": "Yes",
            "issuer": "CN=MyCompany Test SHA2 CA G2, DC=testcore, DC=test, DC=dir, DC=com",
            "publicKey": "RSA Public Key, 2048 bits",
            "serialNumber": "65:00:00:00:d2:3e:12:d8:56:fa:e2:a9:69:00:06:00:00:00:d2",
            "sigAlgName": "SHA256withRSA",
            "subject": "CN=nonprod-api.mycompany.com, OU=ITS, O=MyCompany, C=AU",
            "subjectAlternativeNames": ["a.example"],
            "validFrom": 1484281324000,
            "version": 3,
        }
    ],
    "certName": "nonprod-api.mycompany.com.key.pem-cert",
}


def test_fields() -> None:
    for text in (json.dumps(LEAF), json.dumps(LEAF, indent=2)):
        entry = one(read(text.encode(), "cert.json"), Listed)
        assert entry.alias == "nonprod-api.mycompany.com.key.pem-cert"
        assert entry.place.line == 1
        (leaf,) = entry.certificates
        assert leaf.subject == "CN=nonprod-api.mycompany.com,OU=ITS,O=MyCompany,C=AU"
        assert leaf.issuer == "CN=MyCompany Test SHA2 CA G2,DC=testcore,DC=test,DC=dir,DC=com"
        assert leaf.serial == 0x65000000D23E12D856FAE2A969000600_0000D2
        assert (leaf.not_before, leaf.not_after) == (1484281324, 1578889324)
        assert leaf.signature_algorithm == "SHA256withRSA"
        assert leaf.names == ("a.example",)


def test_in_the_middle_of_a_ticket() -> None:
    ticket = (
        "Hello {support},\nwe have\n  <SSLInfo> <KeyStore>ref://myKeystoreRef</KeyStore> "
        "<TrustStore>ref://myTrustStoreRef</TrustStore> </SSLInfo>\n> "
        + json.dumps(LEAF)
        + " and\n"
        + json.dumps(LEAF | {"certName": "other"}, indent=1)
        + "\nbye }\n"
    )
    found = read(ticket.encode(), "t")
    assert [(each.alias, each.place.line) for each in every(found, Listed)] == [
        ("nonprod-api.mycompany.com.key.pem-cert", 4),
        ("other", 5),
    ]
    assert [(each.use, each.path) for each in every(found, StorePath)] == [
        ("key", "ref://myKeystoreRef"),
        ("trust", "ref://myTrustStoreRef"),
    ]


def test_odd_values_and_broken_json() -> None:
    odd = {"certInfo": [{"expiryDate": "1578889324000", "serialNumber": 7, "subject": None}, 5]}
    (certificate,) = one(read(json.dumps(odd).encode(), "x"), Listed).certificates
    assert certificate.not_after == 1578889324
    assert (certificate.subject, certificate.serial) == ("", None)
    for text in ('{"certInfo": [', '"certInfo": []', "[" * 100_000 + '{"certInfo": ' + "[" * 9999,
                 '{"certInfo": ' * 3_000):  # fmt: skip
        assert every(read(text.encode(), "x"), Listed) == []
