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
    """Nothing is sent there until it is switched on again."""

    status = 409
    title = "The subscription is disabled"


class SubscriptionsFull(Refusal):
    """A node has as many subscriptions as it may have."""

    status = 409
    title = "Too many subscriptions"


class SubscriptionNeeded(Refusal):
    """Events are kept only for who asked for them."""

    status = 409
    title = "There is no subscription to read by"


class NotAWebhook(Refusal):
    """What is asked for goes with webhooks only."""

    status = 409
    title = "The subscription is not a webhook"


class NothingIsSent(Refusal):
    """A pull subscription is read, not sent to."""

    status = 409
    title = "Nothing is sent to this subscription"


class PositionUnknown(Refusal):
    """The stream has not given this position."""

    title = "No such position"


class SinceAhead(Refusal):
    """Nothing can be sent again that has not happened."""

    title = "That time has not come yet"


class ReplayRunning(Refusal):
    """One at a time."""

    status = 409
    title = "A replay is under way"
