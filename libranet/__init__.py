"""Plumbing of the platform: events, calls, storage, processes. Knows no patron, job, course or badge."""
