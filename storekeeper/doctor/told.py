"""What an error message stands for: the words of every stack, and the diagnosis behind them."""

from __future__ import annotations

import re

from ..trust.rules import meaning

# What a message has of each; the first that fits counts. Regular expressions.
_MESSAGES: dict[str, tuple[str, ...]] = {
    "ip-without-san": (
        "No subject alternative names (?:matching IP|present)",
        "IP address mismatch",
        "does not contain any IP SAN",
    ),
    "name-mismatch": (
        "No name matching",
        "No subject alternative DNS name matching",
        "doesn't match (?:any|common)",
        "HTTPS hostname wrong",
        "[Hh]ostname mismatch",
        "not valid for '",
        "certificate is valid for",
        "does not match certificate's altnames",
        "NameMismatch",
        "no alternative certificate subject",
    ),
    "expired": (
        "NotAfter:",
        "certificate has expired",
        "certificate expired",
        "timestamp check failed",
        "has expired or is not yet valid",
        "CERT_E_EXPIRED",
        "validity check failed",
        "X509_EXPIRED",
        "CERT_HAS_EXPIRED",
    ),
    "not-yet-valid": (
        "NotBefore:",
        "not yet valid",
    ),
    "zero-anchors": ("trustAnchors parameter must be non-empty",),
    "store-unreadable": (
        "Invalid keystore format",
        "Unrecognized keystore format",
        "toDerInputStream rejects tag type",
        r"DerInputStream\.getLength\(\): lengthTag",
        "parseAlgParameters failed",
        "PBE parameter parsing error",
        r"Integrity check failed: java\.security\.NoSuchAlgorithm",
        r"\b(?:BKS|UBER|BCFKS|JCEKS)\S* not found",
    ),
    "store-password": (
        "tampered with, or password was incorrect",
        "keystore password was incorrect",
        "Failed PKCS12 integrity checking",
    ),
    "key-password": (
        "Cannot recover key",
        "Get Key failed",
        "UnrecoverableKeyException",
    ),
    "proxy-refuses": (
        "tunnel through proxy",
        r"HTTP code \d{3} from proxy",
        "CONNECT tunnel failed",
        "Proxy Authentication Required",
    ),
    "distrusted-root": (
        "issued after .* distrusted legacy",
        "[Dd]istrusted",
    ),
    "blocked-certificate": ("Untrusted certificate:",),
    "weak-dhe": (
        "DH ServerKeyExchange does not comply",
        "DHPublicKey does not comply",
        "Could not generate DH",
        "Prime size must be",
        "dh key too small",
        "DH_KEY_TOO_SMALL",
    ),
    # Of one certificate of a path; "PKIX path validation failed" stands before Java's.
    "anchor-not-a-ca": ("TrustAnchor with subject .* is not a CA",),
    "not-a-ca": (
        "this is not a CA certificate",
        "tried to act as a CA",
        "invalid CA certificate",
        "not authorized to sign other certificates",
    ),
    "path-length": (
        "pathLenConstraint violated",
        "[Pp]ath length constraint",
    ),
    "ca-key-usage": (
        "CA key usage check failed",
        "expected keyCertSign",
        "does not include certificate signing",
    ),
    "name-constraints": (
        "name constraints check failed",
        "(?:permitted|excluded) subtree violation",
        "not authorized to sign for this name",
    ),
    "policies": ("policy tree is null",),
    "critical-extension": (
        r"(?:unrecognized|unhandled|unknown) critical extension",
        r"contains un(?:supported|known) critical ext",
    ),
    "algorithm-refused": (
        "does not comply to algorithm constraints",
        "do not conform to algorithm constraints",
        r"(?:Algorithm|denyAfter|Usage) constraints?(?: \S+)? check failed",
        "ca md too weak",
        "ee key too small",
        "Certificate signature algorithm disabled",
    ),
    "protocol-too-old": (
        "No appropriate protocol",
        r"protocol version \S+ is not accepted",
        "protocol_version",
        "unsupported protocol",
        "wrong version number",
        "Could not create SSL/TLS secure channel",
    ),
    "not-tls": (
        "plaintext connection",
        "unrecognized SSL message",
        "first record does not look like",
    ),
    "sni-needed": ("unrecognized_name",),
    "no-client-certificate-sent": (
        "No required SSL certificate was sent",
        "certificate_required",
        "valid client certificate",
        "[Ee]mpty client certificate chain",
        "null cert chain",
    ),
    "revoked": (
        "[Cc]ertificate (?:has been |is )?revoked",
        "CERT_REVOKED",
    ),
    "not-for-servers": (
        "Extended key usage does not permit",
        "Netscape cert type does not permit",
        "unsupported certificate purpose",
    ),
    "unreadable-certificate": ("Failed to parse server certificates",),
    "chain-too-long": (
        "chain length .* exceeds",
        "size of the handshake message",
    ),
    "unknown-issuer": (
        "unable to verify the first certificate",
        "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
        "unable to get (?:local )?issuer certificate",
    ),
    "unknown-root": (
        "PKIX path (?:building|validation) failed",
        "valid certification path",
        "No trusted certificate found",
        "rejected by ChainVerifier",
        "does not chain with any",
        "self[- ]signed certificate",
        "unknown authority",
        "is NOT trusted",
        "is not trusted",
        "SEC_E_UNTRUSTED_ROOT",
        "RemoteCertificateChain",
        "Could not establish trust relationship",
        "remote certificate is invalid",
        "unable to get local issuer",
    ),
    "peer-not-authenticated": ("peer not authenticated",),
    "handshake-refused": (
        "Remote host closed connection during",
        "Remote host terminated the handshake",
        "peer shut down incorrectly",
        "Connection reset",
        "SSL_ERROR_SYSCALL",
        "unexpected eof while reading",
        "UNEXPECTED_EOF_WHILE_READING",
        "connect:errno=104",
    ),
    "unreachable": (
        "UnknownHostException",
        "NoRouteToHostException",
        "ConnectException",
        "Connection refused",
        "(?i)connect(?:ion)? timed out",
        "Could not resolve host",
        r"Failed to connect to \S+ port",
        "Name or service not known",
        "connect:errno=",
    ),
}


# Of a client's verification by OpenSSL (X509_V_ERR_*).
_NUMBERS = {
    10: "expired", 9: "not-yet-valid", 18: "unknown-root", 19: "unknown-root",
    20: "unknown-issuer", 21: "unknown-issuer", 62: "name-mismatch", 64: "ip-without-san",
    23: "revoked", 26: "not-for-servers", 66: "algorithm-refused", 68: "algorithm-refused",
}  # fmt: skip

# What sounds like a failure and is none.
_HARMLESS = ("verifyhost setting prevents Schannel from comparing",)

WORDS = {
    "certificate-refused": "the other side refuses the certificate this program shows, or gets "
    "none: as a client its own, as a server that of the server",
    "expired-entry": "a key in the keystore that was listed has a certificate that is out of date",
    "expired-anchor": "a trusted certificate in the store that was listed is out of date: Java "
    "does not mind, but the server may have a newer one by now",
    "empty-list-and-iaik": "the server asks for a client certificate and lists no CA, and the IAIK "
    "library then sends none",
    "ip-without-san": "the server is asked for by its address, which its certificate does not have",
    "name-mismatch": "the server's certificate is for other names than the one it is asked for by",
    "expired": "a certificate of the server's chain is out of date",
    "not-yet-valid": "a certificate is not valid yet, or a clock is wrong",
    "zero-anchors": "the client's trust store gives the program no certificate at all",
    "store-unreadable": "a keystore is of a format that this program can't read",
    "store-password": "a keystore does not open with the password it was given",
    "distrusted-root": "the JDK no longer trusts this root for certificates issued so late",
    "blocked-certificate": "the JDK blocks this very certificate",
    "weak-dhe": "the server's Diffie-Hellman group is too small for the client (Logjam)",
    "algorithm-refused": "an algorithm or a key in the chain is refused by the client's settings",
    "protocol-too-old": "client and server have no protocol version in common",
    "not-tls": "what answers on that port does not speak TLS",
    "sni-needed": "the server wants to be told the host name, and does not know this one",
    "revoked": "a certificate is revoked",
    "not-for-servers": "the certificate is not meant for this purpose",
    "unreadable-certificate": "a certificate that was sent can't be read",
    "chain-too-long": "the server sends more certificates than the client takes",
    "unknown-issuer": "who issued the server's certificate is neither sent nor trusted",
    "unknown-root": "the client does not trust the CA at the end of the server's chain",
    "peer-not-authenticated": "the client got no certificate that it trusts, and does not say why",
    "no-client-certificate-sent": "the server wants a client certificate, and none was sent",
    "client-certificate-refused": "the server refuses the certificate of the client",
    "handshake-refused": "the server ends the handshake, and does not say why",
    "client-gave-up": "the client ends the handshake at what the server chose or sent",
    "unreachable": "the server is not reached: nothing of TLS has begun",
    "proxy-refuses": "the proxy on the way does not let the connection through",
    "key-password": "a private key does not open with the password it was given",
    "unexplained": "something failed, in words that are not explained here",
    "rsassa-pss": "a certificate is signed with RSASSA-PSS, which older products can't read",
    "missing-intermediate": "the server does not send an intermediate certificate clients need",
    "wrong-order": "the server sends its certificates in the wrong order, or others among them",
}

_OTHERS_FAULT = (
    "anchor-not-a-ca",
    "not-a-ca",
    "path-length",
    "ca-key-usage",
    "name-constraints",
    "policies",
    "critical-extension",
)
"""Rules whose own sentence says it, and which another certificate mends, or none."""

WORDS |= {code: meaning(code) for code in _OTHERS_FAULT}

STEPS = {
    "certificate-refused": "of a client: storekeeper doctor HOST --store STORE --identity KEYSTORE "
    "tells which certificate is sent, and why none; of a server: what its clients trust",
    "expired-entry": "have a new certificate made: storekeeper csr KEYSTORE --alias ALIAS makes "
    "the request",
    "expired-anchor": "import what the server has now: storekeeper import STORE HOST:PORT shows it",
    "empty-list-and-iaik": "set watt.security.ssl.client.ignoreEmptyAuthoritiesList=true, or let "
    "the server list the CAs it accepts",
    "ip-without-san": "ask for the server by a name in its certificate, or get a certificate that "
    "has the address among its alternative names; no import mends a name",
    "name-mismatch": "ask for the server by a name in its certificate, or get a certificate with "
    "this one; no import mends a name",
    "expired": "get a new certificate for the server",
    "not-yet-valid": "look at the clocks of both machines",
    "zero-anchors": "storekeeper show STORE tells who can read it, and what is missing in it",
    "store-unreadable": "storekeeper show STORE tells what it is; storekeeper convert mends it",
    "store-password": "storekeeper list STORE tells whether the password opens it; a Java before "
    "8u301 and 11.0.12 says the same of a PKCS12 of newer ones, which storekeeper show STORE tells",
    "distrusted-root": "the server needs a certificate of another CA",
    "weak-dhe": "give the server a group of 2048 bits, or let it prefer ECDHE",
    "algorithm-refused": "get a certificate with a key and a signature of today",
    "protocol-too-old": "let the server speak TLS 1.2 or 1.3, or update the client",
    "not-tls": "look at port and address: the program may have been given those of plain HTTP",
    "unknown-issuer": "let the server send its intermediates; storekeeper chain HOST tells which",
    "unknown-root": "import the root, or the server's own certificate, into the store this program "
    "uses: storekeeper fix HOST --store STORE finds the smallest change",
    "peer-not-authenticated": "storekeeper doctor HOST --store STORE asks the server itself",
    "no-client-certificate-sent": "storekeeper client check tells which key the client sends, and "
    "why not another",
    "client-certificate-refused": "ask who runs the server which CAs it trusts",
    "handshake-refused": "storekeeper probe HOST --protocols --ciphers tells what the server takes",
    "client-gave-up": "storekeeper doctor HOST --store STORE asks the server itself; else the "
    "client's own log of that moment",
    "unreachable": "look at name, address, port and firewalls: storekeeper probe HOST from the "
    "client's machine tells which it is",
    "proxy-refuses": "ask who runs the proxy for an exception, or for its user and password",
    "key-password": "Java opens all keys with one password: storekeeper passwd gives the key that "
    "of its store",
    "unexplained": "a log with javax.net.debug=ssl:handshake, or a capture from before the "
    "connection begins, tells more",
    "revoked": "get a new certificate: this one is no longer good, whatever the client's settings",
    "blocked-certificate": "get another certificate: no setting of Java lets this one through",
    "not-for-servers": "get a certificate with the purpose serverAuth (of a client: clientAuth)",
    "unreadable-certificate": "storekeeper probe HOST tells which certificate it is, and why",
    "chain-too-long": "let the server send its own certificate and the intermediates, no more",
    "rsassa-pss": "ask the CA for a PKCS#1 v1.5 signature (SHA256withRSA), or update the client",
    "missing-intermediate": "let the server send its intermediates: storekeeper chain tells which",
    "wrong-order": "let the server send its own certificate first, then who issued each",
}
STEPS |= dict.fromkeys(
    _OTHERS_FAULT,
    "get another certificate in place of the one at fault, which storekeeper check HOST --store "
    "STORE names",
)
STEPS["anchor-not-a-ca"] = (
    "import the server's new certificate in place of the old one: storekeeper fix HOST --store "
    "STORE tells which"
)


def harmless(message: str) -> bool:
    """Whether a message sounds like a failure and is none."""
    return any(one in message for one in _HARMLESS)


def code_of(message: str, number: int | None = None) -> str:
    """The diagnosis a message stands for; "" for none that is known."""
    if number is not None and number in _NUMBERS:
        return _NUMBERS[number]
    for code, patterns in _MESSAGES.items():
        if any(re.search(pattern, message) for pattern in patterns):
            return code
    return ""
