"""Which counts of people of one period may be shown: none below ten, and none that gives a smaller one away.

A node's count covers everything below it, so a caller who reads it together with the counts of the nodes below can
subtract. Seen from the leaves upwards, a node's count is shown when it is at least ten AND what remains of it after
the shown counts below is nothing, or at least ten and not as large or as small as it can be: where two libraries of
at most nine make eighteen, each has nine. Then every difference of shown counts is nothing or at least ten, and any
hidden count could be one less or one more. The rule looks at the tree alone, never at who asks, so two callers who
compare notes learn no more than one. `release.py` goes on from here to the parts of time.

It does not protect against comparing the same count at two moments.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import inf

from services.analytics.domain.places import children_of, walk

SMALLEST_SHOWN = 10
"""The modal rule of US states for education records (NCES 2011-603 describes the range, 5 to 30)."""


@dataclass(frozen=True, slots=True)
class Count:
    """People of a node and all below it. `hidden` are those of them in no shown count: between `fewest` and `most` for
    all that the shown counts tell. `sealed`: the hidden ones are at an end of that, so no sum over them is shown."""

    people: int
    hidden: int
    fewest: int
    most: float
    sealed: bool

    @property
    def shown(self) -> bool:
        return self.people >= SMALLEST_SHOWN and self.hidden == 0


def count_at(node: str, own: Mapping[str, int]) -> Count:
    """The count of `node`, where `own` are the people of each node itself, those above or beside it ignored."""
    return counts(node, own)[node]


def counts(root: str, own: Mapping[str, int]) -> dict[str, Count]:
    """The counts of `root` and of every node below it."""
    below = children_of(root, own)
    found: dict[str, Count] = {}
    for node in reversed(list(walk(root, below))):
        people = own.get(node, 0)
        found[node] = _count(Count(people, people, min(people, 1), inf if people else 0, False),
                             [found[child] for child in below[node]])
    return found


def _count(own: Count, below: Iterable[Count]) -> Count:
    items = [own, *below]
    people = sum(each.people for each in items)
    hidden = sum(each.hidden for each in items)
    fewest, most = sum(each.fewest for each in items), sum(each.most for each in items)
    sealed = any(each.sealed for each in items)
    if people >= SMALLEST_SHOWN and not sealed and may_be_told(hidden) and (not hidden or fewest < hidden < most):
        return Count(people, 0, 0, 0, False)
    known_small = hidden < SMALLEST_SHOWN
    return Count(people, hidden, fewest, SMALLEST_SHOWN - 1 if known_small and hidden else most if hidden else 0,
                 sealed or not known_small)


def may_be_told(people: int) -> bool:
    """Nobody, or enough."""
    return people == 0 or people >= SMALLEST_SHOWN
