"""The directory: closed vocabularies, the life of a change to an entry, and when an entry is old."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import date, timedelta
from enum import StrEnum

from migstat.model.refusals import Refused


class OrganisationKind(StrEnum):
    STATE = "state"
    TERRITORIAL = "territorial"
    INTERNATIONAL = "international"
    ASSOCIATION = "association"
    MIGRANTS_ASSOCIATION = "migrants_association"
    UNIVERSITY = "university"
    PRESS = "press"


class ServiceKind(StrEnum):
    """What a resident goes somewhere for."""

    PAPERS = "papers"
    ASYLUM = "asylum"
    LEGAL_AID = "legal_aid"
    HOUSING = "housing"
    HEALTH = "health"
    SCHOOL = "school"
    LANGUAGE = "language"
    WORK = "work"
    SOCIAL_AID = "social_aid"
    PROTECTION = "protection"
    RETURN = "return"


class RelationKind(StrEnum):
    PART_OF = "part_of"
    PARTNER = "partner"
    FUNDS = "funds"


class Subject(StrEnum):
    """What a change is about."""

    ORGANISATION = "organisation"
    SERVICE = "service"
    MANDATE = "mandate"


class ConsentScope(StrEnum):
    """Who may see a contact, as far as the person consented."""

    COORDINATION = "coordination"
    PARTNERS = "partners"


class ChangeState(StrEnum):
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class ChangeMove(StrEnum):
    ACCEPT = "accept"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


TRANSITIONS: Mapping[tuple[ChangeState, ChangeMove], ChangeState | None] = {
    (state, move): None for state in ChangeState for move in ChangeMove
} | {
    (ChangeState.PROPOSED, ChangeMove.ACCEPT): ChangeState.ACCEPTED,
    (ChangeState.PROPOSED, ChangeMove.REFUSE): ChangeState.REFUSED,
    (ChangeState.PROPOSED, ChangeMove.WITHDRAW): ChangeState.WITHDRAWN,
}

DAYS_TO_VALIDATE = 7
AGED_AFTER = timedelta(days=365)


class Refusal(StrEnum):
    """Why a move on a change is not open to a person. All that apply are given at once."""

    NOT_OPEN = "not_open"
    OWN_CHANGE = "own_change"
    NOT_PROPOSER = "not_proposer"
    NO_REASON = "no_reason"


def refusals(
    *, state: ChangeState, move: ChangeMove, proposer: Hashable, person: Hashable, answer: str
) -> frozenset[Refusal]:
    """The reasons against a move; none when it is open. Nobody validates a change of their own.

    >>> sorted(refusals(state=ChangeState.PROPOSED, move=ChangeMove.REFUSE, proposer=1, person=2, answer=" "))
    [<Refusal.NO_REASON: 'no_reason'>]
    """
    found = {Refusal.NOT_OPEN} if TRANSITIONS[state, move] is None else set()
    if move is ChangeMove.WITHDRAW:
        return frozenset(found | ({Refusal.NOT_PROPOSER} if person != proposer else set()))
    if person == proposer:
        found.add(Refusal.OWN_CHANGE)
    if move is ChangeMove.REFUSE and not answer.strip():
        found.add(Refusal.NO_REASON)
    return frozenset(found)


class ChangeRefused(Refused):
    """A move that the rules forbid, with every reason in ``refusals``."""

    def __init__(self, refusals: frozenset[Refusal]) -> None:
        super().__init__("actors.change", found=", ".join(sorted(refusals)), remedy="see the reasons beside the button")
        self.refusals = refusals


def is_aged(checked_on: date | None, *, today: date) -> bool:
    """Whether nobody has confirmed an entry for a year, or ever.

    >>> is_aged(date(2025, 1, 1), today=date(2026, 1, 1)), is_aged(date(2025, 1, 1), today=date(2026, 1, 2))
    (False, True)
    """
    return checked_on is None or today - checked_on > AGED_AFTER


def runs(until: date | None, *, today: date) -> bool:
    """Whether a service or mandate still stands on a day; without an end it does."""
    return until is None or today <= until
