"""The service description document of Open Badges 3.0 (7.1.1.1): our own description of that API's calls, cut out of
the whole, in OpenAPI 3.0 and with the members that 1EdTech adds.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from contracts.calls import badge_connect as calls
from libranet import settings

OPENAPI_VERSION = "3.0.3"
SCHEME = "OAuth2ACG"
REFERENCE = re.compile(r'"#/components/(\w+)/([^"/]+)"')
UNKNOWN_TO_IT = ("x-allows", "tags")


@dataclass(frozen=True)
class Publisher:
    """Who offers the API, and at which address, as apps may show it to people."""

    address: str
    name: str = "Libranet"
    privacy_policy: str = ""
    terms: str = ""

    @classmethod
    def from_environment(cls) -> "Publisher":
        """Settings: `PUBLIC_URL`, `PLATFORM_NAME`, `PRIVACY_POLICY_URL`, `TERMS_OF_SERVICE_URL`; without these two, the
        purposes that the platform knows and /docs stand in."""
        return cls(settings.get("PUBLIC_URL"), settings.get("PLATFORM_NAME", "Libranet"),
                   settings.get("PRIVACY_POLICY_URL", ""), settings.get("TERMS_OF_SERVICE_URL", ""))

    @property
    def base(self) -> str:
        return self.address.rstrip("/")

    @property
    def privacy_policy_url(self) -> str:
        return self.privacy_policy or f"{self.base}/v1/consent-purposes"

    @property
    def terms_url(self) -> str:
        return self.terms or f"{self.base}/docs"


def security_scheme(base: str) -> dict[str, Any]:
    """How apps are let in. Without a base the addresses are relative to the description's own."""
    return {
        "type": "oauth2", "description": "OAuth 2.0 Authorization Code Grant authorization, with PKCE.",
        "x-imssf-registrationUrl": base + calls.REGISTER_APP.path,
        "flows": {"authorizationCode": {
            "authorizationUrl": base + calls.AUTHORIZE_PATH, "tokenUrl": base + calls.REQUEST_APP_TOKEN.path,
            "refreshUrl": base + calls.REQUEST_APP_TOKEN.path,
            "scopes": {**calls.SCOPES, calls.OFFLINE: "Opens nothing; it may be asked for."}}}}


def service_description(described: dict[str, Any], publisher: Publisher) -> dict[str, Any]:
    """`described` is the description of all that the gateway publishes."""
    paths = {path.removeprefix(calls.BASE): _for_apps(methods) for path, methods in described["paths"].items()
             if path.startswith(f"{calls.BASE}/")}
    told = {"x-imssf-privacyPolicyUrl": publisher.privacy_policy_url}
    scheme = {**security_scheme(publisher.base), **told, "x-imssf-name": publisher.name,
              "x-imssf-termsOfServiceUrl": publisher.terms_url}
    return {
        "openapi": OPENAPI_VERSION,
        "info": {"title": publisher.name, "version": described["info"]["version"], **told,
                 "termsOfService": publisher.terms_url},
        "servers": [{"url": publisher.base + calls.BASE}],
        "paths": paths,
        "components": {**_named_in(paths, described["components"]), "securitySchemes": {SCHEME: scheme}}}


def _for_apps(methods: dict[str, Any]) -> dict[str, Any]:
    return {method: {**{name: value for name, value in operation.items() if name not in UNKNOWN_TO_IT},
                     "operationId": _named(operation["operationId"])} for method, operation in methods.items()}


def _named(operation: str) -> str:
    """`getCredentials` for `get_credentials`, as the standard calls its operations."""
    first, *others = operation.split("_")
    return first + "".join(each.capitalize() for each in others)


def _named_in(document: Any, components: dict[str, Any]) -> dict[str, Any]:
    """The components that the document refers to, and those that these refer to."""
    found: dict[str, Any] = {}
    wanted = _references(document)
    while wanted:
        kind, name = wanted.pop()
        if name not in found.setdefault(kind, {}):
            found[kind][name] = components[kind][name]
            wanted |= _references(components[kind][name])
    return found


def _references(document: Any) -> set[tuple[str, str]]:
    return set(REFERENCE.findall(orjson.dumps(document).decode()))


def scopes_of(allows: Iterable[str]) -> list[str]:
    """The scopes of apps among who may make a call."""
    return [each for each in allows if each in calls.SCOPES]
