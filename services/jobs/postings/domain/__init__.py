"""What a posting is: no I/O, no framework."""
