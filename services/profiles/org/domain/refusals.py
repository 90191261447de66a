"""Why the org tree says no."""

from libranet.problems import Conflict, NotAllowed, NotFound, Refusal


class NodeUnknown(NotFound):
    title = "No such node"


class NodeTaken(Conflict):
    title = "Another node has this id"


class NodeMisplaced(Refusal):
    title = "A node of this kind does not belong there"


class NodeOutOfReach(NotAllowed):
    """Somebody who is no operator builds only below their own node."""

    title = "This node is not below yours"


class SettingUnknown(NotFound):
    title = "No such setting"


class SettingUnsuitable(Refusal):
    title = "This value does not fit the setting"


class SettingLocked(Conflict):
    """A node above has decided it for all below."""

    title = "This setting is locked above"


class RoleUnknown(NotFound):
    title = "No such role"


class HolderUnknown(NotFound):
    title = "Nobody has such an id"


class RoleNotGranted(NotFound):
    title = "This role was not granted here"


class RoleMisplaced(Refusal):
    title = "This role makes no sense at a node of this kind"


class RoleEndsBeforeItBegins(Refusal):
    title = "A role must end in the future"
