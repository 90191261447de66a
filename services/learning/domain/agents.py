"""Who a statement is about: one key per identifier, so that an enrolment and a statement find each other.

A key is a keyed hash: whoever reads the index learns no address and no account name.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from libranet.ids import keyed_id

ERASED = {"homePage": "urn:libranet:erased", "name": "erased"}
"""Stands in another person's statement where somebody who was erased had been named."""


def actor_key(agent: dict[str, Any]) -> str | None:
    """The key of an agent, an identified group or an enrolment's account; None for an anonymous group.

    An address and its SHA-1 (Data 2.4.2.3) have the same key. Accounts and addresses are compared letter by letter:
    a platform may tell `Ann` from `ann`.
    """
    account = agent.get("account")
    if account is not None:
        return keyed_id("actor", "account", account["homePage"], account["name"])
    if "mbox_sha1sum" in agent:
        return keyed_id("actor", "mbox_sha1sum", agent["mbox_sha1sum"].lower())
    if "mbox" in agent:
        digest = hashlib.sha1(agent["mbox"].encode(), usedforsecurity=False).hexdigest()
        return keyed_id("actor", "mbox_sha1sum", digest)
    if "openid" in agent:
        return keyed_id("actor", "openid", agent["openid"])
    return None


def people_of(statement: dict[str, Any]) -> tuple[str, ...]:
    """The keys of everybody whom the statement names, the actor first where it has a key."""
    keys = (actor_key(agent) for agent in agents_of(statement))
    return tuple(dict.fromkeys(key for key in keys if key is not None))


def forget(statement: dict[str, Any], keys: Collection[str]) -> None:
    """Take the agents with these keys out of a statement about somebody else, in place; their acts stay. One whom a
    group lists many times is left there once: what stands in for them may be longer than what they were named by."""
    for agent in agents_of(statement):
        if "member" in agent:
            agent["member"] = _listed_once(agent["member"], keys)
        if actor_key(agent) in keys:
            kind = {"objectType": agent["objectType"]} if "objectType" in agent else {}
            agent.clear()
            agent.update(kind, account=dict(ERASED))


def agents_of(statement: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Each agent and group that a valid statement names, as often as it does; not who vouches for it."""
    yield from _with_members(statement["actor"])
    target = statement["object"]
    kind = target.get("objectType")
    if kind in ("Agent", "Group"):
        yield from _with_members(target)
    elif kind == "SubStatement":
        yield from agents_of(target)
    context = statement.get("context", {})
    for name in ("instructor", "team"):
        if name in context:
            yield from _with_members(context[name])
    for item in context.get("contextAgents", ()):
        yield from _with_members(item["agent"])
    for item in context.get("contextGroups", ()):
        yield from _with_members(item["group"])


def _listed_once(members: Iterable[dict[str, Any]], keys: Collection[str]) -> list[dict[str, Any]]:
    listed: set[str] = set()
    left = []
    for each in members:
        key = actor_key(each)
        if key not in listed:
            left.append(each)
        if key in keys:
            listed.add(str(key))
    return left


def _with_members(agent: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield agent
    yield from agent.get("member", ())
