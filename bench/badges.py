"""What the benchmarks of credentials issue: a competency of some 4 kB with rubric, alignments and evidence."""

from typing import Any

CREATED = "2026-11-21T09:30:00.000Z"
WORDS = "Keeps the books of a small business by spreadsheet and explains each figure to those who ask. "
LEVELS = ("beginning", "practising", "proficient", "teaching others")


def competency(number: int, did: str) -> dict[str, Any]:
    """The credential of one learner; what differs are ids, times, and what evidence and evaluator say."""
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2",
                     "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
        "id": f"https://libranet.example.org/credentials/{number:026d}",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": did, "type": ["Profile"], "name": "Riverside Public Library"},
        "validFrom": CREATED, "validUntil": "2029-11-21T09:30:00.000Z", "awardedDate": "2026-11-20T18:00:00.000Z",
        "name": "Spreadsheets: bookkeeping",
        "credentialSubject": {
            "id": f"urn:uuid:0190b3a0-1111-7111-8111-{number:012d}", "type": ["AchievementSubject"],
            "achievement": _achievement(),
            "source": {"id": "https://libranet.example.org/evaluators/7", "type": ["Profile"], "name": "Ms Example"},
            "result": [{"type": ["Result"], "resultDescription": "urn:libranet:rubric:1",
                        "achievedLevel": f"urn:libranet:rubric:1:{number % 2 + 2}", "value": f"{70 + number % 30}"}]},
        "evidence": [
            {"id": f"https://libranet.example.org/evidence/{number}", "type": ["Evidence"], "name": "The year's books",
             "narrative": f"Case {number}. {WORDS * 2}", "genre": "Project"},
            {"type": ["Evidence"], "name": "Conversation", "narrative": f"Explained case {number}. {WORDS * 2}"}]}


def _achievement() -> dict[str, Any]:
    return {
        "id": "urn:uuid:0190b3a0-4444-7444-8444-444444444444", "type": ["Achievement"], "achievementType": "Competency",
        "name": "Spreadsheets: bookkeeping", "description": WORDS * 2, "criteria": {"narrative": WORDS * 4},
        "inLanguage": "en",
        "alignment": [{"type": ["Alignment"], "targetName": f"Standard {place}", "targetType": "CFItem",
                       "targetUrl": f"https://standards.example.org/items/{place}", "targetFramework": "Bookkeeping"}
                      for place in range(3)],
        "resultDescription": [{
            "id": "urn:libranet:rubric:1", "type": ["ResultDescription"], "name": "Level",
            "resultType": "RubricCriterionLevel", "requiredLevel": "urn:libranet:rubric:1:2",
            "rubricCriterionLevel": [
                {"id": f"urn:libranet:rubric:1:{place}", "type": ["RubricCriterionLevel"], "name": name,
                 "description": f"Level {place}. {WORDS}", "level": str(place)}
                for place, name in enumerate(LEVELS)]}]}
