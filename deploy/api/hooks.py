"""What schemathesis is told of one caller: which things to ask for, and whose must never be seen.

Runs in the environment of `./setup.sh api`, which has nothing of the platform; the plan that check.py writes is all it
knows. Of five calls to an operation three are about the caller's own things, one is about somebody else's, and one
keeps the ids that schemathesis made up.
"""

import atexit
import json
import os
from collections import Counter
from itertools import cycle
from pathlib import Path

import schemathesis

PLAN = json.loads(Path(os.environ["CHECK_API_PLAN"]).read_text(encoding="utf-8"))
TURNS = ("own", "own", "foreign", "own", "made up")
HELD_UP = ("Libranet-Acting-As", "Idempotency-Key")
"""Headers whose examples name a role that the caller does not hold, and a key that was used before."""
turns, answers = {}, Counter()


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Whatever is answered has to be described by its own status: the one for anything else would excuse it."""
    for methods in raw_schema["paths"].values():
        for operation in methods.values():
            operation["responses"].pop("default", None)


@schemathesis.hook
def before_call(context, case, kwargs):
    """Names things that are there in the path and at the top of the body."""
    name = operation_of(case)
    turn, own = next(turns.setdefault(name, cycle(TURNS))), PLAN["own"][name]
    if turn != "made up":
        case.headers = case.headers.copy()
        for each in HELD_UP:
            case.headers.pop(each, None)
    if turn == "foreign":
        place_ids(case, PLAN["foreign"].get(name, own))
    if turn == "own":
        place_ids(case, own)
        if isinstance(case.body, dict):
            case.body = put_in(case.body, own)


@schemathesis.hook
def after_call(context, case, response):
    answers[str(response.status_code)] += 1


@schemathesis.check
def nothing_of_others(context, response, case):
    """No answer holds anything of the other library or college, but for what this request itself said."""
    secrets = PLAN["of_people" if operation_of(case) in PLAN["for_all"] else "secrets"]
    told, asked = response.content.decode("utf-8", "replace"), said(response.request)
    seen = [each for each in secrets if each in told and each not in asked]
    assert not seen, f"something of another library or college was shown: {seen}"


def operation_of(case):
    return case.operation.definition.raw["operationId"]


def place_ids(case, ids):
    if case.path_parameters:
        case.path_parameters = put_in(case.path_parameters, ids)


def put_in(values, ids):
    return {name: ids[name] if name in ids and isinstance(value, str) else value for name, value in values.items()}


def said(request):
    body = request.body or b""
    return request.url + (body.decode("utf-8", "replace") if isinstance(body, bytes) else str(body))


@atexit.register
def tell():
    told = {"answers": answers, "asked": [*turns]}
    Path(PLAN["told"]).write_text(json.dumps(told), encoding="utf-8")
