"""The profiles service: what its nouns answer and hear. Rules are in `<noun>/domain/`, state in `<noun>/store.py`."""

from libranet.service import Service
from services.profiles.consents.service import ConsentCalls
from services.profiles.erasures.service import ErasureCalls
from services.profiles.guests.service import GuestCalls
from services.profiles.org.service import OrgCalls
from services.profiles.patrons.service import PatronCalls
from services.profiles.store import COLLECTIONS, ProfilesStore


class Profiles(OrgCalls, PatronCalls, GuestCalls, ConsentCalls, ErasureCalls, Service):
    name = "profiles"
    collections = COLLECTIONS
    store = ProfilesStore
