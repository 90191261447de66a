"""Why a wallet gets nothing: in the words of OAuth 2.0 and of OpenID for Verifiable Credential Issuance 1.0."""


import re

UNTELLABLE = re.compile(r"[^\x20\x21\x23-\x5b\x5d-\x7e]")


class ClaimRefused(Exception):
    """`error` is a code of RFC 6749, 5.2, of RFC 6750, 3.1, or of OpenID4VCI 1.0, 8.3.1.2 and 11.3; of the description
    nothing is told but the characters that these allow."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.description = UNTELLABLE.sub("?", description)
        self.status = status

    def as_dict(self) -> dict[str, str]:
        return {"error": self.error, "error_description": self.description}


def token_refused() -> ClaimRefused:
    return ClaimRefused("invalid_token", "The access token is missing, expired or not of this issuer.", 401)
