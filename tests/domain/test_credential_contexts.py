"""The kept contexts are the published ones, and nothing else is ever read."""

import hashlib
import json

import pytest

from contracts import standards
from services.credentials.domain import linked_data

VC = "https://www.w3.org/2018/credentials#"


@pytest.mark.parametrize("path", sorted(standards.manifest()))
def test_every_kept_file_has_the_hash_of_its_manifest(path: str) -> None:
    raw = (standards.FOLDER / path).read_bytes()
    assert hashlib.sha256(raw).hexdigest() == standards.manifest()[path]["sha256"]


def test_every_kept_file_is_in_the_manifest_with_source_version_and_licence() -> None:
    kept = {str(path.relative_to(standards.FOLDER)) for path in standards.FOLDER.glob("jsonld/*")}
    assert kept == set(standards.manifest())
    for entry in standards.manifest().values():
        assert {"url", "standard", "version", "licence", "sha256"} <= set(entry)


def test_the_open_badges_context_is_the_text_of_the_1edtech_validator() -> None:
    entry = standards.manifest()["jsonld/ob-v3p0-context-3.0.3.json"]
    text = json.dumps(standards.contexts()[entry["url"]], sort_keys=True, separators=(",", ":"))
    assert hashlib.sha256(text.encode()).hexdigest() == entry["sha256_of_compact_sorted_json"]


def test_what_is_judged_by_name_has_one_name_in_all_kept_contexts() -> None:
    judged = {f"{VC}{name}": name for name in ("validFrom", "validUntil", "credentialStatus", "issuer",
                                               "credentialSubject")} | {"@id": "id", "@type": "type"}
    for document in standards.contexts().values():
        for term, address in _terms(document):
            assert address not in judged or judged[address] == term


def test_a_context_that_is_not_kept_is_refused_and_not_fetched() -> None:
    with pytest.raises(linked_data.ContextUnknown, match="never fetched"):
        linked_data.quads({"@context": ["https://example.org/v1"], "id": "urn:x"})


def _terms(node: object) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    if isinstance(node, dict):
        for key, value in node.items():
            if not key.startswith("@"):
                address = value.get("@id") if isinstance(value, dict) else value
                found += [(key, address)] if isinstance(address, str) else []
            found += _terms(value)
    return found
