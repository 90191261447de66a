"""What callers are shown of a guest."""

from typing import Any

from libranet.clock import rfc3339
from services.profiles.guests.domain.guests import Guest
from services.profiles.patrons import views as patrons


def guest_path(guest_id: str) -> str:
    return f"/v1/guests/{guest_id}"


def guest(shown: Guest) -> dict[str, Any]:
    body = {
        "id": shown.id, "owner": shown.owner, "started_at": rfc3339(shown.started_at),
        "expires_at": rfc3339(shown.expires_at), "skills": patrons.skills(shown.skills),
        "languages": list(shown.languages), "matches_url": f"{guest_path(shown.id)}/matches",
    }
    return {**body, "goal": patrons.goal(shown.goal)} if shown.goal else body
