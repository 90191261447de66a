"""The rules of profiles: no I/O, no framework."""
