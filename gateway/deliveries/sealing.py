"""Webhook secrets at rest, sealed under the platform's `WEBHOOK_KEK` and bound to the subscription they belong to."""

from libranet.sealing import Sealing

_webhooks = Sealing("WEBHOOK_KEK")
seal = _webhooks.seal
unseal = _webhooks.unseal
