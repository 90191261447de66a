"""Scopes, in the form noun:verb, and what the usual API clients hold."""

LIBRARY = ("patrons:read", "patrons:write", "courses:read", "courses:write", "credentials:read",
           "credentials:write", "credentials:verify", "measures:read", "nodes:read", "subscriptions:write",
           "statements:read")
PLATFORM = ("statements:read", "statements:write")
PARTNER = ("subscriptions:write", "credentials:verify", "nodes:read")
OPERATOR = ("nodes:read", "nodes:write")

BY_KIND = {"library": LIBRARY, "platform": PLATFORM, "partner": PARTNER}
ALL = tuple(sorted({*LIBRARY, *PLATFORM, *PARTNER, *OPERATOR}))
