"""For `libranet doctor`: whether the issuers' keys are there, can be used, and new ones be kept."""

import os
from collections.abc import Iterator
from pathlib import Path

from libranet.doctor.finding import Finding, bad, look, well
from libranet.operate import database_of
from services.credentials.adapters.key_folder import KeyFolder


def check() -> Iterator[Finding]:
    """Each that cannot be opened is found by itself."""
    keys = KeyFolder.from_settings()
    if keys.folder.is_dir():
        yield from _permissions(keys.folder)
    usable = keys.known()
    for node, reason in keys.unusable().items():
        yield bad("keys", f"{node} cannot sign.", str(reason))
    if usable or keys.unusable():
        yield well("keys", f"{len(usable)} issuers can sign.")
    else:
        yield well("keys", "There are none yet: an issuer's first is made with its first credential.")
    for node in sorted(_have_issued() - usable.keys() - keys.unusable().keys()):
        yield bad("keys", f"{node} has issued credentials, and no key of it is in {keys.folder}.",
                  "Put the folder `keys` of a backup back (is its volume mounted?) before anything is issued: what is "
                  "signed next would be another issuer's.")


def _have_issued() -> set[str]:
    """The nodes whose credentials have a place in a status list."""
    return set(database_of("credentials").database.status_lists.distinct("node"))


def _permissions(folder: Path) -> Iterator[Finding]:
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        yield look("keys", f"This account cannot write to {folder}.",
                   "The credentials service has to; run this command as it, or mend the folder's owner.")
    if folder.stat().st_mode & 0o077:
        yield look("keys", f"Others on this machine can open {folder}.", f"chmod go= {folder}")
