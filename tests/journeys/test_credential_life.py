"""What an issuer decides after issuing reaches whoever looks: its own calls, anyone's list, the patron, partners."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import jwt
import pytest
from jwt import PyJWK
from openbadgeslib.ob3 import check_credential_status
from openbadgeslib.ob3.ldp import OB3LdpVerifier
from openbadgeslib.ob3.verifier import OB3VerificationError, OB3Verifier

from libranet.local import Platform
from tests.journeys.door import Answer, Door, is_problem
from tests.journeys.stage import ISSUE, LIBRARY, SHARE, Keys, Stage, first_told, libranet
from tests.patience import until

pytestmark = pytest.mark.real
LOOKED_UP_WITHIN_SECONDS = 300
CHECKS = ("signature", "dates", "status", "issuer")


@pytest.fixture(scope="module")
def scene(platform: Platform, keys: Keys) -> Iterator[Stage]:
    with Stage(platform, keys) as stage:
        yield stage


def shared_credential(scene: Stage, patron: str) -> dict[str, Any]:
    earned = scene.completed(patron, scene.course())
    return dict(scene.library.ask("POST", f"/v1/credentials/{earned['id']}/share", {}))


def decided(scene: Stage, credential: dict[str, Any], what: str) -> dict[str, Any]:
    body = {} if what == "reinstate" else {"reason": "The wrong course was reported."}
    return dict(scene.library.ask("POST", f"/v1/credentials/{credential['id']}/{what}", body))


def status_list(door: Door, document: dict[str, Any]) -> Answer:
    """What anyone gets at the address that the credential names."""
    return door.ask("GET", list_path(document))


def judged_by_others(door: Door, document: dict[str, Any]) -> None:
    """By a library that is not ours, from what anyone can fetch. Raises OB3VerificationError."""
    read = OB3LdpVerifier.for_issuer_did(document["issuer"]["id"]).verify(document)
    check_credential_status(read, lambda _url: status_list(door, document).data)


def status(scene: Stage, document: dict[str, Any]) -> tuple[str, str]:
    verdict = scene.stranger.ask("POST", "/v1/verifications", {"credential": document})["status"]
    return verdict["verdict"], verdict["reason"]


def judged(scene: Stage, given: dict[str, Any]) -> dict[str, str]:
    """Our own verdicts, by check."""
    found = scene.stranger.ask("POST", "/v1/verifications", given)
    return {name: found[name]["verdict"] for name in CHECKS}


def in_form(door: Door, credential: dict[str, Any], form: str) -> str:
    """The credential as anyone gets it in this form."""
    answer = door.ask("GET", f"/credentials/{credential['public_id']}?form={form}")
    assert answer.headers["content-type"] == "application/jwt"
    return str(answer.data.decode())


def token_judged_by_others(door: Door, token: str) -> str:
    """With the key at the address that the JWS names; gives the purpose of its list. Raises OB3VerificationError."""
    key = PyJWK(door.ask("GET", urlsplit(jwt.get_unverified_header(token)["kid"]).path).json).key
    read = OB3Verifier(key).verify(token)
    status = jwt.decode(token, options={"verify_signature": False})["credentialStatus"]
    check_credential_status(read, lambda _url: door.ask("GET", urlsplit(status["statusListCredential"]).path).data)
    return str(status["statusPurpose"])


def list_path(document: dict[str, Any]) -> str:
    return urlsplit(document["credentialStatus"]["statusListCredential"]).path


def max_age(answer: Answer) -> int:
    return int(answer.headers["cache-control"].partition("max-age=")[2])


def test_a_revocation_reaches_everybody(scene: Stage, door: Door) -> None:
    college, patron = scene.college_listens("credential-revoked"), scene.patron(ISSUE, SHARE)
    credential = shared_credential(scene, patron)
    document = credential["credential"]
    judged_by_others(door, document)
    assert status(scene, document)[0] == "valid"
    before = status_list(door, document)
    assert max_age(before) <= LOOKED_UP_WITHIN_SECONDS
    decided(scene, credential, "revoke")
    after = status_list(door, document)
    assert after.headers["etag"] != before.headers["etag"]
    with pytest.raises(OB3VerificationError, match="'revocation' is set"):
        judged_by_others(door, document)
    assert status(scene, document)[0] == "invalid"
    [shown] = scene.credentials(patron)
    assert (shown["status"], shown["status_reason"]) == ("revoked", "The wrong course was reported.")
    public = door.ask("GET", f"/credentials/{credential['public_id']}")
    assert public.headers["libranet-credential-status"] == "revoked"
    assert "The wrong course" not in str(public.json)
    told = first_told(college, "credential-revoked")
    assert told["body"]["data"]["public_id"] == credential["public_id"]
    refused = door.ask("POST", f"/v1/credentials/{credential['id']}/reinstate", "library", b"{}")
    assert is_problem(refused, 409)


def test_a_suspension_is_taken_back_and_every_copy_is_good_again(scene: Stage, door: Door) -> None:
    credential = shared_credential(scene, scene.patron(ISSUE))
    document = credential["credential"]
    decided(scene, credential, "suspend")
    with pytest.raises(OB3VerificationError):
        judged_by_others(door, document)
    assert status(scene, document) == ("invalid", "This platform's own record says: suspended.")
    assert decided(scene, credential, "reinstate")["status"] == "issued"
    judged_by_others(door, document)
    assert status(scene, document)[0] == "valid"


def test_an_unchanged_list_is_not_sent_again(scene: Stage, door: Door) -> None:
    document = shared_credential(scene, scene.patron(ISSUE))["credential"]
    first = status_list(door, document)
    again = door.ask("GET", list_path(document), headers={"If-None-Match": first.headers["etag"]})
    assert again.status == 304


def test_an_erasure_takes_the_person_and_leaves_the_entry(scene: Stage, door: Door) -> None:
    patron = scene.patron(ISSUE)
    credential = shared_credential(scene, patron)
    document = credential["credential"]
    decided(scene, credential, "revoke")
    erasure = scene.library.ask("DELETE", f"/v1/patrons/{patron}")["id"]
    until(lambda: scene.library.ask("GET", f"/v1/erasures/{erasure}")["complete"], what="the erasure")
    assert is_problem(door.ask("GET", f"/credentials/{credential['public_id']}"), 410)
    with pytest.raises(OB3VerificationError, match="'revocation' is set"):
        judged_by_others(door, document)
    assert status(scene, document) == ("invalid", "Its issuer's list says: revoked.")
    entries = list(scene.mongo["libranet_credentials"].status_entries.find())
    assert not any(patron in str(each) or credential["id"] in str(each) for each in entries)


def test_after_a_rotation_a_revoked_credential_is_refused_in_every_form(
        scene: Stage, platform: Platform, door: Door) -> None:
    before = shared_credential(scene, scene.patron(ISSUE))
    rotated = libranet(platform, "issuer-keys", "rotate", LIBRARY, "--kind", "Ed25519")
    after = shared_credential(scene, scene.patron(ISSUE))
    assert after["credential"]["proof"][0]["verificationMethod"].rpartition("#")[2] in rotated
    for credential in (before, after):
        document, token = credential["credential"], in_form(door, credential, "jws")
        for form in ({"credential": document}, {"jws": token}):
            assert judged(scene, form) == dict.fromkeys(CHECKS, "valid")
        assert token_judged_by_others(door, token) == "revocation"
        judged_by_others(door, document)
        decided(scene, credential, "revoke")
        expected = {**dict.fromkeys(CHECKS, "valid"), "status": "invalid"}
        for form in ({"credential": document}, {"jws": token}, {"jws": in_form(door, credential, "jwt_vc_json")}):
            assert judged(scene, form) == expected
        with pytest.raises(OB3VerificationError, match="'revocation' is set"):
            judged_by_others(door, document)
        with pytest.raises(OB3VerificationError, match="'revocation' is set"):
            token_judged_by_others(door, token)


def test_a_status_list_is_signed_twice_in_the_name_that_its_credentials_have(
        scene: Stage, platform: Platform, door: Door) -> None:
    before = shared_credential(scene, scene.patron(ISSUE))["credential"]
    libranet(platform, "issuer-keys", "rotate", LIBRARY, "--kind", "Ed25519")
    after = shared_credential(scene, scene.patron(ISSUE))["credential"]
    for document in (before, after):
        listed = status_list(door, document).json
        assert listed["issuer"] == document["issuer"]["id"]
        assert [each["cryptosuite"] for each in listed["proof"]] == ["eddsa-rdfc-2022", "eddsa-jcs-2022"]
        assert {each["verificationMethod"] for each in listed["proof"]} == {
            each["verificationMethod"] for each in document["proof"]}
        found = judged(scene, {"credential": listed})
        assert (found["signature"], found["dates"], found["issuer"]) == ("valid", "valid", "valid")
        longer = {**listed, "validUntil": "2099-01-01T00:00:00Z"}
        assert judged(scene, {"credential": longer})["signature"] == "invalid"
