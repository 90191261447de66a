"""Credentials that somebody earned elsewhere: what they say, whether they are taken, and whose they are.

They stay what their issuers made them; nothing of them is issued here, and none is a skill by itself.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import orjson

from libranet.ids import keyed_id
from services.credentials.domain import guard, signature_check, tokens
from services.credentials.domain.guard import Unreadable
from services.credentials.domain.refusals import CredentialNotTaken, IdentityUnmatched, ImportOfAnother, ImportOutdated
from services.credentials.domain.verdicts import INVALID, VALID, Verdict

OPEN_BADGES_3, OPEN_BADGES_2 = "open-badges-3.0", "open-badges-2.0"
MATCHED, CLAIMED = "matched", "claimed"
TYPES = ("AchievementCredential", "OpenBadgeCredential")
HASH = "sha256$"
LONGEST_TEXT = 2000
MOST_BYTES = 200_000
MOST_OF_PATRON = 200
FRESH_FOR = timedelta(days=1)
Verdicts = dict[str, dict[str, str]]
Given = dict[str, Any] | str
"""A credential as JSON, or as compact JWS."""


@dataclass(frozen=True)
class Identifier:
    """Whom a credential was issued to: in plain text, or as `sha256$` of the text with `salt` behind it."""

    text: str
    hashed: bool
    salt: str = ""

    def is_of(self, identity: str) -> bool:
        """Whether it stands for this text; addresses of mail are the same in small letters."""
        return any(self._is(each) for each in (identity, identity.lower()))

    def _is(self, identity: str) -> bool:
        if not self.hashed:
            return self.text in (identity, f"mailto:{identity}") or self.text.lower() == identity
        digest = hashlib.sha256((identity + self.salt).encode()).hexdigest()
        return hmac.compare_digest(self.text.lower().encode(), f"{HASH}{digest}".encode())


@dataclass(frozen=True)
class Seen:
    """What a credential says, in whichever standard it is written."""

    standard: str
    issuer: str
    issuer_name: str
    credential_id: str
    name: str
    description: str
    awarded_at: datetime | None
    valid_from: datetime | None
    valid_until: datetime | None
    identifiers: tuple[Identifier, ...] = ()


def check_size(document: Mapping[str, Any], place: str) -> None:
    """Raises CredentialNotTaken for what is too large or too deep to be kept; `place` is where it was handed in."""
    try:
        for _ in guard.members(dict(document)):
            pass
        too_long = len(orjson.dumps(document)) > MOST_BYTES
    except Unreadable as error:
        raise CredentialNotTaken(f"It cannot be kept: {error}.", place) from None
    if too_long:
        raise CredentialNotTaken(f"It has more than {MOST_BYTES} bytes.", place)


def seen(document: dict[str, Any], place: str) -> Seen:
    """What an AchievementCredential of Open Badges 3.0 says. Raises CredentialNotTaken for another document."""
    if not set(TYPES) & set(map(str, several(document.get("type")))):
        raise CredentialNotTaken("Only credentials of achievements are kept: an OpenBadgeCredential of Open Badges "
                                 "3.0, or an Assertion of 2.0.", place)
    subject = member(document, "credentialSubject")
    achievement = member(subject, "achievement")
    issuer = document.get("issuer")
    valid_from = moment(document.get("validFrom"))
    return Seen(
        standard=OPEN_BADGES_3, issuer=address_of(issuer), issuer_name=text(member(document, "issuer").get("name")),
        credential_id=text(document.get("id")), name=text(achievement.get("name") or document.get("name")),
        description=text(achievement.get("description") or document.get("description")),
        awarded_at=moment(document.get("awardedDate")) or valid_from, valid_from=valid_from,
        valid_until=moment(document.get("validUntil")),
        identifiers=tuple(identifier(each.get("identityHash"), each) for each in several(subject.get("identifier"))
                          if isinstance(each, dict)))


def identifier(value: object, said: dict[str, Any]) -> Identifier:
    """The value with what is said of how it is written."""
    return Identifier(text(value), said.get("hashed") is True, text(said.get("salt")))


def check_verdicts(verdicts: Verdicts) -> None:
    """Raises CredentialNotTaken unless it is signed well and nothing speaks against it."""
    against = {name: each["reason"] for name, each in verdicts.items() if each["verdict"] == INVALID}
    if verdicts["signature"]["verdict"] != VALID:
        against.setdefault("signature", verdicts["signature"]["reason"])
    if against:
        raise CredentialNotTaken(
            "It was verified, and something speaks against it; see errors. Ask its issuer.",
            errors=[{"field": f"/{name}", "detail": reason} for name, reason in against.items()])


def binding(identifiers: tuple[Identifier, ...], identity: str | None) -> str:
    """Whether it is the patron's by what they named, or by their word. Raises IdentityUnmatched."""
    if identity is None:
        return CLAIMED
    if any(each.is_of(identity.strip()) for each in identifiers):
        return MATCHED
    raise IdentityUnmatched(
        "It was issued to somebody else than you named. Try the address that its issuer had of you." if identifiers else
        "It does not say to whom it was issued. Leave 'identity' out: it is then kept as the patron's by their word.",
        "/identity")


def record(found: Seen, given: Given, verdicts: Verdicts, bound: str, patron: str, owner: str,
           at: datetime) -> dict[str, Any]:
    """What is kept. Its id follows from patron, issuer and the credential's own id: by these two it is the same,
    percent-encoded or not (Open Badges 3.0, credential equality)."""
    named = unquote(found.credential_id) or hashlib.sha256(written(given).encode()).hexdigest()
    own_id = keyed_id("imported", patron, unquote(found.issuer), named)
    shown = {each.name: getattr(found, each.name) for each in fields(found) if each.name != "identifiers"}
    return {"_id": own_id, "patron": patron, "owner": owner, **shown,
            "form": "jws" if isinstance(given, str) else "json", "text": written(given), "binding": bound,
            "verification": verdicts, "verified_at": at, "imported_at": at}


def written(given: Given) -> str:
    return given if isinstance(given, str) else orjson.dumps(given).decode()


def given_of(kept: dict[str, Any]) -> Given:
    """The credential as it was handed in."""
    found: Given = kept["text"] if kept["form"] == "jws" else orjson.loads(kept["text"])
    return found


def signers(kept: dict[str, Any]) -> set[str]:
    """Who signed it, once that was verified; of an older badge its issuer, whose own pages say that it is theirs."""
    if kept["standard"] == OPEN_BADGES_2:
        return {kept["issuer"]}
    given = given_of(kept)
    return signature_check.named_by(tokens.read(given)) if isinstance(given, str) else signature_check.signers_of(given)


def replacing(found: dict[str, Any], kept: dict[str, Any]) -> dict[str, Any]:
    """The one to keep from now on. Anybody can write an issuer and an id that somebody else's credential has: raises
    ImportOfAnother unless the same signed both, and ImportOutdated where the one that is kept was made later."""
    if signers(found).isdisjoint(signers(kept)):
        raise ImportOfAnother("A credential of the same issuer and id is kept, with another signature. Ask its issuer; "
                              "whoever wants this one in its place removes that one first.")
    if is_older(found, kept):
        raise ImportOutdated("Its issuer made a later one of the same id, which is kept already.")
    bound = kept["binding"] if found["text"] == kept["text"] and found["binding"] == CLAIMED else found["binding"]
    return {**found, "binding": bound, "imported_at": kept["imported_at"]}


def is_older(found: dict[str, Any], kept: dict[str, Any]) -> bool:
    """Whether the one that is kept was made later."""
    return None not in (found["valid_from"], kept["valid_from"]) and bool(found["valid_from"] < kept["valid_from"])


def is_stale(kept: dict[str, Any], now: datetime) -> bool:
    """Whether its verdicts are too old to be shown without a second look."""
    return bool(kept["verified_at"] + FRESH_FOR <= now)


def as_dicts(**verdicts: Verdict) -> Verdicts:
    return {name: asdict(each) for name, each in verdicts.items()}


def several(value: object) -> list[Any]:
    """JSON-LD lets one stand for a list of one."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def member(document: dict[str, Any], name: str) -> dict[str, Any]:
    """An object that stands there; an empty one where none does."""
    found = next(iter(several(document.get(name))), None)
    return found if isinstance(found, dict) else {}


def address_of(value: object) -> str:
    """What names a thing that stands there itself, or by its id alone."""
    return text(value.get("id") if isinstance(value, dict) else value)


def text(value: object) -> str:
    return value.strip()[:LONGEST_TEXT].replace("\x00", "") if isinstance(value, str) else ""


def moment(value: object) -> datetime | None:
    """A time of ISO 8601; one without a zone is taken for UTC, as older badges have it."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
        if found is None:
            return None
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
