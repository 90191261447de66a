"""Nothing is read or written without saying for whom.

Every public method of a store takes a principal; or what a principal was given before, or what was decided for one (a
record of the domain, the cause that names the actor); or the node that bounds it. What takes none of these is listed,
with the reason.
"""

import inspect
import re
from importlib import import_module
from pkgutil import walk_packages

import pytest

import gateway
import services

SAYS_FOR_WHOM = re.compile(r"principal\.Principal|\.domain\.|cloudevent\.Cause|cloudevent\.Event")
BOUNDING = {"owner", "node", "library"}
"""Parameters that name the place; the caller passes the principal's own, or that of a record it was given."""

DOOR = "at the door: nobody is anybody yet, it is how one finds out who acts"
OPERATOR = "for the operator's own commands, at the machine"
EVENTS = "for the platform's own events, which come from no caller"
GIVEN = "by the id of a record that the caller was given just before"
PLACES = "places are no secret, and what they are called is public"
SHOWN = "public to whoever has the address"
TOKEN = "by what a wallet was given: whoever asks has shown its access token"
SHARED = "work, courses and skills are about nobody: each replica has them all, and calls show what the caller shares"
LOOKED_UP = "the one call that reads it asks whether the caller sees the record before it goes on"
UNTOLD = "decides only whether it is worth to wait for an event: what one may not see is refused as unknown"
WORKER = "for the service's own workers, which act for no caller"
PSEUDONYMS = "pseudonyms of the platform's own events; nobody can be looked up by them"

WITHOUT = {
    "ClientStore": {DOOR: "find get note_use ping", OPERATOR: "revoke rotate"},
    "SessionStore": {DOOR: "end end_all find"},
    "RoleStore": {DOOR: "held_by"},
    "SubscriptionStore": {GIVEN: "add begin_replay change_secret delete deliveries enable find redeliver set_types"},
    "DeliveryStore": {EVENTS: "erase find_consent is_erased keep_early load save save_consent take_early"},
    "AnalyticsStore": {PSEUDONYMS: "cells standings"},
    "SkillCountStore": {PSEUDONYMS: "demand holders names supply"},
    "AchievementStore": {GIVEN: "achievement", EVENTS: "achievements achievements_of stacks_of versions"},
    "HeardStore": {UNTOLD: "knows owner_of_course", EVENTS: "add_courses add_patrons consents"},
    "CredentialStore": {
        SHOWN: "documents_of find_public status_of was_erased",
        GIVEN: "credential dates_of list_credentials many of_same save_seen sharing_of touch waiting_of",
        EVENTS: "end_waiting held_of known save_waiting",
        WORKER: "due stacked_of take_back unclaimed",
    },
    "BatchStore": {LOOKED_UP: "find", WORKER: "after_commit open_batches times_undone"},
    "ImportStore": {GIVEN: "count_of dates_of find get_many of_patron remove save save_verdicts"},
    "ClaimStore": {GIVEN: "claims_of end_offer offer_of save_claim", TOKEN: "find_claim use_nonce"},
    "MappingStore": {GIVEN: "count_stated get shown"},
    "EndorsementStore": {
        GIVEN: "add addresses_of forget_of of_patron signed standing turns",
        LOOKED_UP: "find",
        SHOWN: "find_public",
    },
    "KnownIssuerStore": {SHOWN: "name_of"},
    "PictureStore": {SHOWN: "find", GIVEN: "count_given given_to"},
    "SubmissionStore": {GIVEN: "delete take_files", EVENTS: "blobs_of"},
    "RecordStore": {
        SHOWN: "find_public",
        GIVEN: "add addresses_of count_open find_like list_records save_withdrawn",
    },
    "RecognitionStore": {
        GIVEN: "find_reach reaches_to save stated statements",
        EVENTS: "credentials_of naming reaches_of",
        WORKER: "due_walk end_walk holders save_walk",
    },
    "ReconsiderationStore": {
        GIVEN: "not_earned_of open_of",
        EVENTS: "heard save_not_earned withdrawn_of",
    },
    "StatusListStore": {SHOWN: "find indices"},
    "CourseStore": {SHARED: "all_courses changes_after get_many skills skills_after", WORKER: "forget_changes"},
    "PostingStore": {
        SHARED: "all_open all_texts changes_after get_many marks open_ids open_with_text",
        LOOKED_UP: "get",
        WORKER: "closed_by demands_due expire forget_changes keep_wordings open_ids_of tell",
    },
    "FeedStore": {
        LOOKED_UP: "all_of find find_import forget",
        WORKER: "after_commit due open_imports",
    },
    "SkillStore": {
        SHARED: "corrections corrections_after editions pages revision",
        LOOKED_UP: "correction take_back",
        OPERATOR: "add_page make_current missing_pages",
        WORKER: "joined save_walk stays_at walk",
    },
    "LearningStore": {
        GIVEN: "actors_of enrolments_of find_enrolment list_courses touch_patron",
        UNTOLD: "knows",
        WORKER: "after_commit",
        EVENTS: "add_patrons enrolments_awaiting erase_patron mark_unclaimed",
    },
    "StatementStore": {EVENTS: "erase"},
    "ProfilesStore": {GIVEN: "erase_patron held"},
    "PatronStore": {EVENTS: "heard_of", GIVEN: "erase", WORKER: "with_skills"},
    "SkillNameStore": {SHARED: "of_uris", WORKER: "to_check"},
    "GuestStore": {DOOR: "resume"},
    "CardStore": {PLACES: "connected_nodes", DOOR: "find_attempts find_patron forget_attempts",
                  GIVEN: "count_cards erase"},
    "ProviderStore": {GIVEN: "save", PLACES: "nodes"},
    "AppStore": {DOOR: "add find note_use"},
    "GrantStore": {DOOR: "find_by is_erased", GIVEN: "add end end_earlier replace"},
    "ConsentStore": {GIVEN: "erase"},
    "ErasureStore": {EVENTS: "list_asked", SHOWN: "get_proven"},
    "OrgStore": {PLACES: "find_node list_nodes list_nodes_of_kinds setting settings_line", GIVEN: "erase"},
}


def stores() -> dict[str, type]:
    """Every class named …Store of services and gateway."""
    found: dict[str, type] = {}
    for package in (services, gateway):
        for module in walk_packages(package.__path__, f"{package.__name__}."):
            if "gunicorn" in module.name or module.name == "gateway.describe":
                continue
            for name, each in vars(import_module(module.name)).items():
                if name.endswith("Store") and inspect.isclass(each) and each.__module__ == module.name:
                    assert name not in found, f"two stores are called {name}"
                    found[name] = each
    return found


STORES = stores()
METHODS = [f"{store}.{name}" for store, kind in sorted(STORES.items()) for name, each in sorted(vars(kind).items())
           if inspect.isfunction(each) and not name.startswith("_")]
LISTED = {f"{store}.{name}": why for store, reasons in WITHOUT.items() for why, names in reasons.items()
          for name in names.split()}


def says_for_whom(method: str) -> bool:
    store, _, name = method.partition(".")
    parameters = inspect.signature(vars(STORES[store])[name]).parameters.values()
    return any(SAYS_FOR_WHOM.search(str(each.annotation)) or each.name in BOUNDING for each in parameters)


@pytest.mark.parametrize("method", METHODS)
def test_every_store_method_says_for_whom_or_why_not(method: str) -> None:
    assert says_for_whom(method) or method in LISTED, "take the principal, or say here why there is none"


def test_nothing_is_listed_that_is_not_there_or_says_it_now() -> None:
    assert [each for each in LISTED if each not in METHODS or says_for_whom(each)] == []
