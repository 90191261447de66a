"""Stored documents as the calls of contracts/calls/credentials.py show them."""

import hashlib
from collections.abc import Collection
from datetime import datetime
from typing import Any
from urllib.parse import quote

import orjson
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from contracts.calls.credentials import FORMS
from libranet.calls import Answer, CallRequest
from libranet.clock import rfc3339
from services.credentials import reconsideration_views
from services.credentials.domain import baking, consents, evidence, issuers, life, qr
from services.credentials.domain.achievements import Achievement
from services.credentials.domain.claims import Offer, Secrets
from services.credentials.domain.earning import Completion
from services.credentials.domain.reconsidering import Reconsideration
from services.credentials.domain.submissions import Submission

PUBLIC_HEADERS = {"X-Robots-Tag": "noindex"}
STATUS_HEADER = "Libranet-Credential-Status"
CACHE_SECONDS = 60

JSON_LD, JWS, JWT_VC_JSON, PNG, SVG, PNG_JWS, SVG_JWS, QR = FORMS
JSON_LD_TYPE, JWT_TYPE = "application/vc+ld+json", "application/jwt"
FORM_OF_TYPE = {
    JSON_LD_TYPE: JSON_LD, "application/vc": JSON_LD, "application/ld+json": JSON_LD, "application/json": JSON_LD,
    JWT_TYPE: JWS, "text/plain": JWS}
"""Open Badges 3.0 hands a compact JWS over as text/plain (its REST API). No header asks for a picture: whatever shows
pictures says that it likes them best, wherever it looks."""
TYPE_OF_FORM = {
    JSON_LD: JSON_LD_TYPE, JWS: JWT_TYPE, JWT_VC_JSON: JWT_TYPE, PNG: baking.PNG, PNG_JWS: baking.PNG,
    SVG: baking.SVG, SVG_JWS: baking.SVG, QR: baking.SVG}
ENDING_OF_TYPE = {JSON_LD_TYPE: "json", JWT_TYPE: "jwt", baking.PNG: "png", baking.SVG: "svg"}
HELD = {
    "credentials": "The credentials made in your name, with the signed document.",
    "offers": "What you offer to a wallet now; its codes are kept as hashes only.",
    "claims": "The copies of your credentials that wallets took, each with the wallet's key and what it said.",
    "records": "The records that you made of your credentials, with the signed document until you took them back.",
    "endorsements": "What colleges and employers say of your credentials, with the signed document where you agreed.",
    "waiting": "What you earned and has not become a credential, as you have not agreed.",
    "submissions": "Evidence that you submitted, and what evaluators found. Of assessments that are kept secret, "
                   "hashes alone.",
    "evidence_files": "Files that you sent and have not submitted.",
    "imported_credentials": "The credentials that you earned elsewhere and keep here, and how they were verified.",
    "award_rows": "The rows of a list by which your library awarded you something, and what became of each.",
    "undone_awards": "How often an award to you was taken back before you used it.",
    "consents": "What you decided about making and sharing credentials, as this service knows it.",
    "reconsiderations": "Credentials of yours that staff looked at again, as a completion was withdrawn.",
    "completions": "Which completions of yours were withdrawn at the learning platform, or told again.",
    "not_earned": "What completions of yours lacked for what their courses can earn.",
    "reaches": "What colleges give for your record: which you reached, what they were told, and what they answered.",
}
"""What a person is told of each collection that is about them."""


EARNED_BY = {
    "course": "course", "minimum_score": "minimum_score", "proctored": "proctored", "minimum_hours": "minimum_hours",
    "components": "achievements", "at_least": "at_least"}
"""What earns an achievement: as the domain names it, and as calls do."""
KNOWN_TO_ISSUER = (
    "id", "achievement", "achievement_name", "kind", "issuer", "status", "status_since", "status_reason",
    "revalidated_at", "valid_until", "issued_at")
KNOWN_TO_ISSUER_WHY = ("rule", "achievement_version", "recognition", "recognition_version", "reached")


def achievement(document: dict[str, Any]) -> dict[str, Any]:
    """One version; what it leaves out does not stand there."""
    members = Achievement.read(document).members()
    earned_by = {told: members[name] for name, told in EARNED_BY.items() if name in members}
    shown = {name: each for name, each in members.items() if name not in EARNED_BY or name == "course"}
    return {"id": document["_id"], **shown, **({"earned_by": earned_by} if earned_by else {}),
            "defined_at": rfc3339(document["defined_at"])}


def credential(document: dict[str, Any], now: datetime, question: Reconsideration | None = None) -> dict[str, Any]:
    """The record with the signed document, its status now and its life; `public_url` answers once it is shared.
    `question` is the one that is open about it."""
    names = ("patron", "achievement", "achievement_name", "kind", "public_id", "public_url")
    moments = ("shared_at", "claimed_at", "activated_at", "revalidated_at", "valid_until", "superseded_at")
    times = {name: rfc3339(document[name]) for name in moments if document.get(name)}
    where_told = {name: document[name] for name in ("status_reason", "superseded_by") if document.get(name)}
    in_review = {"in_review": reconsideration_views.open_question(question)} if question else {}
    return {
        "id": document["_id"],
        **{name: document[name] for name in names},
        "issuer": issuers.node_of(document),
        "status": life.status_at(document, now),
        "status_since": rfc3339(document["status_since"]),
        **where_told,
        "state": life.state_at(document, now),
        "life": [{**each, "at": rfc3339(each["at"])} for each in life.life_of(document)],
        **in_review,
        "issued_at": rfc3339(document["issued_at"]),
        "shared": bool(document["shared_at"]),
        **times,
        "because": because(document["because"]),
        "credential": document_in(document),
    }


def issued(document: dict[str, Any], now: datetime) -> dict[str, Any]:
    """As its issuer sees it, who may not know whose it is: what it decided itself."""
    whole = credential(document, now)
    because = {name: whole["because"][name] for name in KNOWN_TO_ISSUER_WHY if name in whole["because"]}
    return {**{name: whole[name] for name in KNOWN_TO_ISSUER if name in whole}, "because": because}


def document_in(record: dict[str, Any]) -> Any:
    """The signed document in a stored one."""
    return orjson.loads(record["document"])


def because(kept: dict[str, Any]) -> dict[str, Any]:
    """Credentials that do not tell were earned by a completion, when achievements had one version."""
    names = ("event", "course", "score", "proctored", "hours", "credentials", "evidence", "batch", "note",
             "recognition", "recognition_version", "reached", "counted")
    told = {"rule": Completion.rule, "achievement_version": 1}
    return {**{name: kept.get(name, usual) for name, usual in told.items()},
            **{name: kept[name] for name in names if name in kept}}


def evidence_file(file: dict[str, Any]) -> dict[str, Any]:
    return {name: file[name] for name in ("id", "name", "media_type", "bytes", "sha256")}


def submission(document: Submission, achievement: Achievement) -> dict[str, Any]:
    """As its learner sees it; `achievement` is the version that it is judged by."""
    snapshot = evidence.withheld if document["secret_evidence"] else evidence.without_blobs
    return {
        **_of_submission(document),
        "patron": document["patron"],
        "changed_at": rfc3339(document["changed_at"]),
        "evidence": snapshot(document["evidence"]),
        "secret_evidence": document["secret_evidence"],
        **_found(document, achievement),
    }


def queued_review(document: Submission, evaluator: str) -> dict[str, Any]:
    is_yours = document["claim"] is not None and document["claim"]["evaluator"] == evaluator
    return {**_of_submission(document), "is_yours": is_yours}


def review(document: Submission, achievement: Achievement, evaluator: str) -> dict[str, Any]:
    """As an evaluator sees it."""
    return {
        **queued_review(document, evaluator),
        "criteria": achievement.criteria,
        "rubric": list(achievement.rubric),
        "evidence": evidence.without_blobs(document["evidence"]),
    }


def _of_submission(document: Submission) -> dict[str, Any]:
    names = ("achievement", "achievement_name", "achievement_version", "state")
    return {"id": document["_id"], **{name: document[name] for name in names},
            "submitted_at": rfc3339(document["submitted_at"])}


def _found(document: Submission, achievement: Achievement) -> dict[str, Any]:
    """What evaluators say, once they are done with it or ask for more."""
    if document["comment"]:
        return {"comments": [document["comment"]]}
    if not document["levels"]:
        return {}
    required = {each["name"]: each["required_level"] for each in achievement.rubric}
    judged = [each for reading in document["readings"] for each in reading["judgements"]]
    return {
        "comments": [reading["comment"] for reading in document["readings"] if "comment" in reading],
        "judgements": [{
            **each, "required_level": required[each["criterion"]],
            "comments": [other["comment"] for other in judged
                         if other["criterion"] == each["criterion"] and "comment" in other],
        } for each in document["levels"]],
    }


def saved_as(name: str) -> dict[str, str]:
    """Headers of a file to be saved under this name (RFC 6266)."""
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}


def form_asked(named: str | None, accept: str | None) -> tuple[str, str]:
    """The form of a credential and its media type: what the query names, else what the header likes best. Whoever likes
    nothing that there is gets JSON-LD, as browsers do."""
    if named is not None:
        return named, TYPE_OF_FORM[named]
    liked = parse_accept_header(accept or "*/*", MIMEAccept).best_match(FORM_OF_TYPE, JSON_LD_TYPE)
    form = FORM_OF_TYPE[liked]
    return form, JSON_LD_TYPE if form == JSON_LD else liked


def offer(made: Offer, told: Secrets, address: str, link: str) -> dict[str, Any]:
    """What is shown once; `tx_code` stands in no address."""
    return {
        "credential_offer_uri": address,
        "link": link,
        "qr_svg": qr.svg(link, "Scan with a wallet").decode(),
        "tx_code": told.tx_code,
        **_open_offer(made),
    }


def claims(copies: list[dict[str, Any]], offered: Offer | None) -> dict[str, Any]:
    """The copies that wallets took, the oldest first, and the offer that is open."""
    return {"items": [_claim(each) for each in copies], **({"offer": _open_offer(offered)} if offered else {})}


def _open_offer(made: Offer) -> dict[str, Any]:
    return {"formats": list(made.formats), "expires_at": rfc3339(made.expires_at)}


def _claim(document: dict[str, Any]) -> dict[str, Any]:
    notified = {} if document["notified"] is None else {
        "notified": document["notified"], "notified_at": rfc3339(document["notified_at"])}
    return {"id": document["_id"], "format": document["format"], "claimed_at": rfc3339(document["claimed_at"]),
            **notified}


def waiting(document: dict[str, Any], withdrawn: Collection[str]) -> dict[str, Any]:
    """`withdrawn` are the patron's completions that are withdrawn at their source."""
    about = {"achievement": document["achievement"], "achievement_name": document["achievement_name"]}
    if document["earning"]["id"] in withdrawn:
        return {**about, "reason": "The learning platform took the completion back.",
                "next_step": "Ask there; once it is told again, the credential can be issued."}
    return {**about, "reason": "Earned, and the patron has not agreed to a credential.",
            "next_step": f"{consents.agreeing(document)}; the credential is then issued by itself."}


def not_earned(document: dict[str, Any]) -> dict[str, Any]:
    names = ("achievement", "achievement_name", "achievement_version", "course", "completed_at", "lacks")
    return {name: document[name] for name in names}


def page(items: list[dict[str, Any]], limit: int) -> dict[str, Any]:
    """`items` holds one more than asked for when there is a next page; `next` is the cursor for it."""
    more = len(items) > limit
    return {"items": items[:limit], "next": items[limit - 1]["id"] if more else None}


def file(body: bytes, credential: dict[str, Any], form: str, now: datetime) -> Answer:
    """A credential to be saved, for its learner alone."""
    name = f"{credential['public_id']}.{ENDING_OF_TYPE[TYPE_OF_FORM[form]]}"
    headers = {STATUS_HEADER: life.status_at(credential, now),
               "Content-Disposition": f'attachment; filename="{name}"'}
    return Answer(body, headers=headers, media_type=TYPE_OF_FORM[form])


def public(body: bytes, request: CallRequest, media_type: str, cache_seconds: int = CACHE_SECONDS,
           headers: dict[str, str] | None = None) -> Answer:
    """A body for anyone: cached for a while, checked by its hash and headers, kept out of search engines."""
    own = headers or {}
    digest = hashlib.sha256(body + orjson.dumps(own)).hexdigest()[:32]
    sent = {**PUBLIC_HEADERS, **own, "Cache-Control": f"public, max-age={cache_seconds}", "ETag": f'"{digest}"'}
    if request.headers.get("If-None-Match") == sent["ETag"]:
        return Answer(b"", 304, sent, media_type=media_type)
    return Answer(body, 200, sent, media_type=media_type)
