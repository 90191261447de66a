"""Keeps what patrons decided, as it is heard: of each consent the newest state."""

from collections.abc import Iterable
from dataclasses import asdict

from libranet.clock import now
from libranet.cloudevent import Cause, Event
from services.credentials.domain.consents import Consent, is_given, is_newer, told_by
from services.credentials.store import CredentialStore


def keep_newest(events: Iterable[Event], purpose: str, store: CredentialStore) -> dict[tuple[str, str], Cause]:
    """Keeps the newest state of each consent to this purpose that the events tell of; gives those that are given by it,
    by patron and recipient, with the event's cause. What is older than what is kept changes nothing."""
    newest: dict[str, tuple[Consent, Cause]] = {}
    for event in events:
        consent = told_by(event)
        if consent.purpose != purpose:
            continue
        if consent.id not in newest or consent.sequence > newest[consent.id][0].sequence:
            newest[consent.id] = (consent, event.cause)
    kept = store.consents(newest)
    fresh = [each for own_id, each in newest.items() if is_newer(each[0], kept.get(own_id))]
    erased = store.touch({consent.patron for consent, _ in fresh})
    changed = {
        (consent.patron, consent.recipient): (consent, cause)
        for consent, cause in fresh
        if consent.patron not in erased
    }
    for consent, _ in changed.values():
        store.save_consent(consent)
    return {place: cause for place, (consent, cause) in changed.items() if is_given(asdict(consent), now())}
