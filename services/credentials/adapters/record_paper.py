"""A record's page as PDF, with fpdf2: text that can be searched and read aloud, from either side, in one font that is
put into the file (FiraGO: Latin, Greek, Cyrillic, Arabic, Hebrew, Devanagari, Thai, Georgian).

What the font has no sign for stands as an empty box: Chinese, Japanese and Korean are read on the page, with the
reader's own fonts.
"""

from collections import OrderedDict
from datetime import datetime
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import pymupdf_fonts
from eventlet.semaphore import Semaphore
from fpdf import FPDF, XPos, YPos

from libranet.logs import log
from libranet.offhub import off_hub
from libranet.problems import ServiceAway
from services.credentials.domain import qr
from services.credentials.domain.record_page import Facts, Page

FONT = "FiraGO"
NAMES = {"": "figo", "B": "figbo"}
"""Regular and bold, as the package calls them."""
MARGIN, QR_SIDE, GAP = 18, 34, 6
"""Millimetres of A4."""
LINE = 1.35
"""Of a line, for each point of its letters; in millimetres a point is 0.353."""
POINT = 0.353
LONGEST_DESCRIPTION = 300
"""Each character takes a tenth of a millisecond; the page has them all."""
INK, QUIET = (27, 31, 36), (75, 85, 99)
MOST_AT_ONCE, MOST_KEPT = 2, 16


class Papers:
    """One for the process: whoever has an address may ask, so few are made at a time, and the newest are kept."""

    def __init__(self) -> None:
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()
        self._places = Semaphore(MOST_AT_ONCE)

    def pdf(self, page: Page, made_at: datetime) -> bytes:
        """Raises ServiceAway."""
        known_by = orjson.dumps(page)
        if known_by not in self._kept:
            self._kept[known_by] = self._made(page, made_at)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return self._kept[known_by]

    def _made(self, page: Page, made_at: datetime) -> bytes:
        if not self._places.acquire(blocking=False):
            raise ServiceAway("Other papers are being made. Try again.", 1)
        try:
            return off_hub(pdf, page, made_at)
        except OSError as error:
            log().exception("a paper cannot be made: is there room for 2 MB in the directory for temporary files?")
            raise ServiceAway("The paper cannot be made now. Try again later; the page has all of it.", 30) from error
        finally:
            self._places.release()


def pdf(page: Page, made_at: datetime) -> bytes:
    """The same page gives the same bytes. Takes half a second of CPU, of the longest record some three."""
    with TemporaryDirectory(prefix="libranet-fonts-") as fonts:
        paper = Paper(page, made_at, Path(fonts))
        paper.head()
        for section in page["sections"]:
            paper.section(section)
        return bytes(paper.output())


class Paper(FPDF):
    """A4, one column; each line is written from the side of its own letters."""

    def __init__(self, page: Page, made_at: datetime, fonts: Path) -> None:
        """`fonts`: a folder for their files, which are read until the paper is put out."""
        super().__init__(format="A4")
        self._page = page
        self._is_left = page["direction"] == "ltr"
        self.set_margin(MARGIN)
        self.set_auto_page_break(True, MARGIN)
        for style, name in NAMES.items():
            self.add_font(FONT, style, _font_file(fonts, name))
        self.set_text_shaping(True)
        self.set_lang(page["language"])
        self.set_title(page["title"])
        self.set_creation_date(made_at)
        self.add_page()

    def head(self) -> None:
        """What it is, and the code that leads to what can be checked."""
        page, top = self._page, self.t_margin
        side = self.w - MARGIN - QR_SIDE if self._is_left else MARGIN
        self.image(BytesIO(qr.png(page["address"])), side, top, QR_SIDE, alt_text=page["qr_text"])
        narrow = self.epw - QR_SIDE - GAP
        start = MARGIN if self._is_left else MARGIN + QR_SIDE + GAP
        self.set_xy(start, top)
        self._written(page["title"], 18, "B", narrow, start)
        self._facts(page["facts"], narrow, start)
        self.set_y(max(self.get_y(), top + QR_SIDE) + 2)
        self._written(page["scan"], 9, colour=QUIET)
        self._written(page["address"], 9, link=page["address"])

    def section(self, section: dict[str, Any]) -> None:
        """Each credential stands together where a sheet can hold it."""
        self.ln(GAP)
        self._written(section["title"], 14, "B")
        self.line(MARGIN, self.get_y(), self.w - MARGIN, self.get_y())
        self._written(section["note"], 9, colour=QUIET)
        for item in section["items"]:
            with self.unbreakable() as whole:
                whole.ln(3)
                whole._written(item["name"], 11, "B")
                whole._written(_shortened(item["description"]), 10)
                whole._facts(item["facts"])

    def _facts(self, facts: Facts, width: float = 0, start: float | None = None) -> None:
        for each in facts:
            self._written(f"{each['name']}: {each['value']}", 10, width=width, start=start)

    def _written(self, text: str, points: float, style: str = "", width: float = 0, start: float | None = None,
                 colour: tuple[int, int, int] = INK, link: str = "") -> None:
        self.set_font(FONT, style, points)
        self.set_text_color(*colour)
        self.set_x(MARGIN if start is None else start)
        self.multi_cell(width, points * POINT * LINE, text, align="L" if self._is_left else "R", link=link,
                        new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_DESCRIPTION else f"{text[:LONGEST_DESCRIPTION]}…"


def _font_file(folder: Path, name: str) -> Path:
    """The package has its fonts in modules, and fpdf2 reads files. Written for each paper: what a process keeps in a
    directory for temporary files may be cleared away."""
    path = folder / f"{name}.ttf"
    path.write_bytes(pymupdf_fonts.myfont(name))
    return path
