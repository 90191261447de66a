"""The rules of jobs: no I/O, no framework."""
