"""Documents of every kind that this service makes, about a learner that there is not, with keys made for them alone."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.calls.achievements import COMPETENCY, ENGAGEMENT
from libranet.clock import rfc3339
from services.credentials.domain import clr, documents, issuers, keys, proofs, status_lists, tokens, vouchers
from services.credentials.domain.achievements import Achievement
from services.credentials.domain.documents import Award
from services.credentials.domain.issuers import Issuer
from services.credentials.domain.keys import SigningKey
from services.credentials.domain.status_lists import StatusPlace
from services.credentials.domain.vouchers import Vouchers

Document = dict[str, Any]
NODE, NAME = "samples.riverside", "Riverside Public Library"
COLLEGE, COLLEGE_NAME = "samples.lakeside-college", "Lakeside College"
LEARNER = "urn:uuid:0190b3a0-1111-7111-8111-111111111111"
TAKING_PART = Achievement(
    "0190b3a0-2222-7222-8222-222222222222", NODE, "Spreadsheets: completed", "Took part in the whole course.",
    "Complete every unit.", ENGAGEMENT, language="en")
BEING_ABLE = Achievement(
    "0190b3a0-3333-7333-8333-333333333333", NODE, "Spreadsheets: bookkeeping",
    "Keeps the books of a small business by spreadsheet.", "Keep a year's books, and explain them.", COMPETENCY,
    language="en")
RUBRIC = f"urn:uuid:{BEING_ABLE.id}:rubric"
LEVELS = ("beginning", "practising", "proficient")
ENDURING, REVOKED, SUSPENDED = 0, 1, 2
"""Places in the status list."""

@dataclass(frozen=True)
class Workshop:
    """Who signs, under both kinds of names, at which address and when."""

    address: str
    now: datetime
    ed25519: SigningKey
    rsa: SigningKey
    p256: SigningKey
    college: SigningKey

    @classmethod
    def opened(cls, address: str, now: datetime) -> "Workshop":
        """With new keys. `address` is https, or there would be no did:web."""
        made = [SigningKey.of(keys.make(kind), rfc3339(now)) for kind in (*keys.KINDS, keys.ED25519)]
        return cls(address, now, *made)

    @property
    def ring(self) -> tuple[SigningKey, ...]:
        return self.ed25519, self.rsa, self.p256

    @property
    def by_key(self) -> Issuer:
        return Issuer(NODE, NAME, self.ed25519)

    @property
    def by_web(self) -> Issuer:
        return issuers.issuer_of(NODE, NAME, self.ed25519, self.address)

    @property
    def vouching(self) -> Issuer:
        """The college that endorses."""
        return Issuer(COLLEGE, COLLEGE_NAME, self.college)

    def list_of(self, issuer: Issuer) -> str:
        """The id of the issuer's status list."""
        return {self.by_key.did: "key", self.vouching.did: "college"}.get(issuer.did, "web")

    def sign(self, document: Document, key: SigningKey | None = None) -> Document:
        return proofs.add_proofs(document, key or self.ed25519, document["validFrom"])

    def jws(self, document: Document, key: SigningKey) -> str:
        """Under the address of the RSA key as 1EdTech has it, else under the name in the DID document."""
        name = issuers.key_address if key is self.rsa else issuers.method_of
        return tokens.sign(document, key, name(key, self.address, NODE))


def engagement(workshop: Workshop, issuer: Issuer, place: int = ENDURING, **changes: Any) -> Document:
    """Unsigned."""
    return {**documents.credential(TAKING_PART, issuer, _award(workshop, issuer, TAKING_PART, place)), **changes}


def record(workshop: Workshop, issuer: Issuer) -> Document:
    """Unsigned, with two signed credentials in it."""
    inside = [workshop.sign(each(workshop, issuer)) for each in (engagement, competency)]
    status = status_lists.entry(workshop.address, StatusPlace(workshop.list_of(issuer), ENDURING))
    return clr.unsigned(f"{workshop.address}/records/sample", "Learner record", issuer, rfc3339(workshop.now), False,
                        LEARNER, inside, status, {})


def competency(workshop: Workshop, issuer: Issuer) -> Document:
    """Unsigned, with rubric, result, evaluator and evidence."""
    document = documents.credential(BEING_ABLE, issuer, _award(workshop, issuer, BEING_ABLE, ENDURING))
    subject = document["credentialSubject"]
    levels = [{"id": f"{RUBRIC}:{name}", "type": ["RubricCriterionLevel"], "name": name, "level": str(number)}
              for number, name in enumerate(LEVELS, 1)]
    achievement = {
        **subject["achievement"],
        "alignment": [{"type": ["Alignment"], "targetName": "Keep financial records", "targetType": "ext:ESCOSkill",
                       "targetUrl": "http://data.europa.eu/esco/skill/samples", "targetFramework": "ESCO"}],
        "resultDescription": [{
            "id": RUBRIC, "type": ["ResultDescription"], "name": "Bookkeeping", "resultType": "RubricCriterionLevel",
            "requiredLevel": levels[1]["id"], "rubricCriterionLevel": levels}]}
    return {
        **document,
        "credentialSubject": {
            **subject, "achievement": achievement,
            "source": {"id": "urn:uuid:0190b3a0-4444-7444-8444-444444444444", "type": ["Profile"], "name": "Evaluator"},
            "result": [{"type": ["Result"], "resultDescription": RUBRIC, "achievedLevel": levels[2]["id"]}]},
        "evidence": [{"type": ["Evidence"], "name": "A year's books", "narrative": "Twelve months, with explanations.",
                      "genre": "Project"}]}


def endorsement(workshop: Workshop, place: int = ENDURING) -> Document:
    """A college vouches for the competency. Unsigned."""
    status = status_lists.entry(workshop.address, StatusPlace(workshop.list_of(workshop.vouching), place))
    return documents.endorsement(
        f"{workshop.address}/endorsements/sample-{place}", f"{COLLEGE_NAME}: {BEING_ABLE.name}",
        "We take it for three credits.", workshop.vouching, f"urn:uuid:{BEING_ABLE.id}", status,
        rfc3339(workshop.now))


def _award(workshop: Workshop, issuer: Issuer, achievement: Achievement, place: int) -> Award:
    number = f"{achievement.id[-4:]}{place}{workshop.list_of(issuer)}"
    return Award(
        f"{workshop.address}/credentials/sample-{number}", LEARNER,
        status_lists.entry(workshop.address, StatusPlace(workshop.list_of(issuer), place)), rfc3339(workshop.now),
        rfc3339(workshop.now), image=f"{workshop.address}/achievements/{achievement.id}/image")


def status_list(workshop: Workshop, issuer: Issuer, purpose: str) -> Document:
    """Signed under the issuer's name."""
    bits = (REVOKED, SUSPENDED) if purpose == status_lists.REVOCATION else (SUSPENDED,)
    address = status_lists.list_address(workshop.address, workshop.list_of(issuer), purpose)
    unsigned = status_lists.list_credential(address, purpose, bits, issuer.did, workshop.now, workshop.now)
    return proofs.add_proofs(unsigned, issuer.key, unsigned["validFrom"])


def endorsed(workshop: Workshop, credential: Document, vouched: Document) -> Document:
    """The credential whose achievement carries this endorsement in both forms. Unsigned."""
    college = workshop.college
    signed = Vouchers(achievement=(workshop.sign(vouched, college),))
    carrying = vouchers.carry(credential, signed)
    subject = carrying["credentialSubject"]
    achievement = {**subject["achievement"], "endorsementJwt": [tokens.sign(vouched, college, college.method)]}
    return {**carrying, "credentialSubject": {**subject, "achievement": achievement}}
