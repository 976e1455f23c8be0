"""Readers of what people send by mail: captures, debug logs, stack traces, listings."""

from __future__ import annotations
