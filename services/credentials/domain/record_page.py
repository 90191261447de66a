"""A record for people: what was shown by assessment apart from taking part, each with its status of today.

The facts are those of the signed documents, and what others say of those today; nothing else is known of the learner
here than a number.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from contracts.calls.achievements import COMPETENCY, ENGAGEMENT
from services.credentials.domain import life, qr
from services.credentials.domain.clr import Credential, Record
from services.credentials.domain.record_words import Words

DAY = slice(0, 10)
LEFT_TO_RIGHT = "\u200e"
"""Before a day among letters that are read from the right: its parts would change places."""
Page = dict[str, Any]
"""As contracts/calls/records.py has it."""
Facts = list[dict[str, str]]


@dataclass(frozen=True)
class Said:
    """What others say of a credential today: who endorses it, what it corresponds to elsewhere; in words."""

    endorsers: tuple[str, ...] = ()
    corresponds_to: tuple[str, ...] = ()


def page(record: Record, credentials: Mapping[str, Credential], said: Mapping[str, Said], words: Words,
         now: datetime) -> Page:
    """The page of a record that is public; `credentials` are the learner's as they are now, by id, and so is what is
    said of them."""
    document, url = orjson.loads(record["document"]), record["public_url"]
    inside = document["credentialSubject"]["verifiableCredential"]
    shown = [(credentials[own_id], each) for own_id, each in zip(record["credentials"], inside, strict=True)]
    code = words.code.format(address=url)
    return {
        "language": words.language,
        "direction": words.direction,
        "title": record["name"],
        "facts": _facts({
            words.issuer: document["issuer"]["name"],
            words.made: _day(document["validFrom"], words),
            words.extent: words.part if record["is_partial"] else words.whole,
            words.learner: document["credentialSubject"]["id"],
        }),
        "sections": [
            {"kind": kind, "title": words.kinds[kind], "note": words.notes[kind], "items": items}
            for kind in (COMPETENCY, ENGAGEMENT)
            if (items := [_item(held, each, said[held["_id"]], words, now)
                          for held, each in shown if held["kind"] == kind])],
        "scan": words.scan,
        "address": url,
        "pdf": f"{url}/pdf?language={words.language}",
        "pdf_title": words.paper,
        "qr": qr.svg(url, code).decode(),
        "qr_text": code,
    }


def _item(held: Credential, document: Mapping[str, Any], said: Said, words: Words, now: datetime) -> dict[str, Any]:
    subject = document["credentialSubject"]
    achievement, status = subject["achievement"], life.status_at(dict(held), now)
    language = {"language": achievement["inLanguage"]} if "inLanguage" in achievement else {}
    return {
        "name": document["name"],
        "description": achievement["description"],
        **language,
        "status": status,
        "facts": _facts({
            words.level: ", ".join(_levels(subject)),
            words.evaluator: subject.get("source", {}).get("name", ""),
            words.issuer: document["issuer"]["name"],
            words.endorsed: ", ".join(said.endorsers),
            words.corresponds: ", ".join(said.corresponds_to),
            words.earned: _day(document["awardedDate"], words),
            words.valid_until: _day(document.get("validUntil", ""), words),
            words.status_on.format(date=_day(now.isoformat(), words)): words.statuses[status],
        }),
    }


def _levels(subject: Mapping[str, Any]) -> Iterator[str]:
    """What was reached, by each criterion."""
    described = {each["id"]: each for each in subject["achievement"].get("resultDescription", ())}
    for result in subject.get("result", ()):
        criterion = described.get(result.get("resultDescription"), {})
        names = {each["id"]: each["name"] for each in criterion.get("rubricCriterionLevel", ())}
        reached = names.get(result.get("achievedLevel")) or result.get("value")
        if reached:
            yield f"{criterion['name']}: {reached}" if criterion else str(reached)


def _day(moment: str, words: Words) -> str:
    mark = LEFT_TO_RIGHT if moment and words.direction == "rtl" else ""
    return mark + moment[DAY]


def _facts(found: Mapping[str, str]) -> Facts:
    """Those that there are."""
    return [{"name": name, "value": value} for name, value in found.items() if value]
