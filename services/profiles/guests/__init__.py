"""Guests: people without an account, who come back with a code."""
