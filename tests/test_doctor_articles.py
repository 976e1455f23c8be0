"""The failures of the support articles the project grew from, by the lines they print."""

from __future__ import annotations

import pytest

from storekeeper.doctor import gathered, reading
from storekeeper.tls.evidence import read

# Article and scenario: the lines of its log, and what it names as the cause.
SCENARIOS: dict[str, tuple[str, list[str]]] = {
    "Salesforce: the name in the certificate": (
        "java.security.cert.CertificateException: No name matching host.example.com found\n",
        ["name-mismatch"],
    ),
    "Salesforce: nothing but that": (
        "javax.net.ssl.SSLPeerUnverifiedException: peer not authenticated\n",
        ["peer-not-authenticated"],
    ),
    "Finesse: weak Diffie-Hellman in a capture": (
        (
            "- Handshake Protocol: Server Hello\n"
            " - Version: TLS 1.0 (0x0301)\n"
            " - Cipher Suite: TLS_DHE_RSA_WITH_AES_256_CBC_SHA (0x0039)\n"
            "- TLSv1 Record Layer: Alert (Level: Fatal, Description: Internal Error)\n"
        ),
        ["weak-dhe"],
    ),
    "Finesse: RSASSA-PSS in the chain": (
        (
            "  TLSv1.2 Record Layer: Alert (Level: Fatal, Description: Certificate Unknown)\n"
            "Certificate: 308206bc308205a4a003020102021374... (id-at-commonName=server)\n"
            "  algorithmIdentifier (sha256WithRSAEncryption)\n"
            "Certificate: 3082041b308202cfa00302010202107b... (id-at-commonName=Root CA)\n"
            "  algorithmIdentifier (id-RSASSA-PSS)\n"
        ),
        ["rsassa-pss"],
    ),
    "webMethods 1: a client of TLS 1.0 and a server of TLS 1.2": (
        (
            "jvm 1 | ssl_debug(3): Starting handshake (iSaSiLk 3.03)...\n"
            "jvm 1 | ssl_debug(3): Sending v3 client_hello message, requesting version 3.1...\n"
            "jvm 1 | ssl_debug(3): Received alert message: Alert Fatal: handshake failure\n"
            "jvm 1 | ssl_debug(3): SSLException while handshaking: Peer sent alert: Alert Fatal: "
            "handshake failure\n"
        ),
        ["protocol-too-old"],
    ),
    "webMethods 3: the CA is not in the truststore": (
        (
            "jvm 1 | ssl_debug(1): Server sent a 2048 bit RSA certificate, chain has 2 elements.\n"
            "jvm 1 | ssl_debug(1): Sending alert: Alert Fatal: bad certificate\n"
            "jvm 1 | ssl_debug(1): SSLException while handshaking: Server certificate rejected by "
            "ChainVerifier\n"
        ),
        ["unknown-root"],
    ),
    "webMethods 4: the client sends no certificate": (
        (
            "jvm 1 | ssl_debug(4): Received certificate_request handshake message.\n"
            "jvm 1 | ssl_debug(4): Accepted certificate types: RSA, DSS\n"
            "jvm 1 | ssl_debug(4): Accepted certificate authorities:\n"
            "jvm 1 | ssl_debug(4): cn=ca,ou=ca,o=ca,l=BLR,st=KA,c=IN\n"
            "jvm 1 | ssl_debug(4): Received server_hello_done handshake message.\n"
            "jvm 1 | ssl_debug(4): No client certificate available, sending empty certificate "
            "message...\n"
        ),
        ["no-client-certificate-sent"],
    ),
    "Apigee: the issuer of the key is not among those the server accepts": (
        (
            "javax.net.ssl.SSLException: Received fatal alert: bad_certificate\n"
            '{ "certInfo" : [ { "basicConstraints" : "CA:FALSE", "expiryDate" : 1578889324000, '
            '"isValid" : "Yes", "issuer" : "CN=Test CA G2, DC=example, DC=com", "publicKey" : "RSA '
            'Public Key, 2048 bits", "serialNumber" : "65:00:01", "sigAlgName" : "SHA256withRSA", '
            '"subject" : "CN=api.example.com, O=Example, C=AU", "subjectAlternativeNames" : [ ], '
            '"validFrom" : 1484281324000, "version" : 3 } ], "certName" : '
            '"api.example.com-cert" }\n'
            "Acceptable client certificate CA names\n/C=AU/O=Example/OU=ITS/CN=api.example.com\n"
        ),
        ["no-client-certificate-sent"],
    ),
    "xMatters: the agent does not trust the management system": (
        (
            "javax.net.ssl.SSLHandshakeException: sun.security.validator.ValidatorException: PKIX "
            "building failed: "
            "sun.security.provider.certpath.SunCertPathBuilderException: unable to "
            "find valid certification path to requested target\n"
        ),
        ["unknown-root"],
    ),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_cause_the_article_names(name: str) -> None:
    text, expected = SCENARIOS[name]
    found = list(reading.diagnose(gathered.gather(read(text.encode(), "article"))))
    assert [one.code for one in found] == expected
    for one in found:
        assert one.proofs
        assert all(proof.startswith("article, line ") for proof in one.proofs)
        assert one.steps
        assert one.what
