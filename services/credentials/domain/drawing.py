"""The picture of an achievement that was given none: its name, whose it is, and of which kind, told by words and by the
outline, so that it can be read without colours.

The same words give the same bytes. The SVG has the words in it; the PNG has the outline alone, with the words as its
text: drawing words would take a font for every script of the world.
"""

import math
import unicodedata
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from xml.sax.saxutils import escape

from contracts.calls.achievements import COMPETENCY
from services.credentials.domain import png
from services.credentials.domain.png import Chunk

INK, PAPER, GROUND = "#12263f", "#ffffff", "#0b4a8f"
"""Ink on paper has a contrast of 15 to 1, paper on ground one of 9 to 1 (WCAG 2.2 asks for 4.5)."""
WORDS = {COMPETENCY: "Competency: assessed", "": "Taking part"}
LINE_WIDTH, MOST_LINES = 24, 4
"""In columns: a character of East Asian width takes two."""
SIDE = 240
Inside = Callable[[float, float], bool]
"""Whether a point belongs to the outline; the middle of the picture is 0, 0."""
MEDAL = (
    '<path d="M150 128 136 182l28-14 14-26zM250 128l14 54-28-14-14-26z" fill="{ground}"/>'
    '<circle cx="200" cy="92" r="60" fill="{paper}" stroke="{ground}" stroke-width="12"/>'
    '<circle cx="200" cy="92" r="26" fill="{ground}"/>')
SHIELD = (
    '<path d="M200 22 264 58v72l-64 38-64-38V58z" fill="{paper}" stroke="{ground}" stroke-width="12"/>'
    '<path d="M168 96l24 26 42-50" fill="none" stroke="{ground}" stroke-width="16"/>')


@dataclass(frozen=True)
class Label:
    """What stands on the picture: the achievement's name, the issuer's name, the kind."""

    title: str
    issuer: str
    kind: str

    @property
    def kind_in_words(self) -> str:
        return WORDS.get(self.kind, WORDS[""])

    @property
    def alternative_text(self) -> str:
        """The picture in words, for those who cannot see it."""
        return f"{self.title}. {self.kind_in_words}. {self.issuer}"


def svg(label: Label) -> bytes:
    """400 by 400, of any size on paper and screen."""
    lines = list(_lines(label.title))
    top = 242 - 13 * (len(lines) - 1)
    rows = "".join(_row(line, top + 27 * number, 22) for number, line in enumerate(lines))
    outline = (SHIELD if label.kind == COMPETENCY else MEDAL).format(ground=GROUND, paper=PAPER)
    issuer = next(_lines(label.issuer, LINE_WIDTH * 2 - 8, 1))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400" width="400" height="400" role="img" '
        'aria-labelledby="title" font-family="system-ui, sans-serif" text-anchor="middle">'
        f'<title id="title">{escape(label.alternative_text)}</title>'
        f'<rect x="4" y="4" width="392" height="392" rx="24" fill="{PAPER}" stroke="{GROUND}" stroke-width="8"/>'
        f'{outline}<g fill="{INK}">{rows}{_row(issuer, 334, 15, "normal")}</g>'
        f'<path d="M8 352h384v20a20 20 0 0 1-20 20H28a20 20 0 0 1-20-20z" fill="{GROUND}"/>'
        f'<g fill="{PAPER}">{_row(label.kind_in_words, 378, 17)}</g></svg>').encode()


def png_of(label: Label) -> bytes:
    """240 by 240."""
    outline = png.read(_outline(label.kind == COMPETENCY))
    return png.write([*outline[:-1], png.text_chunk("Description", label.alternative_text), outline[-1]])


def _row(text: str, baseline: int, size: int, weight: str = "bold") -> str:
    """A line whose own first letter says from which side it is read."""
    direction = "rtl" if _is_right_to_left(text) else "ltr"
    return (f'<text x="200" y="{baseline}" font-size="{size}" font-weight="{weight}" direction="{direction}" '
            f'unicode-bidi="isolate">{escape(text)}</text>')


def _is_right_to_left(text: str) -> bool:
    strong = (unicodedata.bidirectional(each) for each in text)
    return next((each for each in strong if each in ("L", "R", "AL")), "L") != "L"


def _lines(text: str, width: int = LINE_WIDTH, most: int = MOST_LINES) -> Iterator[str]:
    """The words in lines; what does not fit ends in an ellipsis."""
    line, given = "", 0
    for word in _pieces(text, width):
        longer = f"{line} {word}".strip()
        if _columns(longer) <= width:
            line = longer
            continue
        given += 1
        if given == most:
            yield line + "…"
            return
        yield line
        line = word
    yield line


def _pieces(text: str, width: int) -> Iterator[str]:
    """Words, those that are wider than a line cut."""
    for word in text.split():
        piece = ""
        for character in word:
            if _columns(piece + character) > width and not unicodedata.combining(character):
                yield piece
                piece = ""
            piece += character
        yield piece


def _columns(text: str) -> int:
    wide = sum(unicodedata.east_asian_width(each) in "WF" for each in text)
    return len(text) + wide - sum(1 for each in text if unicodedata.combining(each))


@lru_cache(maxsize=2)
def _outline(is_shield: bool) -> bytes:
    """The same outlines as in the SVG, in three colours of a palette."""
    inside = _in_shield if is_shield else _in_medal
    rows = (bytes([0, *(_colour(column, row, inside) for column in range(SIDE))]) for row in range(SIDE))
    palette = b"".join(bytes.fromhex(colour[1:]) for colour in (PAPER, GROUND))
    header = SIDE.to_bytes(4, "big") * 2 + bytes((8, 3, 0, 0, 0))
    return png.write([Chunk(b"IHDR", header), Chunk(b"PLTE", palette),
                      Chunk(b"IDAT", zlib.compress(b"".join(rows), 9)), Chunk(b"IEND", b"")])


def _colour(column: int, row: int, inside: Inside) -> int:
    edge = min(column, row, SIDE - 1 - column, SIDE - 1 - row)
    return 1 if 2 <= edge < 8 or inside(column + 0.5 - SIDE / 2, row + 0.5 - SIDE / 2) else 0


def _in_medal(x: float, y: float) -> bool:
    from_middle = math.hypot(x, y + 16)
    ribbon = 40 < y < 92 and 18 < abs(x) - (y - 40) / 4 < 44
    return 50 < from_middle < 64 or from_middle < 26 or (ribbon and from_middle > 64)


def _in_shield(x: float, y: float) -> bool:
    outer = max(abs(x), (abs(x) + abs(y) * 1.732) / 2)
    check = _near(x, y, -34, 2, -8, 30) or _near(x, y, -8, 30, 36, -26)
    return 70 < outer < 84 or check


def _near(x: float, y: float, from_x: float, from_y: float, to_x: float, to_y: float) -> bool:
    """Whether a point is on a stroke of 16."""
    across, down = to_x - from_x, to_y - from_y
    along = max(0.0, min(1.0, ((x - from_x) * across + (y - from_y) * down) / (across * across + down * down)))
    return math.hypot(x - from_x - along * across, y - from_y - along * down) <= 8
