"""Issuing and verifying credentials: CPU time of one process, beside openbadgeslib in the same rounds, and beside
@digitalbazaar/vc where setup found node.

Ours signs two proofs (`eddsa-rdfc-2022` and `eddsa-jcs-2022`), the others the first alone. The whole `issue()` of
the service's rules includes ids, record and fact, and not the database, which the line measures (`line`).
"""

import os
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from openbadgeslib.ob3.ldp import OB3LdpVerifier, add_data_integrity_proof

from bench import digitalbazaar
from bench.badges import CREATED, competency
from bench.table import Row, medians
from libranet.cloudevent import Cause, from_fact, to_json
from services.credentials.domain import facts, issuing, keys, linked_data, proofs, tokens
from services.credentials.domain.achievements import Achievement
from services.credentials.domain.earning import Completion
from services.credentials.domain.issuers import Book, Issuer
from services.credentials.domain.keys import SigningKey
from services.credentials.domain.sources import Sources
from services.credentials.domain.status_lists import StatusPlace
from services.credentials.domain.verification import verify

OURS = "libranet, competency of 4 kB, both proofs"
PRIVATE = Ed25519PrivateKey.generate()
KEY = SigningKey.of(PRIVATE)
RSA = SigningKey.of(keys.make(keys.RSA))
PEM = PRIVATE.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ISSUER = Issuer("demo.riverside", "Riverside Public Library", KEY)
ACHIEVEMENT = Achievement("0190b3a0-4444-7444-8444-444444444444", "demo.riverside", "Spreadsheets: completed",
                          "Completed the course.", "Finish every unit.", "engagement", "course")
SOURCES = Sources(NOW, Book({KEY.did: "demo.riverside"}, {}), {}.get, {}.get, {}.get)
COMPLETION = Completion("completion", "patron", "course", "demo.riverside", CREATED, "event")
Taken = dict[str, Any]
"""`seconds` and `cpu_seconds` of so many credentials."""
Way = tuple[Callable[[int], Taken], int]
"""And how many times less often it is done than ours."""
SLOW_SHARE = 20
"""What takes 10 ms is done so many times less often than what takes half of one."""


def run(credentials: int, rounds: int) -> list[Row]:
    """One row for each way; the first credentials of each are not counted."""
    os.environ.setdefault("ID_KEY", "a key that is only for benchmarks, 40 letters")
    ways = chosen()
    taken: dict[str, list[Taken]] = {title: [] for title in ways}
    for _ in range(rounds):
        for title, (way, share) in ways.items():
            count = max(credentials // share, 1)
            taken[title].append({"events": count, "parts": {}, **way(count)})
    return medians("credentials", taken, OURS)


def _ours(number: int) -> None:
    orjson.dumps(proofs.add_proofs(competency(number, KEY.did), KEY, CREATED))


def _whole(number: int) -> None:
    """What the service does for a completion, up to the rows that it stores."""
    completion = replace(COMPLETION, id=str(number), patron=str(number))
    place = StatusPlace("list", number)
    record = issuing.issue(completion, ACHIEVEMENT, ISSUER, "https://libranet.example.org", NOW, place)
    to_json(from_fact(facts.credential_issued(record), Cause("a", "c", "i"), "credentials"))


def _plain(number: int) -> None:
    """The same proof without the fast way: PyLD expands, pyoxigraph canonicalises."""
    PRIVATE.sign(linked_data.digest(competency(number, KEY.did)))


def _theirs(number: int) -> None:
    orjson.dumps(add_data_integrity_proof(competency(number, KEY.did), PEM, KEY.method))


def _jws(number: int) -> None:
    tokens.sign(competency(number, KEY.did), RSA, "https://libranet.example.org/issuers/demo.riverside/keys/1")


def _verified(number: int) -> None:
    found = verify(SIGNED[number % len(SIGNED)], SOURCES)
    assert found.signature.verdict == "valid", found


def _verified_by_them(number: int) -> None:
    OB3LdpVerifier.for_issuer_did(KEY.did).verify(SIGNED[number % len(SIGNED)])


def _issued_in_node(count: int) -> Taken:
    told = digitalbazaar.issued([competency(number, KEY.did) for number in range(count)], PRIVATE)
    for each in told.pop("documents"):
        assert verify(each, SOURCES).signature.verdict == "valid", each
    return told


def _verified_in_node(count: int) -> Taken:
    told = digitalbazaar.verified([SIGNED[number % len(SIGNED)] for number in range(count)],
                                  [digitalbazaar.multikey(KEY.method)])
    assert not any(told.pop("verdicts"))
    return told


def _timed(work: Callable[[int], None]) -> Callable[[int], Taken]:
    """So many times in this process; the first is not counted."""
    def done(count: int) -> Taken:
        work(0)
        started, spent = time.perf_counter(), time.process_time()
        for number in range(count):
            work(number)
        return {"seconds": time.perf_counter() - started, "cpu_seconds": time.process_time() - spent}
    return done


SIGNED = [proofs.add_proofs(competency(number, KEY.did), KEY, CREATED) for number in range(50)]
WAYS: dict[str, Way] = {
    OURS: (_timed(_ours), 1),
    "libranet, whole issue() of an engagement": (_timed(_whole), 1),
    "libranet, JWS RS256": (_timed(_jws), 1),
    "libranet, rdfc alone, not the fast way": (_timed(_plain), SLOW_SHARE),
    "openbadgeslib, rdfc alone": (_timed(_theirs), SLOW_SHARE),
    "libranet, verify both proofs": (_timed(_verified), 1),
    "openbadgeslib, verify rdfc": (_timed(_verified_by_them), SLOW_SHARE),
}
IN_NODE: dict[str, Way] = {
    "@digitalbazaar/vc, rdfc alone": (_issued_in_node, SLOW_SHARE),
    "@digitalbazaar/vc, verify rdfc": (_verified_in_node, SLOW_SHARE),
}


def chosen() -> dict[str, Way]:
    """What can be measured here."""
    return {**WAYS, **(IN_NODE if digitalbazaar.is_installed() else {})}
