"""Takes a taxonomy into the database, page by page: stopped half way, it goes on where it was; repeated, it changes
nothing. What is current meanwhile stays so until the last page is there."""

import hashlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from libranet.clock import now
from services.jobs.skills.domain.taxonomy import Source
from services.jobs.skills.store import PAGE, Edition, SkillStore, page_of

PAGES_A_TRANSACTION = 4
Transact = Callable[[Callable[[Any], Any]], Any]


def import_source(source: Source, transact: Transact, progress: Callable[[int, int], None]) -> bool:
    """Whether it was new; `progress` is told how many of how many pages are there."""
    pages = list(_pages(source))
    digest = hashlib.sha256(source.version.encode() + b"".join(pages)).hexdigest()[:16]
    named = {f"{source.name}|{digest}|{number:04}": body for number, body in enumerate(pages)}
    current = transact(lambda work: SkillStore(work).editions())
    if any(each.name == source.name and each.digest == digest for each in current):
        return False
    missing = sorted(transact(lambda work: SkillStore(work).missing_pages(named)))
    for start in range(0, len(missing), PAGES_A_TRANSACTION):
        progress(len(named) - len(missing) + start, len(named))
        transact(partial(_add, {key: named[key] for key in missing[start:start + PAGES_A_TRANSACTION]}))
    edition = Edition(source.name, source.version, digest, tuple(named), len(source.skills), len(source.occupations),
                      source.attribution, now())
    transact(lambda work: SkillStore(work).make_current(edition))
    progress(len(named), len(named))
    return True


def _add(pages: dict[str, bytes], work: Any) -> None:
    for key, body in pages.items():
        SkillStore(work).add_page(key, body)


def _pages(source: Source) -> Iterator[bytes]:
    for start in range(0, max(len(source.skills), len(source.occupations)), PAGE):
        yield page_of(source.skills[start:start + PAGE], source.occupations[start:start + PAGE])
