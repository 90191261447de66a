"""The tree of nodes, as their ids tell it: a node's id is its path from the consortium down, `demo.riverside`."""


def consortium_of(node: str) -> str:
    """The first slug of every node in it, which is its own id."""
    return node.partition(".")[0]


def is_within(node: str, top: str) -> bool:
    """Whether `node` is `top` or below it."""
    return node == top or node.startswith(f"{top}.")


def line_of(node: str) -> list[str]:
    """The nodes from the consortium down to this one: `demo`, `demo.riverside`."""
    slugs = node.split(".")
    return [".".join(slugs[:length]) for length in range(1, len(slugs) + 1)]
