"""The words of linkages: states, what a level shows, verdicts, refusals, fields."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from marsad.collection.labels_store import REFUSALS as OF_THE_STORE
from marsad.production.linkage.plan import Sign
from marsad.production.linkage.rules import LinkageState, Verdict

Words = dict[str, Promise | str]

STATES: Words = {
    LinkageState.ASKED: _("Waiting to be linked"),
    LinkageState.LINKED: _("Linked, under review"),
    LinkageState.CLOSED: _("Review closed"),
    LinkageState.FAILED: _("Could not be linked"),
    LinkageState.ERASED: _("Erased with its lists"),
}
SIGNS: Words = {
    Sign.SAME: _("the same"),
    Sign.SWAPPED: _("found in the other name"),
    Sign.NEAR: _("nearly the same"),
    Sign.SOUND: _("sounds the same"),
    Sign.CLOSE: _("somewhat alike"),
    Sign.YEAR: _("the year agrees, within one"),
    Sign.OTHER: _("different"),
    Sign.MISSING: _("does not count (missing, or told by the other name)"),
}
VERDICTS: Words = {
    Verdict.MATCH: _("One person"),
    Verdict.NO_MATCH: _("Two persons"),
    Verdict.UNSURE: _("Cannot be told"),
}
FIELDS: Words = {
    "family_name": _("Family name"),
    "given_name": _("Given name"),
    "birth_date": _("Date of birth"),
    "card_number": _("Number of a card or file"),
    "phone": _("Telephone"),
    "sex": _("Sex"),
    "citizenship": _("Citizenship"),
    "area": _("Area"),
    "residence_status": _("Residence status"),
}
REFUSALS: Words = {
    **OF_THE_STORE,
    "linkage.lists": _("Choose one snapshot of each of two lists or more."),
    "linkage.purposes": _("These lists were pseudonymised for different purposes: nobody can be joined across them."),
    "linkage.mixed": _("Real and synthetic lists are never linked together."),
    "linkage.review_size": _("That is more pairs than a review may hold."),
    "linkage.fields": _("The lists share too few columns that tell persons apart."),
    "linkage.empty": _("A list has no row by which anybody could be told."),
    "linkage.too_many_pairs": _("Too many pairs would have to be compared. Link fewer or smaller lists."),
    "linkage.no_pairs": _("No two records of these lists resemble each other."),
    "linkage.changed": _("A list has changed since. Ask for the linkage anew."),
    "linkage.move": _("This step is not open in the state the linkage is in."),
    "linkage.closed": _("The review is not open."),
    "linkage.pair": _("There is no such pair."),
    "linkage.decided": _("This pair was decided already."),
    "linkage.none": _("You have no verdict to take back."),
    "linkage.not_linked": _("The lists are not linked."),
    "snapshot.erased": _("A snapshot was erased. Choose another one."),
    "snapshot.unknown": _("A snapshot does not exist. Choose another one."),
    "collection.purpose": _("A list was not collected for linkage."),
    "access.role": _("Your account may not look at pairs."),
}


def words_of(table: Words, code: str) -> str:
    """The words of a code; the code itself where nobody gave it any."""
    return str(table.get(code, code))
