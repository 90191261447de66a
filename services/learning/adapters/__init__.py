"""How learning platforms speak to us."""
