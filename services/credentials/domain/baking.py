"""Credentials in pictures (Open Badges 3.0, 5.3): the credential's text goes into a PNG or SVG and comes out again."""

from xml.sax.saxutils import quoteattr

from services.credentials.domain import png, svg
from services.credentials.domain.refusals import ImageUnsuitable

PNG, SVG = "image/png", "image/svg+xml"
EXTENSIONS = {PNG: "png", SVG: "svg"}
KEYWORD, EARLIER_KEYWORD = "openbadgecredential", "openbadges"
NAMESPACE, EARLIER_NAMESPACE = "https://purl.imsglobal.org/ob/v3p0", "http://openbadges.org"
ELEMENT, EARLIER_ELEMENT = f"{{{NAMESPACE}}}credential", f"{{{EARLIER_NAMESPACE}}}assertion"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def media_type_of(image: bytes) -> str:
    """PNG or SVG, by what it begins with. Raises ImageUnsuitable."""
    if image.startswith(png.SIGNATURE):
        return PNG
    if image.removeprefix(BYTE_ORDER_MARK).lstrip().startswith(b"<"):
        return SVG
    raise ImageUnsuitable("This is neither a PNG nor an SVG. Save the picture as one of these.")


def cleaned(image: bytes) -> bytes:
    """The picture alone, fit to be shown to anybody. Raises ImageUnsuitable."""
    return png.cleaned(image) if media_type_of(image) == PNG else svg.cleaned(image)


def bake(image: bytes, credential: str) -> bytes:
    """The picture with a credential in it: its JSON with embedded proofs, or its compact JWS. `image` is one of
    `cleaned`. Raises ImageUnsuitable."""
    if media_type_of(image) == PNG:
        return png.with_text(image, KEYWORD, credential)
    return svg.write(svg.without(image, ELEMENT), _element(credential))


def unbake(image: bytes) -> str:
    """The text of the credential in a picture. Raises ImageUnsuitable where there is none, or more than one."""
    found, earlier = _in_png(image) if media_type_of(image) == PNG else _in_svg(image)
    if len(found) > 1:
        raise ImageUnsuitable("There is more than one credential in this picture; which one counts cannot be told.")
    if found and found[0].strip():
        return found[0].strip()
    if earlier:
        raise ImageUnsuitable("This picture holds a badge of Open Badges 2.0, which is not verified here.")
    raise ImageUnsuitable("There is no credential in this picture. Ask for the file as it was issued: programs that "
                          "show or send pictures often take out what is in them.")


def _element(credential: str) -> str:
    """JSON stands in the body as CDATA, a JWS in the attribute `verify`."""
    opening = f'<openbadges:credential xmlns:openbadges="{NAMESPACE}"'
    if not credential.startswith("{"):
        return f"{opening} verify={quoteattr(credential)}/>"
    text = credential.replace("]]>", "]]\\u003e")  # it can only stand in a string, where JSON may write it so
    return f"{opening}><![CDATA[{text}]]></openbadges:credential>"


def _in_png(image: bytes) -> tuple[list[str], list[str]]:
    return png.texts(image, KEYWORD), png.texts(image, EARLIER_KEYWORD)


def _in_svg(image: bytes) -> tuple[list[str], list[str]]:
    root = svg.read(image)
    found = [each.get("verify") or "".join(each.itertext()) for each in root.iter(ELEMENT)]
    return found, [EARLIER_ELEMENT for _ in root.iter(EARLIER_ELEMENT)]
