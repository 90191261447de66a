"""A learner's record: the ClrCredential of 1EdTech's Comprehensive Learner Record 2.0, with the learner's credentials
in it as they were signed.

Making one is the learner's own sharing: it is public from the start, until it is taken back. What is in it already went
to whoever read it. An outer proof binds the credentials together; each is judged by its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson

from libranet.clock import rfc3339
from libranet.ids import keyed_id, public_id
from services.credentials.domain import documents, guard, issuing, life, status_lists
from services.credentials.domain.issuers import Issuer
from services.credentials.domain.refusals import (
    CredentialUnfit,
    RecordEmpty,
    RecordTooLarge,
    TextUnsuitable,
    TooManyRecords,
)
from services.credentials.domain.status_lists import StatusPlace

CONTEXT = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"
CONTEXTS = (documents.CONTEXTS[0], CONTEXT, *documents.CONTEXTS[1:])
WITHDRAWN = "withdrawn"
MOST_CREDENTIALS = 100
MOST_OPEN = 50
LARGEST_BYTES = 250_000
"""Others read no larger document (openbadgeslib: 256 KiB)."""
STACKED_OF = "credentials"
"""In why a credential was issued: the ids of those that it was earned by."""
Credential = Mapping[str, Any]
"""The stored document of issuing.issue."""
Record = dict[str, Any]
"""The stored document of `make`."""


def check_room(open_records: int) -> None:
    """Raises TooManyRecords."""
    if open_records >= MOST_OPEN:
        raise TooManyRecords(f"A patron has up to {MOST_OPEN} records at a time. Take one back first.")


def chosen(credentials: Sequence[Credential], asked: Sequence[str] | None) -> list[Credential]:
    """Which of a learner's credentials go into a record: those asked for, in that order, or all that hold, the oldest
    first. Raises CredentialUnfit, RecordEmpty or RecordTooLarge."""
    if asked is None:
        found = sorted(filter(holds, credentials), key=lambda each: each["issued_at"])
    else:
        by_id = {each["_id"]: each for each in credentials}
        found = [_asked(by_id, own_id, f"/credentials/{place}") for place, own_id in enumerate(dict.fromkeys(asked))]
    if not found:
        raise RecordEmpty("There is no credential that holds. A record shows what was issued and not revoked.")
    if len(found) > MOST_CREDENTIALS:
        raise RecordTooLarge(f"A record holds up to {MOST_CREDENTIALS} credentials. Choose some.", "/credentials")
    return found


def holds(credential: Credential) -> bool:
    """Whether it was neither suspended nor revoked; what has expired still tells what somebody did."""
    return bool(credential["status"] == life.ISSUED)


def content_of(name: str, credentials: Sequence[Credential], is_partial: bool) -> str:
    """The same for a record that would say the same."""
    parts = [name, str(is_partial), *sorted(each["document"] for each in credentials)]
    return sha256(orjson.dumps(parts)).hexdigest()


def make(
    patron: str,
    name: str,
    credentials: Sequence[Credential],
    is_partial: bool,
    issuer: Issuer,
    address: str,
    made_at: datetime,
    own_id: str,
    place: StatusPlace,
) -> Record:
    """A newly signed record. `place` is its own in the issuer's status list. Raises RecordTooLarge or
    DocumentUnsound."""
    _check_bytes(sum(len(each["document"]) for each in credentials))
    opaque = public_id("record", own_id)
    url = f"{address}/records/{opaque}"
    document_of_it = unsigned(
        url, name, issuer, rfc3339(made_at), is_partial, f"urn:uuid:{keyed_id('subject', issuer.node, patron)}",
        [orjson.loads(each["document"]) for each in credentials], status_lists.entry(address, place),
        _associations(credentials))
    document = orjson.dumps(issuing.sign(document_of_it, issuer, document_of_it["validFrom"]))
    _check_bytes(len(document))
    return {
        "_id": own_id,
        "public_id": opaque,
        "public_url": url,
        "owner": issuer.node,
        "patron": patron,
        "name": name,
        "is_partial": is_partial,
        "content": content_of(name, credentials, is_partial),
        "credentials": [each["_id"] for each in credentials],
        "status": life.ISSUED,
        "status_place": asdict(place),
        "made_at": made_at,
        "withdrawn_at": None,
        "document": document.decode(),
    }


def unsigned(url: str, name: str, issuer: Issuer, valid_from: str, is_partial: bool, subject: str,
             embedded: list[dict[str, Any]], status: dict[str, Any], associations: dict[str, Any]) -> dict[str, Any]:
    """The document; `embedded` are the signed credentials, `associations` the member of that name, if there are any."""
    return {
        "@context": _contexts(embedded),
        "id": url,
        "type": ["VerifiableCredential", guard.RECORD_TYPE],
        "issuer": documents.issuer_profile(issuer),
        "validFrom": valid_from,
        "name": name,
        **({"partial": True} if is_partial else {}),
        "credentialSubject": {
            "id": subject,
            "type": ["ClrSubject"],
            "verifiableCredential": embedded,
            **associations,
        },
        "credentialStatus": status,
    }


def check_name(name: str) -> None:
    """Raises TextUnsuitable."""
    if guard.UNWRITABLE.search(name):
        raise TextUnsuitable("Remove the control characters.", "/name")


def withdraw(record: Record, at: datetime) -> Record:
    """The record taken back for good, without its signed text; the same object when it was before."""
    if record["status"] == WITHDRAWN:
        return record
    return {**record, "status": WITHDRAWN, "withdrawn_at": at, "document": None, "content": None}


def contained(document: object) -> list[Any]:
    """The credentials in a record, whoever made it; none in anything else, and in what is too large to be judged.
    Nothing of them is checked."""
    if not isinstance(document, dict) or not guard.is_record(document):
        return []
    try:
        guard.check_size(document)
    except guard.Unreadable:
        return []
    subject = document.get("credentialSubject")
    found = subject.get("verifiableCredential", []) if isinstance(subject, dict) else []
    return found if isinstance(found, list) else [found]


def _asked(by_id: Mapping[str, Credential], own_id: str, field: str) -> Credential:
    if own_id not in by_id:
        raise CredentialUnfit("The patron has no such credential. GET /v1/patrons/{id}/credentials lists them.", field)
    if not holds(by_id[own_id]):
        raise CredentialUnfit(f"It is {by_id[own_id]['status']}. Leave it out.", field)
    return by_id[own_id]


def _check_bytes(count: int) -> None:
    if count > LARGEST_BYTES:
        raise RecordTooLarge(
            f"It would have {count} bytes, and verifiers read up to {LARGEST_BYTES}. Choose fewer credentials.",
            "/credentials")


def _contexts(embedded: Sequence[Mapping[str, Any]]) -> list[str]:
    """Ours, and those that a credential in it names besides."""
    named = [context for each in embedded for context in each["@context"]]
    return list(dict.fromkeys((*CONTEXTS, *named)))


def _associations(credentials: Sequence[Credential]) -> dict[str, Any]:
    """What in the record was earned by what else in it, told from both ends (Association is a closed class)."""
    achievement_of = {each["_id"]: each["achievement"] for each in credentials}
    pairs = dict.fromkeys(
        (achievement_of[part], each["achievement"])
        for each in credentials for part in each["because"].get(STACKED_OF, ()) if part in achievement_of)
    listed = [_association(kind, *ends) for part, whole in pairs
              for kind, ends in (("isPartOf", (part, whole)), ("isParentOf", (whole, part)))]
    return {"association": listed} if listed else {}


def _association(kind: str, source: str, target: str) -> dict[str, Any]:
    return {"type": "Association", "associationType": kind,
            "sourceId": f"urn:uuid:{source}", "targetId": f"urn:uuid:{target}"}
