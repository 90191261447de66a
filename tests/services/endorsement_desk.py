"""Endorsements in short sentences: a library that defines and issues, a college that vouches, on any database."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from contracts.calls import endorsements as calls
from libranet.cloudevent import Event
from libranet.testing import a_principal, a_request, an_event
from services.credentials.store import CredentialStore
from tests.services.credentials_stage import UNKNOWN, refused, verdicts
from tests.services.recognition_desk import COLLEGE, ELSEWHERE, LEARNER, THE_COLLEGE, Desk, at_work
from tests.services.recognition_desk import OTHER_COLLEGE as EMPLOYER

LIBRARY = "demo.riverside"
THE_LIBRARY = a_principal(LIBRARY)
OTHER_LIBRARY = a_principal("demo.hill")
PLACES = {LIBRARY: "Riverside Public Library", COLLEGE: "Lakeside College", "demo.mill": "Mill Employers",
          "demo": "Demo Consortium", "other.college": "Elsewhere"}
COMMENT = "Whoever holds it may skip our introduction."

__all__ = ["COLLEGE", "COMMENT", "ELSEWHERE", "EMPLOYER", "LEARNER", "LIBRARY", "OTHER_LIBRARY", "THE_COLLEGE",
           "THE_LIBRARY", "UNKNOWN", "VouchingDesk", "forum", "opened", "places", "refused", "signed"]


class VouchingDesk(Desk):
    """The service on a database, with what nodes say of each other."""

    def offer(self, of: str, kind: str = "achievement", comment: str = COMMENT, who: Any = THE_COLLEGE) -> Any:
        return self.by(who, "offer_endorsement", calls.OfferEndorsement().load(
            {"kind": kind, "of": of, "comment": comment}))

    def asks(self, of: str, kind: str = "achievement", endorser: str = COLLEGE, who: Any = THE_LIBRARY) -> Any:
        return self.by(who, "ask_for_endorsement", {"kind": kind, "of": of, "endorser": endorser, "note": "Please."})

    def decide(self, endorsement: dict[str, Any], accepted: bool = True, who: Any = THE_LIBRARY) -> dict[str, Any]:
        return dict(self.by(who, "decide_endorsement", {"accepted": accepted}, endorsement=endorsement["id"]).body)

    def taken_back(self, endorsement: dict[str, Any], who: Any = THE_COLLEGE) -> dict[str, Any]:
        return dict(self.by(who, "take_back_endorsement", {"reason": "We ended it."},
                            endorsement=endorsement["id"]).body)

    def endorsed(self, of: str, kind: str = "achievement", comment: str = COMMENT, who: Any = THE_COLLEGE,
                 by: Any = THE_LIBRARY) -> dict[str, Any]:
        """Offered and accepted."""
        return self.decide(self.offer(of, kind, comment, who).body, who=by)

    def mine(self, who: Any, **query: Any) -> list[dict[str, Any]]:
        return list(self.by(who, "list_endorsements", query=query).body["items"])

    def verification(self, credential: dict[str, Any]) -> dict[str, Any]:
        """Each check with its reason."""
        request = a_request({"credential": credential})
        return dict(self.database.transact(lambda work: self.service.verify_credential(
            request, lambda effect: effect(CredentialStore(work)))))

    def verified(self, credential: dict[str, Any]) -> dict[str, str]:
        return verdicts(self.verification(credential))

    def earned(self, number: int = 5, **changes: Any) -> dict[str, Any]:
        """The patron's newest credential, for completing the course."""
        before = {each["id"] for each in self.listed()["items"]}
        self.earn(number, **changes)
        return next(each for each in self.listed()["items"] if each["id"] not in before)

    def told_of(self, noun: str) -> list[tuple[str, str]]:
        """What was told of a noun, and to whom, in order."""
        return [(each.short_type.removeprefix(f"{noun}-"), each.data["to"]) for each in self.events
                if each.short_type.startswith(f"{noun}-")]


@pytest.fixture
def forum(tmp_path: Path, work_factory: Any) -> VouchingDesk:
    """On whichever database the tests run."""
    return opened(VouchingDesk(tmp_path, work_factory))


def opened(desk: VouchingDesk) -> VouchingDesk:
    """With places, a course and a patron."""
    at_work(desk)
    desk.hear("nodes", *places())
    return desk


def places() -> list[Event]:
    """That there are these."""
    return [an_event("org.libranet.profiles.node-added.v1", {"node": node, "kind": "partner", "title": title}, node)
            for node, title in PLACES.items()]


def signed(forum: VouchingDesk, endorsement: dict[str, Any]) -> dict[str, Any]:
    """The document at its address."""
    answer = forum.ask("get_public_endorsement", public_endorsement=endorsement["public_url"].rpartition("/")[2])
    return dict(orjson.loads(answer.body))
