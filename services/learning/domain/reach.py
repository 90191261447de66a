"""Which nodes see a record: its owner and every node above it (`reach`, kept with the record and indexed)."""


def nodes_above(node: str) -> list[str]:
    """A node with all nodes above it, the top first: `demo`, `demo.riverside`."""
    parts = node.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts) + 1)]


def is_within(node: str, top: str) -> bool:
    """Whether `node` is `top` or below it."""
    return node == top or node.startswith(f"{top}.")
