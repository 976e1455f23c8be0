"""Codecs: bytes to `Store` and back."""
