"""The operations of the published description: what the tests about all of them are made from."""

import json
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

COPY = Path(__file__).parents[2] / "contracts" / "openapi.json"
DOCUMENT: dict[str, Any] = json.loads(COPY.read_text(encoding="utf-8"))
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
OPEN_BADGES, OAUTH = "/ims/ob/", "/oauth/"


@dataclass(frozen=True)
class Operation:
    """One method at one path, as it is described."""

    name: str
    method: str
    path: str
    described: dict[str, Any] = field(repr=False)

    @property
    def allows(self) -> tuple[str, ...]:
        return tuple(self.described["x-allows"])

    @property
    def is_public(self) -> bool:
        return self.allows == ("public",)

    @property
    def changes(self) -> bool:
        return self.method not in ("GET", "HEAD")

    @property
    def is_xapi(self) -> bool:
        """Of another standard: its own words for limits, and 400 where ours is 422."""
        return self.path.startswith("/xAPI")

    @property
    def is_for_apps(self) -> bool:
        """Opened by an access token alone."""
        return any("OAuth2ACG" in each for each in self.described["security"])

    @property
    def is_standard(self) -> bool:
        """Described by others, who know 400 where ours is 422."""
        return self.is_xapi or self.path.startswith((OPEN_BADGES, OAUTH))

    @property
    def invalid(self) -> int:
        """The status of a body or query that is not as described."""
        return 400 if self.is_standard else 422

    @property
    def is_open(self) -> bool:
        """Whether members that nobody knows are passed over, or are for others to judge."""
        return (self.body or {}).get("additionalProperties") is True

    @property
    def is_raw(self) -> bool:
        """Whether the gateway leaves the body to whoever reads it, which makes it take more."""
        return self.is_xapi or self.is_open

    @property
    def media_types(self) -> list[str]:
        """Those of the body."""
        return list(self.described["requestBody"]["content"])

    @property
    def most_bytes(self) -> int:
        """The longest body that is read."""
        if self.path.startswith("/oauth"):
            return 64 * 2**10
        return 8 * 2**20 if self.is_raw else 2**20

    @property
    def body(self) -> dict[str, Any] | None:
        """The body's JSON Schema; None where no body is taken, or one of any kind."""
        taken = self.described.get("requestBody", {}).get("content", {}).get(JSON)
        return resolved(taken["schema"]) if taken else None

    @property
    def takes_form(self) -> bool:
        return "requestBody" in self.described and FORM in self.media_types

    @property
    def takes_file(self) -> bool:
        return "requestBody" in self.described and self.body is None and not self.takes_form

    @property
    def example(self) -> Any:
        return deepcopy(self.described["requestBody"]["content"][JSON]["example"])

    def answer(self, status: int) -> dict[str, Any] | None:
        """The schema of an answer, for any media type; None where none is told."""
        content = self.described["responses"][str(status)].get("content", {})
        return next((each["schema"] for each in content.values() if each.get("schema")), None)

    def parameters(self, where: str) -> list[str]:
        return [each["name"] for each in self.described["parameters"] if each["in"] == where]


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema itself where it is a reference."""
    if "$ref" in schema:
        return dict(DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    return schema


OPERATIONS = [Operation(each["operationId"], method.upper(), path, each)
              for path, methods in DOCUMENT["paths"].items() for method, each in methods.items()]
PATHS = {path: {method.upper() for method in methods} for path, methods in DOCUMENT["paths"].items()}
PRIVATE = [each for each in OPERATIONS if not each.is_public]
SCOPED = [each for each in PRIVATE if ":" in each.allows[0]]
WITH_BODY = [each for each in OPERATIONS if each.body is not None]
WITH_IDS = [each for each in OPERATIONS if each.parameters("path")]
OWNED = [each for each in WITH_IDS if not each.is_public]
PAGED = [each for each in OPERATIONS if "limit" in each.parameters("query") and not each.is_standard]
CHANGING = [each for each in OPERATIONS if "Idempotency-Key" in each.parameters("header")]
OF_THE_CONSORTIUM = ("list_recognitions", "list_recognisable_achievements")
"""What colleges state and may take is for the whole consortium."""
NOT_OWNED = (
    "purpose", "recipient", "public_id", "public_record", "setting", "role", "holder", "status_list", "status_purpose",
    "key", "version", "recognition")
"""Path values that name no record of somebody."""
KNOWN_TO_ALL = (*NOT_OWNED, "node")
"""What a list may show of another library."""


def ends(operation: Operation) -> bool:
    """Whether afterwards something that it names is not there any more; an offer is not named."""
    return operation.name == "register_guest" or (operation.method == "DELETE" and operation.name != "end_offer")


def decides(operation: Operation) -> bool:
    """Whether it decides what becomes of a credential: revoked once, it is good for no other test."""
    return operation.name in ("revoke_credential", "suspend_credential", "reinstate_credential",
                              "revalidate_credential")


STATE_OF_SUBMISSION = {
    "claim_review": "waiting", "give_back_review": "claimed", "judge_review": "claimed", "ask_for_more": "claimed",
    "accept_submission": "passed", "resubmit_evidence": "waiting", "withdraw_submission": "waiting"}
"""How far a submission has to be for the operation, which changes that: each takes a fresh one."""


def agrees(operation: Operation) -> bool:
    """Whether it decides about what two nodes agree on: each takes a fresh one."""
    return operation.name in ("decide_endorsement", "take_back_endorsement", "decide_patron_endorsement",
                              "agree_to_co_issue", "end_co_issuing", "decide_mapping", "end_mapping")


def named(operation: Operation) -> str:
    """For pytest's ids."""
    return operation.name
