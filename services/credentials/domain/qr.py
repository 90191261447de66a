"""QR codes (ISO/IEC 18004) as SVG: an address that a telephone reads from paper or from a screen."""

from io import BytesIO

import segno

QUIET_MODULES = 4
"""The white border that readers need (9.1)."""


def svg(text: str, title: str) -> bytes:
    """The code of a text, black on white at any size, with `title` for those who cannot see it."""
    written = BytesIO()
    _code(text).save(
        written, kind="svg", omitsize=True, border=QUIET_MODULES, light="#fff", title=title, xmldecl=False,
        svgclass=None, lineclass=None)
    return written.getvalue()


def modules(text: str) -> list[list[bool]]:
    """The code of a text row by row, border included: whether each module is dark."""
    return [[bool(each) for each in row] for row in _code(text).matrix_iter(border=QUIET_MODULES)]


def _code(text: str) -> segno.QRCode:
    return segno.make(text, error="m", micro=False)
