"""Library cards: the way from a card and its PIN, or an account elsewhere, to a patron."""
