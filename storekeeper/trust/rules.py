"""What the rules of verdicts mean, for people: a sentence, and where the fault lies."""

from __future__ import annotations

from ..frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    Fault = Literal["server", "client", "certificate", "host", "either", ""]


class Rule(Frozen):
    """One rule.

    Attributes:
        meaning: what it says, as one sentence without a full stop.
        fault: who mends it: "server" (what it sends), "client" (what is trusted),
            "certificate" (only another certificate), "host" (name and certificate don't
            fit), "either" (server or client), "" (nobody has to, or it depends).
    """

    meaning: str
    fault: Fault = ""


RULES: dict[str, Rule] = {
    "trusted": Rule("the path leads to a trust anchor and every check of it passes"),
    "unparsable": Rule(
        "a certificate that was sent is none for this runtime, so the handshake ends before "
        "anything is judged",
        "certificate",
    ),
    "message-size": Rule("the server sends more bytes of certificates than are taken", "server"),
    "chain-length": Rule("the server sends more certificates than are taken", "server"),
    "no-anchors": Rule("there is no trust anchor: the store gives the program nothing", "client"),
    "no-anchor": Rule(
        "the last certificate sent names an issuer that the store does not have, or has with "
        "another key",
        "either",
    ),
    "no-path": Rule(
        "no path leads from the server's certificate to anything in the store; this one message "
        "stands for a missing intermediate, an unknown root and whatever else stops the search",
        "either",
    ),
    "gave-up": Rule("the search for a path was not finished within its bound", "server"),
    "expired": Rule("a certificate of the path has expired", "certificate"),
    "not-yet-valid": Rule(
        "a certificate of the path is not valid yet; if it should be, the client's clock is wrong",
        "certificate",
    ),
    "signature": Rule(
        "the key of the issuer did not make the signature: another key of the same name is "
        "trusted, or the certificate was changed",
        "either",
    ),
    "name-chaining": Rule("a certificate was not issued in the name of the next one", "server"),
    "not-a-ca": Rule("an issuer in the path is no CA by its basic constraints", "certificate"),
    "ca-key-usage": Rule("an issuer in the path may not sign certificates", "certificate"),
    "path-length": Rule("an issuer allows fewer CAs below it than there are", "certificate"),
    "name-constraints": Rule(
        "an issuer may not issue for a name in the certificate", "certificate"
    ),
    "policies": Rule("the certificate policies of the path don't fit together", "certificate"),
    "critical-extension": Rule(
        "a certificate has a critical extension that this runtime does not know", "certificate"
    ),
    "disabled-algorithm": Rule(
        "java.security forbids an algorithm or a key size in the path", "certificate"
    ),
    "disabled-curve": Rule("java.security forbids the curve of a key in the path", "certificate"),
    "tls-signature-algorithm": Rule(
        "the client did not offer the algorithm by which a certificate is signed", "certificate"
    ),
    "tls-key": Rule("the protocol has no signature with this kind of key", "certificate"),
    "no-signature-scheme": Rule(
        "the protocol has no signature scheme for the server's kind of key", "certificate"
    ),
    "no-protocol": Rule("java.security forbids the protocol, or all it has", "client"),
    "unusable-settings": Rule(
        "java.security has words that Java does not know: it refuses to work at all", "client"
    ),
    "revoked": Rule("a certificate of the path is revoked", "certificate"),
    "revocation-unknown": Rule(
        "revocation is checked, and nothing that was given tells whether a certificate is revoked",
        "either",
    ),
    "revocation-unasked": Rule(
        "whether a certificate is revoked is asked over the network, which was not done here"
    ),
    "blocked": Rule("the JDK blocks this very certificate", "certificate"),
    "distrusted-root": Rule(
        "the JDK no longer trusts this root for TLS certificates issued so late, although it is "
        "in the store",
        "certificate",
    ),
    "anchor-not-a-ca": Rule(
        "what is in the store is no CA, and signed a certificate that is not in the store "
        "itself: often a self-signed certificate that was renewed with the same key",
        "client",
    ),
    "anchor-key-usage": Rule(
        "what is in the store may not sign certificates by its key usage", "client"
    ),
    "key-usage": Rule("the server's key may not be used as the handshake would", "certificate"),
    "extended-key-usage": Rule("the certificate is not for TLS servers", "certificate"),
    "netscape-type": Rule("the Netscape type of the certificate is not for this", "certificate"),
    "unreadable-purposes": Rule("the extended key usage can't be read", "certificate"),
    "unreadable-names": Rule("the subject alternative names can't be read", "certificate"),
    "purpose": Rule(
        "a certificate of the path is not for this purpose, by its key usage, extended key usage "
        "or Netscape type",
        "certificate",
    ),
    "signer-constraints": Rule(
        "an issuer may not have issued what is below it: by its key usage, path length, name "
        "constraints or kind of key",
        "certificate",
    ),
    "security-level": Rule(
        "a key or a digest in the path is weaker than the client's security level allows",
        "certificate",
    ),
    "strict-profile": Rule(
        "a certificate of the path is not as RFC 5280 wants it, and this client is strict",
        "certificate",
    ),
    "explicit-curve": Rule("a key in the path has parameters instead of a curve", "certificate"),
    "path-depth": Rule("the path is longer than the client is set to follow", "client"),
    "signature-algorithm": Rule(
        "this product does not know the algorithm by which a certificate is signed", "certificate"
    ),
    "untrusted-issuer": Rule(
        "an issuer in the path is not in the store, where this product wants every one", "client"
    ),
    "wrong-order": Rule("the certificates are not sent in the order of issuance", "server"),
    "aia-unasked": Rule(
        "the runtime would fetch an issuer over the network, which was not done here"
    ),
    "unreadable": Rule("a part of a certificate can't be read", "certificate"),
    "host-name": Rule(
        "the certificate is for other names than the one it is asked for by; no import changes "
        "that",
        "host",
    ),
    "no-alternative-names": Rule(
        "the server is asked for by its address, and the certificate has no subject alternative "
        "names; the CN never counts for an address, and no import changes that",
        "host",
    ),
    "illegal-host": Rule(
        "the host name has a character that none may have, such as an underscore; Java refuses "
        "it whatever the certificate says",
        "host",
    ),
}

NAME_RULES = frozenset(rule for rule, about in RULES.items() if about.fault == "host")
"""Rules about the name of the server: nothing in a store mends them."""


def meaning(rule: str) -> str:
    """The sentence of a rule; "" for one not known here."""
    found = RULES.get(rule)
    return "" if found is None else found.meaning
