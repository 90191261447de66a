"""Who somebody is at work, in a role: another actor than they are as a person, as what they did there stays when their
own record is erased."""

from libranet.ids import public_id

STAFF = "staff"


def at_work(actor: str) -> str:
    """The id under which they act in any role. It leads back to nobody."""
    return f"{STAFF}_{public_id(STAFF, actor)}"


def is_same(acting: str, actor: str) -> bool:
    """Whether `acting` is the actor, as a person or at work."""
    return acting in (actor, at_work(actor))
