"""Patrons: people as their library knows them."""
