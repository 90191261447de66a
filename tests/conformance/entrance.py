"""A VC-API entrance (issue, verify) over the rules of services/credentials, for suites that others wrote.

Loopback only and never deployed: it signs what it is handed, with a key that everybody can read here. Two things are
wider than in the service, because suites ask for them: contexts that the suite brings are in the store, also those that
a document writes out itself, and the Data Model 1.1 is read besides 2.0.
"""

from hashlib import sha256
from typing import Any
from unittest import mock

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from werkzeug.wrappers import Request, Response

from contracts.standards import contexts
from libranet.clock import now, rfc3339
from services.credentials.domain import proofs, signature_check
from services.credentials.domain.issuers import Book
from services.credentials.domain.keys import SigningKey
from services.credentials.domain.reading import nowhere
from services.credentials.domain.sources import Sources
from services.credentials.domain.verdicts import VALID
from services.credentials.domain.verification import verify

KEY = SigningKey.of(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
DATA_MODEL_1 = "https://www.w3.org/2018/credentials/v1"
DATA_INTEGRITY = "https://w3id.org/security/data-integrity/v2"
ISSUE = {"/issue": proofs.SUITES, "/rdfc/issue": (proofs.RDFC,), "/jcs/issue": (proofs.JCS,)}
"""Which proofs are made at which path; a suite asks for one cryptosuite at a time."""
VERIFY = "/verify"


def keep(more: dict[str, dict[str, Any]]) -> None:
    """Adds contexts by their addresses to the store of this process; those that are kept already stay."""
    contexts().update({address: text for address, text in more.items() if address not in contexts()})


@Request.application
def entrance(request: Request) -> Response:
    """`POST /issue` with `credential`, `POST /verify` with `verifiableCredential` (VC API 0.7); 400 for whatever does
    not hold."""
    try:
        asked = orjson.loads(request.get_data())
        if request.path in ISSUE:
            return _answer(201, issued(asked["credential"], ISSUE[request.path]))
        if request.path == VERIFY:
            why_not = refusal(asked["verifiableCredential"])
            return _answer(400 if why_not else 200, {"verified": not why_not, "errors": [why_not] if why_not else []})
        return _answer(404, {"errors": ["There is no such path."]})
    except Exception as error:  # noqa: BLE001 - suites send whatever is wrong, and want to be told so
        return _answer(400, {"errors": [f"{type(error).__name__}: {error}"]})


def issued(credential: dict[str, Any], suites: tuple[str, ...]) -> dict[str, Any]:
    """The signed credential. The Data Model 1.1 has no words for these proofs, so their own context is added."""
    named = credential["@context"]
    if DATA_MODEL_1 in named and DATA_INTEGRITY not in named:
        credential = {**credential, "@context": [*named, DATA_INTEGRITY]}
    return proofs.add_proofs(credential, KEY, rfc3339(now()), suites)


def refusal(credential: Any) -> str | None:
    """Why its proofs do not hold; None where they do."""
    base = signature_check.BASE_CONTEXT
    if isinstance(credential, dict) and isinstance(credential.get("@context"), list):
        named = [_address_of(each) if isinstance(each, dict) else each for each in credential["@context"]]
        credential, base = {**credential, "@context": named}, DATA_MODEL_1 if named[:1] == [DATA_MODEL_1] else base
    sources = Sources(now(), Book({}, {}), lambda own_id: None, nowhere, lambda own_id: [])
    with mock.patch.object(signature_check, "BASE_CONTEXT", base):
        found = verify(credential, sources).signature
    return None if found.verdict == VALID else found.reason


def _address_of(context: dict[str, Any]) -> str:
    """Under which a context that was written out is kept: the statements that it makes are the same."""
    address = f"urn:libranet:context:{sha256(orjson.dumps(context)).hexdigest()}"
    keep({address: {"@context": context.get("@context", context)}})
    return address


def _answer(status: int, document: Any) -> Response:
    return Response(orjson.dumps(document), status, content_type="application/json")
