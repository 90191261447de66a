"""What is heard of completions: what they earn, what they lack for it, and what is to be looked at again once they are
withdrawn at the source."""

from collections.abc import Iterable, Sequence

from libranet.clock import now
from libranet.cloudevent import Event
from libranet.collection import Document
from libranet.consume import hears
from libranet.ids import new_id
from services.credentials.award import Awarding, Earned
from services.credentials.changing import save_question
from services.credentials.domain import conditions, issuing, life, reconsidering, superseding, told
from services.credentials.domain.achievements import Achievement
from services.credentials.domain.reconsidering import Reconsideration
from services.credentials.domain.told import FIRST, Told
from services.credentials.store import CredentialStore


class CompletionHearing(Awarding):
    """Of each completion the newest that was told counts, in whatever order it is heard."""

    @hears("org.libranet.learning.course-completed.v1", "org.libranet.learning.course-completion-retold.v1",
           "org.libranet.learning.course-completion-withdrawn.v1", batch=100)
    def completions(self, events: list[Event], store: CredentialStore) -> None:
        """Issues what each completion earns, or lets it wait for consent; questions what it does not earn any more."""
        newest = _newest(map(told.read, events), store)
        again: list[Earned] = []
        followed = [each for each in newest if each.sequence > FIRST]
        if followed:
            erased = store.touch({each.patron for each in followed})
            newest = [each for each in newest if each.patron not in erased]
            again = self._follow([each for each in followed if each.patron not in erased], store)
        achievements = store.achievements_of(each.course for each in newest if each.attempts)
        pairs = [(each, achievement) for each in newest for achievement in achievements.get(each.course, [])
                 if each.attempts and conditions.is_of(achievement, each.attempts[0])]
        earned = [(each, achievement, conditions.earning_one(achievement, each.attempts))
                  for each, achievement in pairs]
        fresh = [Earned(found, achievement, each.cause) for each, achievement, found in earned if found]
        self.award([*fresh, *again], store)
        _keep_lacks([(each, achievement) for each, achievement, found in earned if not found], store)

    def _follow(self, changed: Sequence[Told], store: CredentialStore) -> list[Earned]:
        """What was earned before by what is told otherwise now; gives what of it waited and is earned still."""
        for each in changed:
            store.reconsiderations.save_heard(each)
        earned = store.reconsiderations.earned_by(changed)
        versions = store.versions(superseding.version_of(row) for rows in earned.values() for row in rows)
        open_ones = store.reconsiderations.open_of(each.patron for each in changed)
        for each in changed:
            for row in earned[each.completion]:
                version = versions[superseding.version_of(row)]
                self._question(row["_id"], each, version, open_ones.get(row["_id"]), store)
        return _still_earned(changed, store)

    def _question(self, own_id: str, heard: Told, version: Achievement, question: Reconsideration | None,
                  store: CredentialStore) -> None:
        """The credential is read now: what became of another one just before may have changed it."""
        credential, moment = store.credential(own_id), now()
        if reconsidering.still_earns(heard, version):
            if question is not None:
                after, stands = reconsidering.settled(
                    question, credential, reconsidering.TOLD_AGAIN, reconsidering.AGAIN, moment)
                save_question(question, after, credential, stands, heard.cause, store)
                self.follow_change(credential, stands, heard.cause, store)
        elif question is not None:
            store.reconsiderations.save(
                reconsidering.questioned_again(question, heard, version), heard.cause, tells=False)
        elif credential["status"] != life.REVOKED:
            opened = reconsidering.questioned(credential, heard, version, moment, new_id())
            save_question(None, opened, credential, credential, heard.cause, store)


def _newest(heard: Iterable[Told], store: CredentialStore) -> list[Told]:
    """Of each completion the newest, if that is newer than what was heard before."""
    newest: dict[str, Told] = {}
    for each in heard:
        if each.completion not in newest or each.sequence > newest[each.completion].sequence:
            newest[each.completion] = each
    known = store.reconsiderations.heard(newest)
    return [each for own_id, each in newest.items() if own_id not in known or known[own_id]["sequence"] < each.sequence]


def _still_earned(changed: Iterable[Told], store: CredentialStore) -> list[Earned]:
    """Takes what waits for consent by completions that are told again; gives what of it they earn as they are now, by
    the version by which it was earned first."""
    told_again = {each.completion: each for each in changed if each.attempts}
    waiting = [row for row in store.waiting_of(each.patron for each in told_again.values())
               if row["earning"]["id"] in told_again]
    versions = store.versions((row["achievement"], row["achievement_version"]) for row in waiting)
    still = []
    for row in waiting:
        store.end_waiting(row["_id"])
        heard, version = told_again[row["earning"]["id"]], versions[row["achievement"], row["achievement_version"]]
        found = conditions.earning_one(version, heard.attempts)
        if found is not None:
            still.append(Earned(found, version, heard.cause))
    return still


def _keep_lacks(unearned: Sequence[tuple[Told, Achievement]], store: CredentialStore) -> None:
    """Why an achievement was not earned, for staff and learner to read. What was earned by an earlier attempt is."""
    rows = {row["_id"]: row for row in (_lacking(each, achievement) for each, achievement in unearned)}
    known = store.known(rows)
    erased = store.touch({row["patron"] for row in rows.values()})
    for own_id, row in rows.items():
        if own_id not in known and row["patron"] not in erased:
            store.reconsiderations.save_not_earned(row)


def _lacking(each: Told, achievement: Achievement) -> Document:
    completion = each.attempts[0]
    return {
        "_id": issuing.credential_id(completion, achievement), "patron": each.patron, "owner": completion.owner,
        "completion": each.completion, "course": each.course, "achievement": achievement.id,
        "achievement_name": achievement.name, "achievement_version": achievement.version,
        "completed_at": completion.completed_at, "lacks": conditions.least_lacks(achievement, each.attempts)}
