"""Matches: which jobs are ready for somebody's skills, which are near, and what would close the gap."""
