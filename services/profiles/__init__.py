"""Profiles: patrons with their consents and erasures, and the org tree they belong to."""
