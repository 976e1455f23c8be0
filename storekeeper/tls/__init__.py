"""TLS as a client sees it: what a server sends, word for word, and what it asks for."""
