"""Which skills are taught where."""
