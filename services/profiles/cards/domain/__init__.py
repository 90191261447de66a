"""Rules of cards; no I/O, no framework."""
