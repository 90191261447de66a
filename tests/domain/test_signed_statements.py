"""Signed statements: who can check them, and what a change of keys does to them."""

import pytest
from joserfc.jwk import OKPKey

from libranet.jws import NoSigningKey, NotSigned, SigningKeys, read

OLD, NEW = (OKPKey.generate_key("Ed25519") for _ in range(2))
SAID = {"what": "a receipt", "when": "2026-11-21T09:00:00.000Z"}


def pem(key: OKPKey, private: bool = True) -> str:
    return key.as_pem(private=private).decode()


def test_a_statement_is_read_back_with_the_public_keys_alone() -> None:
    keys = SigningKeys(pem(OLD))
    assert read(keys.sign(SAID, "receipt+jws"), keys.public_set()) == SAID
    assert all("d" not in key for key in keys.public_set()["keys"]), "nothing private is published"


def test_the_same_statement_has_the_same_signature() -> None:
    keys = SigningKeys(pem(OLD))
    assert keys.sign(SAID, "receipt+jws") == keys.sign(dict(reversed(SAID.items())), "receipt+jws")


@pytest.mark.parametrize("retired", [pem(OLD), pem(OLD, private=False)], ids=["two live keys", "a retired one"])
def test_what_an_older_key_signed_can_be_checked_after_the_change(retired: str) -> None:
    before = SigningKeys(pem(OLD)).sign(SAID, "receipt+jws")
    after = SigningKeys(pem(NEW) + retired)
    assert read(before, after.public_set()) == SAID
    with pytest.raises(NotSigned):
        read(after.sign(SAID, "receipt+jws"), SigningKeys(pem(OLD)).public_set())


@pytest.mark.parametrize("token", ["", "a.b.c", "é", "..", "a" * 1000])
def test_what_is_no_signature_is_refused(token: str) -> None:
    with pytest.raises(NotSigned):
        read(token, SigningKeys(pem(OLD)).public_set())


@pytest.mark.parametrize("text", ["", "no key", pem(OLD, private=False)])
def test_without_a_private_key_nothing_is_signed(text: str) -> None:
    with pytest.raises(NoSigningKey):
        SigningKeys(text)
