"""The page on which anybody has a credential checked, by keyboard and without scripts."""

import base64
import io
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from contracts.calls import verification
from gateway.pages.verify import ADVICE, QUESTIONS
from tests.services.gateway_stage import Said, Stage, staged

PAGE = verification.VERIFY_PAGE
CHECKS = tuple(verification.Checks().fields)
DOCUMENT = {
    "issuer": {"name": "Lakeside <b>College</b>"}, "validFrom": "2026-11-20T09:00:00Z", "validUntil": 7,
    "credentialSubject": {"achievement": {"name": "اللحام"}}}


def judged(credential: Any = DOCUMENT, **verdicts: str) -> Said:
    body: dict[str, Any] = {name: {"verdict": verdicts.get(name, "valid"), "reason": f"{name} <reason>."}
                            for name in CHECKS}
    return Said(body=json.dumps({**body, "credential": credential}).encode())


@pytest.fixture
def stage() -> Iterator[Stage]:
    with staged() as stage:
        stage.service.script = [judged()]
        yield stage


def sent(stage: Stage, text: str = "", address: str = "", file: bytes | None = None) -> Any:
    chosen = (io.BytesIO(file or b""), "x.png" if file else "")
    fields: dict[str, Any] = {"text": text, "address": address, "file": chosen}
    return stage.http.post(PAGE, data=fields, content_type="multipart/form-data")


def test_the_page_has_one_form_whose_fields_have_labels_and_no_script(stage: Stage) -> None:
    page = stage.http.get(PAGE)
    text = page.get_data(as_text=True)
    assert (page.status_code, page.mimetype) == (200, "text/html")
    assert "<script" not in text
    assert "form-action 'self'" in page.headers["Content-Security-Policy"]
    fields = re.findall(r'<(?:input|textarea) id="(\w+)" name="(\w+)"', text)
    assert [name for _, name in fields] == ["file", "text", "address"]
    assert all(f'<label for="{field}"' in text for field, _ in fields)
    assert '<html lang="en" dir="ltr">' in text
    assert stage.service.heard == []


def test_an_address_in_the_link_stands_in_the_form_and_is_asked_for_by_nobody_yet(stage: Stage) -> None:
    page = stage.http.get(PAGE, query_string={"url": 'https://college.example/c/1"><script>'})
    assert 'value="https://college.example/c/1&#34;&gt;&lt;script&gt;"' in page.get_data(as_text=True)
    assert stage.service.heard == []


@pytest.mark.parametrize(("given", "body"), [
    ({"text": ' {"id": "urn:x"} '}, {"image": base64.b64encode(b'{"id": "urn:x"}').decode()}),
    ({"text": "a.b.c"}, {"image": base64.b64encode(b"a.b.c").decode()}),
    ({"file": b"\x89PNG\x00\xff"}, {"image": base64.b64encode(b"\x89PNG\x00\xff").decode()}),
    ({"address": " https://college.example/c/1 "}, {"url": "https://college.example/c/1"})])
def test_what_is_handed_in_is_judged_by_its_content_for_nobody_in_particular(
        stage: Stage, given: dict[str, Any], body: dict[str, str]) -> None:
    assert sent(stage, **given).status_code == 200
    [heard] = stage.service.heard
    assert (heard.target, json.loads(heard.body)) == ("/v1/verifications", body)
    assert (heard.principal.kind, heard.principal.scopes) == ("public", ())
    assert verification.VerifyCredential().validate(body) == {}


def test_each_answer_is_in_words_with_its_reason_and_what_to_do(stage: Stage) -> None:
    stage.service.script = [judged(status="unknown", signature="invalid")]
    text = sent(stage, text="a.b.c").get_data(as_text=True)
    assert "<title>Do not rely on this credential." in text
    assert text.count("Cannot be told.") == 1
    assert text.count('<span class="failed">No.') == 1
    assert ADVICE["signature"]["invalid"] in text
    assert ADVICE["status"]["unknown"] in text
    for name in CHECKS:
        assert QUESTIONS[name] in text
        assert f"{name} &lt;reason&gt;." in text


def test_of_a_record_it_says_what_to_think_of_each_credential_in_it(stage: Stage) -> None:
    body = json.loads(judged().body)
    inside = [{**body, "name": "One"}, {**body, "name": "<b>Two", "status": {"verdict": "invalid", "reason": "x"}}]
    stage.service.script = [Said(body=json.dumps({**body, "contained": inside}).encode())]
    text = sent(stage, text="a.b.c").get_data(as_text=True)
    assert "<title>Do not rely on all that is in this record." in text
    assert "<bdi>One</bdi>: Everything that can be checked is in order." in text
    assert "<bdi>&lt;b&gt;Two</bdi>: Do not rely on this credential." in text


@pytest.mark.parametrize(("verdicts", "told"), [
    ({}, "Everything that can be checked is in order."), ({"endorsement": "unknown"}, "Everything that can be checked"),
    ({"issuer": "unknown"}, "not everything could be told"), ({"dates": "invalid"}, "Do not rely on this")])
def test_the_heading_says_no_more_than_the_checks(stage: Stage, verdicts: dict[str, str], told: str) -> None:
    stage.service.script = [judged(**verdicts)]
    assert told in sent(stage, text="a.b.c").get_data(as_text=True)


def test_what_it_says_of_itself_is_shown_as_text_from_its_own_side(stage: Stage) -> None:
    text = sent(stage, text="a.b.c").get_data(as_text=True)
    assert "<bdi>اللحام</bdi>" in text
    assert "<bdi>Lakeside &lt;b&gt;College&lt;/b&gt;</bdi>" in text
    assert "Until" not in text


@pytest.mark.parametrize("credential", [
    {}, {"issuer": [], "credentialSubject": [[]]}, {"credentialSubject": {"achievement": 7}}])
def test_whatever_the_credential_is_the_page_shows_the_answers(stage: Stage, credential: Any) -> None:
    stage.service.script = [judged(credential)]
    assert sent(stage, text="a.b.c").status_code == 200


@pytest.mark.parametrize("given", [{}, {"text": "a.b.c", "address": "https://x.example"}, {"text": " ", "file": b""}])
def test_one_of_the_three_is_handed_in(stage: Stage, given: dict[str, Any]) -> None:
    answer = sent(stage, **given)
    assert (answer.status_code, answer.mimetype) == (422, "text/html")
    assert "one of the three" in answer.get_data(as_text=True)
    assert stage.service.heard == []


def test_a_file_that_is_too_large_is_told_so(stage: Stage) -> None:
    assert sent(stage, file=bytes(verification.MOST_BAKED_BYTES + 1)).status_code == 413


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "application/json", "multipart/form-data"])
def test_another_form_is_refused_in_words(stage: Stage, kind: str) -> None:
    answer = stage.http.post(PAGE, data=b"--x\r\n\r\n", content_type=kind)
    assert answer.status_code in (415, 422)
    assert answer.mimetype == "text/html"


def test_a_refusal_of_the_service_is_told_in_its_words(stage: Stage) -> None:
    problem = {"type": "urn:libranet:problem:nothing-to-verify", "title": "There is no credential in this",
               "status": 422, "detail": "This is a web page."}
    stage.service.script = [Said(422, json.dumps(problem).encode(), {"Content-Type": "application/problem+json"})]
    answer = sent(stage, address="https://x.example")
    assert answer.status_code == 422
    assert 'role="alert"' in answer.get_data(as_text=True)
    assert "This is a web page." in answer.get_data(as_text=True)
