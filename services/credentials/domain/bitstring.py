"""A status list's bits as text and back (Bitstring Status List 1.0, 3.3 and 3.4): GZIP, then multibase base64url.

The same bits always give the same text, so that every replica signs the same list and its ETag holds.
"""

import binascii
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable

SIZE = 131_072
"""Entries of a list, the least that the standard allows (6.1): fewer would tell who is meant."""
MULTIBASE = "u"
GZIP = 31
"""zlib's window bits for the GZIP format; its header then has no time in it."""
MOST_BYTES = 4 * 2**20
"""Of a stranger's list once it is unpacked: 33 million entries."""
UNPADDED = {0: "", 2: "==", 3: "="}


class BitsUnreadable(ValueError):
    """The text is no bitstring, or has no such bit."""


def encode(indices: Iterable[int]) -> str:
    """The list in which these bits are set, and no others."""
    bits = bytearray(SIZE // 8)
    for index in indices:
        bits[index // 8] |= _mask(index)
    packer = zlib.compressobj(9, wbits=GZIP)
    packed = packer.compress(bytes(bits)) + packer.flush()
    return MULTIBASE + urlsafe_b64encode(packed).decode().rstrip("=")


def is_set(encoded: str, index: int) -> bool:
    """Whether the bit is set; the first bit of the text is index 0. Raises BitsUnreadable."""
    bits = _decode(encoded)
    if len(bits) * 8 < SIZE:
        raise BitsUnreadable(f"the list has fewer than {SIZE} entries")
    if not 0 <= index < len(bits) * 8:
        raise BitsUnreadable("the index lies beyond the end of the list")
    return bool(bits[index // 8] & _mask(index))


def _mask(index: int) -> int:
    return 0x80 >> (index % 8)


def _decode(encoded: str) -> bytes:
    packed = encoded.removeprefix(MULTIBASE)
    if packed == encoded or len(packed) % 4 not in UNPADDED or not packed.isascii():
        raise BitsUnreadable("the list is not written in multibase base64url")
    unpacker = zlib.decompressobj(GZIP)
    try:
        bits = unpacker.decompress(urlsafe_b64decode(packed + UNPADDED[len(packed) % 4]), MOST_BYTES)
    except (binascii.Error, zlib.error) as error:
        raise BitsUnreadable("the list cannot be unpacked") from error
    if not unpacker.eof:
        raise BitsUnreadable(f"the list is cut off, or has more than {MOST_BYTES} bytes")
    return bits
