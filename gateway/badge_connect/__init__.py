"""Open Badges 3.0's API: which apps patrons let in, how (OAuth 2.0, by way of Authlib), and what these are told."""
