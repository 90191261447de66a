"""QR codes (ISO/IEC 18004): an address that a telephone reads from paper or from a screen."""

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


def png(text: str) -> bytes:
    """The same as a picture of pixels, for paper."""
    written = BytesIO()
    _code(text).save(written, kind="png", scale=10, border=QUIET_MODULES)
    return written.getvalue()


def _code(text: str) -> segno.QRCode:
    return segno.make(text, error="m", micro=False)
