"""What the credentials service has decided, in the past tense. Ids and where to look; no documents, no
names of people."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from contracts.calls import mappings
from contracts.calls.co_issuing import AGREED
from contracts.calls.endorsements import ACCEPTED, ASKED, OFFERED, TAKEN_BACK
from libranet.clock import rfc3339
from libranet.cloudevent import Fact
from services.credentials.domain import issuers, life, reaches
from services.credentials.domain.achievements import Achievement
from services.credentials.domain.earning import Completion
from services.credentials.domain.submissions import NOT_REACHED, PASSED, is_in_dispute

PREFIX = "org.libranet.credentials."


def credential_issued(credential: dict[str, Any]) -> Fact:
    """`credential` is the stored document of issuing.issue."""
    data = _credential(credential)
    if credential["because"]["rule"] == Completion.rule:
        data["completion"] = credential["because"]["id"]
    if credential["skills"]:
        data["skills"] = credential["skills"]
    return Fact(f"{PREFIX}credential-issued.v1", credential["_id"], credential["owner"], data)


def credential_shared(credential: dict[str, Any]) -> Fact:
    return _later("credential-shared", credential, shared_at=credential["shared_at"])


def credential_claimed(credential: dict[str, Any]) -> Fact:
    """A wallet has taken it; in which one and by which key is told to nobody."""
    return _later("credential-claimed", credential, claimed_at=credential["claimed_at"])


def credential_unclaimed(credential: dict[str, Any]) -> Fact:
    """A reminder: its learner has neither shared nor claimed it."""
    return _later("credential-unclaimed", credential)


def status_changed(credential: dict[str, Any]) -> Fact:
    """Revoked, suspended, or reinstated after that; why is told to its learner, and to nobody by an event."""
    name, member = {
        life.REVOKED: ("credential-revoked", "revoked_at"),
        life.SUSPENDED: ("credential-suspended", "suspended_at"),
        life.ISSUED: ("credential-reinstated", "reinstated_at"),
    }[credential["status"]]
    return _later(name, credential, **{member: credential["status_since"]})


def supersession_changed(credential: dict[str, Any]) -> Fact:
    """Superseded by another one of the same learner's, or not any more."""
    if credential["superseded_by"] is None:
        return _later("credential-restored", credential, restored_at=credential["life"][-1]["at"])
    told = _later("credential-superseded", credential, superseded_at=credential["superseded_at"])
    return replace(told, data={**told.data, "superseded_by": credential["superseded_by"]})


def reconsideration_changed(question: dict[str, Any]) -> Fact:
    """Opened or closed; why is told to staff and learner, and to nobody by an event."""
    names = ("credential", "patron", "achievement", "completion")
    data = {"reconsideration": question["_id"], "issuer": question["owner"],
            **{name: question[name] for name in names}, "opened_at": rfc3339(question["opened_at"])}
    if question["closed_at"] is None:
        return Fact(f"{PREFIX}reconsideration-opened.v1", question["_id"], question["owner"],
                    {**data, "why": question["why"]}, question["sequence"])
    return Fact(f"{PREFIX}reconsideration-closed.v1", question["_id"], question["owner"], {
        **data, "outcome": question["outcome"], "closed_at": rfc3339(question["closed_at"])}, question["sequence"])


def credential_revalidated(credential: dict[str, Any]) -> Fact:
    """Signed anew; `valid_until` is told where it ends."""
    ends = {"valid_until": credential["valid_until"]} if credential["valid_until"] else {}
    return _later("credential-revalidated", credential, revalidated_at=credential["revalidated_at"], **ends)


def expiry_told(credential: dict[str, Any], now: datetime) -> Fact:
    """That it will expire, ahead of time; or that it has."""
    name = "credential-expired" if life.has_expired(credential, now) else "credential-expiring"
    return _later(name, credential, valid_until=credential["valid_until"])


def submission_judged(submission: dict[str, Any], achievement: Achievement) -> list[Fact]:
    """That evaluators have come to an end, or that two of them differ; nothing while others are to read it."""
    data = {name: submission[name] for name in ("patron", "achievement")} | {"submission": submission["_id"]}
    if submission["state"] in (PASSED, NOT_REACHED):
        name = "submission-judged"
        data |= {"passed": submission["state"] == PASSED, "readings": len(submission["readings"])}
    elif is_in_dispute(submission, achievement):
        name = "evaluators-disagreed"
    else:
        return []
    return [Fact(f"{PREFIX}{name}.v1", submission["_id"], submission["owner"], data, submission["sequence"])]


def patron_data_erased(patron: str, owner: str, erasure: str, deleted: int, erased_at: datetime) -> Fact:
    return Fact(
        f"{PREFIX}patron-data-erased.v1",
        patron,
        owner,
        {"patron": patron, "erasure": erasure, "erased_at": rfc3339(erased_at), "deleted": deleted},
    )


def recognition_told(reach: dict[str, Any]) -> Fact:
    """What the college is told of a reach: that the patron meets what it takes, or does not any more."""
    if reach["state"] == reaches.LOST:
        return _of_reach("recognition-lost", reach, {"lost_at": rfc3339(reach["since"])})
    counted = [{name: each[name] for name in ("achievement_name", "issuer", "awarded_at", "public_url")}
               for each in reach["credentials"]]
    return _of_reach("recognition-reached", reach, {
        "title": reach["title"], "gives": reach["gives"], "credentials": counted,
        "reached_at": rfc3339(reach["reached_at"])})


def recognition_answered(reach: dict[str, Any]) -> Fact:
    """Granted or refused; why is told to the patron, and to nobody by an event."""
    state = reach["state"]
    return _of_reach(f"recognition-{state}", reach, {f"{state}_at": rfc3339(reach["since"])})


def endorsement_told(endorsement: dict[str, Any]) -> Fact:
    """Its state, for the side that did not bring it about."""
    state, at = endorsement["state"], rfc3339(endorsement["changed_at"])
    to = endorsement["target_owner"] if state in (OFFERED, TAKEN_BACK) else endorsement["owner"]
    version = {"version": endorsement["version"]} if endorsement["version"] else {}
    data = {"endorsement": endorsement["_id"], "endorser": endorsement["owner"], "kind": endorsement["kind"],
            "of": endorsement["of"], "endorsed": endorsement["target_owner"], "to": to, **version}
    if state in (ASKED, OFFERED, ACCEPTED):
        data |= {f"{state}_at": at} | ({"public_url": endorsement["public_url"]} if state == ACCEPTED else {})
    else:
        state, data = "ended", data | {"state": state, "ended_at": at}
    return Fact(f"{PREFIX}endorsement-{state}.v1", endorsement["_id"], endorsement["target_owner"], data,
                endorsement["sequence"])


def co_issuing_told(co_issuing: dict[str, Any], to: str) -> Fact:
    """Its state, for the side that did not bring it about."""
    state = co_issuing["state"]
    data = {"co_issuing": co_issuing["_id"], **{name: co_issuing[name] for name in ("achievement", "owner", "node")},
            "to": to, f"{state}_at": rfc3339(co_issuing["changed_at"])}
    version = {"version": co_issuing["version"]} if state == AGREED else {}
    return Fact(f"{PREFIX}co-issuing-{state}.v1", co_issuing["_id"], co_issuing["owner"], {**data, **version},
                co_issuing["sequence"])


def mapping_told(mapping: dict[str, Any]) -> Fact:
    """Its state, for the side that did not bring it about."""
    state, at = mapping["state"], rfc3339(mapping["changed_at"])
    name, told = {
        mappings.STATED: ("achievement-mapped", {"mapped_at": at}),
        mappings.ACCEPTED: ("mapping-accepted", {"accepted_at": at}),
    }.get(state, ("mapping-ended", {"state": state, "ended_at": at}))
    to = "achievement_owner" if state in (mappings.STATED, mappings.ENDED) else "owner"
    data = {"mapping": mapping["_id"], "college": mapping["owner"], "achievement": mapping["achievement"],
            "owner": mapping["achievement_owner"], "to": mapping[to], "version": mapping["version"], **told}
    return Fact(f"{PREFIX}{name}.v1", mapping["_id"], mapping["achievement_owner"], data, mapping["sequence"])


def _of_reach(name: str, reach: dict[str, Any], data: dict[str, Any]) -> Fact:
    names = ("patron", "college", "recognition", "version")
    about = {"reached": reach["_id"], **{each: reach[each] for each in names}}
    return Fact(f"{PREFIX}{name}.v1", reach["_id"], reach["owner"], {**about, **data}, reach["sequence"])


def _later(name: str, credential: dict[str, Any], **times: datetime) -> Fact:
    told = {member: rfc3339(moment) for member, moment in times.items()}
    data = {**_credential(credential), **told}
    return Fact(f"{PREFIX}{name}.v1", credential["_id"], credential["owner"], data, credential["sequence"])


def _credential(credential: dict[str, Any]) -> dict[str, Any]:
    return {
        "credential": credential["_id"],
        "patron": credential["patron"],
        "achievement": credential["achievement"],
        "achievement_name": credential["achievement_name"],
        "kind": credential["kind"],
        "issuer": issuers.node_of(credential),
        "public_id": credential["public_id"],
        "public_url": credential["public_url"],
        "issued_at": rfc3339(credential["issued_at"]),
    }
