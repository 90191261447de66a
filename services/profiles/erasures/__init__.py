"""Erasures: a patron is deleted everywhere, and each service says so."""
