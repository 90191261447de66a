"""What others say of a credential now, of its achievement and of its issuer, for the moment of signing."""

from services.credentials.domain import endorsing
from services.credentials.domain.achievements import Achievement
from services.credentials.domain.endorsing import CREDENTIAL, ISSUER, about
from services.credentials.domain.vouchers import Vouchers
from services.credentials.store import CredentialStore


def vouchers_of(achievement: Achievement, issuer: str, store: CredentialStore,
                credential: str | None = None) -> Vouchers:
    """`issuer` is its node, `credential` the last part of its address where it was issued before."""
    said = store.endorsements
    return Vouchers(
        credential=said.signed(about(CREDENTIAL, credential)) if credential else (),
        achievement=said.signed(endorsing.of_achievement(achievement).about),
        issuer=said.signed(about(ISSUER, issuer)))
