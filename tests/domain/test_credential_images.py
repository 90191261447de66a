"""Credentials in pictures, and pictures that are not what they seem."""

import struct
import zlib
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openbadgeslib import baking as others
from png import Reader

from services.credentials.domain import baking, drawing, png, qr, svg
from services.credentials.domain.drawing import Label
from services.credentials.domain.png import Chunk
from services.credentials.domain.refusals import ImageUnsuitable

LABEL = Label("Spreadsheets & charts <for> work", "Riverside Public Library", "engagement")
JSON, JWS = '{"@context":["https://www.w3.org/ns/credentials/v2"],"name":"]]> \U0001f600 & <b>"}', "eyJh.eyJi.c2ln"
PICTURES = {"png": drawing.png_of(LABEL), "svg": drawing.svg(LABEL)}
START, END = '<svg xmlns="http://www.w3.org/2000/svg">', "<path d='M0 0h9'/></svg>"


def header(width: int = 2, height: int = 2, depth: int = 8, colour: int = 2, interlace: int = 0) -> Chunk:
    return Chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace))


def a_png(*chunks: Chunk, pixels: bytes = bytes(14)) -> bytes:
    own = chunks or (header(),)
    return png.write([*own, Chunk(b"IDAT", zlib.compress(pixels)), Chunk(b"IEND", b"")])


def pixels(image: bytes) -> bytes:
    return next(each.data for each in png.read(image) if each.kind == b"IDAT")


def an_svg(inside: str = "", before: str = "", attributes: str = "") -> bytes:
    return f"{before}{START[:-1]} {attributes}>{inside}{END}".encode()


# baking

@pytest.mark.parametrize("credential", [JSON, JWS])
@pytest.mark.parametrize("kind", PICTURES)
def test_what_is_baked_comes_out_again(kind: str, credential: str) -> None:
    baked = baking.bake(PICTURES[kind], credential)
    assert baking.media_type_of(baked) == baking.media_type_of(PICTURES[kind])
    assert baking.unbake(baked).replace("\\u003e", ">") == credential


@pytest.mark.parametrize("credential", [JSON, JWS])
def test_others_find_it_in_the_png_and_still_see_the_same_picture(credential: str) -> None:
    baked = baking.bake(PICTURES["png"], credential)
    assert others.extract_png(baked, keyword=others.ITXT_KEYWORD_OB3) == credential
    assert list(Reader(bytes=baked).asRGB8()[2]) == list(Reader(bytes=PICTURES["png"]).asRGB8()[2])


@pytest.mark.parametrize("credential", [JSON, JWS])
def test_others_find_it_in_the_svg(credential: str) -> None:
    baked = baking.bake(PICTURES["svg"], credential)
    found = others.extract_svg(baked, element=others.SVG_ELEMENT_OB3, text_fallback=True)
    assert found.replace("\\u003e", ">") == credential


@pytest.mark.parametrize("credential", [JSON, JWS])
def test_what_others_baked_is_found_here(credential: str) -> None:
    in_png = others.bake_png(PICTURES["png"], credential, keyword=others.ITXT_KEYWORD_OB3)
    in_svg = others.bake_svg(PICTURES["svg"], credential, element=others.SVG_ELEMENT_OB3, namespace=others.SVG_NS_OB3,
                             as_text=credential.startswith("{"))
    assert baking.unbake(in_png) == baking.unbake(in_svg) == credential


def test_the_text_is_one_uncompressed_chunk_and_an_element_right_after_the_root() -> None:
    twice = baking.bake(baking.bake(PICTURES["png"], JWS), JSON)
    [chunk] = [each for each in png.read(twice) if each.data.startswith(b"openbadgecredential\0")]
    assert (chunk.kind, chunk.data) == (b"iTXt", b"openbadgecredential\0\0\0\0\0" + JSON.encode())
    root = ElementTree.fromstring(baking.bake(baking.bake(PICTURES["svg"], JSON), JWS))
    assert [each.tag for each in root].count(baking.ELEMENT) == 1
    assert root[0].tag == baking.ELEMENT
    assert root[0].get("verify") == JWS


def test_a_compressed_text_is_read_too_and_a_bomb_of_text_is_not() -> None:
    def compressed(text: bytes) -> bytes:
        return a_png(header(), Chunk(b"iTXt", b"openbadgecredential\0\1\0en\0x\0" + zlib.compress(text)))

    assert baking.unbake(compressed(JWS.encode())) == JWS
    with pytest.raises(ImageUnsuitable, match="longer than"):
        baking.unbake(compressed(bytes(50_000_000)))


@pytest.mark.parametrize("image", [*PICTURES.values(), a_png(), an_svg()])
def test_a_picture_without_a_credential_says_so(image: bytes) -> None:
    with pytest.raises(ImageUnsuitable, match="no credential in this picture"):
        baking.unbake(image)


def test_a_badge_of_the_earlier_standard_is_named() -> None:
    earlier = '<o:assertion xmlns:o="http://openbadges.org" verify="x.y.z"/>'
    for image in (png.with_text(PICTURES["png"], "openbadges", JWS), an_svg(earlier)):
        with pytest.raises(ImageUnsuitable, match=r"Open Badges 2\.0"):
            baking.unbake(image)


def test_two_credentials_in_one_picture_are_refused() -> None:
    chunks = png.read(PICTURES["png"])
    both = [png.text_chunk(baking.KEYWORD, text) for text in (JSON, JWS)]
    element = f'<o:credential xmlns:o="{baking.NAMESPACE}" verify="{JWS}"/>'
    for image in (png.write([*chunks[:-1], *both, chunks[-1]]), an_svg(element * 2)):
        with pytest.raises(ImageUnsuitable, match="more than one"):
            baking.unbake(image)


# pictures of others

HOSTILE_SVG = {
    "entities": an_svg("&a;", '<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'),
    "a file": an_svg("&a;", '<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>'),
    "script": an_svg("<script>alert(1)</script>"),
    "html": an_svg("<foreignObject><b xmlns='http://www.w3.org/1999/xhtml'>x</b></foreignObject>"),
    "handler": an_svg(attributes='onload="alert(1)"'),
    "handler in capitals": an_svg("<rect OnClick='x'/>"),
    "a link": an_svg("<a href='https://example.org'><rect/></a>"),
    "a picture from elsewhere": an_svg("<image href='https://example.org/x.png'/>"),
    "a gradient from elsewhere": an_svg("<linearGradient href='https://example.org/x.svg#a'/>"),
    "a fill from elsewhere": an_svg("<rect fill='url( \"https://example.org/x.svg#a\")'/>"),
    "an import": an_svg("<style>@import 'https://example.org/x.css';</style>"),
    "a hidden url": an_svg("<style>rect { fill: u\\72l(https://example.org/x) }</style>"),
    "a style from elsewhere": an_svg("<rect style='fill:url(https://example.org/x)'/>"),
    "movement": an_svg("<set attributeName='href' to='javascript:alert(1)'/>"),
    "copies of copies": an_svg("<g id='a'><use href='#a'/></g>"),
    "clips of clips": an_svg("<clipPath id='a'><rect clip-path='url(#b)'/></clipPath>"),
    "too deep": an_svg("<g>" * 60 + "</g>" * 60),
    "too many": an_svg("<g/>" * 6000),
    "nothing": START[:-1].encode() + b"/>",
    "another document": b"<html xmlns='http://www.w3.org/1999/xhtml'/>",
    "no xml": b"<svg",
    "an unknown encoding": b"<?xml version='1.0' encoding='x'?><svg/>", "no bytes": b"", "text": b"hi",
}


@pytest.mark.parametrize("image", HOSTILE_SVG.values(), ids=HOSTILE_SVG)
def test_an_svg_that_could_do_more_than_be_looked_at_is_refused(image: bytes) -> None:
    with pytest.raises(ImageUnsuitable):
        baking.cleaned(image)


def test_what_drawing_programs_note_for_themselves_goes_and_the_drawing_stays() -> None:
    noted = an_svg(
        "<!-- made by --><metadata><a/></metadata><own:view xmlns:own='urn:own' own:zoom='1'/><title>A &amp; B</title>"
        "<style>.a { fill: red }</style><clipPath id='c'><rect/></clipPath>"
        "<rect class='a' clip-path='url(#c)' xmlns:own='urn:own' own:label='x'/>",
        '<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/x.dtd">')
    cleaned = baking.cleaned(noted)
    for gone in (b"made by", b"metadata", b"own", b"DOCTYPE"):
        assert gone not in cleaned
    for stays in (b"A &amp; B", b".a { fill: red }", b'clip-path="url(#c)"', b'd="M0 0h9"'):
        assert stays in cleaned
    assert baking.cleaned(cleaned) == cleaned


HOSTILE_PNG = {
    "a bomb of pixels": a_png(header(2048, 2048, 16, 6), pixels=bytes(1_000_000)),
    "too wide": a_png(header(2049, 1)), "no width": a_png(header(0, 1)),
    "more pixels than it says": a_png(pixels=bytes(15)), "fewer": a_png(pixels=bytes(13)),
    "a bomb behind its pixels": a_png(pixels=bytes(100_000_000)),
    "a depth that there is not": a_png(header(depth=3)), "no palette": a_png(header(colour=3), pixels=bytes(6)),
    "a compression that there is not": a_png(Chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 2, 1, 0, 0))),
    "no header": png.write([Chunk(b"IEND", b"")]), "no end": a_png()[:-12], "cut": a_png()[:-20],
    "a huge chunk": png.SIGNATURE + b"\x7f\xff\xff\xffIHDR" + bytes(50), "damage": a_png()[:45] + b"x" + a_png()[46:],
    "nothing behind its name": png.SIGNATURE, "many parts": a_png(header(), *[Chunk(b"tEXt", b"")] * 20_001),
    "no zlib": png.write([header(), Chunk(b"IDAT", b"abc"), Chunk(b"IEND", b"")]),
}


@pytest.mark.parametrize("image", HOSTILE_PNG.values(), ids=HOSTILE_PNG)
def test_a_png_that_is_not_what_it_says_is_refused(image: bytes) -> None:
    with pytest.raises(ImageUnsuitable):
        baking.cleaned(image)


def test_a_png_keeps_its_pixels_and_nothing_else() -> None:
    notes = (png.text_chunk("Comment", "where I was"), Chunk(b"eXIf", b"there"), Chunk(b"gAMA", bytes(4)))
    noted = a_png(header(), *notes)
    assert [each.kind for each in png.read(baking.cleaned(noted))] == [b"IHDR", b"gAMA", b"IDAT", b"IEND"]


@pytest.mark.parametrize(("chunk", "raw"), [
    (header(3, 5, 1, 0, 1), 20), (header(8, 8, 8, 6, 1), 271), (header(1, 1, 8, 0, 1), 2), (header(9, 2, 4, 0), 12)])
def test_interlaced_and_packed_pixels_are_counted_as_they_lie(chunk: Chunk, raw: int) -> None:
    assert baking.cleaned(a_png(chunk, pixels=bytes(raw)))
    with pytest.raises(ImageUnsuitable):
        baking.cleaned(a_png(chunk, pixels=bytes(raw + 1)))


@given(st.binary(max_size=200), st.sampled_from([b"", png.SIGNATURE, b"<svg", PICTURES["png"][:60], START.encode()]))
@settings(max_examples=300, deadline=None)
def test_whatever_comes_in_is_read_or_refused(rest: bytes, beginning: bytes) -> None:
    for judge in (baking.cleaned, baking.unbake):
        with pytest.raises(ImageUnsuitable):
            judge(beginning + rest)


# our own pictures

@pytest.mark.parametrize("kind", ["engagement", "competency"])
def test_the_kind_is_told_by_words_and_by_the_outline(kind: str) -> None:
    label = Label("Spreadsheets", "Riverside", kind)
    words = "Competency: assessed" if kind == "competency" else "Taking part"
    assert f">{words}</text>".encode() in drawing.svg(label)
    assert png.texts(drawing.png_of(label), "Description") == [f"Spreadsheets. {words}. Riverside"]
    other = Label("Spreadsheets", "Riverside", "competency" if kind == "engagement" else "engagement")
    assert pixels(drawing.png_of(label)) != pixels(drawing.png_of(other))


@pytest.mark.parametrize(("title", "direction"), [
    ("Spreadsheets", "ltr"), ("الحاسوب في العمل", "rtl"), ("2024: עברית", "rtl"), ("123", "ltr"),
    ("שלום & <b>", "rtl")])
def test_a_line_is_written_from_the_side_of_its_own_letters(title: str, direction: str) -> None:
    root = ElementTree.fromstring(drawing.svg(Label(title, "Riverside", "engagement")))
    first = next(root.iter(f"{svg.SVG}text"))
    assert (first.text, first.get("direction")) == (title, direction)
    assert root.get("role") == "img"
    assert next(root.iter(f"{svg.SVG}title")).text == f"{title}. Taking part. Riverside"


NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), min_size=1, max_size=200)


@given(NAMES, st.sampled_from(["engagement", "competency"]))
@settings(max_examples=200, deadline=None)
def test_any_name_gives_a_picture_that_passes_our_own_rules_and_is_always_the_same(title: str, kind: str) -> None:
    label = Label(title, title[:120], kind)
    assert drawing.svg(label) == drawing.svg(label)
    assert baking.cleaned(drawing.svg(label))
    assert baking.cleaned(drawing.png_of(label))
    rows = [each.text or "" for each in ElementTree.fromstring(drawing.svg(label)).iter(f"{svg.SVG}text")]
    assert len(rows) <= drawing.MOST_LINES + 2
    assert all(len(row) <= 2 * drawing.LINE_WIDTH + 200 for row in rows)


def test_a_qr_code_is_a_picture_with_a_title() -> None:
    root = ElementTree.fromstring(qr.svg("https://libranet.example.org/credentials/abc", "Spreadsheets & charts"))
    assert next(root.iter(f"{svg.SVG}title")).text == "Spreadsheets & charts"
