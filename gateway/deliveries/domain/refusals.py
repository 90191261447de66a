"""Why a subscription or a delivery is refused. Each says what to do next."""

from libranet.problems import Conflict, NotFound, Refusal


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


class SubscriptionDisabled(Conflict):
    """Nothing is sent there until it is switched on again."""

    title = "The subscription is disabled"


class SubscriptionsFull(Conflict):
    """A node has as many subscriptions as it may have."""

    title = "Too many subscriptions"


class SubscriptionNeeded(Conflict):
    """Events are kept only for who asked for them."""

    title = "There is no subscription to read by"


class NotAWebhook(Conflict):
    """What is asked for goes with webhooks only."""

    title = "The subscription is not a webhook"


class NothingIsSent(Conflict):
    """A pull subscription is read, not sent to."""

    title = "Nothing is sent to this subscription"


class PositionUnknown(Refusal):
    """The stream has not given this position."""

    title = "No such position"


class SinceAhead(Refusal):
    """Nothing can be sent again that has not happened."""

    title = "That time has not come yet"


class ReplayRunning(Conflict):
    """One at a time."""

    title = "A replay is under way"
