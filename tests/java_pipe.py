"""Bytes in the JSON that goes to and from `java_worker`."""

from __future__ import annotations

import base64
from typing import Any


def encode_bytes(value: object) -> object:
    """How ``json`` writes what it does not know: bytes as base64."""
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode("ascii")}
    raise TypeError(f"{type(value).__name__} cannot be sent")


def decode_bytes(value: dict[str, Any]) -> Any:
    """The inverse of `encode_bytes`, as a hook for ``json.loads``."""
    return base64.b64decode(value["base64"]) if value.keys() == {"base64"} else value
