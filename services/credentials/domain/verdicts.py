"""What a check says: valid, invalid, or unknown, which never stands for yes; and why."""

from dataclasses import dataclass

VALID = "valid"
INVALID = "invalid"
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Verdict:
    verdict: str
    reason: str
