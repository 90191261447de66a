"""What is shown for a competency: how it is kept, what of it a credential remembers, and what becomes public."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from services.credentials.domain.achievements import check_texts
from services.credentials.domain.linked_data import is_address
from services.credentials.domain.refusals import EvidenceUnfit

Evidence = dict[str, Any]
"""`name`, and `narrative`, `url` or `file` (with `id`, `blob`, `name`, `media_type`, `bytes` and `sha256`)."""
CONFIDENTIAL = {
    "type": ["Evidence"],
    "name": "Assessment",
    "genre": "Assessment",
    "narrative": "Assessed by the evaluators named as source. What they saw stays with them.",
}


def check(evidence: Sequence[Evidence], platform: str) -> None:
    """Raises EvidenceUnfit or TextUnsuitable, with the field, for what no credential can show."""
    check_texts(list(evidence), "/evidence")
    for place, each in enumerate(evidence):
        earlier = evidence[:place]
        if "url" in each:
            _check_url(each["url"], platform, [other.get("url") for other in earlier], f"/evidence/{place}/url")
        if _document(each) in [_document(other) for other in earlier]:
            raise EvidenceUnfit("This piece is there twice.", f"/evidence/{place}")


def _check_url(url: str, platform: str, earlier: list[str | None], field: str) -> None:
    """An address here would be taken for what it names: for the issuer, or for the credential itself."""
    if url in earlier:
        raise EvidenceUnfit("This address is there twice.", field)
    if not is_address(url):
        raise EvidenceUnfit("Write the whole address, without blanks and brackets.", field)
    if url.startswith(f"{platform}/") and not url.startswith(f"{platform}/credentials/"):
        raise EvidenceUnfit("Of this platform, only shared credentials can be evidence.", field)


def without_blobs(evidence: Sequence[Evidence]) -> list[Evidence]:
    """As people see it: files by id, not by where they are kept."""
    return [{**each, "file": _file(each["file"])} if "file" in each else each for each in evidence]


def withheld(evidence: Sequence[Evidence]) -> list[Evidence]:
    """Of each piece only what proves later which one it was."""
    return [{"sha256": _digest(each)} for each in evidence]


def documents(snapshot: Sequence[Evidence], is_secret: bool) -> list[dict[str, Any]]:
    """As Open Badges 3.0 has it (B.1.7), of what `without_blobs` gave. A file does not become public, only what it is
    called and its hash. Of secret evidence there is only that it was there."""
    return [CONFIDENTIAL] if is_secret else [_document(each) for each in snapshot]


def _document(evidence: Evidence) -> dict[str, Any]:
    document: dict[str, Any] = {"type": ["Evidence"], "name": evidence["name"]}
    if "url" in evidence:
        document["id"] = evidence["url"]
    if "narrative" in evidence:
        document["narrative"] = evidence["narrative"]
    if "file" in evidence:
        name, media_type, size, digest = (evidence["file"][each] for each in ("name", "media_type", "bytes", "sha256"))
        document["description"] = f"{name} ({media_type}, {size} bytes), SHA-256 {digest}"
    return document


def _file(file: Mapping[str, Any]) -> dict[str, Any]:
    return {name: each for name, each in file.items() if name != "blob"}


def _digest(evidence: Evidence) -> str:
    return hashlib.sha256(orjson.dumps(without_blobs([evidence]), option=orjson.OPT_SORT_KEYS)).hexdigest()
