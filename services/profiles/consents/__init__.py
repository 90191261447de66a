"""Consents: what a patron lets whom do."""
