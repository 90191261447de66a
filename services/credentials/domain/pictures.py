"""Pictures of achievements, named by what they show, so that what a signed credential names never shows another one."""

from dataclasses import dataclass
from hashlib import sha256

from services.credentials.domain import baking, drawing
from services.credentials.domain.drawing import Label
from services.credentials.domain.refusals import ImageUnsuitable, TooManyPictures

MOST_GIVEN = 50
"""All that an achievement was ever given stay, as credentials may name them."""


@dataclass(frozen=True)
class Picture:
    """One that anybody may see. `is_given` tells that somebody gave it and it was not drawn here."""

    achievement: str
    content: bytes
    media_type: str
    is_given: bool

    @property
    def name(self) -> str:
        return f"{sha256(self.content).hexdigest()[:32]}.{baking.EXTENSIONS[self.media_type]}"

    @property
    def path(self) -> str:
        """Its address below that of the platform."""
        return f"/achievements/{self.achievement}/images/{self.name}"


def name_in(path: str) -> str:
    """The picture's name in its path or address."""
    return path.rpartition("/")[2]


def drawn(achievement: str, label: Label) -> Picture:
    """The picture of one that was given none."""
    return Picture(achievement, drawing.svg(label), baking.SVG, False)


def given(achievement: str, image: bytes) -> Picture:
    """A picture that somebody gave, cleaned. Raises ImageUnsuitable."""
    try:
        content = baking.cleaned(image)
    except ImageUnsuitable as refusal:
        raise ImageUnsuitable(refusal.detail, "/image") from None
    return Picture(achievement, content, baking.media_type_of(content), True)


def check_room(number: int) -> None:
    """Whether an achievement that was given so many pictures may be given another. Raises TooManyPictures."""
    if number >= MOST_GIVEN:
        raise TooManyPictures(f"It was given {MOST_GIVEN} pictures, and all of them are kept. Define another one.")
