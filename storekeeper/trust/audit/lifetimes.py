"""How long public server certificates may live, by their date of issue, and which are public.

CA/Browser Forum, Baseline Requirements section 6.3.2: ballots 193, SC31 and SC-081v3.
"""

from __future__ import annotations

from ... import der
from ...errors import StorekeeperError
from ...times import DAY, parse_iso

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...x509 import Facts

# First day of issue: the most days from then on.
STEPS = (
    ("2018-03-01", 825),
    ("2020-09-01", 398),
    ("2026-03-15", 200),
    ("2027-03-15", 100),
    ("2029-03-15", 47),
)
_STEPS = tuple((parse_iso(day), most) for day, most in STEPS)

# Policies only certificates of public CAs name: EV, DV, OV, IV (CA/Browser Forum).
_PUBLIC_POLICIES = frozenset({"2.23.140.1.1", "2.23.140.1.2.1", "2.23.140.1.2.2", "2.23.140.1.2.3"})
# Signed certificate timestamps (RFC 6962): browsers ask for them of public certificates.
_TIMESTAMPS = "1.3.6.1.4.1.11129.2.4.2"


def most_days(issued: int) -> int | None:
    """Days a certificate issued at an instant may live; None before there was a limit here."""
    found = None
    for since, most in _STEPS:
        if issued >= since:
            found = most
    return found


def days(not_before: int, not_after: int) -> int:
    """Days of a lifetime, both ends included (RFC 5280 section 4.1.2.5), rounded up."""
    return -(-(not_after - not_before + 1) // DAY)


def says_public(facts: Facts) -> bool:
    """Whether a server certificate says of itself that a public CA issued it."""
    if facts.is_ca or facts.self_issued or not for_servers(facts):
        return False
    if not _PUBLIC_POLICIES.isdisjoint(facts.certificate_policies):
        return True
    stamps = facts.extension(_TIMESTAMPS)
    try:
        return stamps is not None and bool(der.read(stamps).octets("timestamps"))
    except StorekeeperError:
        return False


def for_servers(facts: Facts) -> bool:
    """Whether it may be a TLS server's."""
    usage = facts.extended_key_usage
    return usage is None or "serverAuth" in usage or "anyExtendedKeyUsage" in usage
