"""Readers of other people's taxonomies, and of ours."""
