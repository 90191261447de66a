"""Things for the operations after which something is there no more: whoever calls them takes a spare one."""

import json

from gateway.examples import EXAMPLES
from tests.journeys.described import Operation, decides, ends
from tests.journeys.door import Door
from tests.journeys.stage import Stage
from tests.journeys.things import Things, fresh_thing


def spare_things(operation: Operation, mine: Things, stage: Stage, door: Door) -> dict[str, str]:
    """Ids of new things for one call, by the name of the path value; nothing where the call leaves what it is about."""
    spare = _to_end(operation, mine, stage, door) if ends(operation) else {}
    if operation.name == "withdraw_record":
        spare |= {"patron": mine.ids["patron"], "record": stage.record(mine.ids["patron"])["id"]}
    if operation.name == "remove_import":
        spare["imported"] = stage.imported(spare["patron"])["id"]
    if decides(operation):
        spare["credential"] = stage.credential()["id"]
    if operation.name == "end_connection":
        mine.patron.lets_in(stage.app())
        *_, newest = stage.library.ask("GET", f"/v1/patrons/{mine.patron.id}/connections?limit=200")["items"]
        spare |= {"patron": mine.patron.id, "connection": newest["id"]}
    return spare | fresh_thing(operation, mine, stage)


def _to_end(operation: Operation, mine: Things, stage: Stage, door: Door) -> dict[str, str]:
    known = door.ask("POST", "/v1/known-issuers", "operator", json.dumps(EXAMPLES["know_issuer"]).encode()).json
    return {
        "patron": stage.patron(), "subscription": stage.college_listens("*").subscription,
        "guest": stage.guest()["id"], "known_issuer": known["id"],
        **({"node": f"{stage.library_node}.central"} if operation.path.endswith("/card-connection") else {}),
        "feed": stage.library.ask("POST", "/v1/job-feeds", {"name": "To be removed"})["id"],
        "correction": stage.correction("to be taken back"),
        "recognition": stage.recognition(mine.ids["achievement"])["id"]}
