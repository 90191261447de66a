"""Whose patron somebody is, as the calls about patrons ask it."""

from contracts.principal import Principal
from libranet.problems import NotYet
from services.credentials.domain.refusals import PatronUnknown
from services.credentials.store import CredentialStore


def library_of(patron: str, principal: Principal, store: CredentialStore) -> str:
    """Raises PatronUnknown for one whom the principal does not see, NotYet for one who may have registered just now."""
    unknown = PatronUnknown("There is no such patron here.")
    owner = store.owner_of(patron, principal)
    if owner is None and not store.knows(patron):
        raise NotYet(unknown, patron)
    owner = owner or store.owner_of(patron, principal)  # heard of between the two looks
    if owner is None:
        raise unknown
    return owner
