"""Resume codes: twelve characters that are easily told apart, like `7KQ2-M9TR-X4WD`, the last one a check.

The alphabet is Crockford's base 32: no I, L, O or U; what is typed instead of 1 and 0 is taken for these. Eleven
characters are drawn (55 bits), the check (Luhn modulo 32) finds each single slip and most swaps before anything is
looked up. Of a code only its keyed hash is kept.
"""

import secrets

from libranet.ids import keyed_id

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
DRAWN = 11
GROUP = 4
MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None, "\u2010": None, "\u2013": None})


def new_code() -> str:
    """In groups of four."""
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(DRAWN))
    code = drawn + _check(drawn)
    return "-".join(code[start:start + GROUP] for start in range(0, len(code), GROUP))


def read(typed: str) -> str | None:
    """The code as it is compared; None for what cannot be one."""
    code = typed.strip().upper().translate(MISREAD)
    if len(code) != DRAWN + 1 or not set(code) <= set(ALPHABET) or _check(code[:-1]) != code[-1]:
        return None
    return code


def hash_of(code: str) -> str:
    """What is kept of a code, however it was typed. Raises ValueError for what is none."""
    plain = read(code)
    if plain is None:
        raise ValueError("not a resume code")
    return keyed_id("resume-code", plain)


def _check(drawn: str) -> str:
    """Luhn modulo 32 (ISO/IEC 7812-1, annex B, with another radix)."""
    total = 0
    for position, character in enumerate(reversed(drawn)):
        value = ALPHABET.index(character) * (2 if position % 2 == 0 else 1)
        total += value // len(ALPHABET) + value % len(ALPHABET)
    return ALPHABET[-total % len(ALPHABET)]
