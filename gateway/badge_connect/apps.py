"""Apps of others that patrons may let in: what they say of themselves when they register (RFC 7591, as profiled by Open
Badges 3.0, 7.1.1.2). Nothing of it is ever fetched, and nothing but the host of its addresses is believed.
"""

import hmac
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from authlib.oauth2.rfc6749 import ClientMixin
from authlib.oauth2.rfc7591 import ClientMetadataClaims, InvalidClientMetadataError, InvalidRedirectURIError

from contracts.calls.badge_connect import OFFLINE, SCOPES
from gateway.clients import hash_of

SUPPORTED_SCOPES = (*SCOPES, OFFLINE)
AUTH_METHOD = "client_secret_basic"
RESPONSE_TYPE = "code"
AUTHORIZATION_CODE, REFRESH_TOKEN = GRANT_TYPES = ("authorization_code", "refresh_token")
ADDRESSES = ("client_uri", "logo_uri", "tos_uri", "policy_uri")
TEXTS = ("client_name", "software_id", "software_version", "scope", *ADDRESSES)
"""The standard requires each of them."""
LISTS = ("redirect_uris", "grant_types", "response_types")
LONGEST_TEXT, LONGEST_ADDRESS, LONGEST_LIST = 120, 300, 5
LONGEST = {"scope": 1000, "client_name": 100} | dict.fromkeys((*ADDRESSES, "redirect_uris"), LONGEST_ADDRESS)
"""What is longer than LONGEST_TEXT, or shorter, by name."""
HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
"""It stands in the policy of a page, where a semicolon would begin another rule."""
PLAIN_ADDRESS = re.compile(r"[!#-;=?-\[\]_a-z~]+")
UNPRINTABLE = ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")
"""Categories of what breaks a line, turns the direction of what is beside it, or cannot be seen."""
PILED_UP = re.compile(r"M{3}")


@dataclass(frozen=True)
class App(ClientMixin):
    """One that is registered. `id` and secret sign it in; the secret is kept as its hash."""

    id: str
    secret: str
    client_name: str
    client_uri: str
    logo_uri: str
    tos_uri: str
    policy_uri: str
    software_id: str
    software_version: str
    redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...]
    grant_types: tuple[str, ...]
    registered_at: datetime
    kept_until: datetime

    @property
    def host(self) -> str:
        """Of all its addresses; what the code goes back to."""
        return urlsplit(self.client_uri).netloc

    def get_default_redirect_uri(self) -> None:
        """The standard has apps name one each time."""

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """Those of the scopes that it registered for; None where that leaves nothing."""
        return " ".join(each for each in (scope or "").split() if each in self.scopes) or None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri in self.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        return hmac.compare_digest(self.secret, hash_of(client_secret))

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == AUTH_METHOD

    def check_response_type(self, response_type: str) -> bool:
        return response_type == RESPONSE_TYPE

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in self.grant_types


class AppMetadata(ClientMetadataClaims):
    """What an app that registers says, checked by Authlib's rules and by those of Open Badges 3.0."""

    REGISTERED_CLAIMS = [*TEXTS, *LISTS, "token_endpoint_auth_method"]

    def validate(self, now: int | None = None, leeway: int = 0) -> None:
        """Raises InvalidClientMetadataError, InvalidRedirectURIError, or a JoseError of Authlib's."""
        self.setdefault("grant_types", [AUTHORIZATION_CODE])
        self.setdefault("response_types", [RESPONSE_TYPE])
        for name in TEXTS:
            _check_text(name, self.get(name))
        for name in LISTS:
            _check_list(name, self.get(name))
        super().validate(now, leeway)
        _check_addresses([self[name] for name in ADDRESSES], self["redirect_uris"])
        if AUTHORIZATION_CODE not in self["grant_types"] or not self["response_types"]:
            raise InvalidClientMetadataError("grant_types needs authorization_code, and response_types code.")

    def validate_client_name(self) -> None:
        """People have to be able to tell it from others."""
        kinds = "".join(unicodedata.category(each)[0] for each in self["client_name"])
        if not {"L", "N"} & set(kinds) or PILED_UP.search(kinds):
            raise InvalidClientMetadataError("client_name has a letter or digit, and at most two combining marks in a "
                                             "row.")

    def validate_scope(self) -> None:
        """Scopes that are not known here are left out (RFC 7591, 2)."""
        known = [each for each in dict.fromkeys(self["scope"].split()) if each in SUPPORTED_SCOPES]
        if not set(known) & set(SCOPES):
            raise InvalidClientMetadataError("None of the scopes is known here. The discovery document lists them.")
        self["scope"] = " ".join(known)


def _check_text(name: str, value: object) -> None:
    most = LONGEST.get(name, LONGEST_TEXT)
    if not isinstance(value, str) or not value.strip() or len(value) > most or _is_unprintable(value):
        raise InvalidClientMetadataError(f"{name} is required: a text of one line and at most {most} characters.")


def _is_unprintable(text: str) -> bool:
    return any(unicodedata.category(each) in UNPRINTABLE for each in text)


def _check_list(name: str, value: object) -> None:
    fine = isinstance(value, list) and 0 < len(value) <= LONGEST_LIST
    most = LONGEST.get(name, LONGEST_TEXT)
    if not fine or not all(isinstance(each, str) and len(each) <= most for each in value):  # type: ignore[attr-defined]
        kind = InvalidRedirectURIError if name == "redirect_uris" else InvalidClientMetadataError
        raise kind(f"{name} is a list of 1 to {LONGEST_LIST} texts of at most {most} characters.")


def _check_addresses(addresses: list[str], redirect_uris: list[str]) -> None:
    """All are of https, and of one host (Open Badges 3.0, 7.1.1.2)."""
    hosts = {_host_of(each) for each in (*addresses, *redirect_uris)}
    if any(_host_of(each) is None for each in redirect_uris):
        raise InvalidRedirectURIError("Redirect URIs are https addresses, in plain ASCII and without a fragment.")
    if None in hosts or len(hosts) != 1:
        raise InvalidClientMetadataError("All addresses are of https, in plain ASCII, and of the same host.")


def _host_of(address: str) -> str | None:
    """With its port; None for what is no plain https address."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    is_plain = PLAIN_ADDRESS.fullmatch(address) and HOST.fullmatch(parts.hostname or "") and parts.username is None
    if parts.scheme != "https" or not is_plain or parts.fragment:
        return None
    return f"{parts.hostname}:{443 if port is None else port}"
