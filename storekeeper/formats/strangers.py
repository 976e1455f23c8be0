"""What to say about files this package recognises and does not read."""

from __future__ import annotations

EXPLANATIONS = {
    "": (
        "no store or certificate that is known here",
        "JKS, JCEKS, PKCS12, PEM, DER, PKCS7, BKS and UBER are",
    ),
    "empty": (
        "the file is empty (0 bytes)",
        "an interrupted download or a redirection that failed leaves such files",
    ),
    "blank": ("the file holds white space only", ""),
    "html": (
        "this is a web page (HTML), not a certificate",
        "a server answered the download with a page, perhaps a login or an error: look at it",
    ),
    "http": (
        "this is an HTTP answer with its headers, not a certificate",
        "save the body only (curl without -i)",
    ),
    "xml": (
        "this is XML, not a store",
        "the base64 text of a <ds:X509Certificate> can be read alone",
    ),
    "json": (
        "this is JSON, not a store",
        "if a certificate is in one of its strings, extract that: jq -r .field FILE",
    ),
    "yaml": (
        "this is a Kubernetes manifest (YAML), and holds no armoured certificate",
        "decode the field: kubectl get secret NAME -o jsonpath='{.data.tls\\.crt}' | base64 -d",
    ),
    "openssh": (
        "this is an SSH key; SSH keys are no certificates",
        "ssh-keygen -p -m PKCS8 -f FILE rewrites an OpenSSH private key as PEM",
    ),
    "pgp": ("this is OpenPGP armour, not X.509", "gpg reads it"),
    "zip": (
        "this is a ZIP or JAR archive",
        "unpack it and give the store inside",
    ),
    "gzip": ("this is gzip-compressed", "gunzip it first"),
    "compressed": ("this is a compressed file", "unpack it first"),
    "sqlite": (
        "this is an SQLite database; named cert9.db or key4.db it is an NSS (Firefox) store",
        "certutil -L -d sql:DIR lists it, certutil -L -d sql:DIR -n NAME -a exports as PEM",
    ),
    "berkeley-db": (
        "this is a Berkeley DB; named cert8.db or key3.db it is an old NSS store",
        "certutil -L -d dbm:DIR lists it",
    ),
    "sst": (
        "this is a Windows serialized certificate store (.sst)",
        "certutil -split -dump FILE writes its certificates as files",
    ),
    "macos-keychain": (
        "this is a macOS keychain",
        "security find-certificate -a -p FILE writes its certificates as PEM",
    ),
    "java-serialized": ("this is a serialized Java object, not a store", ""),
    "java-class": ("this is a compiled Java class", ""),
    "pdf": ("this is a PDF document", ""),
    "executable": ("this is a program", ""),
    "bcfks": (
        "this is a BCFKS store (BouncyCastle FIPS); it is not read here",
        "keytool -importkeystore with BouncyCastle's provider converts it to PKCS12",
    ),
    "certificate request": (
        "this is a certificate request (PKCS#10), not a certificate",
        "send it to a CA; what comes back is the certificate",
    ),
    "crl": (
        "this is a certificate revocation list, not a certificate",
        "openssl crl -in FILE -noout -text shows it",
    ),
    "public key": (
        "this is a bare public key, not a certificate",
        "a certificate is needed: it binds the key to a name",
    ),
    "certdata": (
        "this is NSS's certdata.txt, a root list and not a store",
        "root lists can be compared: diff takes it as a source",
    ),
    "csv": (
        "this is a CSV list, not a store",
        "root lists can be compared: diff takes CCADB's CSV reports as a source",
    ),
    "fingerprints": (
        "this is a list of fingerprints, not a store",
        "root lists can be compared: diff takes fingerprints as a source",
    ),
    "utf-16": (
        "this is text in UTF-16 without an armoured certificate",
        "save it again as plain text",
    ),
    "broken armour": (
        "a PEM block is announced, but its armour is broken",
        "the line must be -----BEGIN CERTIFICATE-----, with five plain hyphens at both ends",
    ),
    "text": (
        "this is text without an armoured block",
        "a PEM certificate begins with the line -----BEGIN CERTIFICATE-----",
    ),
}


def explain(word: str, data: bytes) -> tuple[str, str]:
    """Message and hint for a word of `detect.sniff`."""
    inner = word.removeprefix("base64 of ")
    message, hint = EXPLANATIONS.get(inner, EXPLANATIONS[""])
    if inner != word:
        message = f"the file is base64 without armour; decoded, {message}"
        if inner not in EXPLANATIONS:
            message = f"the file is the base64 of a {inner} store"
            hint = "decode it first: base64 -d"
    elif not word:
        shown = " ".join(f"{octet:02x}" for octet in data[:8])
        message = f"{message}: it begins with {shown}"
    return message, hint
