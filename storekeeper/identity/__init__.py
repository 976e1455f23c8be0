"""Which key a client sends, and the keystore that has the one a server accepts."""
