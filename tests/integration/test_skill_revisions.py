"""Two replicas on the real database: what relies on a revision of the taxonomy and a change of it, two that look
through postings again. One of the two comes first."""

from collections.abc import Iterator
from threading import Thread

import pytest

from libranet.ids import new_id
from libranet.local import Platform
from libranet.mongo import Database
from libranet.work import Work
from services.jobs.skills.store import Overtaken, SkillStore, Walk
from services.jobs.store import COLLECTIONS

pytestmark = pytest.mark.real


@pytest.fixture
def databases(parts: Platform) -> Iterator[list[Database]]:
    """One database as two replicas see it."""
    name = f"test_jobs_{new_id()}"
    made = [Database().connect("jobs", COLLECTIONS, name, f"replica {each}") for each in range(2)]
    made[0].prepare()
    yield made
    made[0].client.drop_database(name)
    for each in made:
        each.client.close()


def change(database: Database) -> None:
    database.transact(lambda work: SkillStore(work).take_back("a correction"))


@pytest.mark.parametrize("before", [0, 1], ids=["the first change", "the second change"])
def test_what_relies_on_a_revision_that_changes_meanwhile_is_told_so(databases: list[Database], before: int) -> None:
    relying, changing = databases
    for _ in range(before):
        change(changing)
    answers = []

    def rely(work: Work) -> None:
        answers.append(SkillStore(work).stays_at(before))
        if answers == [True]:
            other = Thread(target=change, args=(changing,))
            other.start()
            other.join()

    relying.transact(rely)
    assert answers[-1] is False
    assert SkillStore(relying.reading()).revision() == before + 1


def test_a_change_that_comes_afterwards_takes_nothing_away(databases: list[Database]) -> None:
    relying, changing = databases
    assert relying.transact(lambda work: SkillStore(work).stays_at(0))
    assert SkillStore(relying.reading()).revision() == 0
    change(changing)
    assert SkillStore(relying.reading()).revision() == 1


def test_of_two_that_look_through_postings_the_one_that_comes_later_is_told_so(databases: list[Database]) -> None:
    late, early = databases
    begun = Walk("1:x")
    late.transact(lambda work: SkillStore(work).save_walk(begun, None))
    tries = []

    def go_on(work: Work) -> None:
        SkillStore(work).walk()
        if not tries:
            other = Thread(target=lambda: early.transact(lambda work: SkillStore(work).save_walk(Walk("2:x"), begun)))
            other.start()
            other.join()
        tries.append(work)
        SkillStore(work).save_walk(Walk("1:x", "a posting", 1), begun)

    with pytest.raises(Overtaken):
        late.transact(go_on)
    assert len(tries) == 2
    assert SkillStore(early.reading()).walk() == Walk("2:x")
