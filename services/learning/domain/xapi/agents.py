"""Agents and groups (Data 2.4.2): exactly one inverse functional identifier, except for anonymous groups."""

from services.learning.domain.xapi.findings import Check, Findings, each, members
from services.learning.domain.xapi.values import exactly, iri, mailto, sha1, text


def _account(value: object, at: str, findings: Findings) -> None:
    found = members(value, at, findings, _ACCOUNT, required=_ACCOUNT)
    if found is not None and found.get("name") == "":
        findings.add(f"{at}/name", "must not be empty: send the id that the person has at homePage")


_ACCOUNT: dict[str, Check] = {"homePage": iri, "name": text}

IDENTIFIERS: dict[str, Check] = {"mbox": mailto, "mbox_sha1sum": sha1, "openid": iri, "account": _account}
"""Data 2.4.2.3: each of them alone tells who it is."""

_AGENT: dict[str, Check] = {"objectType": exactly("Agent"), "name": text, **IDENTIFIERS}


def agent(value: object, at: str, findings: Findings) -> None:
    """Data 2.4.2.1: one identifier, no more and no less."""
    found = members(value, at, findings, _AGENT)
    if found is not None and len(IDENTIFIERS.keys() & found.keys()) != 1:
        findings.add(at, "must have exactly one of mbox, mbox_sha1sum, openid and account")


_GROUP: dict[str, Check] = {
    "objectType": exactly("Group"), "name": text, "member": each(agent), **IDENTIFIERS,
}


def group(value: object, at: str, findings: Findings) -> None:
    """Data 2.4.2.2: one identifier, or none and members; a group is no member of a group."""
    found = members(value, at, findings, _GROUP, required=("objectType",))
    if found is None:
        return
    identifiers = len(IDENTIFIERS.keys() & found.keys())
    if identifiers > 1:
        findings.add(at, "must have no more than one of mbox, mbox_sha1sum, openid and account")
    elif identifiers == 0 and not found.get("member"):
        findings.add(f"{at}/member", "must list at least one agent, because the group has no identifier of its own")


def actor(value: object, at: str, findings: Findings) -> None:
    """An agent, or a group where objectType says so."""
    is_group = isinstance(value, dict) and value.get("objectType") == "Group"
    (group if is_group else agent)(value, at, findings)


def authority(value: object, at: str, findings: Findings) -> None:
    """Data 2.4.9: an agent, or the pair that OAuth makes of an application and a person."""
    actor(value, at, findings)
    if isinstance(value, dict) and value.get("objectType") == "Group":
        listed = value.get("member")
        if not isinstance(listed, list) or len(listed) != 2:
            findings.add(f"{at}/member", "must be the two agents of an OAuth authority")
