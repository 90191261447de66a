"""The audit's chain: what is sealed cannot be changed, taken out, added to or reordered without showing."""

import copy
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from contracts.principal import Principal
from libranet import audit
from libranet.clock import now
from libranet.collection import CORE_COLLECTIONS
from libranet.testing import MemoryWork, a_principal

PERSON, OTHER = "patron-1", "patron-2"


def trail_of(*touches: tuple[str, str], block_size: int = 2) -> MemoryWork:
    """A database with these touches (person, action), sealed in blocks of `block_size`."""
    work = MemoryWork((), "profiles")
    for number, (person, action) in enumerate(touches, 1):
        work.insert(audit.ENTRIES, audit.entry(a_principal(), action, person, f"request-{number}"))
        if number % block_size == 0:
            audit.AuditTrail(work).seal()
    audit.AuditTrail(work).seal()
    return work


@pytest.fixture
def work() -> MemoryWork:
    return trail_of(*((PERSON if number % 2 else OTHER, f"call_{number}") for number in range(8)))


def faults(work: MemoryWork, **more: Any) -> list[str]:
    blocks = sorted(work.state[audit.BLOCKS].values(), key=lambda block: block["_id"])
    return list(audit.faults(blocks, audit.read_head(work.get(audit.HEADS, audit.HEAD)), **more))


def blocks(work: MemoryWork) -> dict[str, Any]:
    return work.state[audit.BLOCKS]


def remade(work: MemoryWork, number: int) -> None:
    """As somebody does it who knows the hash and not the key."""
    block = blocks(work)[f"{number:012d}"]
    block["hash"] = audit.hash_of(block)


def test_a_chain_that_nobody_touched_is_whole(work: MemoryWork) -> None:
    assert len(blocks(work)) == 4
    assert work.state[audit.ENTRIES] == {}
    assert faults(work) == []


def test_an_empty_chain_is_whole() -> None:
    assert list(audit.faults([], None)) == []


@pytest.mark.parametrize(("member", "value"), [
    ("actor", "somebody else"), ("at", now() - timedelta(days=3)), ("subject", "another"), ("note", "added")])
def test_a_changed_entry_is_found(work: MemoryWork, member: str, value: Any) -> None:
    blocks(work)["000000000002"]["entries"][0][member] = value
    assert any(fault.startswith("block 2: something in it was changed") for fault in faults(work))


def test_a_removed_entry_is_found(work: MemoryWork) -> None:
    del blocks(work)["000000000003"]["entries"][1]
    assert any(fault.startswith("block 3:") for fault in faults(work))


def test_an_inserted_entry_is_found(work: MemoryWork) -> None:
    entries = blocks(work)["000000000001"]["entries"]
    entries.append(copy.deepcopy(entries[0]))
    assert any(fault.startswith("block 1:") for fault in faults(work))


def test_another_order_is_found(work: MemoryWork) -> None:
    blocks(work)["000000000002"]["entries"].reverse()
    assert any(fault.startswith("block 2:") for fault in faults(work))


def test_a_changed_block_with_a_fresh_hash_is_found_twice(work: MemoryWork) -> None:
    blocks(work)["000000000002"]["entries"][0]["actor"] = "somebody else"
    remade(work, 2)
    assert [fault.split(":")[0] for fault in faults(work)] == ["block 2", "block 3"]
    assert "mark is wrong" in faults(work)[0]


def test_a_chain_made_anew_without_the_key_is_found(work: MemoryWork) -> None:
    """Everything hashed again from the changed block on, the head too."""
    blocks(work)["000000000002"]["entries"][0]["actor"] = "somebody else"
    for number in (2, 3, 4):
        block = blocks(work)[f"{number:012d}"]
        block["previous"] = blocks(work)[f"{number - 1:012d}"]["hash"]
        remade(work, number)
    work.state[audit.HEADS][audit.HEAD]["hash"] = blocks(work)["000000000004"]["hash"]
    assert sum("mark is wrong" in fault for fault in faults(work)) == 3


def test_a_removed_block_is_found(work: MemoryWork) -> None:
    del blocks(work)["000000000002"]
    assert faults(work) == ["block 3: follows block 1; what was between them is gone, or the order was changed"]


def test_two_blocks_that_changed_places_are_found(work: MemoryWork) -> None:
    one, two = (blocks(work)[f"{number:012d}"] for number in (2, 3))
    one["_id"], two["_id"] = two["_id"], one["_id"]
    blocks(work)["000000000002"], blocks(work)["000000000003"] = two, one
    assert len(faults(work)) >= 3


def test_a_removed_beginning_is_found_unless_its_time_is_over(work: MemoryWork) -> None:
    del blocks(work)["000000000001"]
    assert "block 2: is the first, and what came before it is gone ahead of its time" in faults(work)
    assert faults(work, at=now() + timedelta(days=731)) == []


def test_a_removed_end_is_found_by_the_head(work: MemoryWork) -> None:
    del blocks(work)["000000000004"]
    assert faults(work) == ["the head names block 4, the newest block is 3"]


def test_a_removed_end_with_its_head_is_found_by_a_head_kept_elsewhere(work: MemoryWork) -> None:
    kept = audit.AuditTrail(work).head()
    del blocks(work)["000000000004"]
    before = blocks(work)["000000000003"]
    work.replace(audit.HEADS, audit.Head(3, before["hash"], before["sealed_at"]).row)
    assert faults(work) == []
    assert faults(work, kept=[kept]) == ["block 4: was written down and is gone"]


def test_a_head_without_the_right_mark_counts_for_nothing(work: MemoryWork) -> None:
    del blocks(work)["000000000004"]
    before = blocks(work)["000000000003"]
    work.state[audit.HEADS][audit.HEAD] |= {"number": 3, "hash": before["hash"]}
    assert len(faults(work)) == 1


@pytest.mark.parametrize(("member", "value"), [
    ("number", "4"), ("number", None), ("sealed_at", "today"), ("hash", 7), ("entries", "none"), ("previous", [])])
def test_a_block_of_another_shape_is_a_fault_and_no_crash(work: MemoryWork, member: str, value: Any) -> None:
    blocks(work)["000000000004"][member] = value
    assert faults(work) != []


@pytest.mark.parametrize("head", [
    {"_id": audit.HEAD}, {"_id": audit.HEAD, "number": "4", "hash": 5, "sealed_at": "today", "mark": None}])
def test_a_head_of_another_shape_is_a_fault_and_no_crash(work: MemoryWork, head: Any) -> None:
    work.state[audit.HEADS][audit.HEAD] = head
    assert len(faults(work)) == 1


def test_a_block_hidden_from_the_person_is_found(work: MemoryWork) -> None:
    blocks(work)["000000000001"]["subjects"] = []
    assert "would not be found where it belongs" in faults(work)[0]


def test_a_chain_that_outlived_its_blocks_is_whole(work: MemoryWork) -> None:
    blocks(work).clear()
    assert faults(work, at=now() + timedelta(days=731)) == []
    assert faults(work) == ["the head names block 4, the newest block is 0"]


def test_a_person_finds_who_touched_their_record_sealed_or_not(work: MemoryWork) -> None:
    work.insert(audit.ENTRIES, audit.entry(a_principal(), "call_9", PERSON, "request-9"))
    trail = audit.AuditTrail(work)
    touches = trail.touches_of(PERSON)
    assert [each["action"] for each in touches] == ["call_9", "call_7", "call_5", "call_3", "call_1"]
    assert [each["action"] for each in trail.touches_of(PERSON, before=touches[1]["id"], limit=2)] == [
        "call_5", "call_3"]


def test_no_entry_holds_a_persons_id(work: MemoryWork) -> None:
    assert PERSON not in str(blocks(work))
    acted = audit.entry(a_principal(actor=PERSON, kind="patron"), "call", PERSON, "request")
    assert PERSON not in str(acted)
    assert acted["actor"] == acted["subject"]


def test_entries_of_the_first_version_are_sealed_without_the_id() -> None:
    work = MemoryWork((), "profiles")
    row = audit.entry(a_principal(), "call_1", PERSON, "request-1")
    del row["kind"]
    upgraded = next(each for each in CORE_COLLECTIONS if each.name == audit.ENTRIES).read(
        {**row, "subject": PERSON, "schema_version": 1})
    assert upgraded["subject"] == audit.subject_of(PERSON)
    work.insert(audit.ENTRIES, upgraded)
    assert audit.AuditTrail(work).seal() is not None


def test_an_app_that_acts_for_a_person_is_the_actor_and_named() -> None:
    patron = Principal(actor=PERSON, kind="patron", node="demo.riverside")
    by_app = audit.entry(replace(patron, app="a_wallet"), "get_credentials", PERSON, "r1")
    assert (by_app["actor"], by_app["kind"], by_app["app"]) == ("a_wallet", "app", "a_wallet")
    about_app = audit.entry(patron, "end_connection", PERSON, "r2", "a_wallet")
    assert (about_app["actor"], about_app["kind"], about_app["app"]) == (
        audit.subject_of(PERSON), "patron", "a_wallet")
    assert "app" not in audit.entry(patron, "get_patron", PERSON, "r3")


def test_an_entry_with_an_app_is_sealed_like_any(work: MemoryWork) -> None:
    by_app = audit.entry(Principal(PERSON, "patron", "demo", app="a_wallet"), "get_credentials", PERSON, "r9")
    work.insert(audit.ENTRIES, by_app)
    audit.AuditTrail(work).seal()
    assert faults(work) == []
    blocks(work)["000000000005"]["entries"][0]["app"] = "a_other"
    assert len(faults(work)) == 1
