"""What courses teach: no I/O, no framework."""
