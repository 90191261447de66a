"""Both cryptosuites step by step, and the fast bytes against those of two reference libraries."""

import copy
from hashlib import sha256
from typing import Any

import pytest
import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from pyld import jsonld

from contracts.standards import contexts
from services.credentials.domain import canonical_json, didkeys, guard, linked_data, proofs, skeletons
from services.credentials.domain.refusals import DocumentUnsound

KEY = proofs.SigningKey.of(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
CREATED = "2026-11-21T09:30:00Z"
CONTEXTS = ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"]
DEMANDING = st.sampled_from([
    "", '"', "\\", '" .\n<urn:s> <urn:p> "', "%s %d %%", "\t\n\r", "\u2028", "\u200f\u05d0\u0628",
    "\U0001f600\U0010fffd", "é", "e\u0301", "_:b0", "https://x.example/", "urn:x:y", "@id", "\u0085\u00a0\ufeff",
    "^^<urn:t>", "@en", "\x7f", "\x01"])
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | DEMANDING | st.builds(
    str.__add__, DEMANDING, st.text(st.characters(exclude_categories=["Cs"]), max_size=8))
ADDRESS = st.builds(str.__add__, st.sampled_from(["https://x.example/", "urn:x:", "did:key:z", "urn:uuid:"]),
                    st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=12))
TIME = st.sampled_from(["2026-11-21T09:30:00Z", "2026-11-20T18:00:00.123+02:00"])


def some(**members: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """An object with any of these members."""
    return st.fixed_dictionaries({}, optional=members)


def kind(name: str, /, **optional: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return some(**optional).map(lambda members: {"type": [name], **members})


ALIGNMENT = kind("Alignment", targetName=TEXT, targetUrl=ADDRESS, targetCode=TEXT, targetDescription=TEXT,
                 targetFramework=TEXT, targetType=st.sampled_from(["CFItem", "ext:esco", "ceasn:Competency"]))
LEVEL = st.tuples(ADDRESS, kind("RubricCriterionLevel", name=TEXT, description=TEXT, level=TEXT, points=TEXT,
                                alignment=st.lists(ALIGNMENT, max_size=2))).map(lambda pair: {"id": pair[0], **pair[1]})
RESULT_DESCRIPTION = st.tuples(ADDRESS, kind(
    "ResultDescription", name=TEXT, resultType=st.sampled_from(["RubricCriterionLevel", "Percent"]),
    allowedValue=st.lists(TEXT, max_size=3), requiredLevel=ADDRESS, requiredValue=TEXT, valueMin=TEXT, valueMax=TEXT,
    rubricCriterionLevel=st.lists(LEVEL, max_size=3))).map(lambda pair: {"id": pair[0], **pair[1]})
IMAGE = st.tuples(ADDRESS, some(caption=TEXT)).map(lambda pair: {"id": pair[0], "type": "Image", **pair[1]})
ACHIEVEMENT = st.tuples(ADDRESS, kind(
    "Achievement", name=TEXT, description=TEXT, criteria=some(narrative=TEXT, id=ADDRESS), inLanguage=TEXT,
    achievementType=TEXT, alignment=st.lists(ALIGNMENT, max_size=3), tag=st.lists(TEXT, max_size=3), version=TEXT,
    image=IMAGE, resultDescription=st.lists(RESULT_DESCRIPTION, max_size=2),
    otherIdentifier=st.lists(kind("IdentifierEntry", identifier=TEXT, identifierType=TEXT), max_size=2))
).map(lambda pair: {"id": pair[0], **pair[1]})
PROFILE = st.tuples(ADDRESS, kind("Profile", name=TEXT, description=TEXT, url=ADDRESS, email=TEXT, image=IMAGE)).map(
    lambda pair: {"id": pair[0], **pair[1]})
SUBJECT = kind(
    "AchievementSubject", id=ADDRESS, achievement=ACHIEVEMENT, source=PROFILE, narrative=TEXT, role=TEXT, term=TEXT,
    activityStartDate=TIME, activityEndDate=TIME, licenseNumber=TEXT, image=IMAGE,
    identifier=st.lists(kind("IdentityObject", hashed=st.booleans(), identityHash=TEXT, identityType=TEXT), max_size=2),
    result=st.lists(kind("Result", achievedLevel=ADDRESS, value=TEXT, resultDescription=ADDRESS, status=TEXT,
                         alignment=st.lists(ALIGNMENT, max_size=1)), max_size=3))
EVIDENCE = kind("Evidence", id=ADDRESS, name=TEXT, narrative=TEXT, description=TEXT, genre=TEXT, audience=TEXT)
STATUS = kind("BitstringStatusListEntry", id=ADDRESS, statusPurpose=TEXT, statusListIndex=TEXT,
              statusListCredential=ADDRESS)
CREDENTIAL = st.tuples(ADDRESS, PROFILE | ADDRESS, TIME, SUBJECT, some(
    name=TEXT, description=TEXT, validUntil=TIME, awardedDate=TIME, image=IMAGE,
    evidence=st.lists(EVIDENCE, max_size=3), credentialStatus=STATUS, endorsementJwt=st.lists(TEXT, max_size=2),
    credentialSchema=st.lists(st.builds(lambda own: {"id": own, "type": "JsonSchema"}, ADDRESS), max_size=1),
    termsOfUse=st.lists(st.builds(lambda own: {"id": own, "type": "Related"}, ADDRESS), max_size=1))).map(
    lambda parts: {"@context": CONTEXTS, "id": parts[0], "type": ["VerifiableCredential", "OpenBadgeCredential"],
                   "issuer": parts[1], "validFrom": parts[2], "credentialSubject": parts[3], **parts[4]})


def unsigned(**changes: Any) -> dict[str, Any]:
    return {
        "@context": CONTEXTS, "id": "https://college.example/c/1",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": KEY.did, "type": ["Profile"], "name": "Lakeside"}, "validFrom": "2026-11-20T09:00:00Z",
        "credentialSubject": {
            "id": "did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH", "type": ["AchievementSubject"],
            "achievement": {"id": "urn:x:a", "type": ["Achievement"], "name": "Welding \U0001f525",
                            "description": "Welds.", "criteria": {"narrative": "Weld \"well\".\n"}}},
        **changes}


def by_pyld(document: dict[str, Any]) -> bytes:
    """The canonical form as PyLD makes it by itself."""
    text: str = jsonld.normalize(document, {
        "algorithm": "URDNA2015", "format": "application/n-quads",
        "documentLoader": lambda url, _: {"contextUrl": None, "documentUrl": url, "document": contexts()[url]}})
    return text.encode()


# the steps of the recommendation, with libraries alone

def test_the_rdfc_proof_is_what_the_steps_of_the_recommendation_give() -> None:
    signed = proofs.add_proofs(unsigned(), KEY, CREATED, [proofs.RDFC])
    [proof] = signed["proof"]
    options = {key: value for key, value in proof.items() if key != "proofValue"}
    assert options == {"type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022", "created": CREATED,
                       "verificationMethod": KEY.method, "proofPurpose": "assertionMethod"}
    hashes = sha256(by_pyld({"@context": CONTEXTS, **options})).digest() + sha256(by_pyld(unsigned())).digest()
    assert didkeys.decode_base58(proof["proofValue"]) == KEY.sign(hashes)


def test_the_jcs_proof_is_what_the_steps_of_the_recommendation_give() -> None:
    signed = proofs.add_proofs(unsigned(), KEY, CREATED, [proofs.JCS])
    [proof] = signed["proof"]
    options = {key: value for key, value in proof.items() if key != "proofValue"}
    assert options["@context"] == CONTEXTS
    hashes = sha256(rfc8785.dumps(options)).digest() + sha256(rfc8785.dumps(unsigned())).digest()
    assert didkeys.decode_base58(proof["proofValue"]) == KEY.sign(hashes)


def test_the_jcs_proof_of_a_text_that_is_written_here_keeps_its_bytes() -> None:
    """Ed25519 is deterministic (RFC 8032): whatever changes these bytes makes proofs that others refuse."""
    written = canonical_json.canonical({"b": [1, True, "\u20ac\n\x0f"], "a": {"\u00f6": '"\\/', "z": -3}})
    assert written == '{"a":{"z":-3,"ö":"\\"\\\\/"},"b":[1,true,"€\\n\\u000f"]}'.encode()


@pytest.mark.parametrize("suite", proofs.SUITES)
def test_each_proof_holds_by_itself_and_for_nothing_else(suite: str) -> None:
    [proof] = proofs.add_proofs(unsigned(), KEY, CREATED, [suite])["proof"]
    key = KEY.public
    assert proofs.holds(unsigned(), proof, key)
    assert not proofs.holds(unsigned(name="Another"), proof, key)
    assert not proofs.holds(unsigned(), {**proof, "created": "2026-11-21T09:30:01Z"}, key)
    assert not proofs.holds(unsigned(), proof, Ed25519PrivateKey.generate().public_key())
    assert not proofs.holds(unsigned(), {**proof, "proofValue": didkeys.encode_base58(bytes(63))}, key)


def test_a_jcs_proof_speaks_for_contexts_that_begin_with_its_own() -> None:
    [proof] = proofs.add_proofs(unsigned(), KEY, CREATED, [proofs.JCS])["proof"]
    key = KEY.public
    longer = [*CONTEXTS, "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"]
    assert proofs.holds(unsigned(**{"@context": longer}), proof, key)
    assert not proofs.holds(unsigned(**{"@context": CONTEXTS[:1]}), proof, key)
    assert not proofs.holds(unsigned(**{"@context": CONTEXTS[::-1]}), proof, key)


def test_the_two_suites_do_not_stand_for_each_other() -> None:
    rdfc, jcs = proofs.add_proofs(unsigned(), KEY, CREATED)["proof"]
    for proof, other in ((rdfc, proofs.JCS), (jcs, proofs.RDFC)):
        assert not proofs.holds(unsigned(), {**proof, "cryptosuite": other}, KEY.public)


# the fast bytes are the reference's

@settings(max_examples=2000, deadline=None)
@given(CREDENTIAL)
def test_the_fast_digest_is_that_of_pyld_and_pyoxigraph_for_every_optional_member(document: dict[str, Any]) -> None:
    try:
        expected = linked_data.digest(document)
    except linked_data.TooAmbiguous:
        return
    assert skeletons.digest(document) == expected


@settings(max_examples=60, deadline=None)
@given(CREDENTIAL)
def test_the_canonical_form_by_pyoxigraph_is_that_of_pyld(document: dict[str, Any]) -> None:
    document = writable(document)
    if linked_data.permutations(linked_data.quads(document)) <= 24:
        assert linked_data.canonical(linked_data.quads(document)) == by_pyld(document)


def writable(value: Any) -> Any:
    """Without the control characters, which PyLD writes in its own way and which are never signed."""
    if isinstance(value, dict):
        return {key: writable(each) for key, each in value.items()}
    if isinstance(value, list):
        return [writable(each) for each in value]
    return guard.UNWRITABLE.sub("?", value) if isinstance(value, str) else value


@settings(max_examples=40, deadline=None)
@given(documents=st.lists(st.lists(TEXT, min_size=6, max_size=6), min_size=2, max_size=4))
def test_documents_of_one_shape_differ_by_their_texts_alone(documents: list[list[str]]) -> None:
    """The second document meets the skeleton of the first."""
    for name, description, criteria, code, narrative, more in documents:
        evidence = [{"type": ["Evidence"], "narrative": each} for each in (narrative, more)]
        document = unsigned(name=name, evidence=evidence)
        document["credentialSubject"]["achievement"] |= {
            "description": description, "criteria": {"narrative": criteria},
            "alignment": [{"type": ["Alignment"], "targetName": code, "targetUrl": "urn:x:1"}]}
        assert skeletons.digest(document) == linked_data.digest(document)


@settings(max_examples=50, deadline=None)
@given(tail=st.text(max_size=30), place=st.sampled_from(["credential", "subject", "issuer", "evidence", "status"]))
def test_no_address_can_add_a_quad(tail: str, place: str) -> None:
    document = unsigned(evidence=[{"id": "urn:x:e", "type": ["Evidence"]}], credentialStatus={
        "id": "urn:x:s", "type": "BitstringStatusListEntry", "statusListCredential": "urn:x:l"})
    for start in ("https://x.example/", "urn:x:", "did:x:", ""):
        changed = copy.deepcopy(document)
        spot = {"credential": changed, "subject": changed["credentialSubject"], "issuer": changed["issuer"],
                "evidence": changed["evidence"][0], "status": changed["credentialStatus"]}[place]
        spot["id"] = f"{start}{tail}"
        assert outcome(skeletons.digest, changed) == outcome(linked_data.digest, changed)


@pytest.mark.parametrize("keyword", ["@json", "@id", "@none", "@anything"])
@pytest.mark.parametrize("member", ["id", "type"])
def test_a_keyword_is_no_address_and_no_type(keyword: str, member: str) -> None:
    """JSON-LD would drop it, and whoever put it there would go unnoticed."""
    node = {"id": "urn:x:e", "type": ["Evidence"]}
    changed = unsigned(evidence=[{**node, member: keyword if member == "id" else ["Evidence", keyword]}])
    assert outcome(skeletons.digest, changed) is outcome(linked_data.digest, changed) is linked_data.NotCovered


@pytest.mark.parametrize("added", [
    {"@language": "convicted"}, {"@value": None, "@language": "convicted"}, {"@direction": "rtl"},
    {"convicted": None}, {"convicted": []}, {"convicted": [None, []]}, [{"@language": "convicted"}]])
@pytest.mark.parametrize("place", ["description", "evidence"])
def test_nothing_can_be_added_that_json_ld_leaves_out(added: Any, place: str) -> None:
    changed = unsigned(**{place: added if place == "description" else [{"type": ["Evidence"], "genre": added}]})
    assert outcome(skeletons.digest, changed) is outcome(linked_data.digest, changed) is linked_data.NotCovered


@pytest.mark.parametrize("nothing", [None, [], [None]])
def test_a_term_that_holds_nothing_says_nothing(nothing: Any) -> None:
    """As other issuers write it."""
    assert skeletons.digest(unsigned(evidence=nothing)) == skeletons.digest(unsigned())


@pytest.mark.parametrize("said", [{"@value": "Schweißen", "@language": "de"}, {"@value": "x", "@direction": "rtl"}])
def test_a_text_may_name_its_language_and_direction(said: dict[str, str]) -> None:
    document = unsigned(name=said)
    assert skeletons.digest(document) == linked_data.digest(document) != skeletons.digest(unsigned())


def outcome(digest: Any, document: dict[str, Any]) -> object:
    try:
        return digest(document)
    except (linked_data.NotCovered, linked_data.TooAmbiguous, UnicodeError) as error:
        return type(error)


def test_shapes_that_strangers_send_do_not_fill_the_memory() -> None:
    kept = skeletons._skeleton.kept()
    evidence = [{"type": ["Evidence"], "name": str(number)} for number in range(250)]
    assert skeletons.digest(unsigned(evidence=evidence)) == linked_data.digest(unsigned(evidence=evidence))
    assert skeletons._skeleton.kept() == kept


def test_two_ids_that_become_one_are_one_node() -> None:
    for own in ("urn:x:a", "urn:x:b"):
        document = unsigned(evidence=[{"id": "urn:x:a", "type": ["Evidence"], "name": "n"},
                                      {"id": own, "type": ["Evidence"], "name": "n"}])
        assert skeletons.digest(document) == linked_data.digest(document)


def test_nodes_that_look_alike_take_the_plain_way() -> None:
    for names in (["one", "two"], ["same", "same"]):
        document = unsigned(evidence=[{"type": ["Evidence"], "name": name} for name in names])
        assert skeletons.digest(document) == linked_data.digest(document)


def test_a_node_with_two_links_of_one_kind_has_both() -> None:
    document = unsigned(evidence=[{"type": ["Evidence"], "name": "one"}, {"type": ["Evidence"], "name": "two"}])
    del document["credentialSubject"]["id"]
    document["credentialSubject"]["identifier"] = [{"type": ["IdentityObject"]},
                                                   {"type": ["IdentityObject"], "hashed": False}]
    assert skeletons.digest(document) == linked_data.digest(document)


@pytest.mark.parametrize("prefix", ["http", "https", "urn", "did"])
def test_no_kept_context_makes_a_prefix_of_what_begins_a_whole_address(prefix: str) -> None:
    assert not any(prefix in terms for document in contexts().values() for terms in scopes(document))


def scopes(node: object) -> list[dict[str, Any]]:
    if isinstance(node, list):
        return [found for each in node for found in scopes(each)]
    return [node, *(found for each in node.values() for found in scopes(each))] if isinstance(node, dict) else []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])) | DEMANDING,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
        | st.sampled_from(["\ue000", "\U00010000", "é", "e"]), inner, max_size=5), max_leaves=20)


@settings(max_examples=200, deadline=None)
@given(JSON)
def test_the_fast_canonical_json_is_that_of_the_reference(document: Any) -> None:
    try:
        expected = rfc8785.dumps(document)
    except rfc8785.CanonicalizationError:
        with pytest.raises(canonical_json.NotCanonical):
            canonical_json.canonical(document)
    else:
        assert canonical_json.canonical(document) == expected


@pytest.mark.parametrize("document", ["\ud800", {"\udfff": 1}, 2**53, [-(2**60)], 10**30, float("inf")])
def test_what_has_no_canonical_form_is_not_signed(document: Any) -> None:
    with pytest.raises(canonical_json.NotCanonical):
        canonical_json.canonical(document)


@pytest.mark.parametrize("suite", proofs.SUITES)
def test_the_guard_stands_before_every_signature(suite: str) -> None:
    with pytest.raises(DocumentUnsound):
        proofs.add_proofs(unsigned(evidence=[]), KEY, CREATED, [suite])


def test_an_ed25519_signature_is_over_the_hashes_of_options_and_document() -> None:
    [proof] = proofs.add_proofs(unsigned(), KEY, CREATED, [proofs.JCS])["proof"]
    with pytest.raises(InvalidSignature):
        KEY.public.verify(didkeys.decode_base58(proof["proofValue"]), rfc8785.dumps(unsigned()))
