"""The org tree: consortium, libraries, branches, partners."""
