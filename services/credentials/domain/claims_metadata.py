"""What an issuer tells wallets: its metadata, those of its authorization server, and offers (OpenID4VCI 1.0, 4 and 12).

Each issuing node is a Credential Issuer and its own Authorization Server, named `{platform}/issuers/{node}`.
"""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from contracts.calls.claims import FORMATS, LDP_VC
from services.credentials.domain import claims, documents, issuers, keys, proofs
from services.credentials.domain.claims_proofs import ALGORITHMS, BINDING_METHODS
from services.credentials.domain.issuers import Issuer

GRANT = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
TYPES = ["VerifiableCredential", "OpenBadgeCredential"]
CONFIGURATION = "OpenBadgeCredential_"
TX_CODE_WORDS = "Six digits, shown beside the link or QR code that brought you here."


def identifier(platform: str, node: str) -> str:
    """The Credential Issuer Identifier (12.2.1)."""
    return f"{platform}/issuers/{node}"


def offer_address(platform: str, node: str, secret: str) -> str:
    return f"{identifier(platform, node)}/offers/{secret}"


def link(offer_uri: str) -> str:
    """What opens a wallet (4.1.3); as a QR code, what it scans."""
    return f"openid-credential-offer://?{urlencode({'credential_offer_uri': offer_uri})}"


def configuration(form: str) -> str:
    """The name of the credential configuration of this format."""
    return f"{CONFIGURATION}{form}"


def format_of(name: object) -> str | None:
    """The format of the credential configuration of this name."""
    return next((each for each in FORMATS if configuration(each) == name), None)


def offer(platform: str, node: str, formats: Iterable[str], code: str) -> dict[str, Any]:
    """The Credential Offer (4.1.1)."""
    tx_code = {"input_mode": "numeric", "length": claims.TX_CODE_DIGITS, "description": TX_CODE_WORDS}
    return {
        "credential_issuer": identifier(platform, node),
        "credential_configuration_ids": [configuration(each) for each in formats],
        "grants": {GRANT: {"pre-authorized_code": code, "tx_code": tx_code}},
    }


def of_issuer(issuer: Issuer, platform: str) -> dict[str, Any]:
    """Credential Issuer Metadata (12.2.4)."""
    own = identifier(platform, issuer.node)
    return {
        "credential_issuer": own,
        "credential_endpoint": f"{own}/credential",
        "nonce_endpoint": f"{own}/nonce",
        "notification_endpoint": f"{own}/notification",
        "display": [{"name": issuer.name}],
        "credential_configurations_supported": {configuration(each): _configuration(each) for each in FORMATS},
    }


def of_server(platform: str, node: str) -> dict[str, Any]:
    """Authorization Server Metadata (12.3; RFC 8414, 2)."""
    own = identifier(platform, node)
    return {
        "issuer": own,
        "token_endpoint": f"{own}/token",
        "token_endpoint_auth_methods_supported": ["none"],
        "grant_types_supported": [GRANT],
        "response_types_supported": [],
        "pre-authorized_grant_anonymous_access_supported": True,
    }


def _configuration(form: str) -> dict[str, Any]:
    """A.1.1.2 and A.1.2.2: `ldp_vc` names the contexts too."""
    contexts = {"@context": list(documents.CONTEXTS)} if form == LDP_VC else {}
    signed_by = list(proofs.SUITES) if form == LDP_VC else [issuers.ALGORITHMS[keys.P256]]
    return {
        "format": form,
        "cryptographic_binding_methods_supported": list(BINDING_METHODS),
        "credential_signing_alg_values_supported": signed_by,
        "proof_types_supported": {"jwt": {"proof_signing_alg_values_supported": list(ALGORITHMS)}},
        "credential_definition": {**contexts, "type": TYPES},
        "credential_metadata": {"display": [{"name": "Open Badge"}]},
    }
