"""Error messages in one line, by the words of those who say them.

The messages are those that the verdict model gives for each runtime (`storekeeper.trust`), those
of handshakes, and those of stores that do not open.
"""

from __future__ import annotations

import re

from ..wire import Alert
from ..words import ALERTS
from .values import AlertSeen, Evidence, Failure, Host

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .text import Text

_REST = r"[^\n]{0,400}"
_TABLE = (
    ("openssl", r"verify error:num=(?P<number>\d{1,3}):" + r"(?P<message>[^\n]{1,200})"),
    ("schannel", r"(?P<kind>curl: \(\d{1,3}\)) (?P<message>schannel:[^\n]{1,400})"),
    ("openssl", r"(?P<kind>curl: \(\d{1,3}\)) (?P<message>[^\n]{1,400})"),
    ("schannel", r"(?P<message>schannel: [^\n]{1,400})"),
    ("schannel", (r"(?P<kind>SEC_E_[A-Z_]{3,40}|CERT_E_[A-Z]{3,40}|CRYPT_E_[A-Z_]{3,40})"
     r"(?P<message>[^\n]{0,200})")),
    ("python", (r"(?P<kind>SSL(?:CertVerification|ZeroReturn|EOF|)Error|CertificateError): ?"
     r"(?P<message>[^\n]{1,400})")),
    ("python", r"(?P<message>\[SSL: [A-Z0-9_]{3,60}\][^\n]{0,300})"),
    ("openssl", r"(?P<message>error:[0-9A-F]{8}:[^\n:]{0,60}:[^\n]{1,300})"),
    ("go", r"(?P<message>(?:remote error: |local error: )?tls: [^\n]{1,400})"),
    ("go", r"(?P<message>x509: [^\n]{1,400})"),
    ("node", r"Error \[(?P<kind>ERR_(?:TLS|SSL|OSSL)[A-Z_]{1,60})\]: (?P<message>[^\n]{1,400})"),
    ("node", (r"code: '(?P<kind>ERR_TLS[A-Z_]{1,60}|[A-Z_]{0,40}CERT[A-Z_]{0,40}|UNABLE_TO_[A-Z_]"
     r"{5,40})'(?P<message>)")),
    ("node", (r"(?:^|\s)Error: (?P<message>(?:unable to (?:verify the first|get(?: local)? issuer)"
     r" certificate|self[- ]signed certificate|certificate has expired|certificate is not yet valid"
     r"|Hostname/IP does not match)[^\n]{0,300})")),
    ("node", r"(?P<message>Hostname/IP does not match certificate's altnames[^\n]{0,300})"),
    ("dotnet", r"(?P<message>The remote certificate is invalid" + _REST + ")"),
    ("dotnet", (r"(?P<message>Could not (?:establish trust relationship|create SSL/TLS secure "
     r"channel)[^\n]{0,200})")),
    ("dotnet", r"(?P<message>The underlying connection was closed" + _REST + ")"),
    ("dotnet", r"(?P<message>The SSL connection could not be established" + _REST + ")"),
    ("dotnet", r"(?P<message>RemoteCertificate(?:NameMismatch|ChainErrors|NotAvailable)\b)"),
    ("iaik", r"(?P<message>Server certificate rejected by ChainVerifier)"),
    ("gnutls", r"(?P<message>The certificate is NOT trusted\.[^\n]{0,300})"),
    ("gnutls", r"(?P<message>The certificate of \S{1,255} is not trusted[^\n]{0,200})"),
    ("java", r"(?P<message>PKIX path (?:building|validation) failed" + _REST + ")"),
    ("java", r"(?P<message>unable to find valid certification path to requested target)"),
    ("java", r"(?P<message>(?:Received|received) fatal alert: [a-z_]{3,40})"),
    ("java", r"(?P<message>peer not authenticated)"),
    ("java", r"(?P<message>No name matching \S{1,255} found)"),
    ("java", r"(?P<message>No subject alternative (?:names|DNS name|IP)[^\n]{0,300})"),
    ("java", r"(?P<message>Certificate for <[^\n>]{1,255}> doesn't match[^\n]{0,300})"),
    ("java", r"(?P<message>HTTPS hostname wrong[^\n]{0,300})"),
    ("java", r"(?P<message>timestamp check failed)"),
    ("java", r"(?P<message>NotAfter: [^\n]{10,60})"),
    ("java", r"(?P<message>\S{1,60} does not comply to algorithm constraints)"),
    ("java", r"(?P<message>Certificates do not conform to algorithm constraints)"),
    ("java", r"(?P<message>(?:Algorithm|Usage) constraints? check failed[^\n]{0,300})"),
    ("java", r"(?P<message>[Tt]he trustAnchors parameter must be non-empty)"),
    ("java", r"(?P<message>TLS Server certificate issued after [^\n]{10,200})"),
    ("java", r"(?P<message>Could not generate DH keypair)"),
    ("java", r"(?P<message>Prime size must be multiple of 64[^\n]{0,80})"),
    ("java", r"(?P<message>Unrecognized SSL message, plaintext connection\?)"),
    ("java", r"(?P<message>Unsupported or unrecognized SSL message)"),
    ("java", r"(?P<message>Remote host (?:closed connection during|terminated the) handshake)"),
    ("java", r"(?P<message>No appropriate protocol[^\n]{0,120})"),
    ("java", r"(?P<message>The server selected protocol version \S{1,20} is not accepted)"),
    ("java", r"(?P<message>No trusted certificate found)"),
    ("java", r"(?P<message>handshake alert: {1,2}[a-z_]{3,40})"),
    ("java", r"(?P<message>Empty (?:server|client) certificate chain)"),
    ("java", r"(?P<message>null cert chain)"),
    ("java", r"(?P<message>Extended key usage does not permit[^\n]{0,80})"),
    ("java", r"(?P<message>The certificate chain length [^\n]{0,120})"),
    ("java", r"(?P<message>The size of the handshake message [^\n]{0,120})"),
    ("java", r"(?P<message>[Kk]eystore was tampered with, or password was incorrect)"),
    ("java", r"(?P<message>[Kk]eystore password was incorrect)"),
    ("java", r"(?P<message>Invalid keystore format)"),
    ("java", r"(?P<message>toDerInputStream rejects tag type \d{1,3})"),
    ("java", r"(?P<message>DerInputStream\.getLength\(\): lengthTag=\d{1,3}, too big)"),
    ("java", r"(?P<message>(?:parseAlgParameters failed|PBE parameter parsing)[^\n]{0,200})"),
    ("java", r"(?P<message>Integrity check failed: java\.security\.NoSuchAlgo[^\n]{0,200})"),
    ("java", r"(?P<message>(?:BKS|UBER|BCFKS|JCEKS)[\w-]{0,10} not found)"),
    ("java", r"(?P<message>Integrity check failed: [^\n]{0,80}Failed PKCS12 integrity checking)"),
    ("java", r"(?P<message>Cannot recover key)"),
    ("java", r"(?P<message>Get Key failed[^\n]{0,200})"),
    ("java", r"(?P<message>Unable to tunnel through proxy[^\n]{0,200})"),
    ("java", r"(?P<message>SSL peer shut down incorrectly)"),
    ("openssl", r"(?P<message>connect:errno=\d{1,3})"),
    ("java", r"(?P<message>Path does not chain with any of the trust anchors)"),
    ("java", (r"(?P<message>(?:CA key usage|basic constraints|validity|signature|name constraints|"
     r"subject/issuer name chaining) check failed[^\n]{0,200})")),
    ("java", r"(?P<message>Untrusted certificate: [^\n]{1,300})"),
    ("java", r"(?P<message>unrecognized critical extension\(s\))"),
    ("java", r"(?P<message>Certificate contains un(?:supported|known) critical ext[^\n]{1,200})"),
    ("java", r"(?P<message>Certificate has been revoked[^\n]{0,300})"),
    ("java", r"(?P<message>Illegal given domain name: [^\n]{0,255})"),
    ("java", r"(?P<message>Netscape cert type does not permit[^\n]{0,80})"),
    ("java", r"(?P<message>End user tried to act as a CA)"),
    ("java", r"(?P<message>Wrong key usage: expected keyCertSign)"),
    ("java", (r"(?P<message>Certificate (?:chaining error|signature (?:validation failed|algorithm"
     r" disabled)))")),
    ("java", r"(?P<message>NotBefore: [^\n]{10,60})"),
    ("java", r"(?P<message>CA certificate with issuer [^\n]{1,300} is not a trusted certificate)"),
    ("openssl", r"(?P<message>AH0\d{4}: Certificate Verification: [^\n]{1,300})"),
    ("java", r"(?P<message>Failed to parse server certificates)"),
)  # fmt: skip
# A line without any of these words has none of the messages.
_WORDS = re.compile(
    r"(?i)cert|ssl|tls|x509|keystore|alert|pkix|peer not|no name|subject alt|path to requested"
    r"|hostname|check failed|anchor|critical ext|domain name|act as a ca|key usage|unable_to"
    r"|timestamp check|notafter|notbefore|constraint|dh keypair|schannel|prime size|handshake"
    r"|protocol|curl: \(|SEC_E_|CRYPT_E_|underlying connection|tag ?type|lengthtag|parameter"
    r"|integrity check|recover key|get key|tunnel|errno=|(?:BKS|UBER|BCFKS|JCEKS)[\w-]{0,10} not"
)
_ALERT_NUMBER = re.compile(r"(?i)SSL alert number (\d{1,3})")
_JAVA_ALERT = re.compile(r"(?i)received fatal alert: ([a-z_]{3,40})")
_HANDSHAKE_ALERT = re.compile(r"handshake alert: {1,2}([a-z_]{3,40})")
_HOSTS = re.compile(
    r"No name matching (\S{1,255}) found|DNS name matching (\S{1,255}) found"
    r"|certificate is not valid for '([^'\s]{1,255})'|UnknownHostException: ([\w.-]{1,255})"
    r"|HTTPSConnectionPool\(host='([^'\s]{1,255})', port=(\d{1,5})\)"
    r"|Certificate for <([^>\s]{1,255})> doesn't match|certificate is valid for [^\n]{0,2000}, not"
    r" ([\w.:-]{1,255})"
)
_LONGEST_LINE = 8_192
_NUMBERS = {name: number for number, name in ALERTS.items()}


def read(text: Text) -> Iterator[Evidence]:
    """Failures in lines that no other reader has understood."""
    table = [(stack, re.compile(pattern)) for stack, pattern in _TABLE]
    for at, line in enumerate(text.lines):
        if at in text.claimed or len(line) < 8:
            continue
        short = line[:_LONGEST_LINE]
        if not _WORDS.search(short):
            continue
        for stack, pattern in table:
            found = pattern.search(short)
            if found is None:
                continue
            parts = found.groupdict()
            number = parts.get("number")
            failure = Failure(
                text.place(at),
                parts.get("kind") or "",
                tidy(parts.get("message") or ""),
                (),
                stack,
                int(number) if number else None,
            )
            yield failure
            yield from told(failure)
            break


def tidy(message: str) -> str:
    """A message without the end of a quotation that began before it."""
    message = message.strip(" :\t")
    for quote in "\"'":
        end = message.rstrip(".,;)")
        if end.endswith(quote) and message.count(quote) % 2:
            message = end[:-1]
    return message


def known(message: str) -> bool:
    """Whether a message is one of those here."""
    short = message[:_LONGEST_LINE]
    return bool(_WORDS.search(short)) and any(re.search(one, short) for _, one in _TABLE)


def told(failure: Failure) -> Iterator[Evidence]:
    """What a message says besides: an alert that came, the host that was wanted."""
    words = [failure.message, *(cause.message for cause in failure.causes)]
    kinds = [failure.kind, *(cause.kind for cause in failure.causes)]
    for message in words:
        short = message[:_LONGEST_LINE]
        alert = None
        if found := _ALERT_NUMBER.search(short):
            alert = Alert(2, int(found[1]) & 0xFF)
        elif found := _JAVA_ALERT.search(short):
            alert = Alert(2, _NUMBERS.get(found[1].lower(), -1))
        elif found := _HANDSHAKE_ALERT.search(short):
            alert = Alert(1, _NUMBERS.get(found[1], -1))
        if alert is not None:
            yield AlertSeen(failure.place, "", alert)
            break
    for kind, message in zip(kinds, words, strict=True):
        prefix = "UnknownHostException: " if kind.endswith("UnknownHostException") else ""
        if found := _HOSTS.search((prefix + message)[:_LONGEST_LINE]):
            name = next(filter(None, found.group(1, 2, 3, 4, 5, 7, 8)), "")
            yield Host(failure.place, name.rstrip("."), int(found[6]) if found[6] else None)
            break
