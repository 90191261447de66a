"""What others say of a credential now, of its achievement and of its issuer, for the moment of signing; and who signs
what is said."""

from collections.abc import Sequence

from libranet.collection import Document
from libranet.offhub import off_hub
from services.credentials.adapters.status_places import Places
from services.credentials.domain import endorsing, keys
from services.credentials.domain.achievements import Achievement
from services.credentials.domain.endorsing import ISSUER, Endorsement, Signer, about
from services.credentials.domain.keys import KeyKeeper
from services.credentials.domain.vouchers import Vouchers
from services.credentials.issuers import issuer_of
from services.credentials.store import CredentialStore


def vouchers_of(achievement: Achievement, issuer: str, store: CredentialStore,
                said: Sequence[Endorsement] = ()) -> Vouchers:
    """`issuer` is its node; `said` are the endorsements of the credential."""
    standing = store.endorsements.signed
    return Vouchers(
        credential=tuple(each["jws"] for each in said),
        achievement=standing(endorsing.of_achievement(achievement).about),
        issuer=standing(about(ISSUER, issuer)),
        mappings=store.mappings.accepted_of(achievement))


def signer_of(node: str, with_token: bool, store: CredentialStore, keeper: KeyKeeper, places: Places) -> Signer:
    """The node as it signs an endorsement, as JWS too where that is asked for."""
    issuer = issuer_of(node, store, keeper)
    key = off_hub(keeper.signing_key, node, keys.RSA) if with_token else None  # a node's first one takes 0.1 s
    return Signer(issuer, places.take(node, issuer.did), key)


def said_of(credential: Document, achievement: Achievement, store: CredentialStore) -> list[Endorsement]:
    """Endorsements of a credential that was issued before; a co-issuer speaks of its own version of the achievement."""
    target = endorsing.of_credential(credential).about
    return [each for each in store.endorsements.standing([target])[target]
            if each["version"] in (None, achievement.version)]
