"""Signing in of persons: by a library card, which profiles judges, or at a library's own OpenID Connect provider."""
