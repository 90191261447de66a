"""Connections to other people's machines, which must never lead inside."""
