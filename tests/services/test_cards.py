"""Cards as librarians, patrons and the gateway meet them: calls in, answers, rows and facts out."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from contracts.principal import Principal
from libranet.calls import Answer
from libranet.testing import a_principal, a_request
from services.profiles.cards import sign_in
from services.profiles.cards.adapters.systems import Systems
from services.profiles.cards.domain.answers import CardAnswer, expiry
from services.profiles.cards.domain.attempts import MOST_FAILURES
from services.profiles.cards.domain.refusals import (
    CardBarred,
    CardExpired,
    CardNotAccepted,
    CardOfAnother,
    CardsNotConnected,
    CardUnreadable,
    ConnectionUnusable,
    LibrarySystemAway,
    NoPlaceForCards,
    TooManyAttempts,
)
from services.profiles.org.domain.refusals import NodeUnknown
from services.profiles.patrons.domain.refusals import PatronUnknown
from services.profiles.service import Profiles
from services.profiles.store import ProfilesStore
from tests.library_system import LOGIN, NAME, Holder, LibrarySystem, answers, library_system, odd_system
from tests.services.profiles_desk import CONSORTIUM, HILL, OPERATOR, RIVERSIDE, Desk
from tests.services.profiles_desk import desk as desk

GATEWAY = Principal(actor="gateway", kind="gateway", node="demo.riverside", scopes=("gateway:sign-in",))
ONLINE = b"98YYYYNN60000320261122    1010102.00AOTEST|BX" + b"Y" * 16 + b"|\r"
CARD, PIN, NODE = "21234000011112", "4711", "demo.riverside"


@pytest.fixture(autouse=True)
def no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in, "REFUSAL_SECONDS", 0.0)


@pytest.fixture
def system() -> Iterator[LibrarySystem]:
    with library_system(cards={CARD: Holder(PIN)}) as running:
        yield running


class Branch:
    """A library whose system is connected, and people with cards."""

    def __init__(self, desk: Desk, port: int) -> None:
        self.desk = desk
        self.profiles = Profiles()
        self.profiles.card_systems = Systems()  # type: ignore[assignment]
        self.set(port=port)
        desk.call("allow_card_network", OPERATOR_HERE, {"network": "127.0.0.0/8", "allowed": True}, node=NODE)

    def set(self, who: Principal = RIVERSIDE, node: str = NODE, **members: Any) -> Any:
        body = {"host": "127.0.0.1", "port": 1, "tls": False, "login": LOGIN, "card_prefixes": [], "bars": ["expired"],
                **members}
        return self.desk.call("set_card_connection", who, body, node=node).body

    def in_steps(self, method: str, who: Principal, body: Any, **path: str) -> Answer:
        def step(effect: Callable[[ProfilesStore], Any]) -> Any:
            def run(work: Any) -> Any:
                return effect(ProfilesStore(work)), work.events

            done, events = self.desk._database.transact(run)
            self.desk.events += events
            return done

        answer: Answer = getattr(self.profiles, method)(a_request(body, who, path), step)
        return answer

    def sign_in(self, card: str = CARD, pin: str = PIN, node: str = NODE, crowded: bool = False) -> Any:
        body = {"node": node, "card": card, "pin": pin, "crowded": crowded}
        return self.in_steps("sign_in_by_card", GATEWAY, body).body


OPERATOR_HERE = Principal(actor="operator", kind="operator", node="demo")


@pytest.fixture
def branch(desk: Desk, system: LibrarySystem) -> Branch:
    return Branch(desk, system.port)


def test_the_first_sign_in_registers_a_patron_and_the_next_ones_find_them(desk: Desk, branch: Branch) -> None:
    first, second = branch.sign_in(), branch.sign_in("2 1234 00001 1112")
    assert (first["registered"], second["registered"]) == (True, False)
    assert first["patron"] == second["patron"]
    assert desk.told() == ["patron-registered"]
    assert desk.events[0].owner == NODE
    shown = desk.call("get_patron", RIVERSIDE, patron=first["patron"]).body
    assert "name" not in shown


def test_nothing_that_is_kept_has_a_card_a_pin_a_name_or_a_secret(desk: Desk, branch: Branch) -> None:
    branch.sign_in()
    with pytest.raises(CardNotAccepted):
        branch.sign_in(pin="9999")
    kept = repr(desk.rows())
    for secret in (CARD, PIN, "9999", NAME, LOGIN["password"], LOGIN["terminal_password"]):
        assert secret not in kept
    assert len(desk.rows()["ways_in"]) == 1


def test_an_unknown_card_and_a_wrong_pin_are_told_the_same(branch: Branch) -> None:
    told = set()
    for card, pin in ((CARD, "wrong"), ("404404", PIN), ("404404", "wrong")):
        with pytest.raises(CardNotAccepted) as refusal:
            branch.sign_in(card, pin)
        told.add((refusal.value.detail, refusal.value.status))
    assert len(told) == 1


def test_a_refusal_takes_a_while_whatever_its_reason(branch: Branch, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(sign_in, "REFUSAL_SECONDS", 0.5)
    monkeypatch.setattr(sign_in.time, "sleep", slept.append)
    branch.set(port=1, card_prefixes=["999"])
    with pytest.raises(CardNotAccepted):
        branch.sign_in()
    assert 0.4 < slept[0] <= 0.5


@pytest.mark.parametrize(("card", "pin"), [(CARD, ""), (CARD, " "), (CARD, "1|2"), (CARD, "1\r2"), ("1|AD", PIN)])
def test_a_bad_card_or_pin_reaches_nobody(branch: Branch, system: LibrarySystem, card: str, pin: str) -> None:
    with pytest.raises(CardUnreadable):
        branch.sign_in(card, pin)
    assert system.heard == []


def test_a_card_is_locked_after_five_wrong_pins_even_for_the_right_one(branch: Branch, system: LibrarySystem) -> None:
    for _ in range(MOST_FAILURES):
        with pytest.raises(CardNotAccepted):
            branch.sign_in(pin="wrong")
    asked = len(system.heard)
    with pytest.raises(TooManyAttempts) as refusal:
        branch.sign_in()
    assert 0 < int(refusal.value.headers["Retry-After"]) <= 900
    assert len(system.heard) == asked


def test_a_right_pin_ends_the_count(branch: Branch) -> None:
    for _ in range(3):
        for _ in range(MOST_FAILURES - 1):
            with pytest.raises(CardNotAccepted):
                branch.sign_in(pin="wrong")
        branch.sign_in()


def test_where_it_is_crowded_regulars_still_get_in_and_guessers_learn_nothing(branch: Branch) -> None:
    with pytest.raises(TooManyAttempts):
        branch.sign_in(crowded=True)
    branch.sign_in()
    assert branch.sign_in(crowded=True)["registered"] is False
    told = set()
    for card, pin in ((CARD, "wrong"), ("404404", PIN)):
        with pytest.raises(TooManyAttempts) as refusal:
            branch.sign_in(card, pin, crowded=True)
        told.add((refusal.value.detail, refusal.value.headers["Retry-After"]))
    assert len(told) == 1


def test_a_system_that_is_away_costs_nobody_a_try(desk: Desk, branch: Branch, system: LibrarySystem) -> None:
    branch.set(port=1)
    for _ in range(MOST_FAILURES + 2):
        with pytest.raises(LibrarySystemAway) as refusal:
            branch.sign_in()
        assert int(refusal.value.headers["Retry-After"]) > 0
    assert desk.rows()["card_attempts"][0]["count"] == 0


def test_a_system_that_fails_is_left_alone_for_a_while(branch: Branch) -> None:
    with odd_system(lambda connection: None) as (port, connections):
        branch.set(port=port)
        for _ in range(5):
            with pytest.raises(LibrarySystemAway):
                branch.sign_in()
        assert len(connections) == 6, "three sign-ins, each with one more connection"


def test_a_card_or_pin_that_confuses_the_system_shuts_out_nobody_else(branch: Branch, system: LibrarySystem) -> None:
    with odd_system(answers(ONLINE, b"64" + b"Y" * 59 + b"AOTEST|AAanother|BLY|CQY|\r")) as (port, connections):
        branch.set(port=port, login={}, dialect={"checksum": False})
        for _ in range(4):
            with pytest.raises(LibrarySystemAway):
                branch.sign_in()
        assert len(connections) == 4
    branch.set(port=system.port)
    branch.sign_in()


def test_a_pin_in_letters_that_the_system_does_not_know_is_a_wrong_pin(branch: Branch, system: LibrarySystem) -> None:
    branch.set(port=system.port, dialect={"encoding": "cp850"})
    system.heard.clear()
    for _ in range(MOST_FAILURES):
        with pytest.raises(CardNotAccepted):
            branch.sign_in(pin="\u65e5\u672c")
    with pytest.raises(TooManyAttempts):
        branch.sign_in(pin="\u65e5\u672c")
    assert system.heard == []


def test_expired_and_barred_cards_are_told_only_with_the_right_pin(branch: Branch, system: LibrarySystem) -> None:
    system.cards[CARD] = Holder(PIN, flags=" " * 4 + "Y" + " " * 9)
    branch.sign_in()
    branch.set(port=system.port, bars=["reported-lost"])
    with pytest.raises(CardBarred):
        branch.sign_in()
    with pytest.raises(CardNotAccepted):
        branch.sign_in(pin="wrong")
    branch.profiles.card_systems = Expired()  # type: ignore[assignment]
    branch.set(port=system.port)
    with pytest.raises(CardExpired):
        branch.sign_in()


class Expired:
    """A system whose cards have all expired; stands in for Systems."""

    def ask(self, *_: Any) -> Any:
        return CardAnswer(True, True, " " * 14, expiry("20200101"))


def test_only_cards_with_the_librarys_prefixes_are_asked_about(branch: Branch, system: LibrarySystem) -> None:
    branch.set(port=system.port, card_prefixes=["3"])
    with pytest.raises(CardNotAccepted):
        branch.sign_in()
    assert system.heard == []


def test_a_branch_takes_its_librarys_cards_and_other_places_take_none(desk: Desk, branch: Branch) -> None:
    desk.call("add_node", OPERATOR, {"id": "demo.riverside.central", "kind": "branch", "name": "Central"})
    assert branch.sign_in(node="demo.riverside.central") == {**branch.sign_in(), "registered": True}
    for node in ("demo.hill", "demo", "demo.nowhere"):
        with pytest.raises(CardsNotConnected):
            branch.sign_in(node=node)


def test_a_reissued_card_leads_to_the_same_patron_once_it_is_linked(
        desk: Desk, branch: Branch, system: LibrarySystem) -> None:
    patron = branch.sign_in()["patron"]
    system.cards["21234000099999"] = Holder("new")
    for _ in range(2):
        answer = desk.call("link_card", RIVERSIDE, {"card": "2 1234 00009 9999"}, patron=patron)
        assert (answer.status, answer.body) == (201, {"patron": patron, "cards": 2})
    assert branch.sign_in("21234000099999", "new")["patron"] == patron
    with pytest.raises(CardOfAnother):
        desk.call("link_card", RIVERSIDE, {"card": CARD}, patron=desk.register())
    with pytest.raises(PatronUnknown):
        desk.call("link_card", HILL, {"card": "1111"}, patron=patron)


def test_an_erased_patron_leaves_no_card(desk: Desk, branch: Branch) -> None:
    patron = branch.sign_in()["patron"]
    with pytest.raises(CardNotAccepted):
        branch.sign_in(pin="wrong")
    desk.call("erase_patron", RIVERSIDE, patron=patron)
    assert desk.rows()["ways_in"] == desk.rows()["card_attempts"] == []
    assert branch.sign_in()["patron"] != patron


def test_an_account_is_one_patron_at_each_library(desk: Desk) -> None:
    body = {"node": NODE, "issuer": "https://idp.example", "subject": "abc"}
    first = desk.call("sign_in_by_account", GATEWAY, body).body
    assert desk.call("sign_in_by_account", GATEWAY, body).body == {**first, "registered": False}
    elsewhere = desk.call("sign_in_by_account", GATEWAY, {**body, "node": "demo.hill"}).body
    other = desk.call("sign_in_by_account", GATEWAY, {**body, "issuer": "https://other.example"}).body
    assert len({first["patron"], elsewhere["patron"], other["patron"]}) == 3
    assert "abc" not in repr(desk.rows())
    assert desk.told() == ["patron-registered"] * 3


def test_a_connection_is_shown_without_its_secrets(desk: Desk, branch: Branch) -> None:
    shown = desk.call("get_card_connection", RIVERSIDE, node=NODE).body
    assert (shown["has_login"], shown["networks"], shown["tls"]) == (True, ["127.0.0.0/8"], False)
    assert not {LOGIN["user"], LOGIN["password"], LOGIN["terminal_password"]} & set(map(str, shown.values()))


def test_a_login_that_is_left_out_stays(branch: Branch, system: LibrarySystem) -> None:
    body = {"host": "127.0.0.1", "port": system.port, "tls": False, "card_prefixes": [], "bars": []}
    branch.desk.call("set_card_connection", RIVERSIDE, body, node=NODE)
    branch.sign_in()
    body |= {"card_prefixes": [], "bars": [], "login": {}}
    branch.desk.call("set_card_connection", RIVERSIDE, body, node=NODE)
    assert branch.desk.call("get_card_connection", RIVERSIDE, node=NODE).body["has_login"] is False


def test_a_kept_login_is_sent_to_no_other_place(branch: Branch, system: LibrarySystem) -> None:
    body = {"host": "127.0.0.1", "port": system.port, "tls": False, "card_prefixes": [], "bars": []}
    for other in ({"host": "localhost"}, {"port": 2}, {"tls": True}):
        with pytest.raises(ConnectionUnusable, match="login again"):
            branch.desk.call("set_card_connection", RIVERSIDE, {**body, "card_prefixes": [], **other}, node=NODE)
    branch.set(port=system.port, login={"terminal_password": "kept"})
    with pytest.raises(ConnectionUnusable, match="login again"):
        branch.desk.call("set_card_connection", RIVERSIDE, {**body, "port": 2}, node=NODE)


def test_a_connection_is_set_by_its_library_its_librarians_and_operators_only(desk: Desk, branch: Branch) -> None:
    librarian = Principal(actor="p1", kind="patron", node=NODE, roles=(f"librarian@{NODE}",))
    for who in (RIVERSIDE, CONSORTIUM, OPERATOR_HERE, librarian):
        branch.set(who)
    for who in (HILL, a_principal("demo.lakeside-college"), a_principal("other"),
                Principal(actor="p1", kind="patron", node=NODE)):
        for call in ("get_card_connection", "remove_card_connection"):
            with pytest.raises(NodeUnknown):
                desk.call(call, who, node=NODE)
        with pytest.raises(NodeUnknown):
            branch.set(who)
    for node in ("demo", "demo.lakeside-college"):
        with pytest.raises(NoPlaceForCards):
            branch.set(CONSORTIUM, node)


def test_a_connection_can_be_taken_away(desk: Desk, branch: Branch) -> None:
    desk.call("remove_card_connection", RIVERSIDE, node=NODE)
    for _ in range(2):
        with pytest.raises(CardsNotConnected):
            desk.call("get_card_connection", RIVERSIDE, node=NODE)
    assert desk.rows()["card_connections"] == []


def test_a_network_that_is_not_allowed_any_more_is_not_reached(desk: Desk, branch: Branch) -> None:
    answer = desk.call("allow_card_network", OPERATOR_HERE, {"network": "127.0.0.0/8", "allowed": False}, node=NODE)
    assert answer.body == {"networks": []}
    with pytest.raises(LibrarySystemAway):
        branch.sign_in()
    with pytest.raises(ConnectionUnusable):
        desk.call("allow_card_network", OPERATOR_HERE, {"network": "127.0.0.1/8", "allowed": True}, node=NODE)


def test_a_test_tells_each_step_and_what_the_card_is_worth(branch: Branch, system: LibrarySystem) -> None:
    def test(**body: str) -> Any:
        return branch.in_steps("test_card_connection", RIVERSIDE, body, node=NODE).body

    good = test(card=CARD, pin=PIN)
    assert good["works"] is True
    assert [each["name"] for each in good["steps"]] == [
        "resolve", "connect", "tls", "login", "status", "patron", "end", "card", "pin"]
    wrong = test(card=CARD, pin="mistyped")
    assert wrong["works"] is False
    assert [each["name"] for each in wrong["steps"] if each["outcome"] == "failed"] == ["pin"]
    assert [each["name"] for each in test()["steps"]] == ["resolve", "connect", "tls", "login", "status"]
    for secret in (CARD, PIN, "mistyped", NAME, LOGIN["password"], LOGIN["terminal_password"]):
        assert secret not in repr((good, wrong))
    with pytest.raises(ConnectionUnusable):
        test(card=CARD)
    with odd_system(answers(ONLINE, b"64" + b"Y" * 59 + b"AOTEST|AAanother|BLY|CQY|\r")) as (port, _):
        branch.set(port=port, login={}, dialect={"checksum": False})
        astray = test(card=CARD, pin=PIN)
    assert (astray["works"], astray["steps"][-1]["note"]) == (False, "What came is an answer about another card.")
    branch.set(port=1)
    broken = test()
    assert (broken["works"], broken["steps"][-1]["note"]) == (False, "the connection is refused")


def test_a_test_that_works_lets_sign_ins_through_again(branch: Branch, system: LibrarySystem) -> None:
    branch.set(port=1)
    for _ in range(4):
        with pytest.raises(LibrarySystemAway):
            branch.sign_in()
    branch.set(port=system.port)
    with pytest.raises(LibrarySystemAway):
        branch.sign_in()
    branch.in_steps("test_card_connection", RIVERSIDE, {}, node=NODE)
    branch.sign_in()
