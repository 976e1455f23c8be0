"""Making keys, requests, certificates and revocation lists: pure functions on bytes.

What `cryptography` can't be told byte for byte (names as they were found, the extensions
keytool writes, keys for RSASSA-PSS) is written by `der`; `cryptography` makes the keys and
the signatures.
"""
