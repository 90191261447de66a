"""Analytics as events and callers meet it: totals move, people stay unknown, the erased are gone."""

from typing import Any

import pytest

from libranet.ids import new_id
from services.analytics.domain.refusals import NodeUnknown
from services.analytics.store import COLLECTIONS
from tests.services.analytics_stage import LIBRARY, Counter


@pytest.fixture
def counter(work_factory: Any) -> Counter:
    return Counter(work_factory)


def test_few_people_are_suppressed_with_what_they_did(counter: Counter) -> None:
    patrons = [new_id() for _ in range(9)]
    counter.hear(*(counter.enrolled(patron) for patron in patrons), counter.enrolled(patrons[0]))
    assert counter.measures() == {"enrolled": (None, None, True)}
    counter.hear(counter.enrolled(new_id()))
    assert counter.measures() == {"enrolled": (11, 10, False)}


def test_a_person_counts_once_over_batches(counter: Counter) -> None:
    patrons = [new_id() for _ in range(10)]
    for _ in range(3):
        counter.hear(*(counter.enrolled(patron) for patron in patrons))
    assert counter.measures() == {"enrolled": (30, 10, False)}


def test_what_is_about_nobody_has_no_people_to_suppress(counter: Counter) -> None:
    counter.hear(counter.offered())
    assert counter.measures() == {"course-offered": (1, None, False)}


def test_no_row_names_a_patron_or_any_id_of_the_events(counter: Counter) -> None:
    patron = new_id()
    counter.hear(counter.registered(patron), counter.enrolled(patron))
    assert counter.rows("participations")
    assert patron not in repr([counter.rows(each.name) for each in COLLECTIONS])
    counter.hear(counter.erased(patron))
    assert patron not in repr([counter.rows(each.name) for each in COLLECTIONS])


def test_a_node_counts_all_below_it_and_hides_what_a_subtraction_would_tell(counter: Counter) -> None:
    counter.hear(*(counter.enrolled(new_id()) for _ in range(12)),
                 *(counter.enrolled(new_id(), "demo.hill") for _ in range(3)))
    assert counter.measures(caller="demo") == {"enrolled": (None, None, True)}
    assert counter.measures(LIBRARY, caller="demo") == {"enrolled": (12, 12, False)}
    assert counter.measures("demo.hill", caller="demo") == {"enrolled": (None, None, True)}
    counter.hear(*(counter.enrolled(new_id(), "demo.hill") for _ in range(7)))
    assert counter.measures(caller="demo") == {"enrolled": (22, 22, False)}


@pytest.mark.parametrize("node", ["demo", "demo.hill", "demo.river", "other", "demo.riverside-two"])
def test_a_node_outside_the_callers_own_is_unknown(counter: Counter, node: str) -> None:
    with pytest.raises(NodeUnknown):
        counter.measures(node)


def test_erasing_deletes_the_persons_rows_lowers_the_counts_and_is_answered(counter: Counter) -> None:
    patrons = [new_id() for _ in range(11)]
    counter.hear(*(counter.enrolled(patron) for patron in patrons), counter.registered(patrons[0]),
                 counter.enrolled(patrons[0], "demo"))
    (answer,) = counter.hear(counter.erased(patrons[0]))
    assert (answer.type, answer.data["patron"], answer.data["deleted"]) == (
        "org.libranet.analytics.patron-data-erased.v1", patrons[0], 3)
    assert counter.measures() == {
        "enrolled": (10, 10, False), "patron-registered": (None, None, True), "patron-erased": (None, None, True)}
    assert len(counter.rows("participations")) == 10


def test_a_fact_about_an_erased_patron_that_comes_late_does_not_bring_them_back(counter: Counter) -> None:
    patron = new_id()
    counter.hear(counter.enrolled(patron), counter.erased(patron), counter.registered(patron))
    counter.hear(counter.enrolled(patron), counter.enrolled(patron, "demo.hill"))
    assert counter.rows("participations") == []
    assert counter.measures("demo.hill", "demo") == {}
    assert counter.measures(caller="demo") == {"patron-erased": (None, None, True)}


def test_few_erasures_are_suppressed_with_the_answers_to_them(counter: Counter) -> None:
    patrons = [new_id() for _ in range(10)]
    for patron in patrons[:9]:
        counter.hear(counter.erased(patron), *(counter.answered(patron, each) for each in ("learning", "credentials")))
    hidden = (None, None, True)
    assert counter.measures() == {"patron-erased": hidden, "patron-data-erased": hidden}
    counter.hear(counter.erased(patrons[9]), counter.answered(patrons[9], "learning"))
    assert counter.measures() == {"patron-erased": (10, 10, False), "patron-data-erased": (19, 10, False)}
    counter.hear(counter.erased(new_id(), "demo.hill"))
    assert counter.measures(caller="demo") == {"patron-erased": hidden, "patron-data-erased": hidden}


def test_decisions_of_few_are_suppressed_too(counter: Counter) -> None:
    counter.hear(counter.consent(new_id(), False, 2, purpose="share-credentials"), counter.offered())
    assert counter.measures() == {"consent-withdrawn": (None, None, True), "course-offered": (1, None, False)}


def test_a_patron_whom_analytics_never_knew_is_answered_too(counter: Counter) -> None:
    (answer,) = counter.hear(counter.erased(new_id()))
    assert answer.data["deleted"] == 0
