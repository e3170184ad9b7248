"""The words of the directory's closed vocabularies and columns."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from marsad.actors.rules import (
    ChangeMove,
    ChangeState,
    ConsentScope,
    OrganisationKind,
    Refusal,
    RelationKind,
    ServiceKind,
    Subject,
)

Words = dict[str, Any]

ORGANISATION_KINDS: Words = {
    OrganisationKind.STATE: _("State"),
    OrganisationKind.TERRITORIAL: _("Territorial authority"),
    OrganisationKind.INTERNATIONAL: _("International organisation"),
    OrganisationKind.ASSOCIATION: _("Association"),
    OrganisationKind.MIGRANTS_ASSOCIATION: _("Migrants’ association"),
    OrganisationKind.UNIVERSITY: _("University or research"),
    OrganisationKind.PRESS: _("Press"),
}
SERVICE_KINDS: Words = {
    ServiceKind.PAPERS: _("Papers and civil status"),
    ServiceKind.ASYLUM: _("Asylum"),
    ServiceKind.LEGAL_AID: _("Legal aid"),
    ServiceKind.HOUSING: _("Housing"),
    ServiceKind.HEALTH: _("Health"),
    ServiceKind.SCHOOL: _("School"),
    ServiceKind.LANGUAGE: _("Language and training"),
    ServiceKind.WORK: _("Work"),
    ServiceKind.SOCIAL_AID: _("Social assistance"),
    ServiceKind.PROTECTION: _("Protection and complaints"),
    ServiceKind.RETURN: _("Voluntary return"),
}
RELATION_KINDS: Words = {
    RelationKind.PART_OF: _("is part of"),
    RelationKind.PARTNER: _("is a partner of"),
    RelationKind.FUNDS: _("funds"),
}
SUBJECTS: Words = {
    Subject.ORGANISATION: _("Entry"),
    Subject.SERVICE: _("Service"),
    Subject.MANDATE: _("Mandate"),
}
SCOPES: Words = {
    ConsentScope.COORDINATION: _("The coordination only"),
    ConsentScope.PARTNERS: _("The coordination and the partner organisations"),
}
STATES: Words = {
    ChangeState.PROPOSED: _("Waits for validation"),
    ChangeState.ACCEPTED: _("Validated"),
    ChangeState.REFUSED: _("Not validated"),
    ChangeState.WITHDRAWN: _("Withdrawn"),
}
MOVES: Words = {
    ChangeMove.ACCEPT: _("Validate"),
    ChangeMove.REFUSE: _("Do not validate"),
    ChangeMove.WITHDRAW: _("Withdraw"),
}
REASONS: Words = {
    Refusal.NOT_OPEN: _("This change was decided already."),
    Refusal.OWN_CHANGE: _("Somebody else validates what you proposed."),
    Refusal.NOT_PROPOSER: _("Only the person who proposed a change withdraws it."),
    Refusal.NO_REASON: _("Say why it is not validated."),
}
REFUSALS: Words = {
    "actors.unknown": _("This organisation is not in the directory."),
    "actors.foreign": _("This entry belongs to another organisation."),
    "actors.nothing": _("Nothing was changed."),
    "actors.identifier": _("Another organisation holds this identifier. If they are one organisation, merge them."),
    "actors.consent": _("The day of the consent lies in the future."),
    "actors.merge": _("These two entries cannot become one: choose two different entries that stand."),
    "actors.unmerge": _("This merge was undone already."),
    "actors.unmerge_order": _("The entry that was kept was merged further since. Take the later merge back first."),
}
COLUMNS: Words = {
    "acronym": _("Acronym"),
    "name": _("Name"),
    "produces": _("Produces"),
    "rhythm": _("Rhythm"),
    "basis": _("Legal basis"),
    "needs": _("Needs"),
    "source_url": _("Address on the web"),
    "kind": _("Kind"),
    "area": _("Place"),
    "title": _("Title"),
    "audience": _("For whom"),
    "access": _("How to reach it, and when"),
    "lon": _("Longitude"),
    "lat": _("Latitude"),
    "since": _("Since"),
    "until": _("Until"),
}
LANGUAGE_NAMES: Words = {"fr": _("French"), "ar": _("Arabic"), "en": _("English")}


def column_words(name: str) -> str:
    """The words of a column, with the language of its text where it has one."""
    stem, _underscore, language = name.rpartition("_")
    if language in LANGUAGE_NAMES and stem in COLUMNS:
        return f"{COLUMNS[stem]} ({LANGUAGE_NAMES[language]})"
    return str(COLUMNS.get(name, name))
