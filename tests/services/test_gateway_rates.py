"""Limits: per client, per node, per address; and nobody is locked out by somebody else's wrong keys."""


import pytest

from gateway import counters
from gateway.counters import BoundedMemory
from gateway.rates import RateSettings, network_of
from tests.patience import until
from tests.services.gateway_stage import staged


def test_a_client_beyond_its_limit_waits_as_long_as_it_is_told() -> None:
    with staged(rates=RateSettings(client="2/minute")) as stage:
        [one], [other] = stage.clients.invite(node="demo.a"), stage.clients.invite(node="demo.a")
        assert [stage.ask("GET", "/v1/me", one).status_code for _ in range(3)] == [200, 200, 429]
        answer = stage.ask("GET", "/v1/me", one)
        assert answer.mimetype == "application/problem+json"
        assert 0 < int(answer.headers["Retry-After"]) <= 61
        assert stage.ask("GET", "/v1/me", other).status_code == 200


def test_the_clients_of_a_node_share_its_limit() -> None:
    with staged(rates=RateSettings(node="2/minute")) as stage:
        keys = [stage.clients.invite(node="demo.a")[0] for _ in range(3)]
        assert [stage.ask("GET", "/v1/me", key).status_code for key in keys] == [200, 200, 429]


def test_public_doors_have_a_limit_per_address() -> None:
    with staged(rates=RateSettings(address="2/minute", public_work="1/minute")) as stage:
        verify = {"credential": {}}
        assert stage.ask("POST", "/v1/verifications", body=verify).status_code == 200
        assert stage.ask("POST", "/v1/verifications", body=verify).status_code == 429
        assert stage.ask("GET", "/").status_code == 429
        assert stage.ask("GET", "/healthz").status_code == 200


def test_wrong_keys_are_limited_and_right_ones_behind_the_same_address_are_not() -> None:
    with staged(rates=RateSettings(sign_in_failures="2/minute")) as stage:
        [key] = stage.clients.invite()
        wrong = [stage.ask("GET", "/v1/me", key + "x").status_code for _ in range(3)]
        assert wrong == [401, 401, 429]
        assert stage.ask("GET", "/v1/me", key).status_code == 200


@pytest.mark.parametrize(("address", "network"), [
    ("192.0.2.7", "192.0.2.7"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("::ffff:192.0.2.7", "192.0.2.7"),
    ("", "unknown"), ("nonsense", "unknown")])
def test_an_ipv6_subscriber_counts_as_one(address: str, network: str) -> None:
    assert network_of(address) == network


def test_a_window_ends() -> None:
    memory = BoundedMemory()
    assert [memory.incr("key", 1) for _ in range(2)] == [1, 2]
    until(lambda: memory.get("key") == 0)
    assert memory.incr("key", 1) == 1


def test_counters_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counters, "MAX_COUNTERS", 3)
    memory = BoundedMemory()
    for number in range(10):
        memory.incr(f"key-{number}", 60)
    assert memory.reset() == 3
