"""A consortium of two libraries and two colleges on a platform that has just started, as an operator makes it."""

import json
from datetime import timedelta

from libranet.clock import now
from libranet.local import Platform
from tests.journeys.stage import COLLEGE, LIBRARY, OTHER_COLLEGE, OTHER_LIBRARY, PLACES, Keys, libranet

UNHURRIED = dict.fromkeys(
    ("RATE_ADDRESS", "RATE_PUBLIC_WORK", "RATE_REGISTRATIONS", "RATE_SIGN_IN_FAILURES", "RATE_CARD_FAILURES",
     "RATE_GUESSES"),
    "1000000/minute")
"""The tests come from one address; that the limits hold is tested in tests/services."""


def made_consortium(platform: Platform) -> Keys:
    """Its keys; both libraries' are evaluators, too, and `test` has that of the operators."""
    made: Keys = json.loads(libranet(platform, "org", "new", "test", "Test Consortium", *PLACES, "--json"))
    for college in (COLLEGE, OTHER_COLLEGE):
        libranet(platform, "partner", "allow", college, "127.0.0.0/8")
    libranet(platform, "card-connection", "allow", "test", "127.0.0.0/8")
    libranet(platform, "org", "add", f"{LIBRARY}.central", "branch", "Riverside Central")
    last_day = (now() + timedelta(days=90)).date().isoformat()
    for library in (LIBRARY, OTHER_LIBRARY):
        client = made[library]["key"].partition(".")[0]
        libranet(platform, "org", "grant", library, "evaluator", client, "--until", last_day)
    operator = libranet(platform, "client", "add", "test", "operator", "Operators of the tests")
    return {**made, "test": {"key": operator.strip()}}
