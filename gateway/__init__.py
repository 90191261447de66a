"""The one door: HTTP API, sign-in of API clients, rate limits; `deliveries/` is a process of its own."""
