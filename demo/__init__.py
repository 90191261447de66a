"""`libranet demo`: the main line walked through the public API, for people and for CI."""
