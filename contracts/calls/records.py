"""Calls about a learner's records: credentials chosen by the learner, signed together (1EdTech CLR 2.0), and shown."""

from marshmallow import EXCLUDE, Schema, fields, validate

from contracts.call import PUBLIC, SELF, Call
from contracts.calls.shapes import JWT_TYPE, IdPageQuery, Strict, line, page_of

FORMS = ("json", "jws", "jwt_vc_json")
LANGUAGES = ("en", "es", "ar")


class MakeRecord(Strict):
    """Without `credentials`: all that were issued and neither suspended nor revoked."""

    credentials = fields.List(fields.UUID(), validate=validate.Length(1, 100), metadata={
        "description": "Ids of credentials of the patron."})
    name = line(200, load_default="Learner record", metadata={
        "description": "What the record is called. Everybody reads it who has the record's address."})


class LearnerRecord(Schema):
    """`public_url` answers anybody until the record is taken back; `sharing` says what that means."""

    id = fields.UUID()
    patron = fields.UUID()
    name = fields.String()
    issuer = fields.String()
    is_partial = fields.Boolean(data_key="partial", metadata={
        "description": "Whether the learner holds more than it shows."})
    credentials = fields.List(fields.UUID())
    status = fields.String(validate=validate.OneOf(["issued", "withdrawn"]))
    made_at = fields.AwareDateTime()
    withdrawn_at = fields.AwareDateTime()
    public_id = fields.String()
    public_url = fields.Url(require_tld=False)
    page_url = fields.Url(require_tld=False)
    pdf_url = fields.Url(require_tld=False)
    sharing = fields.String()


class SignedLearnerRecord(LearnerRecord):
    """With the signed document, unless it was taken back."""

    credential = fields.Dict()


LearnerRecordList = page_of(LearnerRecord)


class PublicRecordQuery(Schema):
    """Addresses that people pass on collect other parameters on their way; those are passed over."""

    class Meta:
        unknown = EXCLUDE

    form = fields.String(validate=validate.OneOf(FORMS), metadata={
        "description": "`json` (the default), `jws` (RS256, as 1EdTech has it) or `jwt_vc_json` (ES256, for wallets). "
        "Without it the Accept header decides; who asks for text/html is sent to the page."})


class ShownFact(Schema):
    """In the reader's words, as `Status now` and `Holds`."""

    name = fields.String()
    value = fields.String()


class ShownCredential(Schema):
    """One credential on the page; `language` is that of its own words."""

    name = fields.String()
    description = fields.String()
    language = fields.String()
    status = fields.String(validate=validate.OneOf(["issued", "suspended", "revoked", "expired"]))
    facts = fields.List(fields.Nested(ShownFact))


class ShownSection(Schema):
    """Competencies that were assessed, or taking part."""

    kind = fields.String(validate=validate.OneOf(["competency", "engagement"]))
    title = fields.String()
    note = fields.String()
    items = fields.List(fields.Nested(ShownCredential))


class RecordPage(Schema):
    """`qr` is an SVG of the QR code of `address`."""

    language = fields.String()
    direction = fields.String(validate=validate.OneOf(["ltr", "rtl"]))
    title = fields.String()
    facts = fields.List(fields.Nested(ShownFact))
    sections = fields.List(fields.Nested(ShownSection))
    scan = fields.String()
    address = fields.String()
    pdf = fields.String()
    pdf_title = fields.String()
    qr = fields.String()
    qr_text = fields.String()


class PrintedRecord(Schema):
    page = fields.Nested(RecordPage)


class RecordPageQuery(Schema):
    """Other parameters are passed over, as above."""

    class Meta:
        unknown = EXCLUDE

    language = fields.String(validate=validate.OneOf(LANGUAGES), metadata={
        "description": "Of its headings; else what Accept-Language likes best, and English where there are no words "
                       "for that."})


PLACE = "/v1/patrons/<patron>/records"
SHARING = ("It is public at its address until it is taken back; whoever read it before keeps what it said. "
           "Making one is the learner's own sharing, and takes their consent to issue-credentials.")
TAKEN_BACK = "It was taken back: its address answers 410, and verifiers are told that it was revoked."

MAKE_RECORD = Call(
    name="make_record", service="credentials", method="POST", path=PLACE, person="patron", status=201,
    other_statuses=(200,), body=MakeRecord, answer=LearnerRecord, allows=("credentials:write", SELF),
    summary="Sign some of a patron's credentials, or all, as one record",
    description=f"A ClrCredential (CLR 2.0) of the patron's library. {SHARING} A record that says the same is given "
                "again (200).")
LIST_RECORDS = Call(
    name="list_records", service="credentials", method="GET", path=PLACE, person="patron", query=IdPageQuery,
    answer=LearnerRecordList, allows=("credentials:read", SELF), summary="List a patron's records")
GET_RECORD = Call(
    name="get_record", service="credentials", method="GET", path=f"{PLACE}/<record>", person="patron",
    answer=SignedLearnerRecord, allows=("credentials:read", SELF), summary="Read one record")
WITHDRAW_RECORD = Call(
    name="withdraw_record", service="credentials", method="DELETE", path=f"{PLACE}/<record>", person="patron",
    answer=LearnerRecord, allows=("credentials:write", SELF), keyed=False, summary="Take a record back for good",
    description="Its address answers 410 and its bit is set in the issuer's status list. The credentials in it stay.")
GET_PUBLIC_RECORD = Call(
    name="get_public_record", service="credentials", method="GET", path="/records/<public_record>",
    query=PublicRecordQuery, allows=(PUBLIC,), media_type="application/vc+ld+json", other_media_types=(JWT_TYPE,),
    summary="A record, for anyone", description="The signed ClrCredential as it was issued, or a JWS of it.")
GET_RECORD_PAGE = Call(
    name="get_record_page", service="credentials", method="GET", path="/records/<public_record>/print",
    query=RecordPageQuery, allows=(PUBLIC,), answer=PrintedRecord, other_media_types=("text/html",),
    summary="A record as a page to read and print",
    description="HTML, or the same facts as JSON for who prefers that. What each credential's status is today stands "
                "on it.")
GET_RECORD_PDF = Call(
    name="get_record_pdf", service="credentials", method="GET", path="/records/<public_record>/pdf",
    query=RecordPageQuery, allows=(PUBLIC,), media_type="application/pdf", summary="A record as PDF",
    description="The same as the page.")

CALLS = (MAKE_RECORD, LIST_RECORDS, GET_RECORD, WITHDRAW_RECORD, GET_PUBLIC_RECORD, GET_RECORD_PAGE,
         GET_RECORD_PDF)
