"""Names in a profile that stand for its targets."""

from __future__ import annotations

from ..host.yaml_tree import wrong
from .words import meant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .values import Profile

__all__ = ["refuse_unknown_targets"]


def refuse_unknown_targets(profile: Profile) -> None:
    """Look that what a product names as its targets is there.

    Raises:
        Damaged: it names another.
    """
    product = profile.product
    if product is None:
        return
    names = [one.name for one in profile.targets]
    for what in ("trust", "identity"):
        name = getattr(product, what)
        if name and name not in names and "${" not in name:
            raise wrong(
                product.mark,
                f"{what} of the product is {name[:80]!r}, and no target is called so",
                meant(name, names),
            )
