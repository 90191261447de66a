"""Calls of partners, which the gateway answers itself: subscriptions, what was delivered, and the pull feed."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from contracts.call import Call
from contracts.calls.shapes import MAX_PAGE, IdPageQuery, Strict, moment, page_of

ALLOWS = ("subscriptions:write",)
READS = ("events:read", "subscriptions:write")
STATUSES = ("pending", "delivered", "failed", "withheld")
WAYS = ("webhook", "pull")
"""A partner asks for these itself; the third, `amqp`, comes from the operator: `libranet partner amqp`."""
LONGEST_OVERLAP_HOURS = 7 * 24


def types_of_events(**kwargs: Any) -> fields.List[Any]:
    """A list of event types."""
    return fields.List(
        fields.String(validate=validate.Length(1, 200)), validate=validate.Length(1, 50), **kwargs,
        metadata={"description": "Types by full name or in short (`credential-issued`), or `*` for all."})


class Subscribe(Strict):
    """Which events, and how they come: sent to `url` (`webhook`), or kept until you ask for them (`pull`)."""

    delivery = fields.String(load_default="webhook", validate=validate.OneOf(WAYS), metadata={
        "description": "`webhook`: signed requests to `url`. `pull`: read them with GET /v1/events."})
    url = fields.String(validate=validate.Length(1, 2000), metadata={
        "description": "Of a webhook: an https address on the public internet, port 443. No redirect is followed."})
    types = types_of_events(required=True)

    @validates_schema
    def _url_goes_with_webhooks(self, data: dict[str, Any], **_: Any) -> None:
        if data["delivery"] == "webhook" and "url" not in data:
            raise ValidationError("A webhook needs the address that it is sent to.", "url")
        if data["delivery"] == "pull" and "url" in data:
            raise ValidationError("Nothing is sent to a pull subscription; leave the address out.", "url")


class SubscriptionReplay(Schema):
    """A replay that was begun: it looks at `of` kept events. GET the subscription to see how far it is."""

    id = fields.UUID()
    since = fields.AwareDateTime()
    types = fields.List(fields.String())
    asked_at = fields.AwareDateTime()
    of = fields.Integer()


class ReplayProgress(SubscriptionReplay):
    """How far it is: `looked_at` so many events, `planned` so many of them to be sent again."""

    state = fields.String(validate=validate.OneOf(("running", "done")))
    looked_at = fields.Integer()
    planned = fields.Integer()


class Failing(Schema):
    """Since when nothing was taken, and how many attempts failed."""

    since = fields.AwareDateTime()
    attempts = fields.Integer()


class Subscription(Schema):
    """`enabled` is false once the receiver answered 410 Gone or took nothing for days; `disabled_reason` says which.
    `former_secrets_until`: until then a secret before the newest one signs too."""

    id = fields.UUID()
    owner = fields.String()
    delivery = fields.String(validate=validate.OneOf((*WAYS, "amqp")))
    url = fields.String()
    types = fields.List(fields.String())
    enabled = fields.Boolean()
    created_at = fields.AwareDateTime()
    failing = fields.Nested(Failing, allow_none=True)
    disabled_at = fields.AwareDateTime()
    disabled_reason = fields.String()
    former_secrets_until = fields.AwareDateTime()
    replay = fields.Nested(ReplayProgress)


class NewSubscription(Subscription):
    """A webhook's with its secret, which is shown this once."""

    secret = fields.String(metadata={
        "description": "`whsec_` and base64: checks signatures (Standard Webhooks). Keep it; it is not shown again."})


class NewSecret(Schema):
    """A webhook's secret from now on, shown this once; until `former_secrets_until` the one before signs too."""

    id = fields.UUID()
    secret = fields.String()
    former_secrets_until = fields.AwareDateTime(allow_none=True)


class RotateSecret(Strict):
    """How long the secret before signs beside the new one."""

    overlap_hours = fields.Integer(
        strict=True, load_default=24, validate=validate.Range(0, LONGEST_OVERLAP_HOURS), metadata={
            "description": "0 where the secret before was seen by somebody else; at most a week."})


class Replay(Strict):
    """What is sent again."""

    since = moment(required=True, metadata={
        "description": "Events that happened from then on and are kept (30 days)."})
    types = types_of_events()


SubscriptionList = page_of(Subscription)


class DeliveryAttempt(Schema):
    """A `status` code from the receiver, or the `reason` why there is none."""

    at = fields.AwareDateTime()
    status = fields.Integer(allow_none=True)
    reason = fields.String(allow_none=True)
    milliseconds = fields.Integer()


class Delivery(Schema):
    """One event on its way to one subscription. `withheld`: the patron's consent was gone when it was due."""

    id = fields.UUID()
    webhook_id = fields.String(metadata={"description": "The header `webhook-id`: the same at each attempt."})
    type = fields.String()
    status = fields.String(validate=validate.OneOf(STATUSES))
    created_at = fields.AwareDateTime()
    next_attempt_at = fields.AwareDateTime(allow_none=True)
    attempts = fields.List(fields.Nested(DeliveryAttempt))


DeliveryList = page_of(Delivery)


class EventsQuery(Strict):
    """`after` is the `next` of the answer before; without it the oldest kept event comes first."""

    after = fields.String(validate=validate.Length(1, 100))
    types = fields.String(validate=validate.Length(1, 2000), metadata={
        "description": "Only these, with commas between them; otherwise all that your subscriptions ask for."})
    limit = fields.Integer(load_default=50, validate=validate.Range(1, MAX_PAGE))


class PartnerEvent(Schema):
    """A CloudEvent 1.0, as a webhook's body. `id` is the same whichever way it comes to you, and however often."""

    specversion = fields.String()
    id = fields.String()
    source = fields.String()
    type = fields.String()
    subject = fields.String()
    time = fields.AwareDateTime()
    datacontenttype = fields.String()
    owner = fields.String()
    sequence = fields.String()
    data = fields.Dict()


class PartnerEventList(Schema):
    """`next` is always there: go on with it. When it is the `after` you sent, there is nothing new."""

    items = fields.List(fields.Nested(PartnerEvent))
    next = fields.String()


SUBSCRIBE = Call(
    name="subscribe", service="gateway", method="POST", path="/v1/subscriptions", status=201, body=Subscribe,
    answer=NewSubscription, summary="Subscribe to events, by webhook or to pull them", allows=ALLOWS,
    description="Webhooks are signed by Standard Webhooks, delivered at least once, tried again for a day; the answer "
                "holds the secret. An event about a person comes only while that person consents to sharing with you.")
LIST_SUBSCRIPTIONS = Call(
    name="list_subscriptions", service="gateway", method="GET", path="/v1/subscriptions", query=IdPageQuery,
    answer=SubscriptionList, summary="List subscriptions", allows=ALLOWS)
GET_SUBSCRIPTION = Call(
    name="get_subscription", service="gateway", method="GET", path="/v1/subscriptions/<subscription>",
    answer=Subscription, summary="Read one subscription", allows=ALLOWS)
UNSUBSCRIBE = Call(
    name="unsubscribe", service="gateway", method="DELETE", path="/v1/subscriptions/<subscription>", status=204,
    summary="End a subscription; what is not sent yet is not sent any more", allows=ALLOWS, keyed=False)
ENABLE = Call(
    name="enable_subscription", service="gateway", method="POST", path="/v1/subscriptions/<subscription>/enable",
    answer=Subscription, summary="Switch a subscription on again and send what it missed", allows=ALLOWS, keyed=False,
    description="Sent is what was not delivered since the failures began and is still kept (30 days).")
ROTATE_SECRET = Call(
    name="rotate_secret", service="gateway", method="POST", path="/v1/subscriptions/<subscription>/secret",
    body=RotateSecret, answer=NewSecret, summary="Get a new secret for a webhook", allows=ALLOWS,
    description="Until the overlap ends each request carries a signature by either secret, so that you can change from "
                "one to the other at your own time.")
REPLAY = Call(
    name="replay", service="gateway", method="POST", path="/v1/subscriptions/<subscription>/replay", status=202,
    body=Replay, answer=SubscriptionReplay, summary="Send again what happened since a time", allows=ALLOWS,
    description="With the same ids, and under the consent of the moment it is sent. `replay` tells how far it is. "
                "Asking for the same again while it is under way changes nothing.")
LIST_DELIVERIES = Call(
    name="list_deliveries", service="gateway", method="GET", path="/v1/subscriptions/<subscription>/deliveries",
    query=IdPageQuery, answer=DeliveryList, summary="List deliveries of the last 30 days, the newest first",
    allows=ALLOWS)
REDELIVER = Call(
    name="redeliver", service="gateway", method="POST", status=202, answer=Delivery, allows=ALLOWS, keyed=False,
    path="/v1/subscriptions/<subscription>/deliveries/<delivery>/redeliver",
    summary="Send one delivery again, now, with the same webhook-id")
LIST_EVENTS = Call(
    name="list_events", service="gateway", method="GET", path="/v1/events", query=EventsQuery,
    answer=PartnerEventList, summary="Read the events of the last 30 days that you may know, in order", allows=READS,
    refused=(409,),
    description="For whoever would rather ask than be sent to; any subscription will do, `pull` is made for it. Every "
                "event has its place for good. An event about a person is shown only while that person consents to "
                "sharing with you, at the moment you ask.")

CALLS = (SUBSCRIBE, LIST_SUBSCRIPTIONS, GET_SUBSCRIPTION, UNSUBSCRIBE, ENABLE, ROTATE_SECRET, REPLAY, LIST_DELIVERIES,
         REDELIVER, LIST_EVENTS)
