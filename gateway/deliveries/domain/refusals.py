"""Why a subscription or a delivery is refused. Each says what to do next."""

from libranet.problems import NotFound, Refusal


class TypeUnknown(Refusal):
    """No event of that name may be subscribed to."""

    title = "There is no such event to subscribe to"


class SubscriptionUnknown(NotFound):
    title = "No such subscription"

    def __init__(self) -> None:
        super().__init__("There is no subscription of that id. GET /v1/subscriptions lists yours.")


class DeliveryUnknown(NotFound):
    title = "No such delivery"

    def __init__(self) -> None:
        super().__init__("This subscription has no delivery of that id; deliveries are kept for 30 days.")


class SubscriptionDisabled(Refusal):
    """The receiver answered 410 Gone."""

    status = 409
    title = "The subscription is disabled"


class SubscriptionsFull(Refusal):
    """A node has as many subscriptions as it may have."""

    status = 409
    title = "Too many subscriptions"
