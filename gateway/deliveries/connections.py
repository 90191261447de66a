"""The apps that patrons let in, as patrons and their libraries see them and end them; the web process lets them in."""

from contracts.calls import badge_connect as calls
from contracts.principal import Principal
from gateway.badge_connect.collections import APPS, GRANTS
from libranet.calls import Answer, CallRequest, answers
from libranet.clock import now, rfc3339
from libranet.collection import Document
from libranet.problems import NotFound
from libranet.work import Work

PATRON = "patron"


class ConnectionUnknown(NotFound):
    title = "No such connection"


class ConnectionStore:
    """One unit of work's view of what patrons allowed apps."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def of_patron(self, patron: str, principal: Principal, after: str, limit: int) -> list[Document]:
        """Those that are in use, by id, each with its app."""
        query = {"patron": patron, "_id": {"$gt": after}, "expires_at": {"$gt": now()}, "access": {"$ne": None}}
        rows = [each for each in self._work.find(GRANTS.name, query, [("_id", 1)], limit)
                if principal.sees(each["node"], patron)]
        apps = self._work.get_many(APPS.name, {each["app"] for each in rows})
        return [{**each, "app": apps.get(each["app"], {"_id": each["app"]})} for each in rows]

    def end(self, connection: str, patron: str, principal: Principal) -> str:
        """The app that is shut out by it. Raises ConnectionUnknown."""
        row = self._work.get(GRANTS.name, connection)
        if row is None or row["patron"] != patron or not principal.sees(row["node"], patron):
            raise ConnectionUnknown("GET /v1/patrons/{id}/connections lists those that there are.")
        self._work.delete(GRANTS.name, {"_id": connection})
        return str(row["app"])


class ConnectionCalls:
    """What a patron allowed whom."""

    @answers(calls.LIST_CONNECTIONS, store=ConnectionStore)
    def list_connections(self, request: CallRequest, store: ConnectionStore) -> Answer:
        patron, limit = request.path[PATRON], request.query["limit"]
        found = store.of_patron(patron, request.principal, request.query.get("cursor", ""), limit + 1)
        more = found[limit - 1]["_id"] if len(found) > limit else None
        return Answer({"items": [_shown(each) for each in found[:limit]], "next": more})

    @answers(calls.END_CONNECTION, store=ConnectionStore)
    def end_connection(self, request: CallRequest, store: ConnectionStore) -> Answer:
        return Answer(app=store.end(request.path["connection"], request.path[PATRON], request.principal))


def held(person: str, work: Work) -> list[Document]:
    """For the person themselves; what opens them is kept as hashes, which say nothing of anybody."""
    names = ("_id", "app", "scopes", "granted_at", "expires_at")
    return [{name: each[name] for name in names} for each in work.find(GRANTS.name, {PATRON: person})]


def _shown(row: Document) -> Document:
    about = {"app_name": row["app"].get("client_name"), "app_uri": row["app"].get("client_uri")}
    return {"id": row["_id"], "app": row["app"]["_id"], **{name: each for name, each in about.items() if each},
            "scopes": row["scopes"], "granted_at": rfc3339(row["granted_at"]), "ends_at": rfc3339(row["expires_at"])}
