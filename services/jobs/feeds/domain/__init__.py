"""How what boards publish becomes postings: no I/O, no framework."""
