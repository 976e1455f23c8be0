"""Debug logs in the layout of JDK 8, as articles show them: there is no JDK 8 to run here."""

from __future__ import annotations

from storekeeper.times import iso
from storekeeper.tls.evidence import debug_log_8, read
from storekeeper.tls.evidence.text import Text
from storekeeper.tls.evidence.values import (
    AlertSeen,
    Anchors,
    Chain,
    ClientIdentity,
    Evidence,
    Failure,
    Host,
    Listed,
    Negotiated,
    Offered,
    StorePath,
    Wanted,
)
from tests import jvm, pki
from tests.evidence import every, one

_CERTIFICATE = """\
chain [{number}] = [
[
  Version: V3
  Subject: CN={subject}, O="xMatters, inc.", L=San Ramon, ST=CA, C=US
  Signature Algorithm: SHA256withRSA, OID = 1.2.840.113549.1.1.11

  Key:  Sun RSA public key, 2048 bits
  modulus: 12345
  public exponent: 65537
  Validity: [From: Thu Feb 18 16:00:00 PST 2016,
               To: Fri Feb 22 04:00:00 PST 2019]
  Issuer: CN=DigiCert SHA2 Secure Server CA, O=DigiCert Inc, C=US
  SerialNumber: [    0a3b 7fe0 11]

Certificate Extensions: 1
[1]: ObjectId: 2.5.29.17 Criticality=false
SubjectAlternativeName [
  DNSName: {subject}
  IPAddress: 192.0.2.1
]

]
  Algorithm: [SHA256withRSA]
  Signature:
0000: 01 02 03 04                                        ....

]
"""
LOG = (
    """\
keyStore is : /opt/app/id.jks
keyStore type is : jks
keyStore provider is :
***
found key for : mykey
"""
    + _CERTIFICATE.format(number=0, subject="client.example")
    + """\
***
trustStore is: /usr/lib/jvm/java-8/jre/lib/security/cacerts
trustStore type is : jks
trustStore provider is :
init truststore
adding as trusted cert:
  Subject: CN=Root A, O=Trust, C=DE
  Issuer:  CN=Root A, O=Trust, C=DE
  Algorithm: RSA; Serial number: 0x4eb200670c035d4f
  Valid from Wed Jan 01 00:00:00 UTC 2010 until Fri Jan 01 00:00:00 UTC 2038

adding as trusted cert:
  Subject: CN=Root B, C=DE
  Issuer:  CN=Root B, C=DE
  Algorithm: EC; Serial number: 0x1
  Valid from Wed Jan 01 00:00:00 UTC 2010 until Fri Jan 01 00:00:00 UTC 2038

trigger seeding of SecureRandom
done seeding SecureRandom
Allow unsafe renegotiation: false
*** ClientHello, TLSv1.2
RandomCookie:  GMT: 1441360890 bytes = { 57, 241 }
Session ID:  {}
Cipher Suites: [TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, TLS_RSA_WITH_AES_128_CBC_SHA, """
    """TLS_EMPTY_RENEGOTIATION_INFO_SCSV]
Compression Methods:  { 0 }
Extension elliptic_curves, curve names: {secp256r1}
Extension server_name, server_name: [type=host_name (0), value=xxx.yyy.example]
***
main, WRITE: TLSv1.2 Handshake, length = 225
main, READ: TLSv1.2 Handshake, length = 81
*** ServerHello, TLSv1.2
RandomCookie:  GMT: 1 bytes = { 1 }
Session ID:  {1}
Cipher Suite: TLS_RSA_WITH_AES_128_CBC_SHA
Compression Method: 0
Extension renegotiation_info, renegotiated_connection: <empty>
***
%% Initialized:  [Session-1, TLS_RSA_WITH_AES_128_CBC_SHA]
** TLS_RSA_WITH_AES_128_CBC_SHA
main, READ: TLSv1.2 Handshake, length = 2000
*** Certificate chain
"""
    + _CERTIFICATE.format(number=0, subject="*.example")
    + _CERTIFICATE.format(number=1, subject="Inter")
    + """\
***
"""
)
TRUSTED = """\
Found trusted certificate:
[
[
  Version: V3
  Subject: CN=Root A, O=Trust, C=DE
]]
*** CertificateRequest
Cert Types: RSA, DSS, ECDSA
Supported Signature Algorithms: SHA512withRSA, SHA256withECDSA
Cert Authorities:
<CN=Client CA, O="Acme, Inc.", C=US>
<CN=Other, C=US>
*** ServerHelloDone
Warning: no suitable certificate found - continuing without client authentication
*** Certificate chain
<Empty>
***
*** ClientKeyExchange, RSA PreMasterSecret, TLSv1.2
main, WRITE: TLSv1.2 Handshake, length = 269
main, READ: TLSv1.2 Alert, length = 2
main, RECV TLSv1.2 ALERT:  fatal, bad_certificate
main, called closeSocket()
main, handling exception: javax.net.ssl.SSLHandshakeException: Received fatal alert: bad_certificate
"""
REFUSED = """\
%% Invalidated:  [Session-1, TLS_RSA_WITH_AES_128_CBC_SHA]
main, SEND TLSv1 ALERT:  fatal, description = certificate_unknown
main, WRITE: TLSv1 Alert, length = 2
"""


def _read(text: str) -> list[Evidence]:
    return list(debug_log_8.read(Text(text.encode(), "x")))


def test_stores_anchors_and_keys() -> None:
    found = _read(LOG)
    stores = every(found, StorePath)
    assert [(each.use, each.path, each.type) for each in stores] == [
        ("key", "/opt/app/id.jks", "jks"),
        ("trust", "/usr/lib/jvm/java-8/jre/lib/security/cacerts", "jks"),
    ]
    anchors = one(found, Anchors).certificates
    assert [each.subject for each in anchors] == ["CN=Root A,O=Trust,C=DE", "CN=Root B,C=DE"]
    assert anchors[0].serial == 0x4EB200670C035D4F
    assert anchors[0].not_after == 2145916800
    key = one(found, Listed)
    assert key.alias == "mykey"
    assert key.certificates[0].subject.startswith("CN=client.example,")


def test_the_handshake_as_far_as_the_chain() -> None:
    found = _read(LOG)
    offered = one(found, Offered)
    assert offered.protocols == ("TLSv1.2",)
    assert offered.ciphers == (
        "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
        "TLS_RSA_WITH_AES_128_CBC_SHA",
    )
    assert one(found, Host).name == offered.server_name == "xxx.yyy.example"
    assert one(found, Negotiated).cipher == "TLS_RSA_WITH_AES_128_CBC_SHA"
    chain = one(found, Chain)
    assert [each.subject.partition(",")[0] for each in chain.certificates] == [
        "CN=*.example",
        "CN=Inter",
    ]
    leaf = chain.certificates[0]
    assert leaf.issuer == "CN=DigiCert SHA2 Secure Server CA,O=DigiCert Inc,C=US"
    assert leaf.serial == 0x0A3B7FE011
    assert leaf.signature_algorithm == "SHA256withRSA"
    assert leaf.names == ("DNS:*.example", "IP:192.0.2.1")
    assert leaf.not_before is not None
    assert leaf.not_after is not None
    assert (iso(leaf.not_before), iso(leaf.not_after)) == (
        "2016-02-19T00:00:00Z",
        "2019-02-22T12:00:00Z",
    )
    lines = LOG.split("\n")
    assert lines[chain.place.line - 1] == "*** Certificate chain"
    assert chain.complete


def test_no_client_certificate_is_sent() -> None:
    found = read((LOG + TRUSTED).encode(), "x")
    wanted = one(found, Wanted)
    assert wanted.names == ("CN=Client CA,O=Acme\\, Inc.,C=US", "CN=Other,C=US")
    assert wanted.request.key_types == ("rsa_sign", "dss_sign", "ecdsa_sign")
    assert wanted.request.signature_algorithms == (0x0601, 0x0403)
    assert not any(each.sent for each in every(found, ClientIdentity))
    (alert,) = [each for each in every(found, AlertSeen) if each.by]
    assert (alert.by, alert.alert.description) == ("server", 42)
    assert one(found, Failure).kind == "javax.net.ssl.SSLHandshakeException"
    assert len(every(found, Chain)) == 1


def test_a_refused_chain() -> None:
    (alert,) = every(_read(LOG + REFUSED), AlertSeen)
    assert (alert.by, alert.alert.level, alert.alert.description) == ("client", 2, 46)


def test_a_server_logs_the_other_way_round() -> None:
    text = (
        "http-1, READ: TLSv1.2 Handshake, length = 225\n"
        + LOG[LOG.index("*** ClientHello") :]
        + "*** CertificateRequest\nCert Types: RSA\nCert Authorities:\n<Empty>\n"
        "*** ServerHelloDone\nhttp-1, SEND TLSv1.2 ALERT:  fatal, description = bad_certificate\n"
    )
    found = _read(text)
    assert one(found, AlertSeen).by == "server"
    assert one(found, Wanted).names == ()


def test_what_articles_lost() -> None:
    found = _read(
        "*** CertificateRequest\nCert Types: RSA, DSS,\nCert Authorities:\nCN=Duke, OU=Java "
        'Software, O="Sun Microsystems, Inc.",\nL=Cupertino, ST=CA, C=US>\n*** ServerHelloDone\n'
    )
    assert one(found, Wanted).names == (
        "CN=Duke,OU=Java Software,O=Sun Microsystems\\, Inc.,L=Cupertino,ST=CA,C=US",
    )
    (alert,) = _read('"TLSv1 ALERT: fatal, description = certificate_unknown "\n')
    assert isinstance(alert, AlertSeen)
    assert alert.by == ""


def test_a_certificate_as_a_jvm_prints_it_today() -> None:
    """The words of a certificate are those of X509CertImpl, which JDK 17 still has."""
    der = pki.certificate("leaf", "Root")
    worker = jvm.jvm("17.0.9.2").worker
    shown = worker.call("certificate_text", data=der)
    text = f"*** Certificate chain\nchain [0] = {shown}\n***\n"
    (certificate,) = one(_read(text), Chain).certificates
    from storekeeper.tls.evidence.values import certified

    known = certified(der)
    assert (certificate.subject, certificate.issuer) == (known.subject, known.issuer)
    assert (certificate.serial, certificate.signature_algorithm) == (
        known.serial,
        known.signature_algorithm,
    )
    assert (certificate.not_before, certificate.not_after) == (known.not_before, known.not_after)
