"""A wallet written from OpenID for Verifiable Credential Issuance 1.0 (Final), pre-authorized code flow; each step
cites its clause. It checks what it gets: what an issuer owes and does not do fails an assertion here."""

import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey
from jwt.utils import base64url_encode

GRANT = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
FORM, JSON = "application/x-www-form-urlencoded", "application/json"


@dataclass(frozen=True)
class Reply:
    """Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    data: bytes

    @property
    def json(self) -> Any:
        assert self.headers["content-type"].partition(";")[0] == JSON
        return json.loads(self.data)

    @property
    def error(self) -> str:
        """RFC 6749, 5.2; OpenID4VCI 1.0, 8.3.1.2: what is not stored by anybody, in ASCII without quotes."""
        assert self.headers["cache-control"] == "no-store"
        text = self.json.get("error_description", "")
        assert all(0x20 <= ord(each) <= 0x7E and each not in '"\\' for each in text), text
        return str(self.json["error"])


Ask = Callable[[str, str, dict[str, str], bytes], Reply]
"""Method, address, headers, body."""


@dataclass
class Wallet:
    """`binding` is how it names its key: `jwk`, `did:key` or `did:jwk`."""

    ask: Ask
    key: Any = field(default_factory=lambda: ECKey.generate_key("P-256"))
    binding: str = "jwk"

    def take(self, link: str, tx_code: str, name: str | None = None) -> Any:
        """The whole walk: from the link to the credential, told to be kept."""
        session = self.session(link)
        assert self.redeem(session, tx_code).status == 200
        [credential] = self.request(session, name or session.offer["credential_configuration_ids"][0]).json[
            "credentials"]
        assert self.notify(session, "credential_accepted").status == 204  # 11.2
        return credential["credential"]

    def session(self, link: str) -> "Session":
        """Offer and metadata."""
        offer = self.offer(link)
        issuer = self.issuer(offer["credential_issuer"])
        assert set(offer["credential_configuration_ids"]) <= set(issuer["credential_configurations_supported"])  # 4.1.1
        return Session(offer, issuer, self.server(issuer))

    def offer(self, link: str) -> dict[str, Any]:
        """4.1: one parameter; 4.1.3: by reference, fetched as application/json."""
        parts = urlsplit(link)
        query = parse_qs(parts.query, strict_parsing=True)
        assert parts.scheme == "openid-credential-offer"
        assert list(query) == ["credential_offer_uri"]
        [address] = query["credential_offer_uri"]
        reply = self.ask("GET", address, {"Accept": JSON}, b"")
        assert reply.status == 200, reply.data
        return dict(reply.json)

    def issuer(self, identifier: str) -> dict[str, Any]:
        """12.2.2: the well-known part stands between host and path; 12.2.4: the identifier is the same, letter for
        letter."""
        found = self._well_known(identifier, "openid-credential-issuer")
        assert found["credential_issuer"] == identifier
        return found

    def server(self, issuer: dict[str, Any]) -> dict[str, Any]:
        """12.2.4: without authorization_servers the issuer is its own; RFC 8414, 3.3: `issuer` is the same."""
        assert "authorization_servers" not in issuer
        found = self._well_known(issuer["credential_issuer"], "oauth-authorization-server")
        assert found["issuer"] == issuer["credential_issuer"]
        assert GRANT in found["grant_types_supported"]
        assert found["pre-authorized_grant_anonymous_access_supported"] is True  # 12.3
        return found

    def redeem(self, session: "Session", tx_code: str | None, **others: str) -> Reply:
        """6.1: a form with the code and, as the offer has a tx_code object, the transaction code; no client_id."""
        grant = session.offer["grants"][GRANT]
        form = {"grant_type": GRANT, "pre-authorized_code": grant["pre-authorized_code"],
                **({"tx_code": tx_code} if tx_code is not None else {}), **others}
        reply = self.post_form(session, urlencode(form).encode())
        if reply.status == 200:  # 6.2; RFC 6749, 5.1
            assert reply.headers["cache-control"] == "no-store"
            assert reply.json["token_type"].lower() == "bearer"
            session.access_token = reply.json["access_token"]
        return reply

    def post_form(self, session: "Session", body: bytes, media_type: str = FORM) -> Reply:
        return self.ask("POST", session.server["token_endpoint"], {"Content-Type": media_type}, body)

    def nonce(self, session: "Session") -> str:
        """7.1, 7.2: without a token, and not to be cached."""
        reply = self.ask("POST", session.issuer["nonce_endpoint"], {}, b"")
        assert reply.status == 200
        assert "no-store" in reply.headers["cache-control"]
        return str(reply.json["c_nonce"])

    def request(self, session: "Session", name: str, **members: Any) -> Reply:
        """8.2: a configuration of the offer, with one proof of a key."""
        proofs = {"jwt": [self.proof(session, self.nonce(session))]}
        return self.post_request(session, {"credential_configuration_id": name, "proofs": proofs, **members})

    def post_request(self, session: "Session", document: Any) -> Reply:
        reply = self.ask("POST", session.issuer["credential_endpoint"], session.bearer, json.dumps(document).encode())
        if reply.status == 200:  # 8.3
            assert len(reply.json["credentials"]) == 1
            session.notification = reply.json["notification_id"]
        return reply

    def proof(self, session: "Session", nonce: str | None, claims: dict[str, Any] | None = None,
              header: dict[str, Any] | None = None, key: Any = None) -> str:
        """F.1; a member that is None is left out."""
        own = {"aud": session.issuer["credential_issuer"], "iat": int(time.time()), "nonce": nonce}
        named = {"alg": "ES256" if self.key.key_type == "EC" else "Ed25519", "typ": "openid4vci-proof+jwt",
                 **self.named_key(), **(header or {})}
        present = _present(named)
        return signed(present, _present({**own, **(claims or {})}), key or self.key, present["alg"])

    def named_key(self) -> dict[str, Any]:
        """F.1: `jwk`, or a DID URL as `kid`."""
        public = self.key.as_dict(private=False)
        if self.binding == "jwk":
            return {"jwk": {name: public[name] for name in ("kty", "crv", "x", "y") if name in public}}
        if self.binding == "did:jwk":
            encoded = base64url_encode(json.dumps(public).encode()).decode()
            return {"kid": f"did:jwk:{encoded}#0"}
        return {"kid": f"{self.did_key()}#{self.did_key().removeprefix('did:key:')}"}

    def did_key(self) -> str:
        """did:key Method 0.9, 3: multicodec and key in base58btc."""
        public = self.key.public_key
        if isinstance(self.key, OKPKey):
            return f"did:key:z{_base58(bytes((0xED, 0x01)) + public.public_bytes_raw())}"
        numbers = public.public_numbers()
        compressed = bytes((2 + numbers.y % 2,)) + numbers.x.to_bytes(32, "big")
        return f"did:key:z{_base58(bytes((0x80, 0x24)) + compressed)}"

    def notify(self, session: "Session", event: str, **members: Any) -> Reply:
        """11.1."""
        document = {"notification_id": session.notification, "event": event, **members}
        return self.ask("POST", session.issuer["notification_endpoint"], session.bearer, json.dumps(document).encode())

    def _well_known(self, identifier: str, kind: str) -> dict[str, Any]:
        parts = urlsplit(identifier)
        address = urlunsplit((parts.scheme, parts.netloc, f"/.well-known/{kind}{parts.path}", "", ""))
        reply = self.ask("GET", address, {"Accept": JSON}, b"")
        assert reply.status == 200, reply.data
        return dict(reply.json)


@dataclass
class Session:
    """One offer, on its way into a wallet."""

    offer: dict[str, Any]
    issuer: dict[str, Any]
    server: dict[str, Any]
    access_token: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    notification: str = ""

    @property
    def bearer(self) -> dict[str, str]:
        """RFC 6750, 2.1."""
        return {"Authorization": f"Bearer {self.access_token}", "Content-Type": JSON}


def _present(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def signed(header: dict[str, Any], payload: dict[str, Any], key: Any, algorithm: str) -> str:
    """RFC 7515, 3.1, whatever the header says: a wallet of bad will sends any."""
    signer = jwt.get_algorithm_by_name(algorithm.replace("Ed25519", "EdDSA"))
    secret = key.raw_value if isinstance(key, OctKey) else key.private_key
    head, body = (base64url_encode(json.dumps(part).encode()) for part in (header, payload))
    return b".".join((head, body, base64url_encode(signer.sign(head + b"." + body, secret)))).decode()


def _base58(raw: bytes) -> str:
    alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
    number, text = int.from_bytes(raw, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        text = alphabet[rest] + text
    return text
