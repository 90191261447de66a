"""The AsyncAPI 3.0 description of all events, made from `contracts/events/`; `contracts/asyncapi.yaml` is its copy."""

from typing import Any

from contracts import topology
from contracts.event_types import EventType, all_types

ENVELOPE = {
    "type": "object",
    "description": "CloudEvents 1.0, structured JSON mode, with this platform's extension attributes.",
    "required": ["specversion", "id", "source", "type", "subject", "time", "owner", "actor", "sequence",
                 "correlationid", "causationid", "data"],
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "description": "The same for every copy of one event."},
        "source": {"type": "string", "description": "The publishing service."},
        "type": {"type": "string"},
        "subject": {"type": "string", "description": "What the fact is about: an id."},
        "time": {"type": "string", "format": "date-time"},
        "datacontenttype": {"const": "application/json"},
        "dataschema": {"type": "string", "format": "uri"},
        "owner": {"type": "string", "description": "The node of the org tree that the fact belongs to."},
        "actor": {"type": "string", "description": "Who caused it: an id."},
        "sequence": {"type": "string", "description": "Counts the states of the subject, from 1."},
        "correlationid": {"type": "string", "description": "One conversation, from the first request on."},
        "causationid": {"type": "string", "description": "The request or event that caused this one."},
        "traceparent": {"type": "string", "description": "W3C Trace Context."},
        "data": {"type": "object"},
    },
}


def document() -> dict[str, Any]:
    """The whole description: one channel and message per event type, one operation per publisher and hearer."""
    types = all_types()
    operations: dict[str, Any] = {}
    for each in types.values():
        operations[f"{each.publisher}.publishes.{each.name}"] = _operation("send", each, each.publisher)
        for queue in topology.hearers()[each.name]:
            operations[f"{queue}.hears.{each.name}"] = _operation("receive", each, queue.split(".")[0])
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Libranet events", "version": "1.0.0",
                 "description": "What the services of a Libranet deployment tell each other. Ids only, never people."},
        "defaultContentType": "application/cloudevents+json",
        "channels": {name: _channel(each) for name, each in types.items()},
        "operations": operations,
        "components": {"schemas": {"Envelope": ENVELOPE},
                       "messages": {name: _message(each) for name, each in types.items()}},
    }


def _channel(event_type: EventType) -> dict[str, Any]:
    return {
        "address": event_type.name,
        "messages": {"event": {"$ref": f"#/components/messages/{event_type.name}"}},
        "bindings": {"amqp": {"is": "routingKey", "bindingVersion": "0.3.0", "exchange": {
            "name": topology.EXCHANGE, "type": "topic", "durable": True, "autoDelete": False, "vhost": "libranet"}}},
    }


def _message(event_type: EventType) -> dict[str, Any]:
    schema = {key: value for key, value in event_type.schema.items() if not key.startswith(("$", "x-", "examples"))}
    return {
        "name": event_type.name, "title": event_type.schema["title"],
        "summary": event_type.schema["description"], "contentType": "application/cloudevents+json",
        "payload": {"allOf": [{"$ref": "#/components/schemas/Envelope"},
                              {"type": "object", "properties": {"data": schema}}]},
    }


def _operation(action: str, event_type: EventType, service: str) -> dict[str, Any]:
    channel = f"#/channels/{event_type.name}"
    return {"action": action, "channel": {"$ref": channel}, "title": f"{service}: {event_type.short_name}",
            "messages": [{"$ref": f"{channel}/messages/event"}]}
