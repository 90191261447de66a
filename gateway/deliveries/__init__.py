"""Webhooks to partners: subscriptions, consents, and deliveries that are signed and sent at least once."""
