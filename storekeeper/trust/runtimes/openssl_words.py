"""Errors of OpenSSL's chain verification: number, name of the constant, and words.

Source: X509_verify_cert_error_string of OpenSSL 1.1.1w, 3.0.19 and 3.5.4, asked one by one;
X509_STORE_CTX_get_error(3).
"""

from __future__ import annotations

ERRORS = {
    1: ("UNSPECIFIED", "unspecified certificate verification error"),
    2: ("UNABLE_TO_GET_ISSUER_CERT", "unable to get issuer certificate"),
    6: ("UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY", "unable to decode issuer public key"),
    7: ("CERT_SIGNATURE_FAILURE", "certificate signature failure"),
    9: ("CERT_NOT_YET_VALID", "certificate is not yet valid"),
    10: ("CERT_HAS_EXPIRED", "certificate has expired"),
    13: ("ERROR_IN_CERT_NOT_BEFORE_FIELD", "format error in certificate's notBefore field"),
    14: ("ERROR_IN_CERT_NOT_AFTER_FIELD", "format error in certificate's notAfter field"),
    18: ("DEPTH_ZERO_SELF_SIGNED_CERT", "self-signed certificate"),
    19: ("SELF_SIGNED_CERT_IN_CHAIN", "self-signed certificate in certificate chain"),
    20: ("UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "unable to get local issuer certificate"),
    21: ("UNABLE_TO_VERIFY_LEAF_SIGNATURE", "unable to verify the first certificate"),
    22: ("CERT_CHAIN_TOO_LONG", "certificate chain too long"),
    24: ("NO_ISSUER_PUBLIC_KEY", "issuer certificate doesn't have a public key"),
    25: ("PATH_LENGTH_EXCEEDED", "path length constraint exceeded"),
    26: ("INVALID_PURPOSE", "unsuitable certificate purpose"),
    29: ("SUBJECT_ISSUER_MISMATCH", "subject issuer mismatch"),
    30: ("AKID_SKID_MISMATCH", "authority and subject key identifier mismatch"),
    31: ("AKID_ISSUER_SERIAL_MISMATCH", "authority and issuer serial number mismatch"),
    32: ("KEYUSAGE_NO_CERTSIGN", "key usage does not include certificate signing"),
    34: ("UNHANDLED_CRITICAL_EXTENSION", "unhandled critical extension"),
    41: ("INVALID_EXTENSION", "invalid or inconsistent certificate extension"),
    47: ("PERMITTED_VIOLATION", "permitted subtree violation"),
    48: ("EXCLUDED_VIOLATION", "excluded subtree violation"),
    49: ("SUBTREE_MINMAX", "name constraints minimum and maximum not supported"),
    51: ("UNSUPPORTED_CONSTRAINT_TYPE", "unsupported name constraint type"),
    52: ("UNSUPPORTED_CONSTRAINT_SYNTAX", "unsupported or invalid name constraint syntax"),
    53: ("UNSUPPORTED_NAME_SYNTAX", "unsupported or invalid name syntax"),
    62: ("HOSTNAME_MISMATCH", "hostname mismatch"),
    64: ("IP_ADDRESS_MISMATCH", "IP address mismatch"),
    66: ("EE_KEY_TOO_SMALL", "EE certificate key too weak"),
    67: ("CA_KEY_TOO_SMALL", "CA certificate key too weak"),
    68: ("CA_MD_TOO_WEAK", "CA signature digest algorithm too weak"),
    76: ("UNSUPPORTED_SIGNATURE_ALGORITHM", "Cannot find certificate signature algorithm"),
    77: (
        "SIGNATURE_ALGORITHM_MISMATCH",
        "subject signature algorithm and issuer public key algorithm mismatch",
    ),
    78: (
        "SIGNATURE_ALGORITHM_INCONSISTENCY",
        "cert info signature and signature algorithm mismatch",
    ),
    79: ("INVALID_CA", "invalid CA certificate"),
    80: ("PATHLEN_INVALID_FOR_NON_CA", "Path length invalid for non-CA cert"),
    81: ("PATHLEN_WITHOUT_KU_KEY_CERT_SIGN", "Path length given without key usage keyCertSign"),
    82: (
        "KU_KEY_CERT_SIGN_INVALID_FOR_NON_CA",
        "Key usage keyCertSign invalid for non-CA cert",
    ),
    83: ("ISSUER_NAME_EMPTY", "Issuer name empty"),
    84: ("SUBJECT_NAME_EMPTY", "Subject name empty"),
    85: ("MISSING_AUTHORITY_KEY_IDENTIFIER", "Missing Authority Key Identifier"),
    86: ("MISSING_SUBJECT_KEY_IDENTIFIER", "Missing Subject Key Identifier"),
    87: ("EMPTY_SUBJECT_ALT_NAME", "Empty Subject Alternative Name extension"),
    88: (
        "EMPTY_SUBJECT_SAN_NOT_CRITICAL",
        "Subject empty and Subject Alt Name extension not critical",
    ),
    89: ("CA_BCONS_NOT_CRITICAL", "Basic Constraints of CA cert not marked critical"),
    90: ("AUTHORITY_KEY_IDENTIFIER_CRITICAL", "Authority Key Identifier marked critical"),
    91: ("SUBJECT_KEY_IDENTIFIER_CRITICAL", "Subject Key Identifier marked critical"),
    92: ("CA_CERT_MISSING_KEY_USAGE", "CA cert does not include key usage extension"),
    93: ("EXTENSIONS_REQUIRE_VERSION_3", "Using cert extension requires at least X509v3"),
    94: ("EC_KEY_EXPLICIT_PARAMS", "Certificate public key has explicit ECC parameters"),
}
"""By the number OpenSSL 3 has for each."""

# What 1.1.1 numbers or words differently, by the number of OpenSSL 3.
_OLD = {
    18: (18, "self signed certificate"),
    19: (19, "self signed certificate in certificate chain"),
    26: (26, "unsupported certificate purpose"),
    62: (62, "Hostname mismatch"),
    79: (24, "invalid CA certificate"),
    94: (79, "Certificate public key has explicit ECC parameters"),
}


# Which rule of ours stands behind an error of OpenSSL 3.
_RULES = {
    1: "unparsable",
    2: "no-path",
    6: "signature",
    7: "signature",
    9: "not-yet-valid",
    10: "expired",
    13: "unparsable",
    14: "unparsable",
    18: "no-path",
    19: "no-path",
    20: "no-path",
    21: "no-path",
    22: "path-depth",
    25: "path-length",
    26: "purpose",
    32: "ca-key-usage",
    34: "critical-extension",
    47: "name-constraints",
    48: "name-constraints",
    49: "name-constraints",
    51: "name-constraints",
    53: "name-constraints",
    62: "host-name",
    64: "host-name",
    66: "security-level",
    67: "security-level",
    68: "security-level",
    79: "not-a-ca",
    94: "explicit-curve",
}


def rule_of(number: int) -> str:
    """The rule behind an error of OpenSSL 3; those not named here are of the strict profile."""
    return _RULES.get(number, "strict-profile")


def name_of(number: int) -> str:
    """The constant of an error of OpenSSL 3, without X509_V_ERR."""
    return ERRORS[number][0]


def said(number: int, version: tuple[int, int]) -> tuple[int, str]:
    """Number and words of an error as a version has them.

    Args:
        number: as OpenSSL 3 numbers it.
        version: (3, 0).
    """
    if version < (3, 0) and number in _OLD:
        return _OLD[number]
    return number, ERRORS[number][1]
