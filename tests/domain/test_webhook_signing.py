"""Signatures by Standard Webhooks, checked by the project's own library, and secrets at rest."""

from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from gateway.deliveries import sealing
from gateway.deliveries.domain import signing
from libranet.sealing import SecretSealedOtherwise

KEK, FORMER_KEK = "11" * 32, "22" * 32


def test_the_published_example_gets_its_published_signature() -> None:
    """The specification's example of a symmetric signature."""
    made = signing.signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
                             b'{"test": 2432232314}')
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_library_of_the_standard_accepts_what_we_sign() -> None:
    secret, body = signing.new_secret(), b'{"id":"msg_1"}'
    headers = signing.headers([secret], "msg_1", int(datetime.now(UTC).timestamp()), body)
    assert Webhook(secret).verify(body, headers) == {"id": "msg_1"}


@pytest.mark.parametrize("changed", ["body", "id", "timestamp", "secret"])
def test_the_library_of_the_standard_refuses_what_was_changed(changed: str) -> None:
    secret, body = signing.new_secret(), b'{"id":"msg_1"}'
    at = int(datetime.now(UTC).timestamp())
    headers = signing.headers([secret], "msg_1", at, body)
    if changed == "id":
        headers["webhook-id"] = "msg_2"
    if changed == "timestamp":
        headers["webhook-timestamp"] = str(at - 1)
    with pytest.raises(WebhookVerificationError):
        Webhook(signing.new_secret() if changed == "secret" else secret).verify(
            b'{"id":"msg_3"}' if changed == "body" else body, headers)


def test_during_a_rotation_both_secrets_verify() -> None:
    former, new, body = signing.new_secret(), signing.new_secret(), b"{}"
    headers = signing.headers([new, former], "msg_1", int(datetime.now(UTC).timestamp()), body)
    for secret in (former, new):
        Webhook(secret).verify(body, headers)


def test_a_sealed_secret_opens_for_its_subscription_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBHOOK_KEK", KEK)
    sealed = sealing.seal("whsec_secret", "subscription-1")
    assert b"secret" not in sealed
    assert sealing.unseal(sealed, "subscription-1") == "whsec_secret"
    with pytest.raises(SecretSealedOtherwise):
        sealing.unseal(sealed, "subscription-2")


def test_a_new_key_goes_before_the_former_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBHOOK_KEK", FORMER_KEK)
    sealed = sealing.seal("whsec_secret", "subscription-1")
    monkeypatch.setenv("WEBHOOK_KEK", f"{KEK},{FORMER_KEK}")
    assert sealing.unseal(sealed, "subscription-1") == "whsec_secret"
    monkeypatch.setenv("WEBHOOK_KEK", KEK)
    with pytest.raises(SecretSealedOtherwise):
        sealing.unseal(sealed, "subscription-1")


def test_a_key_of_another_size_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBHOOK_KEK", "11" * 16)
    with pytest.raises(RuntimeError, match="64 hexadecimal"):
        sealing.seal("whsec_secret", "subscription-1")
