"""Which system it is about: what is installed here, what is shipped, or any trust store."""

from __future__ import annotations

import os

from ..errors import StorekeeperError, UsageError
from ..frozen import Frozen, replace
from . import layout
from .question import Choice, Question

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..profile.settings import Read
    from ..profile.values import Product, Profile
    from ..profile.variables import Values
    from .talk import Talk

__all__ = ["ROOT", "System", "pick", "tell_settings", "with_store"]

ROOT = "/"
"""The tree installations are looked for in."""

OTHER, PRODUCT = "store", "product"
_MOST_FOUND, _MOST_JRES = 6, 4
_LABEL = 68
_MOST_SETTINGS = 6


class System(Frozen):
    """A program whose trust is to be mended.

    Attributes:
        id: the profile's name, "jre", or "store".
        title: what it is called.
        home: where it is installed, or "".
        store: the trust store, as a command takes it.
        password: where its password is, a specification; "" for none.
        runtime: whose verdicts are its own: "java17", ``jre:HOME``.
        identity: its own keystore, or "".
        identity_password: likewise.
        restart: what to restart afterwards, commands.
        serves: it is connected to, and trusts clients.
        errors: (message, what it means) of this product.
        settings: switches of its configuration that bear on it.
    """

    id: str
    title: str
    home: str
    store: str
    password: str = ""
    runtime: str = "java17"
    identity: str = ""
    identity_password: str = ""
    restart: tuple[str, ...] = ()
    serves: bool = False
    errors: tuple[tuple[str, str], ...] = ()
    settings: tuple[Read, ...] = ()


class _Found(Frozen):
    """An installation: a product's, or a JRE by itself."""

    id: str
    title: str
    home: str


def pick(talk: Talk, *, store: bool = True, java: bool = False) -> System:
    """Ask which system; its store may be said by a flag alone.

    Args:
        talk: the conversation.
        store: a trust store is needed, and asked for where the configuration names none.
        java: JREs stand before other programs.

    Raises:
        UsageError, InputError: there is no such product, or nothing at that place.
    """
    if talk.given("store") and not talk.given("system"):
        return _of_store(talk)
    profiles = talk.once("profiles", (), _profiles)
    found = talk.once("installed", (ROOT,), lambda: _installed(profiles))
    choice = talk.ask(_which(found, profiles, typed_home=talk.given("home"), java=java))
    if choice == PRODUCT:
        by_title = sorted(profiles.items(), key=lambda pair: _title(*pair).lower())
        choice = talk.ask(
            Question(
                "product",
                "Which product?",
                "choice",
                "--system",
                "These are the products storekeeper knows: where their stores lie, of which type, "
                "and what has to be restarted. Each has a page in the documentation.",
                tuple(
                    Choice(name, layout.cut(_title(name, one), _LABEL)) for name, one in by_title
                ),
                default=by_title[0][0],
            )
        )
    if choice == OTHER:
        return _of_store(talk)
    if choice == "jre":
        homes = [one.home for one in found if one.id == "jre"]
        return with_store(talk, _of_jre(_home(talk, homes)))
    known = {f"{one.id}@{one.home}": one for one in found}
    if choice in known and known[choice].id == "jre":
        return with_store(talk, _of_jre(known[choice].home))
    if choice in known:
        one = known[choice]
        system = _of_product(profiles[one.id], one.id, one.home)
        return with_store(talk, system) if store else system
    profile = profiles[choice]
    homes = [one.home for one in found if one.id == choice]
    # What runs elsewhere has no directory here: an appliance, a service in a cloud.
    home = _home(talk, homes) if _home_variable(profile) else ""
    system = _of_product(profile, choice, home)
    return with_store(talk, system) if store else system


def _which(
    found: tuple[_Found, ...], profiles: dict[str, Profile], *, typed_home: bool, java: bool
) -> Question:
    installed = [one for one in found if one.id != "jre"][:_MOST_FOUND]
    jres = [one for one in found if one.id == "jre"][:_MOST_JRES]
    choices = [
        Choice(f"{one.id}@{one.home}", layout.cut(f"{one.title} in {one.home}", _LABEL))
        for one in ((*jres, *installed) if java else (*installed, *jres))
    ]
    if profiles:
        choices.append(Choice(PRODUCT, "a product that is not in this list"))
    choices.append(Choice(OTHER, "another program: I name its trust store"))
    # By its name alone where a flag says it; "jre" with --home as well.
    names = dict.fromkeys([*profiles, "jre"])
    choices += [Choice(name, name, shown=False) for name in names]
    return Question(
        "system",
        "Which program is it about?",
        "choice",
        "--system",
        "The program that connects, and so has to trust the server; or the server itself, when "
        "others complain of it. What is found on this machine stands first. Every Java program "
        "trusts by the trust store of the JRE that runs it, unless it is told of another. For a "
        "program storekeeper does not know, name its trust store.",
        tuple(choices),
        default=choices[0].value if not typed_home else None,
    )


def _home(talk: Talk, found: list[str]) -> str:
    if len(found) == 1 and not talk.given("home"):
        talk.tell("", f"It is installed in {found[0]}")
        return found[0]
    return os.path.expanduser(
        talk.ask(
            Question(
                "home",
                "Where is it installed?",
                "text",
                "--home",
                "The directory of the installation. For a JRE the one with lib/security in it; "
                "for a product the one its documentation calls its home."
                + (f" Found here: {', '.join(found)}." if found else ""),
                default=found[0] if found else None,
                check=_directory,
            )
        )
    )


def _directory(text: str) -> str:
    path = os.path.expanduser(text)
    return "" if os.path.isdir(path) else f"there is no directory {path}"


def with_store(talk: Talk, system: System) -> System:
    """A product whose configuration names no trust store: which one has to be told."""
    if system.id == OTHER or (system.store and not talk.given("store")):
        return system
    if not system.store:
        where = f" in {system.home}" if system.home else ""
        talk.tell("", *layout.folded(f"{system.title}{where} names no trust store yet."))
    return replace(system, store=_asked_store(talk, None))


def _of_store(talk: Talk) -> System:
    store = _asked_store(talk, "cacerts")
    return System(OTHER, f"whoever trusts by {store}", "", store, runtime=_runtime_of(store))


def _asked_store(talk: Talk, default: str | None) -> str:
    said = talk.ask(
        Question(
            "store",
            "Which trust store?",
            "text",
            "--store",
            "The file the program trusts by: JKS, PKCS12, PEM, or a directory of certificates. "
            "cacerts is the one of the JRE in use, jre:HOME that of another JRE. A file that is "
            "not there yet is made.",
            default=default,
            check=_store,
        )
    )
    return os.path.expanduser(said)


def _store(text: str) -> str:
    from ..change.target import locate
    from ..host.files import is_directory

    try:
        place = locate(os.path.expanduser(text))
    except StorekeeperError as error:
        return f"{error}; {error.hint}" if error.hint else str(error)
    folder = os.path.dirname(os.path.abspath(place.real))
    return "" if is_directory(folder) else f"there is no directory {folder}"


def _runtime_of(store: str) -> str:
    """The JRE whose trust store it is, where it is one's."""
    from ..change.target import locate
    from ..host.locate import jre_at

    if store.startswith("jre:"):
        return store
    try:
        path = locate(store).path
        folder, name = os.path.split(os.path.abspath(path))
        if name in ("cacerts", "jssecacerts") and folder.endswith(os.path.join("lib", "security")):
            home = os.path.dirname(os.path.dirname(folder))
            return f"jre:{jre_at(home).home}"
    except StorekeeperError:
        pass
    return "java17"


def _of_jre(home: str) -> System:
    return System("jre", f"Java in {home}", home, f"jre:{home}", runtime=f"jre:{home}")


def _profiles() -> dict[str, Profile]:
    """Every shipped profile that is about a product, its variables as they are written."""
    from ..profile.load import load
    from ..profile.shipped import shipped

    found = {}
    for name in shipped():
        try:
            profile = load(name, resolve=False)
        except StorekeeperError:  # a mistake in one hides no other
            continue
        if profile.product is not None:
            found[name] = profile
    return found


def _home_variable(profile: Profile) -> str:
    """The variable that says where the product is installed, or ""."""
    found = [one.name for one in profile.variables if one.find]
    return next((name for name in found if name == "home"), found[0] if found else "")


def _title(name: str, profile: Profile) -> str:
    return (profile.product.name if profile.product else "") or profile.title or name


def _installed(profiles: dict[str, Profile]) -> tuple[_Found, ...]:
    """Products first, then JREs that belong to none of them."""
    from ..host.jre import version_key
    from ..host.locate import jres

    products = tuple(_installations(profiles))
    homes = tuple(os.path.join(one.home, "") for one in products)
    alone = [one for one in jres(root=ROOT).found if not one.home.startswith(homes)]
    alone.sort(key=version_key, reverse=True)
    java = tuple(_Found("jre", f"Java {one.version or ''}".strip(), one.home) for one in alone)
    return (*products, *java)


def _installations(profiles: dict[str, Profile]) -> list[_Found]:
    """Found products; those that connect to others before those others connect to."""
    from ..profile.installed import of_profile

    found = [
        _Found(name, _title(name, profile), one.home)
        for name, profile in profiles.items()
        if name != "jre"  # JREs are found by more than their paths
        for one in of_profile(name, profile, os.environ, ROOT)
    ]
    ranks = {one: _rank(profiles[one.id], one) for one in found}
    return sorted(found, key=ranks.__getitem__)


_SYSTEMS = ("client", "both", "server")


def _rank(profile: Profile, one: _Found) -> tuple[bool, int, bool]:
    """What stands first sorts first: who connects to others, and whose trust store is known."""
    assert profile.product is not None
    try:
        store = _of_product(profile, one.id, one.home).store
    except StorekeeperError:
        store = ""
    return _serves(profile.product), _SYSTEMS.index(profile.product.system), not store


def _serves(product: Product) -> bool:
    """Whether its trust store is for those that connect to it."""
    # What "clients" names is not what it connects to others with.
    return product.system == "server" or product.trust == "clients"


def _of_product(profile: Profile, name: str, home: str) -> System:
    from ..profile.variables import Values

    product = profile.product
    trust = None if product is None else profile.target(product.trust)
    if product is None or trust is None:
        raise UsageError(
            f"the profile {name} says of no trust store that it is the product's",
            hint="name the store itself: --store",
        )
    variable = _home_variable(profile)
    values = Values(profile.variables, {variable: home} if variable else {}, os.environ, ROOT)
    identity = profile.target(product.identity) if product.identity else None

    def known(text: str) -> str:
        try:
            return values.text(text, profile.mark)[0]
        except UsageError:  # a variable that nobody has said: it is asked for, or left out
            return ""

    return System(
        name,
        _title(name, profile),
        home,
        known(trust.path),
        known(trust.password),
        known(product.runtime) or "java17",
        known(identity.path) if identity else "",
        known(identity.password) if identity else "",
        tuple(filter(None, map(known, profile.restart))),
        _serves(product),
        tuple((one.message, one.means) for one in product.errors),
        _settings(profile, values),
    )


def _settings(profile: Profile, values: Values) -> tuple[Read, ...]:
    """What the configuration says that is not the default."""
    from ..profile.settings import settings

    assert profile.product is not None
    named = []
    for one in profile.product.settings:
        try:
            named.append(replace(one, file=values.text(one.file, one.mark)[0]))
        except StorekeeperError:  # its file has a name that nobody has said
            continue
    product = replace(profile.product, settings=tuple(named))
    found = settings(replace(profile, product=product))
    return tuple(one for one in found if one.path and one.value != one.setting.default)


def tell_settings(talk: Talk, system: System) -> None:
    """What of a product's configuration a person should know here."""
    if system.settings:
        talk.tell("", "Its configuration says:")
    for one in system.settings[:_MOST_SETTINGS]:
        where = f"{os.path.basename(one.path)}, line {one.line}"
        talk.tell(*layout.folded(f"{one.setting.key} = {one.value} ({where})", "  ", "    "))
        about = one.says or one.setting.about
        if about:
            talk.tell(*layout.folded(about, "    ", "    "))
