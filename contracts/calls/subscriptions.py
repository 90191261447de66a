"""Calls about webhooks, which the gateway answers itself: subscriptions of a partner, and what was delivered."""

from marshmallow import Schema, fields, validate

from contracts.call import Call
from contracts.calls.shapes import PageQuery, Strict

ALLOWS = ("subscriptions:write",)
STATUSES = ("pending", "delivered", "failed", "withheld")


class Subscribe(Strict):
    """Where events are sent, and which."""

    url = fields.String(required=True, validate=validate.Length(1, 2000), metadata={
        "description": "An https address on the public internet, port 443. No redirect is followed."})
    types = fields.List(
        fields.String(validate=validate.Length(1, 200)), required=True, validate=validate.Length(1, 50),
        metadata={"description": "Types by full name or in short (`credential-issued`), or `*` for all."})


class Subscription(Schema):
    """`enabled` is false once the receiver has answered 410 Gone; `disabled_reason` says so."""

    id = fields.UUID()
    owner = fields.String()
    url = fields.String()
    types = fields.List(fields.String())
    enabled = fields.Boolean()
    created_at = fields.AwareDateTime()
    disabled_at = fields.AwareDateTime()
    disabled_reason = fields.String()


class NewSubscription(Subscription):
    """With the secret, which is shown this once."""

    secret = fields.String(metadata={
        "description": "`whsec_` and base64: checks signatures (Standard Webhooks). Keep it; it is not shown again."})


class SubscriptionList(Schema):
    items = fields.List(fields.Nested(Subscription))
    next = fields.String(allow_none=True)


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


class DeliveryList(Schema):
    items = fields.List(fields.Nested(Delivery))
    next = fields.String(allow_none=True)


SUBSCRIBE = Call(
    name="subscribe", service="gateway", method="POST", path="/v1/subscriptions", status=201, body=Subscribe,
    answer=NewSubscription, summary="Subscribe to events by webhook; the answer holds the secret", allows=ALLOWS,
    description="Signed by Standard Webhooks, delivered at least once, tried again for a day. An event about a person "
                "comes only while that person consents to sharing with you.")
LIST_SUBSCRIPTIONS = Call(
    name="list_subscriptions", service="gateway", method="GET", path="/v1/subscriptions", query=PageQuery,
    answer=SubscriptionList, summary="List subscriptions", allows=ALLOWS)
GET_SUBSCRIPTION = Call(
    name="get_subscription", service="gateway", method="GET", path="/v1/subscriptions/<subscription>",
    answer=Subscription, summary="Read one subscription", allows=ALLOWS)
UNSUBSCRIBE = Call(
    name="unsubscribe", service="gateway", method="DELETE", path="/v1/subscriptions/<subscription>", status=204,
    summary="End a subscription; what is not sent yet is not sent any more", allows=ALLOWS, keyed=False)
LIST_DELIVERIES = Call(
    name="list_deliveries", service="gateway", method="GET", path="/v1/subscriptions/<subscription>/deliveries",
    query=PageQuery, answer=DeliveryList, summary="List deliveries of the last 30 days, the newest first",
    allows=ALLOWS)
REDELIVER = Call(
    name="redeliver", service="gateway", method="POST", status=202, answer=Delivery, allows=ALLOWS, keyed=False,
    path="/v1/subscriptions/<subscription>/deliveries/<delivery>/redeliver",
    summary="Send one delivery again, now, with the same webhook-id")

CALLS = (SUBSCRIBE, LIST_SUBSCRIPTIONS, GET_SUBSCRIPTION, UNSUBSCRIBE, LIST_DELIVERIES, REDELIVER)
