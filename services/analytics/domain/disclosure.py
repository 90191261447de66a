"""Which counts of people may be shown: none below ten, and none that gives a smaller one away by subtraction.

A node's count covers everything below it, so a caller who reads it together with the counts of the nodes below can
subtract. Seen from the leaves upwards, a node's count is shown when it is at least ten AND what remains of it after
the shown counts below is at least ten too, or nothing. Then every difference of shown counts is nothing or at least
ten. The rule looks at the tree alone, never at who asks, so two callers who compare notes learn no more than one.

It does not protect against comparing the same count at two times, nor against bounds from several measures.
"""

from collections.abc import Mapping
from dataclasses import dataclass

SMALLEST_SHOWN = 10
"""The modal rule of US states for education records (NCES 2011-603 describes the range, 5 to 30)."""


@dataclass(frozen=True, slots=True)
class Count:
    """People of a node and all below it; `hidden` are those of them in no shown count."""

    people: int
    hidden: int

    @property
    def shown(self) -> bool:
        return self.people >= SMALLEST_SHOWN and self.hidden == 0


def count_at(node: str, own: Mapping[str, int]) -> Count:
    """The count of `node`, where `own` are the people of each node itself, those above or beside it ignored."""
    prefix = f"{node}."
    below = {each: people for each, people in own.items() if each.startswith(prefix)}
    children = sorted({prefix + each[len(prefix):].partition(".")[0] for each in below})
    counts = [count_at(child, below) for child in children]
    people = own.get(node, 0) + sum(each.people for each in counts)
    hidden = own.get(node, 0) + sum(each.hidden for each in counts)
    may_show = people >= SMALLEST_SHOWN and (hidden == 0 or hidden >= SMALLEST_SHOWN)
    return Count(people, 0 if may_show else hidden)
