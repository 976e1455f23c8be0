"""Which directives hold for one site of a web server that has several."""

from __future__ import annotations

from ..errors import UsageError
from .directives import named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .directives import Directive

__all__ = ["one_of", "sites"]

_NAMES = ("servername", "serveralias", "server_name")


def sites(directives: Sequence[Directive]) -> tuple[str, ...]:
    """The names of all sites, in order."""
    return tuple(dict.fromkeys(name for one in _naming(directives) for name in one.values))


def one_of(directives: Sequence[Directive], name: str, site: str = "") -> Directive | None:
    """The directive of a name that holds for a site, or None.

    What stands within the site's own block counts before what stands around it, and the last
    before others. Without a site it has to be the same everywhere.

    Args:
        directives: of a configuration.
        name: of the directive.
        site: a name the site answers to; "" for any.

    Raises:
        UsageError: there is no such site; or none is said, and they differ.
    """
    found = named(directives, name)
    if site:
        scopes = [one.scope for one in _naming(directives) if site.lower() in _folded(one)]
        if not scopes:
            raise UsageError(
                f"no site is called {site}", hint=f"there are: {', '.join(sites(directives)[:12])}"
            )
        inside = [one for one in found if any(_begins(one.scope, scope) for scope in scopes)]
        around = [one for one in found if any(_begins(scope, one.scope) for scope in scopes)]
        found = tuple(inside or around)
    values = dict.fromkeys((one.base, one.values) for one in found)
    if not site and len(values) > 1:
        places = ", ".join(f"{one.path}:{one.line}" for one in found[:4])
        raise UsageError(
            f"{name} has {len(values)} different values: {places}",
            hint="say which site is meant, or the value itself",
        )
    return found[-1] if found else None


def _naming(directives: Sequence[Directive]) -> list[Directive]:
    return [one for one in directives if one.name.lower() in _NAMES]


def _folded(one: Directive) -> tuple[str, ...]:
    return tuple(value.lower() for value in one.values)


def _begins(scope: tuple[int, ...], begin: tuple[int, ...]) -> bool:
    return scope[: len(begin)] == begin
