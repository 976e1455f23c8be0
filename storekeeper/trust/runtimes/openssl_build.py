"""The chain OpenSSL builds: greedy, issuer by issuer, from the store before what was sent.

Source: X509_verify_cert(3), X509_check_issued(3), openssl-verification-options(1), and the
behaviour of libcrypto 1.1.1, 3.0 and 3.5.
"""

from __future__ import annotations

from ...errors import StorekeeperError
from .openssl_seen import signature_kind, view

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ...model import Certificate
    from .openssl import Parameters
    from .openssl_seen import View


class Failed(Exception):
    """The verification ends with an error; never leaves the runtime.

    Attributes:
        number: as OpenSSL 3 numbers it.
        depth: 0 for the server's certificate.
        one: the certificate at that depth.
    """

    def __init__(self, number: int, depth: int, one: View) -> None:
        super().__init__(number, depth)
        self.number = number
        self.depth = depth
        self.one = one


class Trusted:
    """The certificates of a store, by subject, those of one name in the store's order."""

    def __init__(self, certificates: Iterable[Certificate]) -> None:
        self._named: dict[bytes, list[View]] = {}
        for one in dict.fromkeys(certificates):
            try:
                found = view(one)
            except StorekeeperError:
                continue
            self._named.setdefault(found.subject, []).append(found)

    def named(self, subject: bytes) -> list[View]:
        """Those of that subject."""
        return self._named.get(subject, [])

    def __contains__(self, one: View) -> bool:
        return one in self.named(one.subject)


class Chain:
    """What has been built: `path`, of which the first `untrusted` came from the peer."""

    def __init__(self, leaf: View) -> None:
        self.path = [leaf]
        self.untrusted = 1


def build(
    sent: Sequence[View], store: Trusted, parameters: Parameters, say: Callable[[str], None]
) -> Chain:
    """The chain from the server's certificate to one that is trusted.

    Raises:
        Failed: there is none.
    """
    chain = Chain(sent[0])
    path = chain.path
    # The leaf itself may be sent again; a copy of it counts as any other.
    pool = list(sent)
    longest = parameters.depth + 1
    trusted = False
    from_peer = True
    while True:
        current = path[-1]
        self_signed = is_self_signed(current)
        issuer = None
        if len(path) <= longest:
            # It goes round in a circle of the store until the chain is too long.
            named = store.named(current.issuer)
            issuer = _best(named, current, chain, parameters, loop_free=False)
        if issuer is not None:
            replaced = True
            if not self_signed:
                path.append(issuer)
                say(f"{issuer.facts.subject} is in the store")
            elif len(path) == chain.untrusted:
                if issuer == current:
                    chain.untrusted -= 1
                    path[-1] = issuer
                    say(f"{issuer.facts.subject} is in the store, and was sent")
                else:
                    replaced = False
            if replaced:
                from_peer = False
                trusted = _trusted(chain, parameters)
                if trusted:
                    break
                if not is_self_signed(path[-1]):
                    continue
        if not from_peer:
            break
        issuer = None
        if not is_self_signed(path[-1]) and len(path) <= longest:
            issuer = _best(pool, path[-1], chain, parameters, loop_free=True)
        if issuer is None:
            break
        pool.remove(issuer)
        path.append(issuer)
        chain.untrusted += 1
        say(f"{issuer.facts.subject} was sent")
    if not trusted and len(path) <= longest and len(path) == chain.untrusted:
        trusted = parameters.partial_chain and path[0] in store
        if trusted:
            chain.untrusted = 0
            say("the server's own certificate is in the store")
    if not trusted:
        raise _failure(chain, longest)
    return chain


def _failure(chain: Chain, longest: int) -> Failed:
    path = chain.path
    last = len(path) - 1
    if len(path) > longest:
        number = 22
    elif is_self_signed(path[-1]):
        number = 18 if len(path) == 1 else 19
    else:
        number = 2 if chain.untrusted < len(path) else 20
    return Failed(number, last, path[-1])


def _trusted(chain: Chain, parameters: Parameters) -> bool:
    """Whether what was taken from the store is enough to trust."""
    own = chain.path[chain.untrusted :]
    return any(is_self_signed(one) for one in own) or (bool(own) and parameters.partial_chain)


def _best(
    candidates: Sequence[View],
    one: View,
    chain: Chain,
    parameters: Parameters,
    *,
    loop_free: bool,
) -> View | None:
    """The first issuer that is valid now; else the one that is, or was, valid longest."""
    found: View | None = None
    old = parameters.version < (3, 0)
    alone = len(chain.path) == 1 and (is_self_signed(one) if old else one.self_issued)
    for candidate in candidates:
        if issued(candidate, one, parameters.version) is not None:
            continue
        if loop_free and not alone and candidate in chain.path:
            continue
        if time_error(candidate, parameters.at) is None:
            return candidate
        if old or found is None or _until(candidate) > _until(found):
            found = candidate
    return found


def _until(one: View) -> int:
    return one.facts.not_after or 0


def time_error(one: View, at: int) -> int | None:
    """The error of the dates at an instant, None for none."""
    before, after = one.facts.not_before, one.facts.not_after
    if before is None:
        return 13
    if before > at:
        return 9
    if after is None:
        return 14
    return 10 if after <= at else None


def issued(issuer: View, one: View, version: tuple[int, int]) -> int | None:
    """Why a certificate cannot be the issuer of another; None where it can be.

    Signatures and the key usage are not looked at.
    """
    if issuer.subject != one.issuer:
        return 29
    if issuer.invalid(version) or one.invalid(version):
        return 1
    error = _authority_error(issuer, one)
    if error is not None:
        return error
    return _key_error(issuer, one)


def _key_error(issuer: View, one: View) -> int | None:
    if not issuer.kind:
        return 24
    needed = signature_kind(one.facts)
    if not needed:
        return 76
    if needed == issuer.kind or (issuer.kind == "RSA" and needed == "RSA-PSS"):
        return None
    return 77


def _authority_error(issuer: View, one: View) -> int | None:
    if one.authority is None:
        return None
    key_id, name, serial = one.authority
    if key_id is not None and issuer.key_id is not None and key_id != issuer.key_id:
        return 30
    if serial is not None and serial != issuer.facts.serial:
        return 31
    if name is not None and name != issuer.issuer:
        return 31
    return None


def is_self_signed(one: View) -> bool:
    """As X509_self_signed sees it: names, key identifiers and kinds; no signature."""
    if not one.self_issued or _authority_error(one, one) is not None:
        return False
    return _key_error(one, one) is None
