"""The learning service: calls it answers and events it hears. Rules are in `domain/`, state is in `store.py`.

A statement that comes before its enrolment waits: the enrolment finds it. A statement that comes twice, or two
statements about one end of a course, complete it once.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import orjson

from contracts.calls import learning as calls
from libranet.calls import Answer, CallRequest, answers
from libranet.clock import now, rfc3339
from libranet.cloudevent import Cause, Event
from libranet.consume import hears
from libranet.problems import BodyUnreadable, MediaTypeUnsupported, Refusal
from libranet.service import Service
from services.learning.collections import COLLECTIONS
from services.learning.domain import facts
from services.learning.domain.agents import actor_key
from services.learning.domain.completions import Finishing, finish
from services.learning.domain.courses import Course, offer
from services.learning.domain.enrolments import Enrolment, awaited_key, belong_to, enrol
from services.learning.domain.refusals import (
    CourseAlreadyOffered,
    CourseUnknown,
    PatronUnknown,
    StatementUnknown,
    VersionMissing,
)
from services.learning.domain.statement_query import more_link, read_query
from services.learning.domain.statements import Receipt, Statement, agree_with, latest_version, receive
from services.learning.registered import Registered
from services.learning.store import LearningStore, nodes_above

VERSION_HEADER = "X-Experience-API-Version"
CONSISTENT_HEADER = "X-Experience-API-Consistent-Through"
LONGEST_WRITE = timedelta(seconds=2)
"""A statement shows this long after its `stored` time at the latest: so old is what a reader may rely on."""
PATRON_REGISTERED = "org.libranet.profiles.patron-registered.v1"
PATRON_ERASED = "org.libranet.profiles.patron-erased.v1"


class Learning(Service):
    name = "learning"
    collections = COLLECTIONS
    store = LearningStore
    registered = Registered()

    @answers(calls.OFFER_COURSE)
    def offer_course(self, request: CallRequest, store: LearningStore) -> Answer:
        course = offer(request.body, request.principal.node, now())
        if store.find_course(course.id):
            raise CourseAlreadyOffered(f"Course {course.id} has this activity_iri: use it, or offer another activity.",
                                       "/activity_iri")
        store.add_course(course)
        store.save_facts([facts.course_offered(course)], request.cause)
        return Answer(_shown_course(course), headers={"Location": f"/v1/courses/{course.id}"})

    @answers(calls.LIST_COURSES)
    def list_courses(self, request: CallRequest, store: LearningStore) -> Answer:
        limit = request.query["limit"]
        page = store.page_of_courses(request.principal.node, request.query.get("cursor", ""), limit + 1)
        more = page[limit - 1][0] if len(page) > limit else None
        return Answer({"items": [_shown_course(course) for _, course in page[:limit]], "next": more})

    @answers(calls.GET_COURSE)
    def get_course(self, request: CallRequest, store: LearningStore) -> Answer:
        return Answer(_shown_course(_course_for(request, store)))

    @answers(calls.ENROL)
    def enrol(self, request: CallRequest, store: LearningStore) -> Answer:
        patron = str(request.body["patron"])
        owner = self.registered.owner_of(patron)
        course = _course_for(request, store)
        if owner is None or not request.principal.sees(owner):
            raise PatronUnknown("Register the patron first, at this library or one below it.", "/patron")
        if course.owner not in nodes_above(owner) and not course.owner.startswith(f"{owner}."):
            raise CourseUnknown("The patron's library does not see this course.")
        actor = actor_key(request.body)
        assert actor is not None, "the contract asks for an identifier"
        holder = store.holder_of(owner, actor)
        belong_to(holder, patron)
        if holder is None:
            store.bind_account(owner, actor, patron)
        enrolment = store.find_enrolment(patron, course.id)
        if enrolment is None or holder is None:
            return self._enrol(enrolment, patron, owner, course, actor, request.cause, store)
        return Answer(_shown_enrolment(enrolment), 200, about=patron)

    def _enrol(self, known: Enrolment | None, patron: str, owner: str, course: Course, actor: str, cause: Cause,
               store: LearningStore) -> Answer:
        actors = dict.fromkeys([*store.actors_of(patron), actor])
        enrolment = known or enrol(patron, owner, course, actors, now())
        if known is None:
            store.add_enrolment(enrolment)
            store.save_facts([facts.enrolled(enrolment)], cause)
        earlier = [said for each in actors
                   for said in store.statements.finishing(each, course.activity_iri, nodes_above(owner))]
        completed = _finish(earlier, [enrolment], cause, store)
        return Answer(_shown_enrolment((completed or [enrolment])[0]), 200 if known else 201, about=patron)

    @answers(calls.STORE_STATEMENTS)
    def store_statements(self, request: CallRequest, store: LearningStore) -> Answer:
        with _speaking(request) as version:
            stored, owner = now(), request.principal.node
            statements = receive(_json(request), Receipt(stored, _authority(request), version))
            new = _not_kept(statements, owner, store)
            store.statements.add(owner, nodes_above(owner), new, stored)
            said = [_finishing(each) for each in new if each.verdict.finishes and each.actor and each.activity]
            if said:
                keys = {awaited_key(each.actor, each.activity_iri) for each in said}
                waiting = [each for each in store.enrolments_awaiting(keys) if request.principal.sees(each.owner)]
                _finish(said, waiting, request.cause, store)
            return Answer([each.id for each in statements], headers={VERSION_HEADER: version})

    @answers(calls.GET_STATEMENTS)
    def get_statements(self, request: CallRequest, store: LearningStore) -> Answer:
        with _speaking(request) as version:
            headers = {VERSION_HEADER: version, CONSISTENT_HEADER: rfc3339(now() - LONGEST_WRITE)}
            query, node = read_query(request.query), request.principal.node
            if query.statement_id:
                text = store.statements.find(node, query.statement_id)
                if text is None:
                    raise StatementUnknown("No statement with this id was sent here.")
                return Answer(text.encode(), headers=headers)
            texts, cursor = store.statements.page(node, query)
            more = more_link(request.query, cursor) if cursor else ""
            body = b'{"statements":[' + ",".join(texts).encode() + b'],"more":' + orjson.dumps(more) + b"}"
            return Answer(body, headers=headers)

    @hears(PATRON_REGISTERED, PATRON_ERASED, batch=100)
    def patrons(self, events: list[Event], store: LearningStore) -> None:
        registered = {each.data["patron"]: each.owner for each in events if each.type == PATRON_REGISTERED}
        if registered:
            store.add_patrons(registered)
        for event in events:
            if event.type == PATRON_ERASED:
                patron, erasure = event.data["patron"], event.data["erasure"]
                deleted = store.erase_patron(patron)
                fact = facts.patron_data_erased(patron, event.owner, erasure, deleted, now())
                store.save_facts([fact], event.cause)


@contextmanager
def _speaking(request: CallRequest) -> Iterator[str]:
    """Communication 3.3: the version is asked for, and named in every answer, refusals too."""
    version = latest_version(request.headers.get(VERSION_HEADER, ""))
    if version is None:
        raise VersionMissing(f"Send {VERSION_HEADER}: 1.0.3 (or another of 1.0 or 2.0).", f"/{VERSION_HEADER}")
    try:
        yield version
    except Refusal as refusal:
        refusal.headers[VERSION_HEADER] = version
        raise


def _json(request: CallRequest) -> Any:
    if request.headers.get("Content-Type", "").lower().startswith("multipart/"):
        raise MediaTypeUnsupported("Send application/json: files beside statements (multipart/mixed) are not taken; "
                                   "name where an attachment is by its fileUrl.")
    try:
        return orjson.loads(request.raw)
    except orjson.JSONDecodeError as error:
        raise BodyUnreadable(f"The body is not JSON in UTF-8: {error}.") from None


def _authority(request: CallRequest) -> dict[str, Any]:
    """Data 2.4.9: who vouches for a statement is the API client that sent it."""
    account = {"homePage": f"urn:libranet:node:{request.principal.node}", "name": request.principal.actor}
    return {"objectType": "Agent", "account": account}


def _not_kept(statements: list[Statement], owner: str, store: LearningStore) -> list[Statement]:
    kept = store.statements.kept(owner, [each.id for each in statements])
    new: dict[str, Statement] = {}
    for each in statements:
        if each.id in kept:
            fingerprint, text = kept[each.id]
            if fingerprint != each.fingerprint:
                agree_with(fingerprint, orjson.loads(text), each)
        else:
            new.setdefault(each.id, each)
    return list(new.values())


def _finishing(each: Statement) -> Finishing:
    assert each.actor and each.activity
    return Finishing(each.id, each.actor, each.activity, each.occurred_at, each.verdict.rule, each.score)


def _finish(said: list[Finishing], waiting: list[Enrolment], cause: Cause, store: LearningStore) -> list[Enrolment]:
    outcome = finish(said, waiting, now())
    for enrolment in outcome.changed:
        store.save_enrolment(enrolment)
    courses = {each.id: each for each in store.list_courses(sorted({done.course for done in outcome.completed}))}
    store.save_facts([facts.course_completed(done, courses[done.course]) for done in outcome.completed], cause)
    return outcome.completed


def _course_for(request: CallRequest, store: LearningStore) -> Course:
    course = store.find_course(request.path["course"])
    if course is None or not request.principal.shares(course.owner):
        raise CourseUnknown("No course with this id is offered here.")
    return course


def _shown_course(course: Course) -> dict[str, Any]:
    stated = {"provider": course.provider, "url": course.url, "language": course.language, "level": course.level}
    return {"id": course.id, "owner": course.owner, "title": course.title, "activity_iri": course.activity_iri,
            "teaches": course.teaches, "offered_at": rfc3339(course.offered_at),
            **{name: value for name, value in stated.items() if value is not None}}


def _shown_enrolment(enrolment: Enrolment) -> dict[str, Any]:
    return {"id": enrolment.id, "patron": enrolment.patron, "course": enrolment.course,
            "enrolled_at": rfc3339(enrolment.enrolled_at), "completed": enrolment.completion is not None}
