"""API clients and sessions on a real server of the MongoDB protocol."""

from dataclasses import replace
from datetime import timedelta

import pytest
from pymongo.errors import PyMongoError

from contracts.principal import Principal
from gateway.sessions import NotAPerson, SessionSettings, SessionStore
from gateway.sign_in.providers import Provider, ProviderStore, ProviderUnknown
from gateway.store import ClientStore, ClientUnknown, connect
from libranet.local import Platform

pytestmark = pytest.mark.real


@pytest.fixture
def store(parts: Platform) -> ClientStore:
    return ClientStore(connect())


def test_a_client_is_found_with_a_hash_instead_of_its_secret(store: ClientStore) -> None:
    client, secret = store.add("demo.riverside", "library", "Riverside", ("courses:read",))
    found = store.get(client.id)
    assert found == client
    assert found.key_of(secret) is not None
    assert secret not in str(found)
    assert found.key_of(secret + "x") is None


def test_rotation_leaves_two_live_keys_and_drops_the_oldest(store: ClientStore) -> None:
    client, first = store.add("demo.riverside", "library", "Riverside", ())
    second, third = store.rotate(client.id), store.rotate(client.id)
    found = store.get(client.id)
    assert [found.key_of(secret) is not None for secret in (first, second, third)] == [False, True, True]


def test_the_use_of_one_key_is_noted_at_that_key(store: ClientStore) -> None:
    client, first = store.add("demo.riverside", "library", "Riverside", ())
    second = store.rotate(client.id)
    key = store.get(client.id).key_of(second)
    assert key is not None
    store.note_use(client.id, key)
    found = store.get(client.id)
    used, unused = found.key_of(second), found.key_of(first)
    assert used is not None
    assert unused is not None
    assert used.last_used_at is not None
    assert unused.last_used_at is None


def test_a_revoked_client_opens_nothing(store: ClientStore) -> None:
    client, secret = store.add("demo.riverside", "library", "Riverside", ())
    store.revoke(client.id)
    assert store.get(client.id).key_of(secret) is None
    assert [each.enabled for each in store.list("demo.riverside") if each.id == client.id] == [False]


def test_an_unknown_client_is_said_to_be_so(store: ClientStore) -> None:
    assert store.find("k_aaaaaaaaaaaaaaaa") is None
    for attempt in (store.get, store.rotate, store.revoke):
        with pytest.raises(ClientUnknown):
            attempt("k_aaaaaaaaaaaaaaaa")


def test_an_absent_database_is_told_within_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONGO_URI", "mongodb://127.0.0.1:1/")
    with pytest.raises(PyMongoError):
        ClientStore(connect()).ping()


@pytest.fixture
def sessions(parts: Platform) -> SessionStore:
    return SessionStore(connect())


def test_a_session_is_found_by_its_token_which_is_not_kept(sessions: SessionStore) -> None:
    session = sessions.begin("patron", "patron-1", "demo.riverside", ("jobs:read",))
    found = sessions.find(session.token)
    assert found == Principal(actor="patron-1", kind="patron", node="demo.riverside", scopes=("jobs:read",))
    assert sessions.find(session.token[:-1] + "_") is None
    assert session.token[2:] not in str(list(connect()["sessions"].find({"actor": "patron-1"})))


def test_a_session_ends_when_it_is_not_used_or_too_old_or_ended(parts: Platform) -> None:
    for idle, longest in ((timedelta(0), timedelta(hours=1)), (timedelta(hours=1), timedelta(0))):
        limits = SessionStore(connect(), SessionSettings(idle, longest))
        assert limits.find(limits.begin("guest", "guest-1", "demo.riverside").token) is None
    sessions = SessionStore(connect())
    tokens = [sessions.begin("patron", "patron-2", "demo.riverside").token for _ in range(3)]
    sessions.end(tokens[0])
    assert [sessions.find(each) is not None for each in tokens] == [False, True, True]
    sessions.end_all("patron-2")
    assert [sessions.find(each) for each in tokens] == [None] * 3


def test_only_persons_have_sessions(sessions: SessionStore) -> None:
    with pytest.raises(NotAPerson):
        sessions.begin("library", "k_1", "demo.riverside")


def test_a_provider_is_kept_with_its_secret_sealed(parts: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGN_IN_KEK", "33" * 32)
    store = ProviderStore(connect())
    provider = Provider("test.sealed", "https://idp.example", "libranet", "very-secret", scopes=("openid", "profile"))
    store.save(provider)
    assert store.get("test.sealed") == provider
    assert "very-secret" not in str(list(connect()["sign_in_providers"].find({})))
    store.save(replace(provider, client_secret="", client_auth="none"))
    assert store.get("test.sealed").client_secret == ""
    store.remove("test.sealed")
    with pytest.raises(ProviderUnknown):
        store.get("test.sealed")


def test_networks_of_a_provider_are_allowed_and_taken_back(parts: Platform) -> None:
    store = ProviderStore(connect())
    assert store.networks_of("test.networks") == ()
    for _ in range(2):
        store.allow_network("test.networks", "10.0.0.0/8")
    assert [str(each) for each in store.networks_of("test.networks")] == ["10.0.0.0/8"]
    store.allow_network("test.networks", "10.0.0.0/8", allowed=False)
    store.allow_network("test.nowhere", "10.0.0.0/8", allowed=False)
    assert store.networks_of("test.networks") == store.networks_of("test.nowhere") == ()
    with pytest.raises(ValueError, match="host bits"):
        store.allow_network("test.networks", "10.0.0.1/8")
