"""The processes: whether each is ready, and whether its clock is right."""

import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

import orjson
import urllib3
from urllib3.exceptions import HTTPError

from libranet import settings
from libranet.doctor.finding import Finding, bad, well
from libranet.doctor.stores import clock
from libranet.local.parts import GATEWAY
from libranet.settings import SettingMissing

ANSWER_SECONDS = 5.0


def address(part: str) -> str:
    """Where it answers: `<PART>_URL`; the gateway, where nobody names that, at the address that everybody uses.

    Raises SettingMissing.
    """
    own = f"{part.upper()}_URL"
    found = (settings.get(own, "") or settings.get("PUBLIC_URL")) if part == GATEWAY else settings.get(own)
    return found.rstrip("/")


def readiness(part: str) -> Iterator[Finding]:
    """What its /readyz says."""
    try:
        answer = urllib3.request("GET", f"{address(part)}/readyz", timeout=ANSWER_SECONDS, retries=False)
    except SettingMissing as reason:
        yield bad(part, "Nobody told where it answers.", str(reason))
        return
    except HTTPError as error:
        yield bad(part, f"Nobody answers at {address(part)} ({type(error).__name__}).",
                  "See whether it runs (`libranet status`, `kubectl get pods`) and read its log.")
        return
    waits = _waits(answer.data)
    is_ready = answer.status == 200
    if is_ready and not waits:
        yield well(part, "It is ready.")
    else:
        said = "; ".join(f"{name}: {reason}" for name, reason in waits.items()) or f"it answers {answer.status}"
        state = "ready, but for a part that waits" if is_ready else "not ready"
        yield bad(part, f"It is {state}: {said}.", "Mend what it waits for; it goes on by itself.")
    if told := answer.headers.get("Date"):
        yield clock(part, max(0.0, abs(time.time() - parsedate_to_datetime(told).timestamp()) - 1.0))


def _waits(body: bytes) -> dict[str, str]:
    """Which of its parts are not well, and why."""
    try:
        parts = dict(orjson.loads(body)["parts"])
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return {}
    return {str(name): str(reason) for name, reason in parts.items() if reason != "ok"}
