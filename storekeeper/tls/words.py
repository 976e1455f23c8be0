"""Names for the numbers of TLS: versions, alerts, groups, signature schemes, certificate types.

Sources: RFC 8446, RFC 5246, RFC 8422, RFC 7919, the IANA TLS parameters.
"""

from __future__ import annotations

SSL3, TLS10, TLS11, TLS12, TLS13 = 0x0300, 0x0301, 0x0302, 0x0303, 0x0304

VERSIONS = {
    0x0002: "SSLv2",
    SSL3: "SSLv3",
    TLS10: "TLSv1",
    TLS11: "TLSv1.1",
    TLS12: "TLSv1.2",
    TLS13: "TLSv1.3",
}
"""As the JDK and OpenSSL spell them."""

ALERTS = {
    0: "close_notify",
    10: "unexpected_message",
    20: "bad_record_mac",
    21: "decryption_failed",
    22: "record_overflow",
    30: "decompression_failure",
    40: "handshake_failure",
    41: "no_certificate",
    42: "bad_certificate",
    43: "unsupported_certificate",
    44: "certificate_revoked",
    45: "certificate_expired",
    46: "certificate_unknown",
    47: "illegal_parameter",
    48: "unknown_ca",
    49: "access_denied",
    50: "decode_error",
    51: "decrypt_error",
    60: "export_restriction",
    70: "protocol_version",
    71: "insufficient_security",
    80: "internal_error",
    86: "inappropriate_fallback",
    90: "user_canceled",
    100: "no_renegotiation",
    109: "missing_extension",
    110: "unsupported_extension",
    111: "certificate_unobtainable",
    112: "unrecognized_name",
    113: "bad_certificate_status_response",
    114: "bad_certificate_hash_value",
    115: "unknown_psk_identity",
    116: "certificate_required",
    120: "no_application_protocol",
    121: "ech_required",
}

ALERTS_OF_SERVERS = {
    40: "no protocol, cipher or key in common; before TLS 1.3 also: no client certificate came",
    42: "from a Java server: no client certificate, or any that it refuses; stunnel's verifyPeer",
    43: "the client certificate is not for clients by its purposes, or of an unsupported kind",
    44: "the client certificate is revoked",
    45: "the client certificate, or one of its issuers, is out of date",
    46: "from a Java server: it refuses the client certificate, for any reason",
    47: "a message made no sense to the server: an old stack, or a device on the way",
    48: "the server does not trust who issued the client certificate",
    49: "from GnuTLS: it refuses the client certificate, for any reason",
    50: "a message could not be read; from GnuTLS in TLS 1.2 also: no client certificate came",
    51: "a signature or a key exchange did not fit",
    70: "the server speaks none of the protocol versions that were offered",
    71: "the server wants stronger ciphers or keys than were offered",
    80: "the server failed; of Apache it may be SSLVerifyDepth, of an old protocol its settings",
    86: "a client fell back to an older protocol although the server has a newer one",
    112: "the server does not know the host name, or wants one",
    116: "no client certificate came, and the server wants one (TLS 1.3)",
    120: "no application protocol in common (ALPN)",
}
"""What an alert of a server stands for, by the stacks that send it (measured on OpenSSL, GnuTLS,
JSSE, stunnel and Apache; the numbers are the same everywhere, the reasons are not)."""

GROUPS = {
    1: ("sect163k1", 163),
    2: ("sect163r1", 163),
    3: ("sect163r2", 163),
    4: ("sect193r1", 193),
    5: ("sect193r2", 193),
    6: ("sect233k1", 233),
    7: ("sect233r1", 233),
    8: ("sect239k1", 239),
    9: ("sect283k1", 283),
    10: ("sect283r1", 283),
    11: ("sect409k1", 409),
    12: ("sect409r1", 409),
    13: ("sect571k1", 571),
    14: ("sect571r1", 571),
    15: ("secp160k1", 160),
    16: ("secp160r1", 160),
    17: ("secp160r2", 160),
    18: ("secp192k1", 192),
    19: ("secp192r1", 192),
    20: ("secp224k1", 224),
    21: ("secp224r1", 224),
    22: ("secp256k1", 256),
    23: ("secp256r1", 256),
    24: ("secp384r1", 384),
    25: ("secp521r1", 521),
    26: ("brainpoolP256r1", 256),
    27: ("brainpoolP384r1", 384),
    28: ("brainpoolP512r1", 512),
    29: ("x25519", 253),
    30: ("x448", 448),
    256: ("ffdhe2048", 2048),
    257: ("ffdhe3072", 3072),
    258: ("ffdhe4096", 4096),
    259: ("ffdhe6144", 6144),
    260: ("ffdhe8192", 8192),
    4587: ("SecP256r1MLKEM768", 0),
    4588: ("X25519MLKEM768", 0),
    4589: ("SecP384r1MLKEM1024", 0),
}
"""Name, and bits of the key (0 where that says nothing)."""

SCHEMES = {
    0x0101: "rsa_md5",
    0x0201: "rsa_pkcs1_sha1",
    0x0202: "dsa_sha1",
    0x0203: "ecdsa_sha1",
    0x0301: "rsa_sha224",
    0x0302: "dsa_sha224",
    0x0303: "ecdsa_sha224",
    0x0401: "rsa_pkcs1_sha256",
    0x0402: "dsa_sha256",
    0x0403: "ecdsa_secp256r1_sha256",
    0x0501: "rsa_pkcs1_sha384",
    0x0502: "dsa_sha384",
    0x0503: "ecdsa_secp384r1_sha384",
    0x0601: "rsa_pkcs1_sha512",
    0x0602: "dsa_sha512",
    0x0603: "ecdsa_secp521r1_sha512",
    0x0804: "rsa_pss_rsae_sha256",
    0x0805: "rsa_pss_rsae_sha384",
    0x0806: "rsa_pss_rsae_sha512",
    0x0807: "ed25519",
    0x0808: "ed448",
    0x0809: "rsa_pss_pss_sha256",
    0x080A: "rsa_pss_pss_sha384",
    0x080B: "rsa_pss_pss_sha512",
    0x081A: "ecdsa_brainpoolP256r1tls13_sha256",
    0x081B: "ecdsa_brainpoolP384r1tls13_sha384",
    0x081C: "ecdsa_brainpoolP512r1tls13_sha512",
    0x0904: "mldsa44",
    0x0905: "mldsa65",
    0x0906: "mldsa87",
}

CERTIFICATE_TYPES = {
    1: "rsa_sign",
    2: "dss_sign",
    3: "rsa_fixed_dh",
    4: "dss_fixed_dh",
    5: "rsa_ephemeral_dh",
    6: "dss_ephemeral_dh",
    20: "fortezza_dms",
    64: "ecdsa_sign",
    65: "rsa_fixed_ecdh",
    66: "ecdsa_fixed_ecdh",
    67: "gost_sign256",
    68: "gost_sign512",
}
"""Of TLS 1.2 and before (RFC 5246 section 7.4.4, RFC 8422 section 5.5)."""

MESSAGES = {
    0: "hello_request",
    1: "client_hello",
    2: "server_hello",
    3: "hello_verify_request",
    4: "new_session_ticket",
    5: "end_of_early_data",
    6: "hello_retry_request",
    8: "encrypted_extensions",
    11: "certificate",
    12: "server_key_exchange",
    13: "certificate_request",
    14: "server_hello_done",
    15: "certificate_verify",
    16: "client_key_exchange",
    20: "finished",
    21: "certificate_url",
    22: "certificate_status",
    23: "supplemental_data",
    24: "key_update",
    25: "compressed_certificate",
    254: "message_hash",
}


def version_name(number: int) -> str:
    """As in `VERSIONS`, or the number in hex."""
    return VERSIONS.get(number, f"0x{number:04x}")


def alert_name(number: int) -> str:
    """Name and number, as in "unknown_ca (48)": every stack spells the name differently."""
    return f"{ALERTS.get(number, 'unknown alert')} ({number})"


def group_name(number: int) -> str:
    """As in `GROUPS`, or the number in hex."""
    return GROUPS[number][0] if number in GROUPS else f"0x{number:04x}"


def scheme_name(number: int) -> str:
    """As in `SCHEMES`, or the number in hex."""
    return SCHEMES.get(number, f"0x{number:04x}")
