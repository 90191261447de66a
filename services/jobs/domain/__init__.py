"""Rules that all nouns of jobs share: no I/O, no framework."""
