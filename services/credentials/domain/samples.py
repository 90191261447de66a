"""One file of every kind that this service issues, freshly signed, and those that a verifier has to reject; with all
that is needed to judge them without a network.

Documents are under `did:key`, which needs no look-up, but for those that are there to show `did:web` and JWS.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import orjson

from libranet.clock import rfc3339
from services.credentials.domain import baking, drawing, issuers, keys, status_lists, tokens
from services.credentials.domain.drawing import Label
from services.credentials.domain.issuers import Issuer
from services.credentials.domain.keys import SigningKey
from services.credentials.domain.sample_documents import (
    NAME,
    NODE,
    REVOKED,
    SUSPENDED,
    TAKING_PART,
    Document,
    Workshop,
    competency,
    endorsed,
    endorsement,
    engagement,
    record,
    status_list,
)

FOLDER_OF_NEEDED = "needed"
ACCEPT, REJECT = "accept", "reject"


@dataclass(frozen=True)
class Sample:
    """A file: `verdict` is what a verifier must say of it, None for what is only needed to judge others. `address` is
    where others would read it."""

    path: str
    content: bytes
    what: str
    verdict: str | None = None
    address: str | None = None


def samples(address: str, now: datetime) -> list[Sample]:
    """All of them; the first ones are to be accepted. Paths in `bad/` are to be rejected."""
    workshop = Workshop.opened(address, now)
    needed = list(_needed(workshop))
    good = [*_good(workshop), *_in_folder(needed, FOLDER_OF_NEEDED)]
    bad = [*_bad(workshop), *_in_folder(needed, FOLDER_OF_NEEDED)]
    every = [*good, *_in_folder(bad, "bad")]
    return [*every, Sample("index.json", _written(index(every)), "What each file is, for programs.")]


def index(every: Iterable[Sample]) -> Document:
    """What each file is and what a verifier must say of it; `addresses` stands in for the network."""
    listed = list(every)
    files = {each.path: {"what": each.what, **({"verifier_must": each.verdict} if each.verdict else {})}
             for each in listed}
    return {"files": files, "addresses": {each.address: each.path for each in reversed(listed) if each.address}}


def _good(workshop: Workshop) -> Iterator[Sample]:
    taking_part, able = partial(engagement, workshop), partial(competency, workshop)
    by_key, by_web = taking_part(workshop.by_key), taking_part(workshop.by_web)
    vouched = endorsement(workshop)
    yield from _in_both_forms(workshop, "engagement", taking_part, "Taking part", ACCEPT)
    yield from _in_both_forms(workshop, "competency", able, "A competency with rubric, evaluator, evidence", ACCEPT)
    yield _json("engagement-did-web.json", workshop.sign(by_web, workshop.by_web.key), "Taking part, under did:web")
    yield _json("competency-endorsed.json", workshop.sign(endorsed(workshop, able(workshop.by_key), vouched)),
                "A competency whose achievement a college endorses, as JSON and as JWS inside it")
    yield _json("endorsement.json", workshop.sign(vouched, workshop.college), "A college endorses an achievement")
    yield _json("record.json", workshop.sign(record(workshop, workshop.by_key)),
                "A learner's record (CLR 2.0) with two credentials in it")
    yield _text("engagement-jwt-vc-json.jwt", workshop.jws(by_web, workshop.p256), "Taking part, as ES256 for wallets")
    as_json = _written(workshop.sign(by_key)).decode()
    yield from _pictures("engagement-baked", as_json, "Taking part, as JSON in a picture")
    yield from _pictures("engagement-jws-baked", workshop.jws(by_web, workshop.rsa), "Taking part, as JWS in a picture")
    for purpose in status_lists.PURPOSES:
        yield _json(f"status-list-{purpose}.json", status_list(workshop, workshop.by_key, purpose),
                    f"The status list for {purpose}")


def _bad(workshop: Workshop) -> Iterator[Sample]:
    good, yesterday = workshop.sign(engagement(workshop, workshop.by_key)), workshop.now - timedelta(days=1)
    past = rfc3339(yesterday - timedelta(days=1))
    ended = partial(engagement, workshop, validFrom=past, awardedDate=past, validUntil=rfc3339(yesterday))
    yield from _in_both_forms(workshop, "expired", ended, "It expired yesterday", REJECT)
    yield from _in_both_forms(workshop, "revoked", partial(engagement, workshop, place=REVOKED),
                              "Its bit is set in the list for revocation", REJECT)
    yield from _in_both_forms(workshop, "suspended", partial(engagement, workshop, place=SUSPENDED),
                              "Its bit is set in both lists, for revocation and for suspension", REJECT)
    taken_back = endorsement(workshop, REVOKED)
    yield _json("revoked-endorsement.json", workshop.sign(taken_back, workshop.college),
                "An endorsement that the college took back", REJECT)
    yield from _tampered(workshop, good)
    yield from _by_wrong_keys(workshop)
    yield _json("wrong-context.json", {**good, "@context": good["@context"][:1]},
                "The context that says what its words mean was taken out", REJECT)


def _tampered(workshop: Workshop, good: Document) -> Iterator[Sample]:
    what, changed = "Its name was changed after it was signed", {**good, "name": "Another name"}
    by_web = engagement(workshop, workshop.by_web)
    header, _, signature = workshop.jws(by_web, workshop.rsa).split(".")
    other = workshop.jws({**by_web, "name": "Another name"}, workshop.rsa).split(".")[1]
    yield _json("tampered.json", changed, what, REJECT)
    yield _text("tampered-jws.jwt", f"{header}.{other}.{signature}", what, REJECT)
    yield from _pictures("tampered-baked", _written(changed).decode(), what, REJECT)


def _by_wrong_keys(workshop: Workshop) -> Iterator[Sample]:
    what, own = "Another key signed it than the one that it names", workshop.ed25519
    imposter = replace(workshop.college, id=own.id, controller=own.controller)
    name = issuers.key_address(workshop.rsa, workshop.address, NODE)
    token = tokens.sign(engagement(workshop, workshop.by_web), SigningKey.of(keys.make(keys.RSA)), name)
    yield _json("wrong-key.json", workshop.sign(engagement(workshop, workshop.by_key), imposter), what, REJECT)
    yield _text("wrong-key-jws.jwt", token, what, REJECT)


def _needed(workshop: Workshop) -> Iterator[Sample]:
    """What others would read at addresses that the samples name."""
    address, issuer, ring = workshop.address, workshop.by_web, workshop.ring
    below = f"{address}/issuers/{NODE}"
    published = {
        "did.json": (issuers.did_document(issuer, ring, address), f"{below}/did.json"),
        "jwks.json": (issuers.jwk_set(ring, address, NODE), f"{below}/jwks.json"),
        **{f"key-{key.kind.lower()}.json": (
            issuers.key_document(key, issuer.did, address, NODE), issuers.key_address(key, address, NODE))
           for key in ring},
        **{f"status-list-{workshop.list_of(each)}-{purpose}.json": (
            status_list(workshop, each, purpose),
            status_lists.list_address(address, workshop.list_of(each), purpose))
           for each in (workshop.by_key, issuer, workshop.vouching) for purpose in status_lists.PURPOSES}}
    for path, (document, place) in published.items():
        yield _json(path, document, f"What is at {place}", None, place)


def _in_both_forms(
    workshop: Workshop, name: str, made: Callable[[Issuer], Document], what: str, verdict: str
) -> Iterator[Sample]:
    yield _json(f"{name}.json", workshop.sign(made(workshop.by_key)), f"{what}: two proofs, under did:key", verdict)
    token = workshop.jws(made(workshop.by_web), workshop.rsa)
    yield _text(f"{name}-jws.jwt", token, f"{what}: RS256 as 1EdTech has it, under did:web", verdict)


def _json(path: str, document: Document, what: str, verdict: str | None = ACCEPT, address: str | None = None) -> Sample:
    return Sample(path, _written(document), what, verdict, address)


def _text(path: str, text: str, what: str, verdict: str = ACCEPT) -> Sample:
    return Sample(path, text.encode(), what, verdict)


def _pictures(name: str, credential: str, what: str, verdict: str = ACCEPT) -> Iterator[Sample]:
    label = Label(TAKING_PART.name, NAME, TAKING_PART.kind)
    draw: dict[str, Callable[[Label], bytes]] = {"png": drawing.png_of, "svg": drawing.svg}
    for kind, drawn in draw.items():
        yield Sample(f"{name}.{kind}", baking.bake(drawn(label), credential), what, verdict)


def _in_folder(found: Iterable[Sample], folder: str) -> list[Sample]:
    return [Sample(f"{folder}/{each.path}", each.content, each.what, each.verdict, each.address) for each in found]


def _written(document: Document) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_INDENT_2)
