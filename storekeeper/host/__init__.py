"""The machine: files, passwords, where the JREs and the system's certificates are."""
