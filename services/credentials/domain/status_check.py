"""Whether a credential may be accepted, by the status lists that it names (Bitstring Status List 1.0, 3.2).

Only what a list of the credential's own issuer says counts, and only if that list is signed, in time and of the entry's
purpose. Whatever else there is, and a list that cannot be had, is unknown and never 'not revoked'.
"""

from collections.abc import Callable
from typing import Any

from services.credentials.domain import bitstring
from services.credentials.domain.bitstring import BitsUnreadable
from services.credentials.domain.reading import Reader, Unread
from services.credentials.domain.status_lists import ENTRY, LIST, LIST_CREDENTIAL, PURPOSES, REVOCATION
from services.credentials.domain.verdicts import INVALID, UNKNOWN, VALID, Verdict

MOST_ENTRIES = 2
SAID = {True: "revoked", False: "suspended"}


ListFault = Callable[[dict[str, Any]], str | None]
"""Why the list itself is not to be believed, None where it is: its signature, its dates."""


def judge(status: object, issuer: str | None, read: Reader, fault: ListFault) -> Verdict:
    """The verdict on a `credentialStatus`; of several entries the worst counts."""
    entries: list[Any] = status if isinstance(status, list) else [status]
    if not entries or not all(isinstance(each, dict) for each in entries):
        return Verdict(INVALID, "'credentialStatus' cannot be read.")
    if len(entries) > MOST_ENTRIES:
        return Verdict(UNKNOWN, f"It names more than {MOST_ENTRIES} status lists.")
    verdicts = [_entry(each, issuer, read, fault) for each in entries]
    order = (INVALID, UNKNOWN, VALID)
    return min(verdicts, key=lambda each: order.index(each.verdict))


def _entry(entry: dict[str, Any], issuer: str | None, read: Reader, fault: ListFault) -> Verdict:
    purpose, address, size = entry.get("statusPurpose"), entry.get("statusListCredential"), entry.get("statusSize", 1)
    if entry.get("type") not in (ENTRY, [ENTRY]):
        return Verdict(UNKNOWN, f"Its status is of a type that is not read here: {str(entry.get('type'))[:60]}.")
    index = _index(entry.get("statusListIndex"))
    if not isinstance(purpose, str) or not isinstance(address, str) or index is None:
        return Verdict(INVALID, "'credentialStatus' lacks its purpose, its list or its index.")
    if purpose not in PURPOSES or size != 1:
        return Verdict(UNKNOWN, f"Lists for the purpose {purpose[:60]!r}, or of several bits, are not read here.")
    try:
        found = read(address)
        is_set = bitstring.is_set(_encoded(found, address, purpose, issuer, fault), index)
    except (Unread, BitsUnreadable) as error:
        return Verdict(UNKNOWN, f"Its status cannot be told: {error}.")
    if is_set:
        return Verdict(INVALID, f"Its issuer's list says: {SAID[purpose == REVOCATION]}.")
    return Verdict(VALID, f"Not {SAID[purpose == REVOCATION]}, by its issuer's list.")


def _index(text: object) -> int | None:
    return int(text) if isinstance(text, str) and len(text) < 12 and text.isascii() and text.isdigit() else None


def _encoded(found: object, address: str, purpose: str, issuer: str | None, fault: ListFault) -> str:
    """The bits of a list that is to be believed. Raises Unread."""
    if not isinstance(found, dict) or LIST_CREDENTIAL not in _several(found.get("type")):
        raise Unread("what is at the list's address is no status list")
    if found.get("id", address) != address:
        raise Unread("the list says that it belongs at another address")
    signer = found["issuer"].get("id") if isinstance(found.get("issuer"), dict) else found.get("issuer")
    if issuer is None or signer != issuer:
        raise Unread("the list is of another issuer")
    reason = fault(found)
    if reason is not None:
        raise Unread(f"the list is not to be believed: {reason}")
    subject = found.get("credentialSubject")
    if not isinstance(subject, dict) or LIST not in _several(subject.get("type")):
        raise Unread("the list has no bits")
    encoded = subject.get("encodedList")
    if purpose not in _several(subject.get("statusPurpose")) or not isinstance(encoded, str):
        raise Unread("the list is for another purpose")
    return encoded


def _several(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]
