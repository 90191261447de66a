"""Card numbers and PINs: what may be one, and what is kept of one. A PIN is never kept, a number only as a keyed hash.

Each library has a hash key of its own, made from the secret `CARD_KEY`: one card number at two libraries is two
hashes, and whoever has the database alone can try no numbers.
"""

import hmac
import re
import unicodedata
from functools import cache

from libranet.settings import secret
from services.profiles.cards.domain.refusals import CardUnreadable

CARD = re.compile(r"[!-{}~]{3,64}")
"""Visible ASCII; `|` would end the field (SIP2). Blanks are print, not part of the number."""
LONGEST_PIN = 64
SHORTEST_KEY = 32


def card_number(text: str) -> str:
    """The number as it is sent. Raises CardUnreadable before anything is sent."""
    number = text.replace(" ", "")
    if not CARD.fullmatch(number):
        raise CardUnreadable("Write the card number as it is printed: 3 to 64 letters and digits.", "/card")
    return number


def pin(text: str) -> str:
    """The PIN as it is sent. An empty one is right for every card in some library systems, so it is never sent."""
    odd = any(unicodedata.category(each).startswith(("C", "Zl", "Zp")) or each == "|" for each in text)
    if not text.strip() or len(text) > LONGEST_PIN or odd:
        raise CardUnreadable(f"Write your PIN: 1 to {LONGEST_PIN} characters, without | and line breaks.", "/pin")
    return text


def is_of(number: str, prefixes: tuple[str, ...]) -> bool:
    """Whether a card belongs to this member of a shared system; without prefixes every card does."""
    return not prefixes or number.startswith(prefixes)


def hash_of_card(number: str, library: str) -> str:
    """What is kept of a card number."""
    return _hash(library, "card", number)


def hash_of_account(issuer: str, subject: str, library: str) -> str:
    """What is kept of an account at an identity provider: pairwise, as another library has another hash of it."""
    return _hash(library, "account", issuer, subject)


def _hash(library: str, *parts: str) -> str:
    message = b"".join(len(raw).to_bytes(4, "big") + raw for raw in (part.encode() for part in parts))
    return hmac.digest(_key_of(library), message, "sha256").hex()


@cache
def _key_of(library: str) -> bytes:
    text = secret("CARD_KEY")
    if len(text) < SHORTEST_KEY:
        raise ValueError("CARD_KEY must be at least 32 characters of random text")
    return hmac.digest(text.encode(), b"cards of " + library.encode(), "sha256")
