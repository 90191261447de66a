"""PNG images chunk by chunk (PNG, third edition): read, cleaned, and with a credential's text in an iTXt chunk.

The pixels are never drawn here. What is kept for others to see is checked down to the number of its bytes.
"""

import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from services.credentials.domain.refusals import ImageUnsuitable

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MOST_CHUNKS = 20_000
MOST_TEXT_BYTES = 400_000
"""A JWS of the longest that is read, whatever its characters."""
LONGEST_SIDE = 2048
SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Values of a pixel, by colour type (11.2.1)."""
DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""Of an interlaced image (8.2): first column and row, and the steps between them."""
KEPT = (b"IHDR", b"PLTE", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"pHYs", b"IDAT", b"IEND")
"""What decides how the picture looks. Profiles, texts and cameras' notes do not stay."""


@dataclass(frozen=True)
class Chunk:
    kind: bytes
    data: bytes


def read(image: bytes) -> list[Chunk]:
    """All chunks, from IHDR to IEND. Raises ImageUnsuitable."""
    found: list[Chunk] = []
    place = len(SIGNATURE)
    while not found or found[-1].kind != b"IEND":
        head = image[place : place + 8]
        if len(head) < 8 or len(found) == MOST_CHUNKS:
            raise ImageUnsuitable("The PNG breaks off, or has too many parts. Save it again in a drawing program.")
        length, kind = int.from_bytes(head[:4], "big"), head[4:]
        data = image[place + 8 : place + 8 + length]
        checksum = image[place + 8 + length : place + 12 + length]
        if checksum != zlib.crc32(kind + data).to_bytes(4, "big"):
            raise ImageUnsuitable("A part of the PNG is damaged. Save it again in a drawing program.")
        found.append(Chunk(kind, data))
        place += 12 + length
    if found[0].kind != b"IHDR" or len(found[0].data) != 13:
        raise ImageUnsuitable("The PNG has no header. Save it again in a drawing program.")
    return found


def write(chunks: Iterable[Chunk]) -> bytes:
    """The image of these chunks."""
    parts = [SIGNATURE]
    for chunk in chunks:
        body = chunk.kind + chunk.data
        parts += [len(chunk.data).to_bytes(4, "big"), body, zlib.crc32(body).to_bytes(4, "big")]
    return b"".join(parts)


def text_chunk(keyword: str, text: str) -> Chunk:
    """An uncompressed iTXt chunk without a language (11.3.3.4)."""
    return Chunk(b"iTXt", keyword.encode("latin-1") + b"\0\0\0\0\0" + text.encode())


def with_text(image: bytes, keyword: str, text: str) -> bytes:
    """The image with one text of this keyword, in place of those it had. Raises ImageUnsuitable."""
    kept = [each for each in read(image) if not (each.kind == b"iTXt" and _keyword(each) == keyword)]
    return write([*kept[:-1], text_chunk(keyword, text), kept[-1]])


def texts(image: bytes, keyword: str) -> list[str]:
    """The texts of this keyword in iTXt chunks, compressed ones too. Raises ImageUnsuitable."""
    return [_text(each) for each in read(image) if each.kind == b"iTXt" and _keyword(each) == keyword]


def cleaned(image: bytes) -> bytes:
    """The picture alone. Raises ImageUnsuitable for what is larger than LONGEST_SIDE, or unpacks to more or less than
    its header says."""
    chunks = [each for each in read(image) if each.kind in KEPT]
    raw_bytes = _raw_bytes(chunks[0])
    packed = b"".join(each.data for each in chunks if each.kind == b"IDAT")
    unpacker = zlib.decompressobj()
    try:
        unpacked = unpacker.decompress(packed, raw_bytes + 1)
    except zlib.error:
        unpacked = b""
    has_palette = any(each.kind == b"PLTE" for each in chunks)
    if len(unpacked) != raw_bytes or not unpacker.eof or (chunks[0].data[9] == 3 and not has_palette):
        raise ImageUnsuitable("The PNG's pixels do not fit its header. Save it again in a drawing program.")
    return write(chunks)


def _keyword(chunk: Chunk) -> str:
    return chunk.data.partition(b"\0")[0].decode("latin-1")


def _text(chunk: Chunk) -> str:
    rest = chunk.data.partition(b"\0")[2]
    packed, method = rest[:1], rest[1:2]
    text = rest[2:].partition(b"\0")[2].partition(b"\0")[2]
    try:
        if packed == b"\1" and method == b"\0":
            text = zlib.decompressobj().decompress(text, MOST_TEXT_BYTES + 1)
        if len(text) > MOST_TEXT_BYTES:
            raise ImageUnsuitable(f"The text in the PNG is longer than {MOST_TEXT_BYTES} bytes.")
        return text.decode()
    except (zlib.error, UnicodeDecodeError):
        raise ImageUnsuitable("The text in the PNG cannot be read.") from None


def _raw_bytes(header: Chunk) -> int:
    """How many bytes the pixels take, each row with the byte before it that names its filter."""
    width, height, depth, colour, packing, filtering, interlace = struct.unpack(">IIBBBBB", header.data)
    if not (0 < width <= LONGEST_SIDE and 0 < height <= LONGEST_SIDE):
        raise ImageUnsuitable(f"The PNG has to be at most {LONGEST_SIDE} pixels wide and high.")
    if depth not in DEPTHS.get(colour, ()) or packing or filtering or interlace > 1:
        raise ImageUnsuitable("The PNG's header names a kind of picture that there is not.")
    bits = SAMPLES[colour] * depth
    total = 0
    for column, row, across, down in PASSES if interlace else ((0, 0, 1, 1),):
        columns, rows = -(-(width - column) // across), -(-(height - row) // down)
        if columns > 0 and rows > 0:
            total += rows * (1 + (columns * bits + 7) // 8)
    return total
