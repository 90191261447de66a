"""The library systems of others, and the secrets that they are met with."""
