"""Frozen values without the cost of ``dataclasses``.

``dataclasses`` imports ``inspect``, ``ast`` and ``tokenize``: with fifteen classes that
is as much time as bare Python needs to start, in a tool whose `list` must finish
within five bare starts. This metaclass gives the part of it we use: annotated fields
become slots, in order, with defaults; values compare, hash, print and match by them.
``docs/decisions/0002-frozen.md`` holds the measurement.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar, TypeVar, dataclass_transform

    _T = TypeVar("_T", bound="Frozen")
else:

    def dataclass_transform(**_kwargs):  # noqa: D103
        return lambda decorated: decorated


_MISSING = object()


@dataclass_transform(frozen_default=True)
class FrozenMeta(type):
    """Turns the annotations of a class body into slots."""

    _fields: tuple[str, ...]
    _defaults: dict[str, Any]

    def __new__(mcs, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> FrozenMeta:  # noqa: D102
        inherited: list[str] = []
        defaults: dict[str, Any] = {}
        for base in reversed(bases):
            inherited += getattr(base, "_fields", ())
            defaults |= getattr(base, "_defaults", {})
        own = [
            field
            for field, annotation in body.get("__annotations__", {}).items()
            if not annotation.startswith("ClassVar")
        ]
        for field in own:
            # A slot and a class attribute of one name can't live together.
            value = body.pop(field, _MISSING)
            if value is not _MISSING:
                defaults[field] = value
        body["__slots__"] = tuple(own) + tuple(body.get("__slots__", ()))
        body["_fields"] = body["__match_args__"] = tuple(dict.fromkeys(inherited + own))
        body["_defaults"] = defaults
        return super().__new__(mcs, name, bases, body)


class Frozen(metaclass=FrozenMeta):
    """Base of every domain value: immutable, equal by value, hashable.

    A subclass lists fields as annotations, with an immutable default where there is one::

        class Attribute(Frozen):
            oid: str
            values: tuple[bytes, ...] = ()

    ``_hidden`` names the fields whose content ``repr`` must not show (key material).
    ``_uncompared`` names the fields that do not take part in ``==`` and ``hash``.
    """

    _hidden: ClassVar[frozenset[str]] = frozenset()
    _uncompared: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        cls = type(self)
        fields = cls._fields
        if len(args) > len(fields):
            raise TypeError(f"{cls.__name__} takes {len(fields)} values, {len(args)} given")
        put = object.__setattr__
        for field, value in zip(fields, args, strict=False):
            put(self, field, value)
        for field in fields[len(args) :]:
            if field in kwargs:
                put(self, field, kwargs.pop(field))
            elif field in cls._defaults:
                put(self, field, cls._defaults[field])
            else:
                raise TypeError(f"{cls.__name__} needs {field!r}")
        if kwargs:
            raise TypeError(f"{cls.__name__} has no field {next(iter(kwargs))!r} to set")

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen: use replace() for a changed copy")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def _compared(self) -> tuple[object, ...]:
        cls = type(self)
        return tuple(getattr(self, f) for f in cls._fields if f not in cls._uncompared)

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return self._compared() == other._compared()

    def __hash__(self) -> int:
        return hash((type(self).__name__, self._compared()))

    def __repr__(self) -> str:
        cls = type(self)
        shown = ", ".join(
            f"{f}=<hidden>" if f in cls._hidden else f"{f}={getattr(self, f)!r}"
            for f in cls._fields
        )
        return f"{cls.__name__}({shown})"

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), tuple(getattr(self, f) for f in type(self)._fields)


def replace(value: _T, **changes: Any) -> _T:
    """A copy of a frozen value with the named fields changed."""
    fields = type(value)._fields
    kept = {f: getattr(value, f) for f in fields if f not in changes}
    return type(value)(**kept, **changes)
