"""The rules of skills: no I/O, no framework."""
