"""Audits as text, JSON, JUnit, SARIF, CycloneDX, Prometheus, CSV, annotations and HTML.

Each module has ``render(head, stores)``, which takes an `AuditHead` and an iterable of
`AuditedStore` and yields text piece by piece: stores are read while others are written, and
nothing keeps them all but a report that has to (HTML, of which the distinct certificates).
"""
