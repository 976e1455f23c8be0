"""What accepts a server's chain: one module a runtime, or a part of one."""
