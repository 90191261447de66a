"""Calls about guests."""

from contracts.calls import guests as calls
from libranet.calls import Answer, CallRequest, answers
from libranet.clock import now
from libranet.ids import new_id
from services.profiles.guests import views
from services.profiles.guests.domain import codes, guests
from services.profiles.org.domain.refusals import NodeUnknown
from services.profiles.patrons import views as patron_views
from services.profiles.patrons.domain import facts, patrons
from services.profiles.store import ProfilesStore


class GuestCalls:
    """Starting, coming back, going on as a patron."""

    @answers(calls.START_GUEST)
    def start_guest(self, request: CallRequest, store: ProfilesStore) -> Answer:
        """Anybody may: the body names the place."""
        place = request.body["node"]
        node = store.org.find_node(place)
        if node is None:
            raise NodeUnknown(f"There is no library {place}; ask at the desk for its name.", "/node")
        patrons.registering_node(place, node)
        guest = guests.start(new_id(), node, store.org.setting(place, "guests_welcome"),
                             store.org.setting(place, "guest_days"), now())
        code = codes.new_code()
        guest = guests.tell(guest, request.body, guest.started_at)
        store.guests.add(guest, codes.hash_of(code))
        return Answer({**views.guest(guest), "resume_code": code}, 201, {"Location": views.guest_path(guest.id)},
                      about=guest.id)

    @answers(calls.RESUME_GUEST)
    def resume_guest(self, request: CallRequest, store: ProfilesStore) -> Answer:
        code = codes.read(request.body["code"])
        return Answer(views.guest(store.guests.resume(codes.hash_of(code) if code else None, now())))

    @answers(calls.GET_GUEST)
    def get_guest(self, request: CallRequest, store: ProfilesStore) -> Answer:
        return Answer(views.guest(store.guests.get(request.path["guest"], request.principal)))

    @answers(calls.TELL_GUEST)
    def tell_guest(self, request: CallRequest, store: ProfilesStore) -> Answer:
        guest = guests.tell(store.guests.get(request.path["guest"], request.principal), request.body, now())
        store.guests.save(guest)
        return Answer(views.guest(guest))

    @answers(calls.END_GUEST)
    def end_guest(self, request: CallRequest, store: ProfilesStore) -> Answer:
        store.guests.delete(store.guests.get(request.path["guest"], request.principal))
        return Answer(None)

    @answers(calls.REGISTER_GUEST)
    def register_guest(self, request: CallRequest, store: ProfilesStore) -> Answer:
        """The patron belongs to the library where the guest started; the guest and the code are gone."""
        guest = store.guests.get(request.path["guest"], request.principal)
        node = store.org.find_node(guest.owner)
        patron = guests.become(guest, patrons.register(
            new_id(), request.body.get("name"), guest.owner, node, now()))
        patron = patrons.by_names_of_now(patron, store.skill_names.of(patron.skills))
        store.guests.delete(guest)
        store.patrons.add(patron, facts.patron_registered(patron), request.cause)
        return Answer(patron_views.patron(patron, [], store.recipients(patron, []), now()), 201,
                      {"Location": patron_views.patron_path(patron.id)}, about=patron.id)
