"""How each stage's cost grows with what is stored, and by which index each query is served."""
