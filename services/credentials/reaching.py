"""Judges records anew by what colleges take, and tells a college of whoever lets it know. May be run again.

Of two that judge one patron at the same moment the second is run again and sees what the first one kept: each reach is
made once and told once.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from contracts.places import consortium_of
from libranet.cloudevent import Cause
from libranet.collection import Document
from services.credentials.domain import facts, reaches, recognition
from services.credentials.domain.consents import SHARING, consent_id, is_given
from services.credentials.domain.reaches import REACHED, Reach
from services.credentials.domain.recognition import Recognition, Versions
from services.credentials.store import CredentialStore


@dataclass(frozen=True)
class Records:
    """What is kept of some patrons: their credentials, what they reached, and what both are judged by."""

    versions: Versions
    statements: Mapping[tuple[str, int], Recognition]
    earned: dict[str, list[Document]] = field(default_factory=lambda: defaultdict(list))
    reaches: dict[str, list[Reach]] = field(default_factory=lambda: defaultdict(list))


def records(patrons: Iterable[str], store: CredentialStore) -> Records:
    """Read at once for all of them."""
    known = set(patrons)
    earned, kept = store.recognitions.credentials_of(known), store.recognitions.reaches_of(known)
    found = Records(
        versions=store.versions(recognition.versions_of(earned)),
        statements=store.recognitions.statements((each["recognition"], each["version"]) for each in kept))
    for credential in earned:
        found.earned[credential["patron"]].append(credential)
    for reach in kept:
        found.reaches[reach["patron"]].append(reach)
    return found


def judge(recognitions: Sequence[Recognition], store: CredentialStore, moment: datetime,
          causes: Mapping[str, Cause]) -> None:
    """Whether these patrons (`causes` are by patron) meet these recognitions now, and whether what they reached before
    still counts."""
    found = records(causes, store)
    tell([reach for patron in sorted(causes) for reach in _changed(patron, recognitions, found, moment)],
         store, moment, causes)


def tell(changed: Sequence[Reach], store: CredentialStore, moment: datetime, causes: Mapping[str, Cause]) -> None:
    """Saves these reaches; their colleges are told of those whose patrons consent to that."""
    erased = store.touch({each["patron"] for each in changed})
    given = store.consents(_consent_needed(each) for each in changed)
    for each in changed:
        if each["patron"] in erased:
            continue
        if reaches.is_to_tell(each) and is_given(given.get(_consent_needed(each)), moment):
            store.recognitions.save_reach(reaches.told(each), [facts.recognition_told(each)], causes[each["patron"]])
        else:
            store.recognitions.save_reach(each, [], causes[each["patron"]])


def known_to_college(some: Sequence[Reach], store: CredentialStore, moment: datetime) -> set[str]:
    """Those of these reaches of which their patrons let the college know now."""
    given = store.consents(_consent_needed(each) for each in some)
    return {each["_id"] for each in some if is_given(given.get(_consent_needed(each)), moment)}


def _changed(patron: str, recognitions: Sequence[Recognition], found: Records, moment: datetime) -> list[Reach]:
    earned, kept = found.earned[patron], found.reaches[patron]
    after = [(each, _again(each, found, moment)) for each in kept]
    known = {each["_id"] for each in kept}
    fresh = []
    for each in recognitions:
        if reaches.reach_id(each, patron) in known or not _concerns(each, earned, moment):
            continue
        standing = recognition.judge(each, earned, found.versions, moment)
        if standing.word == REACHED:
            fresh.append(reaches.reached(each, patron, standing.have, moment))
    return [*(now for before, now in after if now is not before), *fresh]


def _concerns(each: Recognition, earned: Sequence[Document], moment: datetime) -> bool:
    """Whether it applies now, and the record is one of its consortium."""
    return recognition.applies(each, moment) and any(
        consortium_of(credential["owner"]) == each["consortium"] for credential in earned)


def _again(reach: Reach, found: Records, moment: datetime) -> Reach:
    """By the version that was reached and as of when it was: time takes nothing away."""
    statement = found.statements[reach["recognition"], reach["version"]]
    standing = recognition.judge(statement, found.earned[reach["patron"]], found.versions, reach["reached_at"])
    return reaches.judged_again(reach, standing.have, standing.word == REACHED, moment)


def _consent_needed(reach: Reach) -> str:
    return consent_id(reach["patron"], SHARING, reach["college"])
