"""Job postings: their shape, how they are kept, and how a change of them is told."""
