"""Output of keytool beside ours, and stores to be listed."""

from __future__ import annotations

import re
from pathlib import Path

from storekeeper.formats import reseal
from storekeeper.model import (
    Password,
    PrivateKey,
    Secret,
    SecretKey,
    Store,
    TrustedCert,
)
from tests import jvm, pki
from tests.our_keytool import ours, theirs

PASSWORD = "changeit"
MODEL = "17.0.9.2"
# Every start of a JVM counts: what does not differ between them is asked of one.
FEW = jvm.FEW_PARAMS
GIVEN = ("-storepass", PASSWORD)
CREATED = 1_600_000_000_000


# Everything OpenSSL can put into a certificate and keytool has a form for.
EXTENSIONS = """
[req]
distinguished_name = name
[name]
[all]
basicConstraints = critical,CA:true,pathlen:3
keyUsage = critical,digitalSignature,nonRepudiation,keyEncipherment,dataEncipherment,keyAgreement,\
keyCertSign,cRLSign,encipherOnly,decipherOnly
extendedKeyUsage = serverAuth,clientAuth,codeSigning,emailProtection,timeStamping,OCSPSigning,\
anyExtendedKeyUsage,1.2.3.4,ipsecEndSystem,ipsecTunnel,ipsecUser
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
subjectAltName = DNS:example.com,DNS:*.ex.org,IP:10.0.0.1,IP:2001:db8::1,email:a@b.c,\
URI:http://x/y,RID:1.2.3.4,otherName:1.3.6.1.4.1.311.20.2.3;UTF8:user@dom,dirName:dir
issuerAltName = DNS:issuer.example
nameConstraints = permitted;DNS:.example.com,permitted;IP:10.0.0.0/255.0.0.0,excluded;email:b.c,\
excluded;IP:2001:db8::/ffff:ffff::,permitted;dirName:dir
policyConstraints = requireExplicitPolicy:2,inhibitPolicyMapping:0
policyMappings = 1.2.3:1.2.4,1.2.5:1.2.6
inhibitAnyPolicy = critical,2
crlDistributionPoints = cdp1,cdp2
freshestCRL = URI:http://delta/crl
authorityInfoAccess = OCSP;URI:http://ocsp,caIssuers;URI:http://ca,1.2.3.9;DNS:foo
subjectInfoAccess = 1.3.6.1.5.5.7.48.5;URI:http://repo,1.3.6.1.5.5.7.48.3;URI:http://ts
certificatePolicies = 1.2.3,@pol
nsCertType = client,server,email,objsign,reserved,sslCA,emailCA,objCA
nsComment = hello
noCheck = ignored
tlsfeature = status_request
1.2.3.4.5 = critical,ASN1:UTF8String:some text that is longer than one line, with {braces} in it
2.5.29.16 = ASN1:SEQUENCE:period
[some]
basicConstraints = CA:true
keyUsage = keyCertSign
nameConstraints = permitted;DNS:.example.com
certificatePolicies = 1.2.3,1.2.4
policyConstraints = inhibitPolicyMapping:1
crlDistributionPoints = cdp3
2.5.29.16 = ASN1:SEQUENCE:end
[few]
basicConstraints = critical,CA:false
subjectKeyIdentifier = none
authorityKeyIdentifier = none
nsCertType = server
[period]
from = IMP:0,GENTIME:20260101000000Z
to = IMP:1,GENTIME:20270101000000Z
[end]
to = IMP:1,GENTIME:20270101000000Z
[dir]
C = DE
O = "Dir, Inc"
CN = Dir
[pol]
policyIdentifier = 1.3.5.8
CPS.1 = "http://my.cps/"
userNotice.1 = @notice
[notice]
explicitText = "UTF8:Explicit"
organization = "Org"
noticeNumbers = 1,2
[cdp1]
fullname = URI:http://crl/1,URI:ldap://crl/2
reasons = keyCompromise,CACompromise
CRLissuer = dirName:dir
[cdp2]
relativename = relative
[cdp3]
CRLissuer = dirName:dir
[relative]
CN = relative
"""


def as_17(text: str, major: int) -> str:
    """What a JDK prints, in the words of 17, where they differ:

    - 11 writes "no limit" as the number that means it, and had no name for one purpose;
    - from 19 on the serial number of an authority key identifier has colons; 17 has groups;
    - so has that of a revoked certificate;
    - 25 knows the names of Edwards and Montgomery keys alone, without a size;
    - 25 ends every line of PEM as MIME does, 17 only those within the base64 text.
    """
    if major == 11:
        text = text.replace("PathLen:2147483647", "PathLen: no limit")
    if major >= 19:
        text = re.sub(
            r"SerialNumber: (?!\[)((?:..:)*..)(?=$|  On)", _grouped, text, flags=re.MULTILINE
        )
    if major >= 25:
        text = re.sub(r" (Ed25519) key$", r" 255-bit \1 key", text, flags=re.MULTILINE)
        text = re.sub(r" (Ed448) key$", r" 448-bit \1 key", text, flags=re.MULTILINE)
        text = text.replace("CERTIFICATE-----\r\n", "CERTIFICATE-----\n")
        text = text.replace("\r\n-----END", "\n-----END")
    return text


def _grouped(found: re.Match[str]) -> str:
    digits = found[1].replace(":", "").removeprefix("00") or "00"
    groups = [digits[at : at + 8] for at in range(0, len(digits), 8)]
    return f"SerialNumber: [    {' '.join(groups)}]"


def same(version: str, *words: str | Path, input: bytes = b"") -> str:
    """Run both, compare what they print on standard output, and return it."""
    one = jvm.jvm(version)
    expected, found = theirs(one, *words, input=input), ours(*words, input=input)
    assert (found.returncode, expected.returncode) == (0, 0), (expected, found)
    assert found.stdout == as_17(expected.stdout, one.major)
    return found.stdout


def entries(format: str) -> Store:
    """One entry of each kind, a chain of two, aliases whose order is not that of the file."""
    chain = (pki.cert("leaf", "root"), pki.cert("root"))
    password = Password(PASSWORD)
    private, secret = pki.pkcs8(pki.key("leaf")), Secret("AES", b"k" * 16)
    sealed = reseal.seal_private_key(private, format, password)
    kept = None if format == "PKCS12" else CREATED
    found: list[TrustedCert | PrivateKey | SecretKey] = [
        TrustedCert("z trust", pki.cert("other"), kept),
        PrivateKey("one", chain, sealed, CREATED),
        TrustedCert("ärger, gmbh", pki.cert("third"), kept),
        TrustedCert("b", pki.cert("root"), kept),
    ]
    if format != "JKS":
        sealed = reseal.seal_secret(secret, format, password)
        found.append(SecretKey("secret", sealed, CREATED))
    return Store(format, tuple(found))
