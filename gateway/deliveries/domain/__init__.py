"""Rules of the deliveries: no database, no network, no framework."""
