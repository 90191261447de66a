"""Writes the next state of a credential, with what follows from it for the learner's others for the same
achievement."""

from collections.abc import Sequence
from datetime import datetime

from contracts.calls.achievements import COMPETENCY
from libranet.clock import now
from libranet.cloudevent import Cause
from libranet.collection import Document
from services.credentials.domain import life, reconsidering, superseding
from services.credentials.domain.reconsidering import Reconsideration
from services.credentials.store import CredentialStore


def save_status(after: Document, cause: Cause, store: CredentialStore) -> None:
    """One that was revoked, suspended or reinstated."""
    store.save_status(after, cause)
    supersede([(after, cause)], store, now())


def supersede(changed: Sequence[tuple[Document, Cause]], store: CredentialStore, at: datetime) -> None:
    """Marks what these replace, and unmarks what is replaced by none of them any more, by what holds at the moment."""
    current = store.achievements(each["achievement"] for each, _ in changed)
    causes = {(each["patron"], each["achievement"]): cause for each, cause in changed
              if superseding.may_replace(current[each["achievement"]])}
    groups: dict[tuple[str, str], list[Document]] = {each: [] for each in causes}
    for each in store.of_same(causes):
        groups[each["patron"], each["achievement"]].append(each)
    several = {place: held for place, held in groups.items() if len(held) > 1}
    versions = store.versions(superseding.version_of(each) for held in several.values() for each in held
                              if each["kind"] == COMPETENCY)
    for place, held in several.items():
        for each in superseding.replaced(held, versions, at):
            store.save_superseded(each, causes[place])


def save_question(before: Reconsideration | None, after: Reconsideration, held: Document, credential: Document,
                  cause: Cause, store: CredentialStore) -> None:
    """A question that was opened, decided or closed, with its credential; nothing where both are as they were."""
    if (before, held) == (after, credential):
        return
    if before is None:
        credential = life.lived(credential, life.IN_REVIEW, after["opened_at"], reconsidering.words(after))
    elif after["state"] == reconsidering.CLOSED:
        credential = life.lived(credential, life.REVIEWED, after["closed_at"], after["reason"])
    store.reconsiderations.save(after, cause, tells=before is None or after["state"] == reconsidering.CLOSED)
    if credential["status"] != held["status"]:
        save_status(credential, cause, store)
    else:
        store.save_seen(credential)


def close_revoked(credential: Document, at: datetime, cause: Cause, store: CredentialStore) -> Document:
    """The question about a credential that was revoked by itself is closed by that; gives the credential's state."""
    question = store.reconsiderations.open_of([credential["patron"]]).get(credential["_id"])
    if question is None:
        return credential
    store.reconsiderations.save(
        reconsidering.closed(question, reconsidering.REVOKED, credential["status_reason"], at), cause)
    return life.lived(credential, life.REVIEWED, at, credential["status_reason"])
