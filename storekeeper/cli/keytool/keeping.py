"""``keytool -genseckey`` and ``-importpass``: secret keys, and passwords kept as such."""

from __future__ import annotations

import sys

from ...errors import Unsupported, UsageError, WriteRefused
from ...model import Secret
from ...names import printable
from . import closing, settling, stores, values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ...change.plan import Plan
    from ...change.target import Target
    from ...formats.encryption import Encryption
    from ..questions import Answers
    from .prompts import Prompter
    from .words import Request

# What Java calls a password that is kept, in every format and whatever seals it.
_KEPT_AS = "PBEWithMD5AndDES"


def genseckey(request: Request, prompter: Prompter) -> int:
    """``-genseckey``: a new secret key."""
    algorithm = request.get("keyalg")
    if algorithm is None:
        raise UsageError("the algorithm of the key is missing", hint="say -keyalg AES -keysize 256")
    return _keep(request, prompter, algorithm)


def importpass(request: Request, prompter: Prompter) -> int:
    """``-importpass``: a password somebody types, as a secret key."""
    return _keep(request, prompter, request.get("keyalg") or "PBE")


def _keep(request: Request, prompter: Prompter, algorithm: str) -> int:
    """Either command: for keytool it is the algorithm that makes the difference."""
    from ...change.key_entries import holder_of, store_of
    from ...change.secret_entries import plan_secret

    made = _password(algorithm, prompter) if _is_password(algorithm) else _key(request, algorithm)
    format = stores.change_type(request.get("storetype"))
    alias = values.alias(request)
    kept = settling.keystore(request, prompter, may_be_new=True)
    secret: list[Secret] = []

    def plan(target: Target, answers: Answers) -> Plan:
        store = store_of(target, None if target.store else format)
        _refuse(store.format, algorithm)
        if holder_of(store, alias) is not None:
            raise WriteRefused("no key was made: the alias is taken", alias=alias, path=target.path)
        secret[:] = [answers.to("secret", made)]
        assert target.password is not None
        password = target.password
        return plan_secret(
            target,
            alias,
            secret[0],
            key_password=stores.new_key_password(
                request,
                store.format,
                lambda: answers.to(
                    "key", lambda: prompter.new_key_password(printable(alias), password)
                ),
            ),
            storetype=format if target.store is None else None,
            encryption=_sealing(store.format, algorithm),
        )

    done = settling.carry_out(request, kept, plan)
    if not _is_password(algorithm):
        sys.stderr.write(f"Generated {_size(request, secret[0])} secret key\n")
    elif request.has("v"):
        sys.stderr.write("Generated PBE secret key\n")
    weak = algorithm if _is_password(algorithm) else secret[0].algorithm
    closing.finish(request, kept, done, _weak(weak))
    return 0


def _is_password(algorithm: str) -> bool:
    return algorithm.upper().startswith("PBE")


def _password(algorithm: str, prompter: Prompter) -> Callable[[], Secret]:
    if algorithm.upper() != "PBE":
        from ...formats.encryption import protecting

        protecting(algorithm)  # before anything is asked
    return lambda: Secret(_KEPT_AS, prompter.secret().encode("utf-8", "surrogatepass"))


def _key(request: Request, algorithm: str) -> Callable[[], Secret]:
    from ...pki import secret_keys

    bits = values.number(request, "keysize")
    secret_keys.size_of(secret_keys.canonical(algorithm), bits)
    return lambda: secret_keys.generate(algorithm, bits)


def _refuse(format: str, algorithm: str) -> None:
    """Raise for what a format has no place for, before anything is asked or made."""
    if format == "JKS":
        raise WriteRefused(
            "a JKS can't hold a secret key; PKCS12 and JCEKS can",
            hint="-storetype is for a new keystore; of this one -importkeystore makes a PKCS12",
        )
    if format == "JCEKS" and _is_password(algorithm) and algorithm.upper() != "PBE":
        raise Unsupported(
            f"a JCEKS seals its keys in a way of its own, not with {algorithm}",
            hint="leave out -keyalg, or take a PKCS12",
        )


def _sealing(format: str, algorithm: str) -> Encryption | None:
    if format != "PKCS12" or not _is_password(algorithm) or algorithm.upper() == "PBE":
        return None
    from ...formats.encryption import protecting

    return protecting(algorithm)


def _size(request: Request, secret: Secret) -> str:
    from ...pki.secret_keys import size_of

    bits = size_of(secret.algorithm, values.number(request, "keysize"))
    return f"{bits}-bit {secret.algorithm}"


def _weak(algorithm: str) -> Iterator[str]:
    """As keytool says since JDK 25."""
    from ...pki.secret_keys import is_weak

    if is_weak(algorithm):
        yield (
            f"The generated secret key uses the {algorithm} algorithm which is considered a "
            "security risk."
        )
