"""Analytics: totals of what happened at each node, counting people by pseudonyms only."""
