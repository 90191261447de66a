"""Calls about the pictures of achievements: giving one, and looking at them, which anybody may."""

from dataclasses import replace

from contracts.calls import credentials as calls
from libranet.calls import Answer, CallRequest, answers
from libranet.clock import now
from libranet.offhub import off_hub
from libranet.problems import NotAllowed
from services.credentials import views
from services.credentials.domain import deciding, pictures
from services.credentials.domain.achievements import Achievement
from services.credentials.domain.drawing import Label
from services.credentials.domain.pictures import Picture
from services.credentials.domain.refusals import AchievementUnknown, PictureUnknown
from services.credentials.issuers import name_of
from services.credentials.store import CredentialStore

KEPT_SECONDS = 31_536_000
"""A picture's own address never shows another one."""


class ImageCalls:
    """Each achievement has a picture: one that its library gave, else one that is drawn."""

    @answers(calls.SET_ACHIEVEMENT_IMAGE)
    def set_achievement_image(self, request: CallRequest, store: CredentialStore) -> Answer:
        found = store.find_achievement(request.path["achievement"], request.principal)
        if found is None:
            raise AchievementUnknown("There is no such achievement here. GET /v1/achievements lists them.")
        if not deciding.may_define(request.principal, found["owner"]):
            raise NotAllowed(f"{found['owner']} defined it; who acts there, or above, may give it a picture.")
        picture = off_hub(pictures.given, found["_id"], request.body["image"])
        if store.pictures.find(picture.achievement, picture.name) is None:
            pictures.check_room(store.pictures.count_given(picture.achievement))
        store.pictures.keep(picture, now())
        store.set_image(picture)
        return Answer(views.achievement({**found, "image": picture.path}))

    @answers(calls.GET_ACHIEVEMENT_IMAGE)
    def get_achievement_image(self, request: CallRequest, store: CredentialStore) -> Answer:
        own_id = request.path["achievement"]
        achievement = store.achievements([own_id]).get(own_id)
        if achievement is None:
            raise AchievementUnknown("There is no such achievement.")
        return _shown(_current(achievement, store), request, views.CACHE_SECONDS)

    @answers(calls.GET_ACHIEVEMENT_PICTURE)
    def get_achievement_picture(self, request: CallRequest, store: CredentialStore) -> Answer:
        found = store.pictures.find(request.path["achievement"], request.path["picture"])
        if found is None:
            raise PictureUnknown("Its credential names another address, or none.")
        return _shown(found, request, KEPT_SECONDS)


def pictured(achievement: Achievement, store: CredentialStore) -> Achievement:
    """The achievement with the picture that it was given, else with one that is drawn and kept from now on."""
    picture = store.pictures.given_to(achievement.id)
    if picture is None:
        picture = _drawn(achievement, store)
        store.pictures.keep(picture, now())
    return replace(achievement, image=picture.path)


def _current(achievement: Achievement, store: CredentialStore) -> Picture:
    """Achievements that were defined before there were pictures name none."""
    kept = store.pictures.find(achievement.id, pictures.name_in(achievement.image)) if achievement.image else None
    return kept or _drawn(achievement, store)


def _drawn(achievement: Achievement, store: CredentialStore) -> Picture:
    return pictures.drawn(achievement.id, Label(achievement.name, name_of(achievement.owner, store), achievement.kind))


def _shown(picture: Picture, request: CallRequest, cache_seconds: int) -> Answer:
    return views.public(picture.content, request, picture.media_type, cache_seconds)
