"""A request for each call that takes a body, for the description; tests load every one with the call's own shape."""

from typing import Any

PATRON = "0199f2d6-3c1e-7a40-9d7e-0c5a4b1f2e88"
COURSE = "0199f2d6-1b07-7c55-8a31-52b6d1e0c9aa"

EXAMPLES: dict[str, Any] = {
    "register_patron": {"name": "Amina Yusuf"},
    "decide_consent": {"granted": True},
    "add_node": {"id": "demo.riverside", "kind": "library", "name": "Riverside Public Library"},
    "offer_course": {
        "title": "Spreadsheets for work", "provider": "Open edX", "url": "https://courses.example.org/spreadsheets",
        "activity_iri": "https://courses.example.org/course/spreadsheets-101",
        "teaches": [{"label": "spreadsheets"}], "language": "en", "level": "beginner"},
    "enrol": {"patron": PATRON, "account": {"homePage": "https://courses.example.org", "name": "learner-4711"}},
    "store_statements": {
        "actor": {"account": {"homePage": "https://courses.example.org", "name": "learner-4711"}},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/passed", "display": {"en": "passed"}},
        "object": {
            "id": "https://courses.example.org/course/spreadsheets-101",
            "definition": {"type": "http://adlnet.gov/expapi/activities/course"}},
        "result": {"completion": True, "success": True}},
    "define_achievement": {
        "name": "Spreadsheets for work", "description": "Took part in the whole course.",
        "criteria": "Complete the course.", "kind": "engagement", "course": COURSE},
    "verify_credential": {"credential": {"@context": ["https://www.w3.org/ns/credentials/v2"], "type": [
        "VerifiableCredential"]}},
    "add_job_feed": {
        "name": "City of Riverside", "format": "neogov", "country": "US",
        "url": "https://www.governmentjobs.com/SearchEngine/JobsFeed?agency=riverside", "every_hours": 6},
    "change_job_feed": {"name": "City of Riverside", "date_order": "mdy"},
    "subscribe": {"url": "https://college.example.org/webhooks", "types": ["credential-issued", "credential-shared"]},
    "resolve_skills": {"labels": ["Spreedsheets", "forklift", "customer service"]},
    "match_jobs": {
        "skills": [{"label": "spreadsheets", "bases": ["claimed"]}, {"label": "customer service", "bases": ["taught"]}],
        "goal": {"label": "office clerk"}, "near": "Lansing, MI", "limit": 10},
    "correct_skills": {"action": "add", "skill": "urn:libranet:skill:spreadsheets", "label": "number crunching"},
}
