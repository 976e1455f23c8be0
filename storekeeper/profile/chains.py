"""``chain-of``: of what the sources have, the chain of one certificate."""

from __future__ import annotations

from ..change.incoming import Incoming
from ..change.server_chain import part_of, plan_server_chain
from ..errors import Unreadable
from ..trust.sources import open_store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..change.plan import Plan
    from ..change.target import Target
    from ..model import Certificate
    from .context import Context
    from .values import TargetWish

__all__ = ["chain_wished"]


def chain_wished(
    target: Target, wish: TargetWish, incoming: Sequence[Incoming], context: Context
) -> Plan | tuple[Incoming, ...]:
    """What is wanted of a chain: the certificates, or the plan of a file that holds just them.

    Args:
        target: the store.
        wish: with ``chain_of``.
        incoming: what its sources come to, in which the issuers are looked for.
        context: of the profile.

    Raises:
        WriteRefused: an issuer is missing.
        StorekeeperError: the file of the certificate can't be read.
    """
    own = _certificates(wish.chain_of, context)
    at_hand = [*own[1:], *(one.certificate for one in incoming)]
    if wish.state == "exact" and _is_pem(target, wish):
        return plan_server_chain(target, own[0], at_hand, wish.part, at=context.at)
    chain, _ = part_of(own[0], at_hand, wish.part, path=wish.chain_of, at=context.at)
    known = {one.certificate: one for one in incoming}
    return tuple(known.get(one) or Incoming(one, wish.chain_of) for one in chain)


def _certificates(path: str, context: Context) -> tuple[Certificate, ...]:
    """Those of a file, the one that the chain is for first."""
    from ..trust.arrangement import leaf_of

    store = open_store(path, environ=context.environ, limits=context.limits, say=context.say)
    found = tuple(store.certificates())
    if not found:
        raise Unreadable("there is no certificate in it", path=path)
    leaf = leaf_of(found)
    return (leaf, *(one for one in found if one != leaf))


def _is_pem(target: Target, wish: TargetWish) -> bool:
    if target.store is not None:
        return target.store.format == "PEM"
    return wish.type in ("", "PEM")
