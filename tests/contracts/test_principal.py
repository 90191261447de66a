"""Who acts, as the gateway signs it and services read it: of this release and of the one before."""

import time
from dataclasses import asdict

import pytest
from joserfc import jwt
from joserfc.jwk import OKPKey

from contracts.principal import ALGORITHM, Principal, PrincipalInvalid, Verifier, sign

KEY = OKPKey.generate_key("Ed25519")
VERIFIER = Verifier([OKPKey.import_key(KEY.as_pem(private=False))])
PATRON = Principal("patron-1", "patron", "demo.riverside", ("a", "b"), ("librarian@demo",), "request-1", "a_wallet")


def signed(**changes: object) -> str:
    """A token of these members; None leaves one out."""
    claims = {**asdict(PATRON), "exp": int(time.time()) + 60, **changes}
    present = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode({"alg": ALGORITHM}, present, KEY, algorithms=[ALGORITHM])


def test_a_principal_is_read_as_it_was_signed() -> None:
    assert VERIFIER.verify(sign(PATRON, KEY)) == PATRON


def test_a_gateway_that_knows_of_no_apps_is_understood() -> None:
    assert VERIFIER.verify(signed(app=None)).app == ""


def test_what_a_newer_gateway_says_besides_is_passed_over() -> None:
    assert VERIFIER.verify(signed(unheard_of="x")) == PATRON


def test_nothing_else_may_be_missing() -> None:
    for name in ("actor", "kind", "node", "scopes", "roles", "request_id", "exp"):
        with pytest.raises(PrincipalInvalid):
            VERIFIER.verify(signed(**{name: None}))
