"""Where webhooks may go: the guard of all that leads outside, with the networks that the operator allows partners."""

from collections.abc import Iterable

from libranet.outside.addresses import Network
from libranet.outside.guard import (
    Place,
    Resolver,
    Target,
    UrlRefused,
    check,
    networks_of,
    patient_resolver,
    read,
    system_resolver,
)

__all__ = ["Place", "Resolver", "Target", "UrlRefused", "allowed_networks", "check", "patient_resolver", "read",
           "system_resolver"]


def allowed_networks(of_the_partner: Iterable[str] = ()) -> tuple[Network, ...]:
    """For everybody (setting WEBHOOK_ALLOWED_NETWORKS), and for one partner."""
    return networks_of("WEBHOOK_ALLOWED_NETWORKS", of_the_partner)
