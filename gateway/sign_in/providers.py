"""Libraries' OpenID Connect providers in the gateway's database; client secrets sealed under `SIGN_IN_KEK`."""

from dataclasses import asdict, dataclass
from typing import Any

from pymongo.database import Database

from libranet.collection import Collection, Document, Retention
from libranet.outside import addresses
from libranet.problems import NotFound
from libranet.sealing import Sealing

PROVIDERS = Collection("sign_in_providers", Retention.forever("as long as the library uses it; it can be taken away"))
NETWORKS = Collection("sign_in_networks", Retention.forever("until the operator takes a network back"))
COLLECTIONS = (PROVIDERS, NETWORKS)
_sealing = Sealing("SIGN_IN_KEK")


class ProviderUnknown(NotFound):
    """No provider is set there, or the place is out of the caller's reach."""

    title = "No sign-in provider"


@dataclass(frozen=True)
class Provider:
    """`node` is the library or branch whose people sign in there. The secret is in clear text here only."""

    node: str
    issuer: str
    client_id: str
    client_secret: str = ""
    client_auth: str = "client_secret_basic"
    scopes: tuple[str, ...] = ("openid",)
    subject_claim: str = "sub"
    algorithms: tuple[str, ...] = ("RS256", "ES256")


class ProviderStore:
    """Threads share it. Every method raises PyMongoError while the database does not answer."""

    def __init__(self, database: Database[Any]) -> None:
        self._providers = database[PROVIDERS.name]
        self._networks = database[NETWORKS.name]

    def get(self, node: str) -> Provider:
        """Raises ProviderUnknown."""
        row = self._providers.find_one({"_id": node})
        if row is None:
            raise ProviderUnknown("This library has no sign-in provider here.")
        secret = _sealing.unseal(bytes(row["client_secret"]), _bound(node)) if row["client_secret"] else ""
        return _provider(row, secret)

    def nodes(self) -> set[str]:
        """Where there is one."""
        return {row["_id"] for row in self._providers.find({}, ["_id"])}

    def save(self, provider: Provider) -> None:
        secret = provider.client_secret
        row = {**asdict(provider), "_id": provider.node, "schema_version": PROVIDERS.schema_version,
               "client_secret": _sealing.seal(secret, _bound(provider.node)) if secret else None,
               "scopes": list(provider.scopes), "algorithms": list(provider.algorithms)}
        del row["node"]
        self._providers.replace_one({"_id": provider.node}, row, upsert=True)

    def remove(self, node: str) -> None:
        self._providers.delete_one({"_id": node})

    def allow_network(self, node: str, cidr: str, allowed: bool = True) -> str:
        """Lets the gateway reach this node's provider in a network that is not public, or no longer. Gives its usual
        form; raises ValueError for what is no network."""
        network = str(addresses.network(cidr))
        change: Document = {"$addToSet" if allowed else "$pull": {"networks": network},
                            "$setOnInsert": {"schema_version": NETWORKS.schema_version}}
        self._networks.update_one({"_id": node}, change, upsert=allowed)
        return network

    def networks_of(self, node: str) -> tuple[addresses.Network, ...]:
        row = self._networks.find_one({"_id": node})
        return tuple(addresses.network(text) for text in row["networks"]) if row else ()


def _provider(row: Document, secret: str) -> Provider:
    return Provider(row["_id"], row["issuer"], row["client_id"], secret, row["client_auth"], tuple(row["scopes"]),
                    row["subject_claim"], tuple(row["algorithms"]))


def _bound(node: str) -> str:
    return f"sign-in provider|{node}"
