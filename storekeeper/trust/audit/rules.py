"""The rules of an audit: stable codes, what each says, how bad it is, where it comes from.

docs/audit.md has this table, made from it. No rule looks at an alias to judge, or depends on
the order of a file.
"""

from __future__ import annotations

from ...frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...model import Severity


class Rule(Frozen):
    """One rule.

    Attributes:
        severity: of its findings when the policy says nothing. A case of it can be milder or
            worse, which ``meaning`` then says.
        meaning: what a finding of it says, one phrase.
        source: the list, standard, release or reader behind it.
        group: "trust" (what is trusted), "certificate", "key" (entries with private keys),
            "file", "reading" (what the reader of a format noticed), "policy".
    """

    severity: Severity
    meaning: str
    source: str
    group: str


_JDK = "JDK: jdk.certpath.disabledAlgorithms"
_READER = "the reader of the format"

RULES: dict[str, Rule] = {
    # -- what is trusted ------------------------------------------------------------------
    "blocked": Rule(
        "error",
        "a blocked list names this very certificate; a warning when it is Microsoft's alone, which "
        "also has those it trusts for older certificates only",
        "Microsoft's disallowed list, the JDK's blocked.certs",
        "trust",
    ),
    "unknown-root": Rule(
        "warning",
        "no root list has this CA: private or rogue; an error when it has the name of a listed "
        "root and another key",
        "every shipped list, or those of the policy",
        "trust",
    ),
    "removed-by-mozilla": Rule(
        "warning",
        "Mozilla had this root and took it out, or trusts it for nothing; an error when that was "
        "for what its CA had done",
        "Mozilla's certdata.txt", "trust",
    ),
    "email-only-at-mozilla": Rule(
        "warning", "Mozilla trusts this root for e-mail alone, a Java store for TLS as well",
        "Mozilla's certdata.txt, trust bits", "trust",
    ),
    "distrust-after": Rule(
        "warning",
        "trusted only for certificates issued up to a date, which a store can't say; an error of "
        "a key's chain or a pinned certificate issued later",
        "Mozilla's distrust-after, the JDK's caDistrustPolicies",
        "trust",
    ),
    "refused-by-this-jre": Rule(
        "warning", "in the store, and refused by the very JRE the store belongs to",
        "its java.security, blocked.certs and release", "trust",
    ),
    "not-a-ca": Rule(
        "warning",
        "trusted, and no CA: it vouches only for itself; info of a self-issued one",
        "RFC 5280 section 4.2.1.9", "trust",
    ),
    "duplicate-certificate": Rule(
        "warning", "one certificate under several aliases: taking one out changes nothing",
        "SHA-256 of the certificates", "trust",
    ),
    "public-leaf-pinned": Rule(
        "warning", "a server's certificate of a public CA, trusted directly: it breaks with the "
        "next renewal",
        "CA/Browser Forum SC-081v3", "trust",
    ),
    "missing-from-store": Rule(
        "warning", "a root of the list given with --against that is not in the store",
        "--against", "trust",
    ),
    "extra": Rule(
        "warning", "a trusted certificate that the list given with --against has not",
        "--against", "trust",
    ),
    # -- certificates ---------------------------------------------------------------------
    "expired": Rule(
        "warning", "a trusted certificate is past its end", "RFC 5280 section 4.1.2.5",
        "certificate",
    ),
    "expires-soon": Rule(
        "warning", "a trusted certificate is near its end: a share of its lifetime, capped; of "
        "CAs, a period",
        "policy: expires_soon", "certificate",
    ),
    "not-yet-valid": Rule(
        "warning", "its validity has not begun; an error of a key's certificate",
        "RFC 5280 section 4.1.2.5", "certificate",
    ),
    "weak-key": Rule(
        "warning", "RSA or DSA below 2048 bits, EC below 224; an error where every JDK refuses it",
        f"NIST SP 800-131A; {_JDK}", "certificate",
    ),
    "weak-signature": Rule(
        "warning",
        "signed with MD2, MD5 or SHA-1; info where it is trusted directly, and never of a "
        "self-signed root, whose own signature nobody checks",
        _JDK, "certificate",
    ),
    "non-positive-serial": Rule(
        "info", "a serial number of zero or below: strict libraries refuse it",
        "RFC 5280 section 4.1.2.2", "certificate",
    ),
    "lifetime-too-long": Rule(
        "warning", "a public server certificate that lives longer than it may by its date of issue",
        "CA/Browser Forum SC-081v3: 200, 100, 47 days", "certificate",
    ),
    "quantum-vulnerable": Rule(
        "info", "how many keys of the store a quantum computer breaks, by kind",
        "FIPS 203 to 205", "certificate",
    ),
    "unreadable-certificate": Rule(
        "warning", "it, or a part of it, can't be parsed; an error when nothing of it can",
        "RFC 5280", "certificate",
    ),
    # -- private keys ---------------------------------------------------------------------
    "key-expired": Rule(
        "error", "the certificate of a private key, or of its chain, is past its end",
        "RFC 5280 section 4.1.2.5", "key",
    ),
    "key-expires-soon": Rule(
        "warning", "the certificate of a private key is near its end",
        "policy: expires_soon", "key",
    ),
    "incomplete-chain": Rule(
        "warning",
        "the chain of a private key ends at its own certificate though a CA between it and a root "
        "issued it, is out of order, or has strangers in it",
        "RFC 8446 section 4.4.2", "key",
    ),
    "default-password": Rule(
        "info", "the store opens with a password everybody knows, or without one; a warning when "
        "it has private keys",
        "JDK: 'changeit'", "key",
    ),
    "readable-by-others": Rule(
        "warning", "every user of the machine can read a store with private keys",
        "mode of the file", "key",
    ),
    # -- the file -------------------------------------------------------------------------
    "world-writable": Rule(
        "error", "every user of the machine can write the store, or replace it",
        "mode of the file and of its directory", "file",
    ),
    "managed-file": Rule(
        "info", "a package rewrites this file: changes by hand do not stay", "packages of the "
        "system", "file",
    ),
    "source-note": Rule(
        "info", "what was read, and why: which JRE, which file in its place", "the search", "file"
    ),
    # -- what readers notice --------------------------------------------------------------
    "unreadable-entry": Rule("warning", "an entry that can't be read", _READER, "reading"),
    "unreadable-file": Rule("warning", "a file of a directory that can't be read", _READER,
                            "reading"),
    "unreadable-bag": Rule("warning", "a part of a PKCS12 that can't be read", _READER, "reading"),
    "java-invisible": Rule("warning", "an entry of a PKCS12 that Java does not see", _READER,
                           "reading"),
    "trailing-bytes": Rule("warning", "bytes after the end of the store", _READER, "reading"),
    "duplicate-alias": Rule("warning", "two entries of one alias: Java sees one", _READER,
                            "reading"),
    "alias-not-lower-case": Rule("warning", "an alias Java can't ask for", _READER, "reading"),
    "alias-malformed": Rule("warning", "an alias that is no text", _READER, "reading"),
    "unknown-key-protector": Rule("warning", "a key sealed in a way nobody knows", _READER,
                                  "reading"),
    "unknown-secret-key-class": Rule("warning", "a secret key of a class nobody knows", _READER,
                                     "reading"),
    "trusted-attribute-on-key-certificate": Rule(
        "warning", "a key's certificate that is marked as trusted", _READER, "reading"),
    "format-mismatch": Rule("warning", "the content is not what its name says", _READER,
                            "reading"),
    "opaque-key": Rule("info", "an entry of bytes that were protected before", _READER, "reading"),
    "odd-attribute": Rule("info", "an attribute that can't be read", _READER, "reading"),
    "password-spelling": Rule("info", "a password that only some readers spell alike", _READER,
                              "reading"),
    "no-armour": Rule("warning", "base64 without its PEM armour", _READER, "reading"),
    "several-certificates": Rule("info", "several certificates in a row", _READER, "reading"),
    "signature-not-checked": Rule("info", "a PKCS#7 whose signature was not checked", _READER,
                                  "reading"),
    "openssl-trust": Rule("info", "OpenSSL's own trust settings beside a certificate", _READER,
                          "reading"),
    "key-pairing-assumed": Rule("info", "a key was put to a certificate by its place", _READER,
                                "reading"),
    "repeated-certificates": Rule("info", "one certificate in several files", _READER, "reading"),
    "skipped-file": Rule("info", "a file of a directory that holds no certificate", _READER,
                         "reading"),
    "damaged-row": Rule("warning", "a row of a list that can't be used", _READER, "reading"),
    "noticed": Rule("warning", "anything else a reader has to say, its own code in brackets",
                    _READER, "reading"),
    # -- the policy -----------------------------------------------------------------------
    "waiver-ended": Rule(
        "warning", "a waiver of the policy is past its end, and waives nothing", "policy: waive",
        "policy",
    ),
    "waiver-unused": Rule(
        "info", "a waiver of the policy covered nothing of this audit", "policy: waive", "policy"
    ),
}  # fmt: skip

RANK = {"error": 0, "warning": 1, "info": 2}
"""Worst first."""
