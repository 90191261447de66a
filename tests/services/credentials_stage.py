"""The credentials service with a state in memory, and what happens to it in short sentences."""

from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from openbadgeslib.ob3.ldp import OB3LdpVerifier

from contracts.calls import credentials as calls
from contracts.calls.achievements import AWARDS
from contracts.principal import Principal
from libranet.calls import Answer, CallRequest
from libranet.cloudevent import Event
from libranet.problems import NotYet, Refusal
from libranet.testing import MemoryWork, a_principal, a_request, an_event
from services.credentials.adapters.key_folder import KeyFolder
from services.credentials.adapters.status_places import Places
from services.credentials.service import Credentials
from services.credentials.store import COLLECTIONS, CredentialStore
from tests.services.memory_blobs import MemoryBlobs

PATRON = "0190b3a0-1111-7111-8111-111111111111"
OTHER_PATRON = "0190b3a0-1111-7111-8111-111111111112"
UNKNOWN = "0190b3a0-9999-7999-8999-999999999999"
COURSE = "0190b3a0-2222-7222-8222-222222222222"
ERASURE = "0190b3a0-3333-7333-8333-333333333333"
COMPLETED = "org.libranet.learning.course-completed.v1"
GIVEN = "org.libranet.profiles.consent-given.v1"
WITHDRAWN = "org.libranet.profiles.consent-withdrawn.v1"
REGISTERED = "org.libranet.profiles.patron-registered.v1"
ERASED = "org.libranet.profiles.patron-erased.v1"
ISSUER = "did:web:libranet.example.org:issuers:demo.riverside"
IN_STEPS = ("verify_credential", "import_credential", "list_imports", "get_import", "verify_import",
            "upsert_credential")
EVERYTHING_VALID = dict.fromkeys(("signature", "dates", "status", "issuer", "schema"), "valid") | {
    "endorsement": "unknown"}
"""Of a credential that nobody endorsed."""


class Platform:
    """The service with a state that outlives each unit of work, as in a process."""

    def __init__(self, folder: Path) -> None:
        self.service = Credentials()
        self.service.keys = KeyFolder(folder, (bytes(32),))
        self.blobs = MemoryBlobs()
        self.service.files = self.blobs  # type: ignore[assignment]
        self.state: dict[str, dict[str, Any]] = {}
        self.service.places = Places(lambda effect: effect(MemoryWork(COLLECTIONS, "credentials", self.state)))
        self.events: list[Event] = []

    def hear(self, method: str, *events: Event) -> list[Event]:
        work = MemoryWork(COLLECTIONS, "credentials", self.state)
        getattr(self.service, method)(list(events), CredentialStore(work))  # type: ignore[arg-type]
        self.events += work.events
        return work.events

    def call(self, method: str, body: Any = None, node: str = "demo.riverside", headers: dict[str, str] | None = None,
             query: dict[str, Any] | None = None, **path: str) -> Answer:
        return self._run(method, a_request(
            body, a_principal(node, AWARDS), path, {"limit": 50, **(query or {})}, headers=headers))

    def by(self, who: Principal, method: str, body: Any = None, query: dict[str, Any] | None = None,
           **path: str) -> Answer:
        return self._run(method, a_request(body, who, path, {"limit": 50, **(query or {})}))

    def sent(self, content: bytes, name: str = "sheet.pdf", media_type: str = "application/pdf",
             patron: str = PATRON) -> Answer:
        """A file of a patron's, as the core hands it over."""
        request = a_request(None, a_principal(), {"patron": patron}, {"name": name},
                            headers={"Content-Type": media_type})
        return self._run("add_evidence_file", replace(request, blob=self.blobs.put(content)))

    def issuer(self, node: str) -> Answer:
        return self.ask("get_issuer", node=node)

    def published(self, address: str) -> bytes:
        """What a stranger reads below the public address."""
        _, kind, node, rest = urlsplit(address).path.split("/", 3)
        if kind == "status-lists":
            return bytes(self.ask("get_status_list", status_list=node, status_purpose=rest).body)
        methods = {"did.json": "get_issuer_did", "jwks.json": "get_issuer_keys"}
        place = {"node": node} if rest in methods else {"node": node, "key": rest.removeprefix("keys/")}
        return bytes(self.ask(methods.get(rest, "get_issuer_key"), **place).body)

    def ask(self, method: str, body: Any = None, **path: str) -> Answer:
        """A call of anybody."""
        return self._run(method, a_request(body, path=path))

    def _run(self, method: str, request: CallRequest) -> Answer:
        work = MemoryWork(COLLECTIONS, "credentials", self.state)
        store: Any = CredentialStore(work)  # type: ignore[arg-type]
        try:
            given = (lambda effect: effect(store)) if method in IN_STEPS else store
            answer = getattr(self.service, method)(request, given)
        except NotYet as reason:  # the core would ask again for a moment, then refuse
            raise reason.refusal from None
        self.events += work.events
        return answer if isinstance(answer, Answer) else Answer(answer)

    def verified(self, credential: dict[str, Any]) -> dict[str, str]:
        return verdicts(self.ask("verify_credential", {"credential": credential}).body)

    def defined(self, node: str = "demo.riverside", **changes: Any) -> dict[str, Any]:
        return dict(self.call("define_achievement", definition(**changes), node).body)

    def replaced(self, achievement: str, node: str = "demo.riverside", **changes: Any) -> dict[str, Any]:
        return dict(self.call("replace_achievement", definition(**changes), node, achievement=achievement).body)

    def listed(self, node: str = "demo.riverside", patron: str = PATRON) -> dict[str, Any]:
        return dict(self.call("list_credentials", node=node, patron=patron).body)


def definition(**changes: Any) -> dict[str, Any]:
    """The body that defines an achievement; None leaves a member out."""
    members = {"name": "Spreadsheets: completed", "description": "Completed the course.", "criteria": "Every unit.",
               "kind": "engagement", "course": COURSE, **changes}
    return dict(calls.DefineAchievement().load({name: each for name, each in members.items() if each is not None}))


def verdicts(verification: dict[str, Any]) -> dict[str, str]:
    """By check."""
    return {name: each["verdict"] for name, each in verification.items() if "verdict" in each}


def offered(course: str, owner: str) -> Event:
    return an_event("org.libranet.learning.course-offered.v1", {
        "course": course, "title": "Spreadsheets", "activity_iri": "https://courses.example.org/1", "teaches": []},
        course, owner)


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    made = Platform(tmp_path)
    made.hear("courses", offered(COURSE, "demo"))
    made.hear("patrons", registered())
    return made


def registered(patron: str = PATRON) -> Event:
    return an_event(REGISTERED, {"patron": patron, "registered_at": "2026-11-21T09:00:00.000Z"}, patron)


def completed(number: int = 5, patron: str = PATRON, owner: str = "demo.riverside", course: str = COURSE,
              **changes: Any) -> Event:
    completion = f"0190b3a0-5555-8555-8555-{number:012d}"
    return an_event(COMPLETED, {
        "completion": completion, "patron": patron, "course": course, "course_title": "Spreadsheets",
        "activity_iri": "https://courses.example.org/1", "completed_at": "2026-11-20T18:00:00.000Z",
        "statement": "fd41c918-b88b-4b20-a0a5-a4c32391aaa0", "rule": "openedx-course-passed", "teaches": [],
        **changes}, completion, owner)


def retold(number: int = 5, sequence: int = 2, attempts: tuple[dict[str, Any], ...] = ({},),
           patron: str = PATRON) -> Event:
    """The completion as it is now, in whatever circumstances."""
    told = {"statement": "fd41c918-b88b-4b20-a0a5-a4c32391aaa0", "rule": "course-passed",
            "completed_at": "2026-11-20T18:00:00.000Z"}
    return _of_completion("retold", number, sequence, patron, attempts=[told | each for each in attempts])


def withdrawn(number: int = 5, sequence: int = 2, rule: str = "voided", patron: str = PATRON) -> Event:
    return _of_completion("withdrawn", number, sequence, patron, withdrawn_at="2026-11-21T10:00:00.000Z", rule=rule,
                          statement="5d7a1f66-4b0f-4c57-9d8e-1f3a7be21c92")


def _of_completion(what: str, number: int, sequence: int, patron: str, **told: Any) -> Event:
    completion = f"0190b3a0-5555-8555-8555-{number:012d}"
    return an_event(f"org.libranet.learning.course-completion-{what}.v1", {
        "completion": completion, "patron": patron, "course": COURSE, "course_title": "Spreadsheets", **told},
        completion, "demo.riverside", sequence)


def consent(kind: str = GIVEN, sequence: int = 1, purpose: str = "issue-credentials",
            recipient: str = "demo.riverside", patron: str = PATRON, **changes: str) -> Event:
    return an_event(kind, {"patron": patron, "purpose": purpose, "recipient": recipient,
                           "decided_at": "2026-11-21T09:05:00.000Z", **changes},
                    f"{patron}|{purpose}|{recipient}", "demo.riverside", sequence)


def erased(patron: str = PATRON) -> Event:
    return an_event(ERASED, {"patron": patron, "erasure": ERASURE, "requested_at": "2026-11-21T10:00:00.000Z"}, patron)


def issued_and_shared(platform: Platform) -> dict[str, Any]:
    platform.defined()
    platform.hear("consents", consent())
    platform.hear("completions", completed())
    earned = platform.listed()["items"][0]
    return dict(platform.call("share_credential", credential=earned["id"]).body)


def judged_by_others(platform: Platform, credential: dict[str, Any]) -> None:
    """Raises OB3VerificationError."""
    verifier = OB3LdpVerifier.for_issuer_did(credential["issuer"]["id"])
    verifier.verify(credential, check_status=True, verify_status_list=False, download=platform.published)


def status_list(platform: Platform, document: dict[str, Any], purpose: str = "revocation",
                headers: dict[str, str] | None = None) -> Answer:
    """What the address in the credential answers."""
    address = document["credentialStatus"]["statusListCredential"].replace("revocation", purpose)
    *_, list_id, purpose = address.split("/")
    return platform.call("get_status_list", status_list=list_id, status_purpose=purpose, headers=headers)


def changed(platform: Platform, credential: dict[str, Any], what: str, node: str = "demo.riverside") -> dict[str, Any]:
    body = None if what == "reinstate" else {"reason": "We look into it."}
    return dict(platform.call(f"{what}_credential", body, node, credential=credential["id"]).body)


def refused(status: int, what: Any, *arguments: Any, **named: Any) -> str:
    """The field that is named, if any."""
    with pytest.raises(Refusal) as why:
        what(*arguments, **named)
    assert why.value.status == status, why.value.detail
    return str((why.value.errors or [{"field": ""}])[0]["field"])
