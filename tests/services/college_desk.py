"""A college with credentials of its own, a library with a patron, and others who should see nothing of it."""

from pathlib import Path
from typing import Any

import pytest

from contracts.calls.achievements import AWARDS, READS
from libranet.cloudevent import Event
from libranet.testing import a_principal
from services.credentials.adapters.status_places import Places
from tests.services.credentials_stage import (
    WITHDRAWN,
    consent,
    definition,
)
from tests.services.endorsement_desk import COLLEGE, LIBRARY, VouchingDesk, opened
from tests.services.recognition_desk import CREDIT

SCOPES = ("achievements:write", "recognitions:write", "recognitions:read")
LAKESIDE = a_principal(COLLEGE, *SCOPES, kind="college", actor="k_lakeside")
MILL = a_principal("demo.mill", *SCOPES, kind="college", actor="k_mill")
HILL, RIVERSIDE = a_principal("demo.hill", AWARDS, READS), a_principal(LIBRARY, AWARDS, READS)
CONSORTIUM = a_principal("demo", AWARDS, READS)


class CollegeDesk(VouchingDesk):
    """A library with a patron, and a college that recognises what the library issues."""

    def __init__(self, folder: Path, work_factory: Any) -> None:
        """The first places are taken outside of any other transaction, as databases in memory know no two at once."""
        super().__init__(folder, work_factory)
        self.service.places = Places(self.database.transact)
        for node in (LIBRARY, COLLEGE):
            self.service.places.take(node, did(node))

    def own(self, who: Any = LAKESIDE, **changes: Any) -> dict[str, Any]:
        """An achievement that a college defines."""
        body = definition(**{"name": "Ready for business", "course": None, **changes})
        return dict(self.by(who, "define_achievement", body).body)

    def awarding(self, achievement: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """A recognition that awards this, and the id by which the college knows the patron who reached it."""
        stated = self.stated(self.defined(), who=LAKESIDE, gives={**CREDIT, "awards": achievement["id"]})
        self.decided()
        self.earn()
        [seen] = self.reached(stated, who=LAKESIDE)
        return stated, str(seen["id"])

    def agreed(self, given: bool = True, sequence: int = 1, recipient: str = COLLEGE,
               purpose: str = "award-credentials") -> list[Event]:
        kind = {} if given else {"kind": WITHDRAWN}
        return self.hear("consents", consent(sequence=sequence, purpose=purpose, recipient=recipient, **kind))

    def granted(self) -> dict[str, Any]:
        """The college's credential of the patron's."""
        self.agreed()
        stated, reach = self.awarding(self.own())
        self.answered(stated, reach, who=LAKESIDE)
        return self.of_college()

    def of_college(self) -> dict[str, Any]:
        [found] = [each for each in self.listed()["items"] if each["issuer"] == COLLEGE]
        return dict(found)

    def issued(self, achievement: str, who: Any = LAKESIDE, **query: Any) -> list[dict[str, Any]]:
        return list(self.by(who, "list_issued_credentials", query=query, achievement=achievement).body["items"])

    def decide_about(self, credential: dict[str, Any], what: str, who: Any = LAKESIDE) -> dict[str, Any]:
        body = {"reinstate": None, "revalidate": {"extend": True}}.get(what, {"reason": "We look into it."})
        return dict(self.by(who, f"{what}_credential", body, credential=credential["id"]).body)

    def counts(self) -> dict[str, int]:
        told = [each for each in self.events if each.short_type == "credential-issued"]
        return {issuer: sum(each.data["issuer"] == issuer for each in told) for issuer in (LIBRARY, COLLEGE)}


def did(node: str) -> str:
    return f"did:web:libranet.example.org:issuers:{node}"


@pytest.fixture
def college(tmp_path: Path, work_factory: Any) -> CollegeDesk:
    desk = CollegeDesk(tmp_path, work_factory)
    opened(desk)
    return desk
