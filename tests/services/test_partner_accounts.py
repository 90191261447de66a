"""A partner's account at somebody else's broker: by its management API, or told to who has the right."""

import json
from collections.abc import Iterator

import pytest

from gateway.deliveries import broker_accounts
from gateway.deliveries.broker_accounts import AccountsFailed, NoRightToIt
from gateway.deliveries.domain import partner_queue
from tests.services.gateway_stage import FakeService, Said

NODE = "demo.lakeside-college"


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeService]:
    service = FakeService()
    service.script = [Said(204, b"")]
    monkeypatch.setenv("PARTNER_AMQP_ADMIN", service.url.replace("//", "//admin:word@"))
    monkeypatch.setenv("AMQP_URI", "amqps://us:word@broker.example.org:5671/libranet")
    yield service
    service.stop()


def test_the_management_api_is_told_all_at_once(api: FakeService) -> None:
    broker_accounts.accounts().put(partner_queue.definitions(NODE, "hash"))
    (heard,) = api.heard
    assert (heard.method, heard.target) == ("POST", "/api/definitions")
    assert heard.headers["authorization"].startswith("Basic ")
    told = json.loads(heard.body)
    assert told["users"][0]["name"] == f"partner.{NODE}"
    assert told["queues"][0]["arguments"]["x-overflow"] == "reject-publish"


def test_what_is_gone_already_is_removed(api: FakeService) -> None:
    api.script = [Said(404, b"")]
    broker_accounts.accounts().remove(NODE)
    assert [heard.target for heard in api.heard] == [
        f"/api/users/partner.{NODE}", f"/api/queues/libranet-partners/{NODE}"]


@pytest.mark.parametrize("status", [401, 404, 500])
def test_a_refusal_is_told(api: FakeService, status: int) -> None:
    api.script = [Said(status, b"")]
    with pytest.raises(AccountsFailed, match=str(status)):
        broker_accounts.accounts().put(partner_queue.definitions(NODE, "hash"))


def test_an_absent_api_is_told(api: FakeService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARTNER_AMQP_ADMIN", "http://admin:word@127.0.0.1:1")
    with pytest.raises(AccountsFailed, match="does not answer"):
        broker_accounts.accounts().remove(NODE)


def test_without_any_right_the_commands_are_told_and_no_password(api: FakeService,
                                                                 monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PARTNER_AMQP_ADMIN")
    accounts = broker_accounts.accounts()
    with pytest.raises(NoRightToIt, match="import_definitions"):
        accounts.put(partner_queue.definitions(NODE, "hash"))
    with pytest.raises(NoRightToIt, match=f"delete_user partner.{NODE}"):
        accounts.remove(NODE)
    assert api.heard == []


def test_partners_are_told_an_address_of_the_operators_choice(
        api: FakeService, monkeypatch: pytest.MonkeyPatch) -> None:
    assert broker_accounts.address() == "amqps://broker.example.org:5671"
    monkeypatch.setenv("PARTNER_AMQP_ADDRESS", "amqps://events.example.org/")
    assert broker_accounts.uri_of(NODE, "p") == f"amqps://partner.{NODE}:p@events.example.org/libranet-partners"
