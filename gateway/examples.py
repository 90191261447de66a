"""A request for each call that takes a body, for the description; tests load every one with the call's own shape."""

import base64
from typing import Any

from contracts.calls.badge_connect import CONTEXT, OFFLINE, SCOPES

PATRON = "0199f2d6-3c1e-7a40-9d7e-0c5a4b1f2e88"
COURSE = "0199f2d6-1b07-7c55-8a31-52b6d1e0c9aa"
ACHIEVEMENT = "0199f2d6-2c18-7d66-9b42-63c7e2f1dabb"
EVIDENCE = [{"name": "The year's books", "narrative": "I kept the books of our choir for a year.",
             "url": "https://example.org/books"}]

FIRST_VISIT = {
    "name": "Amina Yusuf", "skills": [{"label": "use spreadsheets software"}, {"label": "customer service"}],
    "goal": {"label": "office clerk"}, "languages": ["en", "so"], "interests": ["gardening"], "age_band": "25-39"}

RECOGNITION = {
    "title": "Credit for spreadsheets", "gives": {"kind": "credit", "amount": 3, "unit": "semester hours"},
    "takes": {"of": [{"achievement": "0199f2d6-2c44-7b1a-9d3e-0c5a4b1f2e88", "within_days": 730}]},
    "address": "https://college.example.org/credit"}

EXAMPLES: dict[str, Any] = {
    "register_patron": FIRST_VISIT,
    "replace_profile": FIRST_VISIT,
    "change_profile": {"skills": [{"label": "welding"}], "age_band": "25-39"},
    "start_guest": {"node": "demo.riverside", "skills": [{"label": "use spreadsheets software"}],
                    "goal": {"label": "office clerk"}, "languages": ["es"]},
    "tell_guest": {"skills": [{"label": "use spreadsheets software"}], "goal": {"label": "office clerk"},
                   "languages": ["es"]},
    "resume_guest": {"code": "7KQ2-M9TR-X4WD"},
    "register_guest": {"name": "Amina Yusuf"},
    "set_node_setting": {"value": 14, "locked": True},
    "grant_role": {"ends_at": "2027-06-30T00:00:00Z"},
    "decide_consent": {"granted": True},
    "add_node": {"id": "demo.riverside", "kind": "library", "name": "Riverside Public Library"},
    "set_card_connection": {
        "host": "ils.riverside.example.org", "port": 6443, "tls": True, "institution": "RIVERSIDE",
        "login": {"user": "libranet", "password": "a long secret"}, "card_prefixes": ["21234"], "bars": ["expired"],
        "dialect": {"checksum": True, "encoding": "utf-8"}},
    "test_card_connection": {"card": "21234000011112", "pin": "4711"},
    "link_card": {"card": "21234000099999"},
    "sign_in": {"node": "demo.riverside", "card": "21234000011112", "pin": "4711"},
    "set_sign_in_provider": {
        "issuer": "https://accounts.riverside.example.org", "client_id": "libranet", "client_secret": "a long secret",
        "scopes": ["profile"], "subject_claim": "sub"},
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
        "criteria": "Complete the course.", "kind": "engagement", "course": COURSE, "validity": 730},
    "replace_achievement": {
        "name": "Spreadsheets for work", "description": "Took part in the whole course.",
        "criteria": "Complete the course and hand in its exercise.", "achievement_type": "CertificateOfCompletion",
        "language": "en", "tags": ["office"], "validity": 365, "alignments": [{
            "target_url": "https://credentialfinder.org/credential/1", "target_name": "Office certificate",
            "target_type": "ceterms:Credential", "target_framework": "CTDL"}]},
    "set_achievement_image": {"image": base64.b64encode(
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle cx="4" cy="4" r="4"/></svg>').decode()},
    "submit_evidence": {"achievement": ACHIEVEMENT, "evidence": EVIDENCE},
    "resubmit_evidence": {"evidence": EVIDENCE},
    "judge_review": {"judgements": [{"criterion": "Formulas", "level": "proficient", "comment": "Each one explained."}],
                     "comment": "Well done."},
    "ask_for_more": {"comment": "Explain how you checked the sums."},
    "make_offer": {"valid_minutes": 60, "format": "ldp_vc"},
    "revalidate_credential": {"extend": True},
    "revoke_credential": {"reason": "Issued to the wrong person."},
    "suspend_credential": {"reason": "We look into how the test was taken."},
    "import_credential": {
        "credential": {"@context": ["https://www.w3.org/ns/credentials/v2"], "type": [
            "VerifiableCredential", "OpenBadgeCredential"]},
        "identity": "amina@example.org"},
    "upsert_credential": {
        "@context": ["https://www.w3.org/ns/credentials/v2", CONTEXT],
        "id": "https://badges.example.org/credentials/42", "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": "https://badges.example.org/issuer", "type": ["Profile"]}, "validFrom": "2026-11-20T10:00:00Z",
        "credentialSubject": {"type": ["AchievementSubject"], "achievement": {
            "id": "https://badges.example.org/badges/7", "type": ["Achievement"], "name": "Beekeeping",
            "description": "Kept bees for a year.", "criteria": {"narrative": "Keep bees for a year."}}}},
    "put_profile": {
        "@context": [CONTEXT],
        "id": "urn:uuid:0199f2d6-3c1e-8a40-9d7e-0c5a4b1f2e88", "type": ["Profile"], "name": "Amina Yusuf"},
    "register_app": {
        "client_name": "A wallet", "client_uri": "https://wallet.example.org/",
        "logo_uri": "https://wallet.example.org/logo.png", "tos_uri": "https://wallet.example.org/terms",
        "policy_uri": "https://wallet.example.org/privacy", "software_id": "org.example.wallet",
        "software_version": "4.0", "redirect_uris": ["https://wallet.example.org/connected"],
        "token_endpoint_auth_method": "client_secret_basic", "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"], "scope": " ".join((*SCOPES, OFFLINE))},
    "undo_awards": {"reason": "It was the list of another course."},
    "make_record": {"name": "Learner record"},
    "state_recognition": RECOGNITION,
    "replace_recognition": RECOGNITION,
    "decide_reconsideration": {
        "decision": "keep", "reason": "The library was in the room; the platform lost its data."},
    "answer_recognition": {"reached": "0199f2d6-7777-8c55-8a31-52b6d1e0c9aa", "answer": "granted",
                           "reason": "Come to the registrar's office with a card."},
    "offer_endorsement": {
        "kind": "achievement", "of": ACHIEVEMENT, "comment": "Whoever holds it may skip our introduction."},
    "ask_for_endorsement": {
        "kind": "issuer", "of": "demo.riverside", "endorser": "demo.lakeside-college",
        "note": "You have known our evaluators for years."},
    "decide_endorsement": {"accepted": True},
    "decide_patron_endorsement": {"accepted": True},
    "propose_co_issuer": {"node": "demo.lakeside-college"},
    "agree_to_co_issue": {"version": 1},
    "state_mapping": {"achievement": ACHIEVEMENT, "target": {
        "target_url": "https://college.example.org/ims/case/v1p0/CFItems/0199f2d6-5d11-7a40-9d7e-0c5a4b1f2e88",
        "target_name": "BUS 101: Spreadsheets", "target_type": "CFItem", "target_framework": "Lakeside College",
        "target_code": "BUS 101"}},
    "decide_mapping": {"accepted": True},
    "take_back_endorsement": {"reason": "We do not teach this any more."},
    "verify_credential": {"credential": {"@context": ["https://www.w3.org/ns/credentials/v2"], "type": [
        "VerifiableCredential"]}},
    "know_issuer": {"issuer": "did:web:college.example.org", "name": "Lakeside College"},
    "add_job_feed": {
        "name": "City of Riverside", "format": "neogov", "country": "US",
        "url": "https://board.example.org/jobs.rss", "every_hours": 6},
    "change_job_feed": {"name": "City of Riverside", "date_order": "mdy"},
    "rotate_secret": {"overlap_hours": 24},
    "replay": {"since": "2026-11-20T00:00:00Z", "types": ["credential-issued"]},
    "subscribe": {"url": "https://college.example.org/webhooks", "types": ["credential-issued", "credential-shared"]},
    "resolve_skills": {"labels": ["Spreedsheets", "forklift", "customer service"]},
    "match_jobs": {
        "skills": [{"label": "spreadsheets", "bases": ["claimed"]}, {"label": "customer service", "bases": ["taught"]}],
        "goal": {"label": "office clerk"}, "near": "Lansing, MI", "limit": 10},
    "correct_skills": {"action": "add", "skill": "urn:libranet:skill:spreadsheets", "label": "number crunching"},
}
