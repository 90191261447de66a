"""The tree of nodes, as their ids tell it: a node's id is its path."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise


def children_of(root: str, nodes: Iterable[str]) -> Mapping[str, list[str]]:
    """Each node's next ones below, for all on the way from `root` to the nodes below it."""
    prefix = f"{root}."
    links: dict[str, set[str]] = defaultdict(set)
    for node in nodes:
        if node.startswith(prefix):
            slugs = node.removeprefix(prefix).split(".")
            path = [root, *(prefix + ".".join(slugs[:length + 1]) for length in range(len(slugs)))]
            for above, child in pairwise(path):
                links[above].add(child)
    return defaultdict(list, {node: sorted(each) for node, each in links.items()})


def is_top(node: str) -> bool:
    """Whether no node is above it."""
    return "." not in node


def walk(root: str, below: Mapping[str, list[str]]) -> Iterable[str]:
    """`root` and everything below it, each before what is below it."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += below[node]
