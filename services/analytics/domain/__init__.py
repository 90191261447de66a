"""The rules of analytics: no I/O, no framework."""
