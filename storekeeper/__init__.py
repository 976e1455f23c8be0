"""storekeeper: look into and mend trust stores and keystores, without a JVM."""

__version__ = "0.1.0"
