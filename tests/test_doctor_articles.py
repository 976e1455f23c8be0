"""The failures of the support articles the project grew from, by the lines they print."""

from __future__ import annotations

import time

import pytest

from storekeeper.doctor import gathered, reading
from storekeeper.tls.evidence import read

NOW = int(time.time())

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
        # By now its certificate is out of date as well.
        ["no-client-certificate-sent", "expired-entry"],
    ),
    "webMethods 3: what is left of it when only the alert is there": (
        (
            "ssl_debug(1): Received certificate handshake message with server certificate.\n"
            "ssl_debug(1): Sending alert: Alert Fatal: bad certificate\n"
        ),
        ["peer-not-authenticated"],
    ),
    "webMethods 4: the side of the server": (
        (
            "jvm 1 | ssl_debug(5): Received certificate handshake message with client "
            "certificate.\n"
            "jvm 1 | ssl_debug(5): Certificate message is empty, client has no certificate.\n"
            "jvm 1 | ssl_debug(5): Sending alert: Alert Fatal: bad certificate\n"
        ),
        ["no-client-certificate-sent"],
    ),
    "webMethods 4: the list of authorities is empty": (
        (
            "jvm 1 | ssl_debug(3): Starting handshake (iSaSiLk 3.03)...\n"
            "jvm 1 | ssl_debug(4): Received certificate_request handshake message.\n"
            "jvm 1 | ssl_debug(4): Accepted certificate types: RSA, DSS\n"
            "jvm 1 | ssl_debug(4): Accepted certificate authorities:\n"
            "jvm 1 | ssl_debug(4): Received server_hello_done handshake message.\n"
            "jvm 1 | ssl_debug(4): No client certificate available, sending empty certificate "
            "message...\n"
        ),
        ["empty-list-and-iaik"],
    ),
    "webMethods 4: the same with JSSE": (
        (
            "*** CertificateRequest\nCert Types: RSA, DSS,\nCert Authorities:\n"
            '<CN=Duke, OU=Java Software, O="Sun Microsystems, Inc.", L=Cupertino, ST=CA, C=US>\n'
            "*** ServerHelloDone\n"
            "Warning: no suitable certificate found - continuing without client authentication\n"
            "*** Certificate chain\n<Empty>\n***\n"
        ),
        ["no-client-certificate-sent"],
    ),
    "webMethods 5: the server refuses the client's certificate": (
        (
            "jvm 1 | ssl_debug(4): Received certificate_request handshake message.\n"
            "jvm 1 | ssl_debug(4): Accepted certificate types: RSA, DSS\n"
            "jvm 1 | ssl_debug(4): Accepted certificate authorities:\n"
            "jvm 1 | ssl_debug(4): cn=ca,ou=ca,o=ca,l=BLR,st=KA,c=IN\n"
            "jvm 1 | ssl_debug(4): Received server_hello_done handshake message.\n"
            "jvm 1 | ssl_debug(4): Sending client_key_exchange handshake message (2048 bit)...\n"
            "jvm 1 | ssl_debug(4): Received alert message: Alert Fatal: bad certificate\n"
        ),
        ["client-certificate-refused"],
    ),
    "xMatters: ssltest, a certificate that has expired": (
        (
            "[INFO] Could not connect to the host address\n"
            "[INFO]  The error is: PKIX path validation failed: timestamp check failed.\n"
        ),
        ["expired"],
    ),
    "xMatters: ssltest, a key that is too small": (
        (
            "[INFO] Could not connect to the host address\n"
            "[INFO] The error is: DHPublicKey does not comply to algorithm constraints\n"
            "[SEVERE] DHPublicKey does not comply to algorithm constraints.\n"
        ),
        ["weak-dhe"],
    ),
    "xMatters: an address in the common name": (
        "java.security.cert.CertificateException: No subject alternative names present\n",
        ["ip-without-san"],
    ),
    "xMatters: a debug log, one certificate sent, and the client's alert": (
        (
            "*** Certificate chain\nchain [0] = [\n[\n  Version: V3\n  Subject: CN=*.example\n"
            "  Signature Algorithm: SHA256withRSA, OID = 1.2.840.113549.1.1.11\n\n"
            "  Issuer: CN=Issuing, O=Example\n]\n]\n***\n"
            "%% Invalidated:  [Session-1, TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA]\n"
            "main, SEND TLSv1 ALERT:  fatal, description = certificate_unknown\n"
        ),
        ["missing-intermediate"],
    ),
    "xMatters: a certificate of the trust store that has expired long ago": (
        (
            "Alias name: xmatters\nCreation date: Feb 27, 2017\nEntry type: trustedCertEntry\n\n"
            'Owner: CN=*, O="xMatters, inc.", L=San Ramon, ST=CA, C=US\n'
            "Issuer: CN=DigiCert SHA2 Secure Server CA, O=DigiCert Inc, C=US\n"
            "Valid from: Thu Feb 18 16:00:00 PST 2016 until: Fri Feb 22 04:00:00 PST 2019\n"
        ),
        ["expired-anchor"],
    ),
    "xMatters: the name can't be resolved": (
        "java.net.UnknownHostException: company.example.com\n\tat java.net.X.y(X.java:1)\n",
        ["unreachable"],
    ),
    "xMatters: curl for Windows that says nothing of certificates": (
        (
            "* schannel: verifyhost setting prevents Schannel from comparing the supplied target "
            "name with the subject names in server certificates.\n"
        ),
        [],
    ),
    "xMatters: analyze-ssl of a server that is fine": (
        (
            "-- company.example.com port 443\n * maximum SSL version  : TLSv1_2 (SSLv23)\n"
            " * certificate verified : ok\n * chain on 192.0.2.1\n"
            "  * [0/0] bits=2048, ocsp_uri=http://o.example, /C=US/O=xMatters, inc./CN=* SAN=DNS:*,"
            "\n  * [1/1] bits=2048, ocsp_uri=, /C=US/O=DigiCert Inc/CN=DigiCert SHA2 Secure Server"
            "\n  * [-/2] bits=2048, ocsp_uri=, /C=US/O=DigiCert Inc/CN=DigiCert Global Root CA\n"
        ),
        [],
    ),
    "xMatters: a trust store that came from a JRE of another version": (
        "java.io.IOException: Invalid keystore format\n\tat sun.security.X.y(X.java:1)\n",
        ["store-unreadable"],
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
    found = list(reading.diagnose(gathered.gather(read(text.encode(), "article")), (), NOW))
    assert [one.code for one in found] == expected
    for one in found:
        assert one.proofs
        assert all(proof.startswith("article, line ") for proof in one.proofs)
        assert one.steps
        assert one.what
