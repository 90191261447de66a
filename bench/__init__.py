"""Benchmarks, each beside the peer it is compared with: `make bench`, or `python -m bench consume relay`.

They measure on whatever machine they run on, so ratios and CPU time per event are worth more than rates. Nothing here
is asserted in a test. What was measured once, and what it means, is in README.md beside this file.
"""
