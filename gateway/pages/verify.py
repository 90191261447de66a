"""The page on which anybody has a credential checked: pasted, as a file, or by its address. Works without scripts."""

from base64 import b64encode
from io import BytesIO
from typing import Any

from flask import Flask, Response, request
from werkzeug.formparser import FormDataParser

from contracts.call import PUBLIC, Call
from contracts.calls import verification
from contracts.principal import PUBLIC as NOBODY
from gateway.guard import Asked, Guard
from gateway.inside import Inside
from gateway.pages.plain import page
from gateway.routes.publish import publish
from libranet.problems import BodyTooLarge, MediaTypeUnsupported, Refusal

FORM_TYPE = "multipart/form-data"
MOST_FIELDS = 10
LONGEST_SHOWN = 300
VERIFY_FORM = Call(name="verify_form", service="gateway", method="GET", path=verification.VERIFY_PAGE, allows=(PUBLIC,),
                   summary="The form that checks a credential", media_type="text/html")
VERIFY_RESULT = Call(name="verify_result", service="gateway", method="POST", path=verification.VERIFY_PAGE,
                     allows=(PUBLIC,), summary="Check a credential, for people", media_type="text/html", raw=True,
                     keyed=False)
SAID = {"valid": "Yes", "invalid": "No", "unknown": "Cannot be told"}
QUESTIONS = {
    "signature": "Is it as it was signed?", "issuer": "Is it from the issuer that it names, and is that known here?",
    "dates": "Is it valid today?", "status": "Does its issuer still stand by it?",
    "schema": "Is it written as the standard asks?", "endorsement": "Do others vouch for it?"}
ADVICE = {
    "signature": {"invalid": "Do not rely on it. Ask its holder for the file as it was issued.",
                  "unknown": "Ask the issuer whether it is theirs."},
    "issuer": {"invalid": "Do not rely on it: somebody else may have made it.",
               "unknown": "Find out for yourself who the issuer is, from a source other than this credential."},
    "dates": {"invalid": "Ask its holder for a newer one."},
    "status": {"invalid": "Do not accept it. Ask its holder or its issuer.",
               "unknown": "It may have been withdrawn. Try again later, or ask its issuer."},
    "schema": {"invalid": "Other programs may not read it. Tell its issuer."},
    "endorsement": {"invalid": "Do not count on that endorsement."}}
DECISIVE = ("signature", "issuer", "dates", "status")


class NotOneThing(Refusal):
    title = "Hand in one credential"


def install(app: Flask, guard: Guard, inside: Inside) -> None:
    def form(_: Asked) -> Response:
        return shown(address=request.args.get("url", ""))

    def result(asked: Asked) -> Response:
        try:
            judged = inside.ask(verification.VERIFY_CREDENTIAL, read_form(asked.raw), "", NOBODY)
            return shown(result=judged, about=about(judged.get("credential", {})))
        except Refusal as refusal:
            return shown(refusal.status, told=refusal)

    publish(app, guard, VERIFY_FORM, form)
    publish(app, guard, VERIFY_RESULT, result)


def shown(status: int = 200, result: dict[str, Any] | None = None, told: Refusal | None = None,
          about: dict[str, str] | None = None, address: str = "") -> Response:
    return page("verify.html", status, forms=True, result=result, told=told, about=about or {}, address=address,
                questions=QUESTIONS, said=SAID, advice=ADVICE, summary=summary(result) if result else "",
                contained=[(each.get("name") or each.get("id", ""), summary(each)) for each in inside_of(result)])


def inside_of(result: dict[str, Any] | None) -> list[dict[str, Any]]:
    """What was judged of the credentials in a record."""
    return list(result.get("contained", ())) if result else []


def read_form(raw: bytes) -> dict[str, str]:
    """What the form asks to be verified: a text and a file alike by their content. Raises MediaTypeUnsupported,
    NotOneThing or BodyTooLarge."""
    if request.mimetype != FORM_TYPE:
        raise MediaTypeUnsupported("Send the form of this page.")
    parser = FormDataParser(max_form_memory_size=len(raw), max_form_parts=MOST_FIELDS)
    _, fields, files = parser.parse(BytesIO(raw), FORM_TYPE, len(raw), request.mimetype_params)
    text, address = fields.get("text", "").strip(), fields.get("address", "").strip()
    content = files["file"].read() if "file" in files else b""
    if [bool(text), bool(address), bool(content)].count(True) != 1:
        raise NotOneThing("Paste a credential, or choose a file, or write an address: one of the three.")
    if address:
        return {"url": address}
    content = content or text.encode()
    if len(content) > verification.MOST_BAKED_BYTES:
        raise BodyTooLarge(f"A credential has at most {verification.MOST_BAKED_BYTES} bytes here.")
    return {"image": b64encode(content).decode()}


def summary(result: dict[str, Any]) -> str:
    """What the decisive checks come to, in a sentence that promises no more than they do."""
    verdicts = {result[name]["verdict"] for name in DECISIVE}
    inside = {each[name]["verdict"] for each in inside_of(result) for name in DECISIVE}
    if "invalid" in verdicts:
        return "Do not rely on this credential."
    if "invalid" in inside:
        return "Do not rely on all that is in this record."
    if "unknown" in verdicts | inside:
        return "Nothing speaks against it, but not everything could be told."
    return "Everything that can be checked is in order."


def about(credential: dict[str, Any]) -> dict[str, str]:
    """What the credential says of itself, as far as that is text."""
    subject, issuer = credential.get("credentialSubject"), credential.get("issuer")
    achievement = subject.get("achievement") if isinstance(subject, dict) else None
    name = achievement.get("name") if isinstance(achievement, dict) else credential.get("name")
    by = issuer.get("name", issuer.get("id")) if isinstance(issuer, dict) else issuer
    said = {"What": name, "From": by, "Valid from": credential.get("validFrom"), "Until": credential.get("validUntil")}
    return {key: value[:LONGEST_SHOWN] for key, value in said.items() if isinstance(value, str)}
