"""Erasures as callers and the answering services meet them."""

from typing import Any

import pytest

from contracts.principal import PUBLIC, Principal
from libranet import jws
from libranet.clock import parse_rfc3339
from libranet.ids import new_id
from libranet.testing import an_event
from services.profiles.erasures.domain.refusals import ErasureUnfinished, ErasureUnknown
from services.profiles.erasures.service import erasure_answerers
from services.profiles.erasures.store import COLLECTIONS
from services.profiles.patrons.domain.refusals import PatronUnknown
from tests.services.profiles_desk import HILL, RIVERSIDE, Desk
from tests.services.profiles_desk import desk as desk


def test_an_erased_patron_leaves_ids_only(desk: Desk) -> None:
    patron, neighbour = desk.register(name="Ana"), desk.register(name="Ben")
    desk.decide(patron, True)
    desk.decide(neighbour, True)
    desk.remember_answer(patron, "Ana")
    answer = desk.call("erase_patron", RIVERSIDE, patron=patron)
    assert (answer.status, answer.body["complete"], answer.about) == (202, False, None)
    assert answer.body["answers"] == dict.fromkeys(["analytics", "credentials", "deliveries", "learning"], "pending")
    assert answer.headers["Location"] == answer.body["href"] == f"/v1/erasures/{answer.body['id']}"
    rows = desk.rows()
    assert "Ana" not in repr(rows)
    assert [name for name in rows if patron in repr(rows[name])] == ["erasures"]
    assert [each["_id"] for each in rows["patrons"]] == [neighbour]
    with pytest.raises(PatronUnknown):
        desk.call("get_patron", RIVERSIDE, patron=patron)


def test_an_erasure_asked_for_again_is_the_same_and_told_once(desk: Desk) -> None:
    patron = desk.register()
    first = desk.call("erase_patron", RIVERSIDE, patron=patron)
    assert desk.call("erase_patron", RIVERSIDE, patron=patron) == first
    assert desk.told() == ["patron-registered", "patron-erased"]
    with pytest.raises(PatronUnknown):
        desk.call("erase_patron", HILL, patron=patron)


def erased(service: str, patron: str, erasure: str) -> Any:
    return an_event(f"org.libranet.{service}.patron-data-erased.v1", {
        "patron": patron, "erasure": erasure, "erased_at": "2026-11-21T10:00:01.000Z", "deleted": 4}, subject=patron)


def test_an_erasure_is_complete_when_all_have_answered(desk: Desk) -> None:
    patron = desk.register()
    erasure = desk.call("erase_patron", RIVERSIDE, patron=patron).body["id"]
    desk.hear("erasure_answers", erased("learning", patron, erasure), erased("analytics", patron, erasure))
    shown = desk.call("get_erasure", RIVERSIDE, erasure=erasure).body
    assert (shown["complete"], shown["answers"]["learning"]) == (False, "2026-11-21T10:00:01.000Z")
    desk.hear("erasure_answers", *(erased(service, patron, erasure) for service in erasure_answerers()))
    assert desk.call("get_erasure", RIVERSIDE, erasure=erasure).body["complete"] is True


def test_whoever_was_erased_has_the_proof_by_an_address_that_nobody_can_guess(desk: Desk) -> None:
    patron = desk.register()
    themselves = Principal(actor=patron, kind="patron", node="demo.riverside")
    erasure = desk.call("erase_patron", themselves, patron=patron).body
    proof = erasure["proof"].rpartition("/")[2]
    with pytest.raises(ErasureUnfinished):
        desk.call("get_erasure_proof", PUBLIC, proof=proof)
    desk.hear("erasure_answers", *(erased(service, patron, erasure["id"]) for service in erasure_answerers()))
    shown = desk.call("get_erasure_proof", PUBLIC, proof=proof).body
    assert shown == desk.call("get_erasure_certificate", RIVERSIDE, erasure=erasure["id"]).body
    for guess in (erasure["id"], f"{erasure['id']}.", proof[:-1], f"{proof}a", proof.replace(erasure["id"], patron)):
        with pytest.raises(ErasureUnknown):
            desk.call("get_erasure_proof", PUBLIC, proof=guess)


def test_a_certificate_is_signed_once_all_have_answered(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKUP_DAYS", "10")
    patron = desk.register()
    desk.decide(patron, True)
    erasure = desk.call("erase_patron", RIVERSIDE, patron=patron).body["id"]
    with pytest.raises(ErasureUnfinished):
        desk.call("get_erasure_certificate", RIVERSIDE, erasure=erasure)
    desk.hear("erasure_answers", *(erased(service, patron, erasure) for service in erasure_answerers()))
    got = desk.call("get_erasure_certificate", RIVERSIDE, erasure=erasure).body
    assert jws.read(got["jws"], desk.call("get_receipt_keys", PUBLIC).body) == got["certificate"]
    documents = {each["service"]: each["documents"] for each in got["certificate"]["services"]}
    assert documents == {"analytics": 4, "credentials": 4, "deliveries": 4, "learning": 4, "profiles": 2}
    assert got["certificate"]["backups"]["until"] == "2026-12-01T10:00:01.000Z"
    assert set(got["certificate"]["journal"]) == {"note", "until"}
    with pytest.raises(ErasureUnknown):
        desk.call("get_erasure_certificate", HILL, erasure=erasure)


def test_an_erasure_of_the_first_version_has_times_without_counts() -> None:
    [collection] = COLLECTIONS
    at = parse_rfc3339("2026-11-21T10:00:01.000Z")
    row = collection.read({"_id": "e", "requested_at": at, "answers": {"learning": at, "credentials": None}})
    assert row["answers"] == {"learning": {"at": at, "documents": None}, "credentials": None}
    assert row["own"] == {"at": at, "documents": None}


def test_an_answer_to_an_erasure_that_nobody_asked_for_goes_to_quarantine(desk: Desk) -> None:
    with pytest.raises(ErasureUnknown):
        desk.hear("erasure_answers", erased("learning", new_id(), new_id()))


def test_the_erasure_of_another_library_is_unknown(desk: Desk) -> None:
    erasure = desk.call("erase_patron", RIVERSIDE, patron=desk.register()).body["id"]
    with pytest.raises(ErasureUnknown):
        desk.call("get_erasure", HILL, erasure=erasure)
