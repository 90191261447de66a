"""The rules of matching: no I/O, no framework."""
