"""Issues what was earned, or lets it wait for the patron's consent, whatever it was earned by."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import eventlet

from libranet.clock import now
from libranet.cloudevent import Cause
from libranet.collection import Document
from services.credentials.adapters.status_places import Places
from services.credentials.changing import supersede
from services.credentials.domain import earning, endorsing, issuers, issuing, life, renewing, stacking
from services.credentials.domain.achievements import Achievement
from services.credentials.domain.consents import consent_needed, is_given, purpose_of
from services.credentials.domain.earning import Earning
from services.credentials.domain.endorsing import Endorsement, Target
from services.credentials.domain.keys import KeyKeeper
from services.credentials.domain.status_lists import StatusPlace
from services.credentials.issuers import issuer_of, platform_address
from services.credentials.store import CredentialStore
from services.credentials.vouching import said_of, signer_of, vouchers_of


@dataclass(frozen=True)
class Earned:
    """One version of an achievement, by what it was earned, and who told."""

    earning: Earning
    achievement: Achievement
    cause: Cause


Issued = tuple[Document, Cause]
"""A credential, new or good again, and who told of what it was earned by, or made it good."""
ISSUED, WAITS, ALREADY = "issued", "waiting", "already"


def outcomes(by_id: Mapping[str, Earned], store: CredentialStore) -> dict[str, str]:
    """What awarding these now comes to, by the id of the credential: issued, waiting for consent, or there already."""
    known = store.known(by_id)
    fresh = {own_id: consent_needed(each.earning) for own_id, each in by_id.items() if own_id not in known}
    given, moment = store.consents(fresh.values()), now()
    became = {own_id: ISSUED if is_given(given.get(consent), moment) else WAITS for own_id, consent in fresh.items()}
    return {**dict.fromkeys(known, ALREADY), **became}


class Awarding:
    """What nobody has yet is issued once, however often it is told of."""

    keys: KeyKeeper
    places: Places

    def award(self, earned: Iterable[Earned], store: CredentialStore) -> dict[str, str]:
        """Gives what became of each, by the id of its credential. Reads all first, then writes."""
        by_id = {issuing.credential_id(each.earning, each.achievement): each for each in earned}
        became = outcomes(by_id, store)
        fresh = {own_id: each for own_id, each in by_id.items() if became[own_id] != ALREADY}
        erased = store.touch({each.earning.patron for each in fresh.values()})
        issued = []
        for own_id, each in fresh.items():
            if each.earning.patron in erased:
                continue
            if became[own_id] == ISSUED:
                issued.append(self._issue(each, store))
            else:
                store.save_waiting(issuing.waiting(each.earning, each.achievement, now()))
        self._follow_up(issued, store)
        return became

    def release(self, given: dict[tuple[str, str], Cause], purpose: str, store: CredentialStore) -> None:
        """Issues what waited for consents to this purpose that were just given, by patron and issuer; each under the
        version of the achievement that was current when it was earned. What was earned by a completion that is
        withdrawn, or by credentials that do not hold any more, waits on."""
        self._issue_waiting([(each, given[each["patron"], each["recipient"]])
                             for each in store.waiting_of(patron for patron, _ in given)
                             if (each["patron"], each["recipient"]) in given
                             and purpose_of(earning.read(each["earning"])) == purpose], store)

    def is_agreed(self, earned_by: Earning, store: CredentialStore) -> bool:
        """Whether the patron's consent to issue is given at the moment."""
        wanted = consent_needed(earned_by)
        return is_given(store.consents([wanted]).get(wanted), now())

    def renewed(self, credential: Document, document: Document, achievement: Achievement, at: datetime,
                until: datetime | None, store: CredentialStore) -> Document:
        """The credential with a document about the same, signed anew by its issuer as that is called now, and by the
        co-issuer of this version, if that did not sign it yet; what that says is written here."""
        issuer = issuer_of(issuers.node_of(credential), store, self.keys)
        co_issued = self._co_issued(credential["public_url"], endorsing.of_credential(credential), achievement, store)
        vouched = vouchers_of(
            achievement, issuer.node, store, [*said_of(credential, achievement, store), *co_issued])
        place = (StatusPlace(**credential["status_place"]) if renewing.speaks_as(credential, issuer)
                 else self.places.take(issuer.node, issuer.did))
        renewed = renewing.renew(
            credential, document, achievement, issuer, platform_address(), place, at, until, vouched)
        for each in co_issued:
            store.endorsements.add(each)
        return renewed

    def follow_change(self, before: Document, after: Document, cause: Cause, store: CredentialStore) -> None:
        """What comes of a credential that holds again: with others it may earn what it did not while it did not hold.
        The change is saved before."""
        moment = now()
        if life.holds_at(after, moment) and not life.holds_at(before, moment):
            self._stack([(after, cause)], store)
            self._issue_waiting([(each, cause) for each in store.waiting_of([after["patron"]])
                                 if after["_id"] in earning.rests_on(each["earning"])
                                 and self.is_agreed(earning.read(each["earning"]), store)], store)

    def _issue_waiting(self, waiting: Sequence[tuple[Document, Cause]], store: CredentialStore) -> None:
        """Those of them that are earned at the moment; each with what lets it be issued now."""
        if not waiting:
            return
        withdrawn = store.reconsiderations.withdrawn_of({each["patron"] for each, _ in waiting})
        below = store.many(own_id for each, _ in waiting for own_id in earning.rests_on(each["earning"]))
        holding = {own_id for own_id, each in below.items() if life.holds_at(each, now())}
        earned = [(each, cause) for each, cause in waiting if each["earning"]["id"] not in withdrawn
                  and holding.issuperset(earning.rests_on(each["earning"]))]
        versions = store.versions((each["achievement"], each["achievement_version"]) for each, _ in earned)
        issued = []
        for each, cause in earned:
            achievement = versions[each["achievement"], each["achievement_version"]]
            issued.append(self._issue(Earned(earning.read(each["earning"]), achievement, cause), store))
            store.end_waiting(each["_id"])
        self._follow_up(issued, store)

    def _follow_up(self, issued: list[Issued], store: CredentialStore) -> None:
        """What comes of new credentials: they replace earlier ones, and earn others."""
        if issued:
            supersede(issued, store, now())
            self._stack(issued, store)

    def _stack(self, good: list[Issued], store: CredentialStore) -> None:
        """Awards what these credentials earn together with others, and what that earns in turn. Who writes here has
        touched the patrons, so of two last ones that come at once, one sees the other."""
        stacks = store.stacks_of({credential["achievement"] for credential, _ in good})
        components = {component for stack in stacks for component in stack.components}
        held = store.held_of({credential["patron"] for credential, _ in good}, components, now()) if stacks else {}
        earned = [Earned(together, stack, cause) for credential, cause in good for stack in stacks
                  if (together := stacking.reached(
                      stack, held.get(credential["patron"], {}), credential["patron"], credential["owner"],
                      credential["because"]["event"], now()))]
        if earned:
            self.award(earned, store)

    def _issue(self, earned: Earned, store: CredentialStore) -> Issued:
        issuer = issuer_of(earning.issuer_of(earned.earning), store, self.keys)
        place = self.places.take(issuer.node, issuer.did)
        moment, address = now(), issuing.address_of(earned.earning, earned.achievement, platform_address())
        target = endorsing.of_address(address, earned.earning, earned.achievement)
        co_issued = self._co_issued(address, target, earned.achievement, store)
        vouched = vouchers_of(earned.achievement, issuer.node, store, co_issued)
        credential = issuing.issue(
            earned.earning, earned.achievement, issuer, platform_address(), moment, place, vouched)
        store.save_issued(credential, earned.cause)
        for each in co_issued:
            store.endorsements.add(each)
        eventlet.sleep(0)  # signing is CPU; calls and health probes get their turn
        return credential, earned.cause

    def _co_issued(self, address: str, target: Target, achievement: Achievement, store: CredentialStore,
                   ) -> list[Endorsement]:
        """What the co-issuer says of the credential, signed by its own key; nothing where it is issued by one alone, or
        the co-issuer said it before."""
        node = store.co_issuings.in_force(achievement)
        before = store.endorsements.turns(node, target.about) if node else []
        if node is None or endorsing.is_co_issued(before, achievement.version):
            return []
        signer = signer_of(node, True, store, self.keys, self.places)
        return [endorsing.co_issued(before, address, target, achievement, signer, platform_address(), now())]
