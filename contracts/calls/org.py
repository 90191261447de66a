"""Calls that the profiles service answers about the org tree: nodes, their settings, and roles granted at them."""

from marshmallow import Schema, fields, validate

from contracts.call import Call
from contracts.calls.shapes import NodePageQuery, PageQuery, Strict, TrueOrFalse, line, moment, page_of

KINDS = ("consortium", "library", "branch", "partner")
ROLES = ("patron", "guardian", "librarian", "navigator", "evaluator", "employer", "college", "analyst", "operator")
NODE_ID = validate.Regexp(r"^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$",
                          error="A node is a path of slugs, like demo.riverside: a-z, 0-9, dashes, dots between.")


def node_id() -> fields.String:
    """Names a place in the org tree."""
    return fields.String(required=True, validate=[validate.Length(1, 200), NODE_ID])


class AddNode(Strict):
    """A place in the org tree; its parent is the path before the last dot."""

    id = node_id()
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    name = line(200, required=True)


class Node(Schema):
    id = fields.String()
    kind = fields.String()
    name = fields.String()


NodeList = page_of(Node)


class SetSetting(Strict):
    """`locked` true forbids nodes below to set it; left out, a lock stays as it is."""

    value = fields.Raw(required=True, metadata={"description": "What fits the setting's type."})
    locked = TrueOrFalse()


class Setting(Schema):
    """A setting as it counts at a node; `set_at` is the node that it comes from, null for the default."""

    name = fields.String()
    type = fields.String()
    meaning = fields.String()
    value = fields.Raw()
    default = fields.Raw()
    set_at = fields.String(allow_none=True)
    locked_by = fields.String(allow_none=True)


class NodeSettings(Schema):
    """Every setting there is, by name."""

    node = fields.String()
    settings = fields.List(fields.Nested(Setting))


class GrantRole(Strict):
    """Until when it counts; granted again, the newer end counts."""

    ends_at = moment(required=True)


class RoleGrant(Schema):
    """`holder` is an API client or a patron, by id; `holds` tells whether it counts now."""

    id = fields.UUID()
    node = fields.String()
    role = fields.String()
    holder = fields.String()
    granted_at = fields.AwareDateTime()
    ends_at = fields.AwareDateTime()
    holds = fields.Boolean()


RoleGrantList = page_of(RoleGrant)


LIST_NODES = Call(
    name="list_nodes", service="profiles", method="GET", path="/v1/nodes", query=NodePageQuery, answer=NodeList,
    summary="List the consortium's libraries and partners", allows=("nodes:read",))
ADD_NODE = Call(
    name="add_node", service="profiles", method="POST", path="/v1/nodes", status=201, body=AddNode, answer=Node,
    summary="Add a library, branch or partner (operators)", allows=("nodes:write",))
GET_NODE_SETTINGS = Call(
    name="get_node_settings", service="profiles", method="GET", path="/v1/nodes/<node>/settings", answer=NodeSettings,
    summary="Read a node's settings, those inherited from above included", allows=("settings:read",))
SET_NODE_SETTING = Call(
    name="set_node_setting", service="profiles", method="PUT", path="/v1/nodes/<node>/settings/<setting>",
    body=SetSetting, answer=Setting, summary="Set or lock a setting at a node and all below it",
    allows=("nodes:write",), keyed=False)
UNSET_NODE_SETTING = Call(
    name="unset_node_setting", service="profiles", method="DELETE", path="/v1/nodes/<node>/settings/<setting>",
    answer=Setting, summary="Unlock a setting and inherit it again", allows=("nodes:write",), keyed=False)
LIST_ROLES = Call(
    name="list_roles", service="profiles", method="GET", path="/v1/nodes/<node>/roles", query=PageQuery,
    answer=RoleGrantList, summary="List the roles granted at a node, ended ones included", allows=("nodes:write",))
GRANT_ROLE = Call(
    name="grant_role", service="profiles", method="PUT", path="/v1/nodes/<node>/roles/<role>/<holder>",
    body=GrantRole, answer=RoleGrant, summary="Grant a role at a node until a time", allows=("nodes:write",),
    keyed=False)
END_ROLE = Call(
    name="end_role", service="profiles", method="DELETE", path="/v1/nodes/<node>/roles/<role>/<holder>",
    answer=RoleGrant, summary="End a role now", allows=("nodes:write",), keyed=False)

CALLS = (LIST_NODES, ADD_NODE, GET_NODE_SETTINGS, SET_NODE_SETTING, UNSET_NODE_SETTING, LIST_ROLES, GRANT_ROLE,
         END_ROLE)
