"""A certificate request put together from what somebody has: names, certificates, JSON."""

from __future__ import annotations

from ..errors import Damaged, LimitExceeded, StorekeeperError, UsageError
from ..model import Certificate
from ..names import Name
from ..tls.messages import MOST_AUTHORITIES, CertificateRequest
from ..tls.words import CERTIFICATE_TYPES, SCHEMES, VERSIONS
from ..x509 import facts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["from_json", "request_for"]

_PROTOCOLS = tuple(name for number, name in VERSIONS.items() if number >= 0x0300)
_KEY_TYPES = {"RSA": 1, "DSA": 2, "EC": 64, "ECDSA": 64}
_MOST_NUMBERS = 1_000
_MOST_JSON = 32 * 1024 * 1024


def request_for(
    authorities: Iterable[Certificate | Name | bytes | str] = (),
    protocol: str = "TLSv1.3",
    *,
    certificate_types: Iterable[int | str] = (),
    signature_algorithms: Iterable[int | str] = (),
) -> CertificateRequest:
    """A request as a server would send it.

    Args:
        authorities: whom the server accepts: certificates of CAs, names, the DER of names, or
            text such as "CN=Client CA,O=Example"; none means anybody.
        protocol: "TLSv1.3", "TLSv1.2", ...
        certificate_types: of TLS 1.2 and before, as numbers or words: 1 or "rsa_sign" or
            "RSA"; () where they are not known.
        signature_algorithms: as numbers or words: 0x0403 or "ecdsa_secp256r1_sha256"; () where
            they are not known.

    Raises:
        UsageError: a word that is none of these, or text that is no name.
        Damaged: a certificate that can't be read.
    """
    if protocol not in _PROTOCOLS:
        raise UsageError(
            f"expected a protocol, found {protocol!r}", hint=f"there are {', '.join(_PROTOCOLS)}"
        )
    names = tuple(dict.fromkeys(map(_name, authorities)))
    if len(names) > MOST_AUTHORITIES:
        raise LimitExceeded(f"more than {MOST_AUTHORITIES} acceptable CA names")
    return CertificateRequest(
        protocol,
        names,
        _numbers(certificate_types, CERTIFICATE_TYPES, _KEY_TYPES, "type of certificate"),
        _numbers(signature_algorithms, SCHEMES, {}, "signature algorithm"),
    )


def _name(one: Certificate | Name | bytes | str) -> bytes:
    if isinstance(one, Certificate):
        return facts(one).subject.der
    if isinstance(one, Name):
        return one.der
    if isinstance(one, str):
        from ..name_text import parse

        return parse(one).der
    return bytes(one)


def _numbers(
    given: Iterable[int | str], words: Mapping[int, str], more: Mapping[str, int], what: str
) -> tuple[int, ...]:
    known = {word: number for number, word in words.items()} | dict(more)
    found = []
    for one in given:
        number = one if isinstance(one, int) else known.get(one, known.get(one.upper()))
        if number is None and isinstance(one, str) and one.lower().startswith("0x"):
            try:
                number = int(one, 16)
            except ValueError:
                number = None
        if number is None or not 0 <= number <= 0xFFFF:
            raise UsageError(
                f"expected a {what}, found {one!r}", hint=f"such as {', '.join(list(known)[:3])}"
            )
        found.append(number)
    return tuple(found)


def from_json(text: str | bytes) -> CertificateRequest:
    """A request as ``probe --json`` prints it, alone or inside what was printed.

    Of a whole probe the first member that asks for a certificate counts. Fields that are not
    there are taken for not known.

    Raises:
        Damaged: it is no JSON, or holds no request.
        LimitExceeded: more names than any server can send.
    """
    import json

    if len(text) > _MOST_JSON:
        raise LimitExceeded(f"more than {_MOST_JSON} bytes of JSON")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise Damaged(f"expected JSON: {problem}") from None
    found = _request_in(value)
    if found is None:
        raise Damaged(
            "expected the request of a server, found none in this JSON",
            hint="storekeeper probe HOST --json prints one",
        )
    names = found.get("authorities") or []
    if not isinstance(names, list):
        raise Damaged("authorities: expected a list")
    try:
        made = request_for(
            [_authority(one) for one in names[: MOST_AUTHORITIES + 1]],
            _text(found.get("protocol", "TLSv1.3")),
            certificate_types=_list(found.get("certificate_types")),
            signature_algorithms=_list(found.get("signature_algorithms")),
        )
        for_chain = request_for(
            signature_algorithms=_list(found.get("signature_algorithms_cert"))
        ).signature_algorithms
    except UsageError as problem:
        raise Damaged(problem.message) from None
    from ..frozen import replace

    when = found.get("when", "handshake")
    return replace(made, signature_algorithms_cert=for_chain, when=_text(when))


def _request_in(value: object) -> dict[str, object] | None:
    """The first request of a probe, or the object itself."""
    waiting = [value]
    for _ in range(_MOST_NUMBERS):
        if not waiting:
            break
        one = waiting.pop(0)
        if isinstance(one, list):
            waiting = [*one[:_MOST_NUMBERS], *waiting]
        elif isinstance(one, dict):
            if "authorities" in one or "signature_algorithms" in one:
                return one
            waiting += [one[key] for key in ("request", "members", "probes") if one.get(key)]
    return None


def _authority(one: object) -> bytes | str:
    """The DER of a name: in hex, or beside its text."""
    encoded = one.get("der") if isinstance(one, dict) else one
    if isinstance(encoded, str):
        try:
            return bytes.fromhex(encoded)
        except ValueError:
            if isinstance(one, str):
                return one
    raise Damaged("authorities: expected names as DER in hex, or as text")


def _list(value: object) -> list[int | str]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, int | str) for one in value):
        raise Damaged("expected a list of numbers or words")
    if len(value) > _MOST_NUMBERS:
        raise LimitExceeded(f"more than {_MOST_NUMBERS} numbers")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise Damaged("expected text")
    return value


def shown(encoded: bytes) -> str:
    """An acceptable CA's name for people, whatever it is."""
    try:
        name = Name(encoded)
        name.rdns  # noqa: B018
        return name.rfc4514() or "(an empty name)"
    except StorekeeperError:
        return f"a name that can't be read: {encoded[:40].hex()}"
