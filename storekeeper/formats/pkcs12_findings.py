"""What is worth telling about the bags of a PKCS12."""

from __future__ import annotations

from ..model import Finding
from .pkcs12_bags import KEY_BAG, SAFE_CONTENTS_BAG, TRUSTED_KEY_USAGE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .pkcs12_java import Named


def spelling_finding(note: str) -> Finding:
    """The password was not spelled as the standards say."""
    return Finding(
        "password-spelling",
        "info",
        "",
        f"the file was made with another spelling of the password: {note}",
        "it is kept; name an encryption to write the password the usual way",
    )


def findings_of(named: list[Named]) -> Iterator[Finding]:
    """Findings about single bags, in file order, then about the aliases together."""
    chained = {one.found.content for key in named for one in key.chain}
    key_ids = {one.key_id for one in named if one.found.is_key}
    for one in named:
        found, alias = one.found, one.alias or ""
        if found.what == "unreadable bag":
            yield Finding(
                "unreadable-bag",
                "error",
                alias,
                f"bag {found.number + 1} can't be read: {found.problem}",
                "it is kept as it is",
            )
        elif found.problem:
            yield Finding(
                "odd-attribute",
                "warning",
                alias,
                f"bag {found.number + 1}: {found.problem}",
                "Java can't load this store",
            )
        elif found.bag.oid == KEY_BAG:
            yield _invisible(
                alias,
                "the key is not encrypted (keyBag), which Java ignores",
                "seal it with a password",
            )
        elif one.unpaired:
            yield _invisible(
                alias,
                "the key has no localKeyID and is not the first, so Java forgets it",
                "import it again to give it one",
            )
        elif found.nested and found.bag.oid != SAFE_CONTENTS_BAG:
            yield _invisible(alias, "the bag lies inside another bag, where Java does not look", "")
        elif one.certificate is not None:
            yield from _about_certificate(one, chained, key_ids)
    yield from _duplicates(named, chained)


def _about_certificate(
    one: Named, chained: set[bytes], key_ids: set[bytes | None]
) -> Iterator[Finding]:
    alias = one.alias or ""
    if not one.found.trusted:
        if one.found.content not in chained:
            yield _invisible(
                alias,
                f"no trustedKeyUsage attribute ({TRUSTED_KEY_USAGE}) and in no key's chain: "
                "Java does not list this certificate",
                "import it as a trusted certificate to have it listed",
            )
    elif one.found.key_id is not None and one.found.key_id in key_ids:
        yield Finding(
            "trusted-attribute-on-key-certificate",
            "warning",
            alias,
            f"a key's own certificate has the trustedKeyUsage attribute ({TRUSTED_KEY_USAGE}), "
            "so Java does not give it to the key",
            "remove the attribute, or import the certificate under an alias of its own",
        )


def _invisible(alias: str, message: str, hint: str) -> Finding:
    return Finding("java-invisible", "warning", alias, message, hint)


def _duplicates(named: list[Named], chained: set[bytes]) -> Iterator[Finding]:
    count: dict[str, int] = {}
    for one in named:
        found = one.found
        entry = found.is_key or found.is_secret or found.trusted
        if entry or (one.certificate is not None and found.content not in chained):
            alias = (one.alias or "").lower()
            count[alias] = count.get(alias, 0) + 1
    for alias, times in count.items():
        if times > 1:
            yield Finding(
                "duplicate-alias",
                "warning",
                alias,
                f"{times} entries have this alias; Java shows the last one only",
                "rename or delete the others",
            )
