"""What others say of an achievement or a credential, as it stands beside it: endorsements, a co-issuer, mappings."""

from collections.abc import Iterable
from typing import Any

from libranet.clock import rfc3339
from libranet.collection import Document
from services.credentials.domain import endorsing, mappings, recognition, rubrics
from services.credentials.domain.achievements import Achievement
from services.credentials.domain.endorsing import Endorsement
from services.credentials.domain.mappings import ACCEPTED, Mapping
from services.credentials.domain.record_page import Said
from services.credentials.issuers import name_of
from services.credentials.store import CredentialStore
from services.credentials.vouching import said_of


def achievement(version: Achievement, store: CredentialStore) -> dict[str, Any]:
    """Of this version; what there is nothing of does not stand there."""
    about = endorsing.of_achievement(version).about
    node = store.co_issuings.in_force(version)
    mapped = [each for each in store.mappings.shown([version.id])[version.id] if each["version"] == version.version]
    return _given({
        "endorsements": _endorsements(store.endorsements.standing([about])[about], store),
        "co_issuer": {"node": node, "name": name_of(node, store)} if node else None,
        "mappings": [mapping(each, store) for each in mapped]})


def credentials(found: Iterable[Document], store: CredentialStore) -> dict[str, dict[str, Any]]:
    """By the id of the credential; read at once for all of them."""
    every = list(found)
    store.endorsements.standing(endorsing.of_credential(each).about for each in every)
    mapped = corresponding(every, store)
    versions = store.versions(recognition.versions_of(every))
    return {each["_id"]: _given({
        "endorsements": _endorsements(said_of(each, versions[recognition.version_of(each)], store), store),
        "mappings": [mapping(one, store) for one in mapped[each["_id"]]]}) for each in every}


def in_words(found: Iterable[Document], store: CredentialStore) -> dict[str, Said]:
    """The same as names, by the id of the credential, with who endorses its achievement."""
    every = list(found)
    versions, mapped = store.versions(recognition.versions_of(every)), corresponding(every, store)
    return {each["_id"]: Said(
        tuple(dict.fromkeys(name_of(one["owner"], store)
                            for one in _standing(each, versions[recognition.version_of(each)], store))),
        tuple(f"{name_of(one['owner'], store)}: {one['target']['target_name']}" for one in mapped[each["_id"]]),
    ) for each in every}


def _standing(credential: Document, version: Achievement, store: CredentialStore) -> list[Endorsement]:
    """Of the credential, then of its achievement."""
    about = endorsing.of_achievement(version).about
    return said_of(credential, version, store) + store.endorsements.standing([about])[about]


def corresponding(found: Iterable[Document], store: CredentialStore) -> dict[str, list[Mapping]]:
    """What colleges say that each of these credentials corresponds to, by its version and levels; by its id."""
    every = list(found)
    shown = store.mappings.shown(each["achievement"] for each in every)
    versions = store.versions(recognition.versions_of(each for each in every if shown[each["achievement"]]))
    return {each["_id"]: [
        one for one in shown[each["achievement"]]
        if (one["achievement"], one["version"]) == recognition.version_of(each)
        and mappings.meets(one, versions[recognition.version_of(each)],
                           rubrics.by_criterion(each["because"].get("levels", ())))] for each in every}


def mapping(found: Mapping, store: CredentialStore) -> dict[str, Any]:
    level = {"level": found["level"]} if found["level"] else {}
    return {"college": found["owner"], "college_name": name_of(found["owner"], store), **level,
            "target": found["target"], "accepted": found["state"] == ACCEPTED}


def _endorsements(found: Iterable[Endorsement], store: CredentialStore) -> list[dict[str, Any]]:
    return [{"endorser": each["owner"], "endorser_name": name_of(each["owner"], store), "comment": each["comment"],
             "co_issued": each["co_issued"], "since": rfc3339(each["since"]), "public_url": each["public_url"]}
            for each in found]


def _given(members: dict[str, Any]) -> dict[str, Any]:
    return {name: each for name, each in members.items() if each}
