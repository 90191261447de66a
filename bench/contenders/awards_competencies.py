"""The credentials service's work for competencies that evaluators found: decided, signed, stored, told."""

from libranet import runner  # noqa: F401 - patches the standard library first

# isort: split
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_bytes

from bench.badges import CREATED, LEVELS, WORDS
from bench.meter import Meter
from libranet.cloudevent import Cause
from libranet.ids import new_id
from libranet.mongo import Database
from services.credentials.adapters.key_folder import KeyFolder
from services.credentials.adapters.status_places import Places
from services.credentials.award import ISSUED, Awarding, Earned
from services.credentials.domain.achievements import Achievement, define_achievement
from services.credentials.domain.consents import PURPOSE, Consent
from services.credentials.domain.earning import Assessed
from services.credentials.store import COLLECTIONS, CredentialStore

LIBRARY = "bench.riverside"
A_TRANSACTION = 100
"""As many as the service takes of a queue at once."""
COMPETENCY = define_achievement(Achievement.of(new_id(), {
    "owner": LIBRARY, "name": "Spreadsheets: bookkeeping", "description": WORDS * 2, "criteria": WORDS * 4,
    "kind": "competency", "type": "Competency", "language": "en",
    "rubric": [{"name": "Level", "required_level": LEVELS[2],
                "levels": [{"name": level, "description": f"{level}. {WORDS}"} for level in LEVELS]}],
    "alignments": [{
        "target_name": f"Standard {place}", "target_type": "CFItem", "target_framework": "Bookkeeping",
        "target_url": f"https://standards.example.org/items/{place}"} for place in range(3)]}))


def earned(number: int, patron: str) -> Earned:
    """What an evaluator found of one learner."""
    evidence = [{"name": "The year's books", "narrative": f"Case {number}. {WORDS * 2}", "genre": "Project"},
                {"name": "Conversation", "narrative": f"Explained case {number}. {WORDS * 2}"}]
    found = Assessed(new_id(), patron, LIBRARY, CREATED, new_id(), LIBRARY, "Riverside Public Library",
                     [{"criterion": "Level", "level": LEVELS[2]}], evidence)
    return Earned(found, COMPETENCY, Cause("bench", "bench", new_id()))


def lots(patrons: Sequence[str]) -> Iterator[Sequence[str]]:
    return (patrons[start:start + A_TRANSACTION] for start in range(0, len(patrons), A_TRANSACTION))


def prepare(database: Database, patrons: Sequence[str]) -> None:
    """The achievement, and patrons who agreed to what they earn."""
    database.prepare()
    database.transact(lambda work: CredentialStore(work).save_achievement(COMPETENCY, datetime.now(UTC)))
    for lot in lots(patrons):
        database.transact(lambda work, lot=lot: agree(lot, CredentialStore(work)))


def agree(patrons: Sequence[str], store: CredentialStore) -> None:
    store.add_patrons(dict.fromkeys(patrons, LIBRARY))
    for patron in patrons:
        store.save_consent(Consent(patron, PURPOSE, LIBRARY, granted=True, sequence=1))


def main() -> None:
    meter = Meter()
    patrons = [new_id() for _ in range(meter.total)]
    database = Database().connect("credentials", COLLECTIONS)
    prepare(database, patrons)
    awarding = Awarding()
    awarding.places = Places(database.transact)
    with tempfile.TemporaryDirectory() as folder:
        awarding.keys = KeyFolder(Path(folder), (token_bytes(32),))
        for lot in lots(patrons):
            if not meter.began and meter.count >= meter.warm_up:
                meter.begin()
            found = [earned(meter.count + place, patron) for place, patron in enumerate(lot)]
            became = database.transact(lambda work, found=found: awarding.award(found, CredentialStore(work)))
            assert list(became.values()) == [ISSUED] * len(lot)
            meter.count += len(lot)
        meter.end(meter.count)


if __name__ == "__main__":
    main()
