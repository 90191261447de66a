"""The learning service: calls it answers and events it hears. Rules are in `domain/`, state is in `store.py`.

A statement that comes before its enrolment waits: the enrolment finds it. A statement that comes twice, or two
statements about the same end of a course, complete it once. What takes a completion back, and what voids a statement,
withdraws it, whichever came first. One about somebody who was erased is answered and not kept.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import partial

import orjson

from contracts.calls import learning as calls
from contracts.principal import Principal
from libranet import holdings
from libranet.calls import Answer, CallRequest, answers
from libranet.clock import now
from libranet.cloudevent import Cause, Event
from libranet.consume import hears
from libranet.holdings import Holding
from libranet.problems import NotYet
from libranet.service import Service
from libranet.work import Work
from services.learning.adapters import xapi_protocol as protocol
from services.learning.adapters.figures import LATE
from services.learning.domain import facts
from services.learning.domain.agents import actor_key
from services.learning.domain.completions import NOTHING, VOIDED, Finishing, Taking, finish
from services.learning.domain.courses import Course, offer
from services.learning.domain.enrolments import Enrolment, TakenBack, awaited_key, belong_to, enrol
from services.learning.domain.refusals import CourseAlreadyOffered, CourseUnknown, PatronUnknown, StatementUnknown
from services.learning.domain.statement_query import read_query
from services.learning.domain.statements import Receipt, Statement, agree_with, receive, without
from services.learning.store import COLLECTIONS, LearningStore
from services.learning.views import HELD, shown_course, shown_enrolment

PATRON_REGISTERED = "org.libranet.profiles.patron-registered.v1"
PATRON_ERASED = "org.libranet.profiles.patron-erased.v1"


class Learning(Service):
    name = "learning"
    collections = COLLECTIONS
    store = LearningStore

    def held(self, person: str, principal: Principal, work: Work) -> list[Holding]:
        return holdings.of(COLLECTIONS, HELD, LearningStore(work).held(person, principal))

    @answers(calls.OFFER_COURSE)
    def offer_course(self, request: CallRequest, store: LearningStore) -> Answer:
        course = offer(request.body, request.principal.node, now())
        if store.find_course(course.id, request.principal):
            raise CourseAlreadyOffered(
                f"Course {course.id} has this activity_iri: use it, or offer another activity.", "/activity_iri")
        store.add_course(course)
        store.save_facts([facts.course_offered(course)], request.cause)
        return Answer(shown_course(course), headers={"Location": f"/v1/courses/{course.id}"})

    @answers(calls.LIST_COURSES)
    def list_courses(self, request: CallRequest, store: LearningStore) -> Answer:
        limit = request.query["limit"]
        page = store.page_of_courses(request.principal.node, request.query.get("cursor", ""), limit + 1)
        more = page[limit - 1][0] if len(page) > limit else None
        return Answer({"items": [shown_course(course) for _, course in page[:limit]], "next": more})

    @answers(calls.GET_COURSE)
    def get_course(self, request: CallRequest, store: LearningStore) -> Answer:
        return Answer(shown_course(_course_for(request, store)))

    @answers(calls.ENROL)
    def enrol(self, request: CallRequest, store: LearningStore) -> Answer:
        patron = str(request.body["patron"])
        owner = self._library_of(patron, request.principal, store)
        course = _course_for(request, store)
        if not Principal(actor="", kind="", node=owner).shares(course.owner):
            raise CourseUnknown("The patron's library does not see this course.")
        actor = actor_key(request.body) or ""
        holder = store.holder_of(owner, actor)
        belong_to(holder, patron)
        if holder is None:
            store.bind_account(owner, actor, patron)
        enrolment = store.find_enrolment(patron, course.id)
        status = 200 if enrolment else 201
        if enrolment is None:
            enrolment = enrol(patron, owner, course, store.actors_of(patron), now())
            store.add_enrolment(enrolment)
            store.save_facts([facts.enrolled(enrolment)], request.cause)
        said = store.statements.finishing(enrolment.actors, owner)
        takings = store.statements.taking_back(enrolment.actors, owner)
        changed = _finish(said, takings, store.enrolments_of(patron), request.cause, store) if said or takings else []
        shown = {each.id: each for each in changed}.get(enrolment.id, enrolment)
        return Answer(shown_enrolment(shown), status, about=patron)

    def _library_of(self, patron: str, principal: Principal, store: LearningStore) -> str:
        owner = store.owner_of(patron, principal)
        if owner is None:
            unknown = PatronUnknown("Register the patron first, at this library or at one below it.", "/patron")
            raise unknown if store.knows(patron) else NotYet(unknown, patron)
        store.touch_patron(patron)
        return owner

    @answers(calls.STORE_STATEMENTS)
    def store_statements(self, request: CallRequest, store: LearningStore) -> Answer:
        with protocol.speaking(request) as version:
            receipt = Receipt(now(), protocol.authority_of(request.principal), version)
            statements = receive(protocol.body_of(request), receipt)
            node = request.principal.node
            new = _without_the_erased(_not_kept(statements, node, store), node, store)
            store.statements.add(node, new, receipt.stored)
            _follow(new, receipt.stored, request, store)
            return Answer([each.id for each in statements], headers={protocol.VERSION_HEADER: version})

    @answers(calls.GET_STATEMENTS)
    def get_statements(self, request: CallRequest, store: LearningStore) -> Answer:
        with protocol.speaking(request) as version:
            query, node = read_query(request.query), request.principal.node
            if query.statement_id:
                text = store.statements.find(node, query.statement_id, query.is_voided)
                if text is None:
                    raise StatementUnknown("No statement with this id was sent here, or it is voided: a voided one is "
                                           "read by voidedStatementId, and nothing else is.")
                return Answer(text.encode(), headers=protocol.headers(version))
            texts, cursor = store.statements.page(node, query)
            return Answer(protocol.result_of(texts, request.query, cursor), headers=protocol.headers(version))

    @hears(PATRON_REGISTERED, PATRON_ERASED, batch=100)
    def patrons(self, events: list[Event], store: LearningStore) -> None:
        registered = {each.data["patron"]: each.owner for each in events if each.type == PATRON_REGISTERED}
        if registered:
            store.add_patrons(registered)
        for event in events:
            if event.type == PATRON_ERASED:
                patron = event.data["patron"]
                deleted = store.erase_patron(patron)
                fact = facts.patron_data_erased(patron, event.owner, event.data["erasure"], deleted, now())
                store.save_facts([fact], event.cause)


def _not_kept(statements: list[Statement], owner: str, store: LearningStore) -> list[Statement]:
    """Those that are new; raises StatementConflict for one that is kept with other content."""
    kept = store.statements.kept(owner, [each.id for each in statements])
    new: dict[str, Statement] = {}
    for each in statements:
        if each.id not in kept:
            new.setdefault(each.id, each)
        elif kept[each.id].fingerprint != each.fingerprint:
            agree_with(kept[each.id].fingerprint, orjson.loads(kept[each.id].text), each)
    return list(new.values())


def _without_the_erased(statements: list[Statement], node: str, store: LearningStore) -> list[Statement]:
    """Those that may be kept; how many may not is counted, of whom they are is not said."""
    erased = store.erased_among([key for each in statements for key in each.people], node)
    kept = without(erased, statements)
    if len(kept) < len(statements):
        store.after_commit(partial(LATE.inc, len(statements) - len(kept)))
    return kept


def _follow(new: list[Statement], stored: datetime, request: CallRequest, store: LearningStore) -> None:
    """What new statements do to the enrolments that the caller's node sees. Where something is taken back or voided,
    all that was said of these is looked at once more."""
    node = request.principal.node
    voided = {each.voids: TakenBack(each.id, VOIDED, each.occurred_at) for each in new if each.voids}
    lost = store.statements.void(node, voided, stored) if voided else []
    deciding = _not_voided([each for each in new if _decides(each)], node, stored, store)
    said = [_finishing(each) for each in deciding if each.verdict.finishes]
    takings = [_taking(each) for each in deciding if each.verdict.takes_back]
    keys = {awaited_key(each.actor, each.activity_iri) for each in (*said, *takings, *lost)}
    if not keys:
        return
    seen = [each for each in store.enrolments_awaiting(keys) if request.principal.sees(each.owner)]
    if takings or lost:
        said += [each for known in seen for each in store.statements.finishing(known.actors, known.owner)]
        takings += [each for known in seen for each in store.statements.taking_back(known.actors, known.owner)]
    changed = _finish(said, takings, seen, request.cause, store, voided)
    store.mark_unclaimed(keys.difference(*(each.awaited_keys for each in changed)))


def _decides(each: Statement) -> bool:
    return bool((each.verdict.finishes or each.verdict.takes_back) and each.actor and each.activity)


def _not_voided(deciding: list[Statement], node: str, stored: datetime, store: LearningStore) -> list[Statement]:
    voided = store.statements.voided_among(node, [each.id for each in deciding], stored) if deciding else set()
    return [each for each in deciding if each.id not in voided]


def _finishing(each: Statement) -> Finishing:
    return Finishing(each.id, str(each.actor), str(each.activity), each.occurred_at, each.verdict.rule, each.score,
                     each.proctored, each.hours)


def _taking(each: Statement) -> Taking:
    return Taking(str(each.actor), str(each.activity), TakenBack(each.id, each.verdict.rule, each.occurred_at))


def _finish(said: list[Finishing], takings: list[Taking], enrolments: list[Enrolment], cause: Cause,
            store: LearningStore, voided: Mapping[str, TakenBack] = NOTHING) -> list[Enrolment]:
    """Saves and tells what the statements complete, or withdraw; the enrolments that changed."""
    outcome = finish(said, enrolments, now(), takings, voided)
    for enrolment in outcome.changed:
        store.save_outcome(enrolment)
    courses = {each.id: each for each in store.list_courses(sorted({each.course for each in outcome.changed}))}
    store.save_facts([
        *(facts.course_completed(each, courses[each.course]) for each in outcome.completed),
        *(facts.course_completion_retold(each, courses[each.course]) for each in outcome.retold),
        *(facts.course_completion_withdrawn(each, courses[each.course], by) for each, by in outcome.withdrawn),
    ], cause)
    return outcome.changed


def _course_for(request: CallRequest, store: LearningStore) -> Course:
    course = store.find_course(request.path["course"], request.principal)
    if course is None:
        raise CourseUnknown("No course with this id is offered here.")
    return course
