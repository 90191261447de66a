"""Signed statements that anybody can check without asking us: compact JWS (RFC 7515) by Ed25519 (RFC 8037, 9864).

Private keys sign, the first of them; every key is published, so that two may be live while one replaces the other,
and a retired one stays as its public half for as long as somebody may show what it signed.
"""

import re
from collections.abc import Mapping
from typing import Any

import orjson
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

ALGORITHM = "Ed25519"
PEM = re.compile(r"-----BEGIN (PRIVATE|PUBLIC) KEY-----.+?-----END \1 KEY-----", re.DOTALL)


class NoSigningKey(ValueError):
    """The text holds no private key."""


class NotSigned(ValueError):
    """The signature does not hold, or is somebody else's."""


class SigningKeys:
    """Keys from PEM blocks, the newest first; a public block is a retired key."""

    def __init__(self, pem: str) -> None:
        keys = [(found[1], OKPKey.import_key(found[0] + "\n")) for found in PEM.finditer(pem)]
        private = [key for kind, key in keys if kind == "PRIVATE"]
        if not private:
            raise NoSigningKey("there is no private key (PEM, PKCS#8) in it")
        self._signing = private[0]
        self._known = [key for _, key in keys]

    def sign(self, statement: Mapping[str, Any], kind: str) -> str:
        """The statement as a compact JWS; `kind` is its media type without `application/` (RFC 7515, 4.1.9)."""
        head = {"alg": ALGORITHM, "typ": kind, "kid": self._signing.thumbprint()}
        return jws.serialize_compact(head, orjson.dumps(statement, option=orjson.OPT_SORT_KEYS), self._signing,
                                     algorithms=[ALGORITHM])

    def public_set(self) -> dict[str, Any]:
        """The public halves as a JWK set (RFC 7517); a key's id is its thumbprint (RFC 7638)."""
        return {"keys": [{**key.as_dict(private=False), "kid": key.thumbprint(), "alg": ALGORITHM, "use": "sig"}
                         for key in self._known]}


def read(token: str, public_set: Mapping[str, Any]) -> dict[str, Any]:
    """The statement of a JWS that one of the published keys signed; raises NotSigned for everything else."""
    for each in public_set["keys"]:
        try:
            found = jws.deserialize_compact(token, OKPKey.import_key(dict(each)), algorithms=[ALGORITHM])
            return dict(orjson.loads(found.payload))
        except (JoseError, ValueError, TypeError):
            continue
    raise NotSigned("none of these keys signed it")
