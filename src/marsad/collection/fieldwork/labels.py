"""The words of states, moves, outcomes, findings and refusals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from marsad.collection.fieldwork.drawing import Method
from marsad.collection.fieldwork.rules import (
    CaseMove,
    CaseState,
    CouponMove,
    CouponState,
    NetworkMove,
    NetworkState,
    SampleMove,
    SampleState,
    UnitKind,
)
from marsad.collection.fieldwork.weighting import Classes
from migstat.estimation.survey_allocation import Allocation
from migstat.model.refusals import Refused

Words = Mapping[str, Promise | str]

KIND_LABELS: Final[Words] = {UnitKind.DWELLING: _("Dwellings"), UnitKind.AREA: _("Areas")}
SAMPLE_STATE_LABELS: Final[Words] = {
    SampleState.DRAWN: _("Drawn, fieldwork not begun"),
    SampleState.OPEN: _("Fieldwork under way"),
    SampleState.CLOSED: _("Fieldwork closed"),
    SampleState.FINISHED: _("Finished"),
    SampleState.DISCARDED: _("Discarded"),
}
SAMPLE_MOVE_LABELS: Final[Words] = {
    SampleMove.OPEN: _("Begin fieldwork"),
    SampleMove.CLOSE: _("Close fieldwork"),
    SampleMove.REOPEN: _("Open fieldwork again"),
    SampleMove.FINISH: _("Finish: erase how dwellings are found"),
    SampleMove.DISCARD: _("Discard this sample"),
}
CASE_STATE_LABELS: Final[Words] = {
    CaseState.RESERVE: _("In reserve"),
    CaseState.WAITING: _("Given to nobody"),
    CaseState.ASSIGNED: _("Given to an agent"),
    CaseState.WORKED: _("Visited, not ended"),
    CaseState.CLOSED: _("Ended"),
}
CASE_MOVE_LABELS: Final[Words] = {
    CaseMove.CLOSE: _("End without a further visit"),
    CaseMove.REOPEN: _("Open for a further visit"),
}
NETWORK_STATE_LABELS: Final[Words] = {
    NetworkState.PREPARED: _("Prepared"),
    NetworkState.OPEN: _("Recruiting"),
    NetworkState.CLOSED: _("Recruitment closed"),
}
NETWORK_MOVE_LABELS: Final[Words] = {
    NetworkMove.OPEN: _("Begin recruiting"),
    NetworkMove.CLOSE: _("Close recruitment"),
    NetworkMove.REOPEN: _("Recruit again"),
}
COUPON_STATE_LABELS: Final[Words] = {
    CouponState.PRINTED: _("Printed, not given yet"),
    CouponState.ISSUED: _("Given, may be used"),
    CouponState.REDEEMED: _("Used"),
    CouponState.EXPIRED: _("Run out"),
    CouponState.VOID: _("Void"),
}
COUPON_MOVE_LABELS: Final[Words] = {
    CouponMove.VOID: _("Declare void"),
    CouponMove.EXTEND: _("Let it be good for as long again"),
}
METHOD_LABELS: Final[Words] = {
    Method.STRATIFIED: _("Dwellings, in each stratum"),
    Method.TWO_STAGE: _("Blocks first, then dwellings in each"),
    Method.AREAS: _("Areas"),
}
ALLOCATION_LABELS: Final[Words] = {
    Allocation.PROPORTIONAL: _("in proportion to the stratum"),
    Allocation.EQUAL: _("the same in each stratum"),
    Allocation.POWER: _("between the two (power)"),
    Allocation.NEYMAN: _("more where answers differ more (Neyman)"),
}
CLASSES_LABELS: Final[Words] = {
    Classes.STRATUM: _("within each stratum"),
    Classes.AREA: _("within each area"),
    Classes.ALL: _("in the whole sample"),
}
DISPOSITION_LABELS: Final[Words] = {
    "1.1": _("Interview complete"),
    "1.2": _("Interview begun, not finished"),
    "2.11": _("Refused to answer"),
    "2.12": _("Broken off"),
    "2.23": _("Could not enter the building"),
    "2.24": _("Nobody at home"),
    "2.25": _("The person to ask was away"),
    "2.32": _("Not able to answer"),
    "2.33": _("Language that nobody in the team speaks"),
    "2.36": _("Other, lived in"),
    "3.11": _("Not visited"),
    "3.17": _("Area that could not be reached or was not safe"),
    "3.18": _("Dwelling not found"),
    "3.21": _("Not known whether somebody eligible lives there"),
    "4.1": _("Outside the population asked"),
    "4.5": _("Not a dwelling, or destroyed"),
    "4.6": _("Vacant or secondary dwelling"),
    "4.7": _("Nobody eligible lives there"),
}
# What the system itself writes when it strikes a visit out; a person writes their own words.
STRUCK_LABELS: Final[Words] = {
    "replaced by a corrected answer": _("replaced by a corrected answer"),
    "rejected in review": _("rejected in review"),
}
COLUMN_LABELS: Final[Words] = {
    "": _("the row"),
    "code": _("code"),
    "area": _("area"),
    "stratum": _("stratum"),
    "block": _("block"),
    "size": _("size"),
    "locator": _("how it is found"),
}
FINDING_LABELS: Final[Words] = {
    "frame_cells": _("The row has another number of cells than the header."),
    "frame_code": _("Give a code of 3 to 20 capital letters, digits and hyphens, with a digit in it; never a name."),
    "frame_twice": _("The code stands twice; hyphens and dots do not tell codes apart."),
    "frame_area": _("The area does not exist; use its code as in the directory of areas."),
    "frame_label": _("Use letters, digits, hyphens and dots, at most 40, without spaces."),
    "frame_locator": _("Say it in 200 signs at most."),
    "frame_size": _("Give a whole number above 0."),
    "frame_block": _("Other dwellings have a block and this one has none."),
    "frame_nested": _("The block stands in two strata."),
}
REFUSAL_LABELS: Final[Words] = {
    "fieldwork.move": _("This step is not open any more. Look at the page again."),
    "fieldwork.frame_rows": _("Some rows cannot stand. Nothing was kept; correct the file and send it again."),
    "fieldwork.frame_text": _("The file is no table in UTF-8. Save it as CSV in UTF-8."),
    "fieldwork.frame_columns": _("A column is missing, stands twice or is not known. A frame has no other columns."),
    "fieldwork.frame_empty": _("The file lists nothing."),
    "fieldwork.frame_large": _("The file lists too many units."),
    "fieldwork.frame_same": _("The latest version lists the same units. Draw from that one."),
    "fieldwork.frame_kind": _("This frame lists another kind of unit. Give the new one a code of its own."),
    "fieldwork.frame_fixed": _("A frame never changes. Load the new list as another version."),
    "fieldwork.frame": _("There is no such frame."),
    "fieldwork.seal": _("How the dwellings are found cannot be read with the key of this installation."),
    "fieldwork.agent_twice": _("The code or the account stands already."),
    "fieldwork.agent": _("No agent of that code works today."),
    "fieldwork.method": _("Draw areas from a frame of areas, and dwellings from a frame of dwellings."),
    "fieldwork.blocks": _("The frame has no blocks. Two stages need the column “block”."),
    "fieldwork.reserve": _("The reserve is 0 to 100 % of the sample, and none where areas are drawn."),
    "fieldwork.sample_small": _("Draw 30 dwellings or more: fewer give no estimate that can be shown."),
    "fieldwork.sample_code": _("A sample of that code stands already."),
    "fieldwork.sample": _("There is no such sample."),
    "fieldwork.dataflow": _("The rows of this dataflow are not told apart by the code of a dwelling."),
    "fieldwork.synthetic": _(
        "The frame and the dataflow do not fit: one holds invented records, the other real ones. "
        "Choose another dataflow, or load the frame again under another code, marked as what it is."
    ),
    "fieldwork.open_already": _("Another one of this dataflow is under way. Close it first."),
    "fieldwork.no_reserve": _("There is no reserve in this stratum."),
    "fieldwork.not_open": _("Fieldwork is not under way."),
    "fieldwork.no_case": _("None of these can be given: they are ended or in reserve."),
    "fieldwork.case": _("There is no such dwelling in this sample."),
    "fieldwork.disposition": _("Choose one of the outcomes of the list."),
    "fieldwork.day": _("Give the day of the visit: not before the draw, and not after today."),
    "fieldwork.reason": _("Say why."),
    "fieldwork.visit": _("This visit was struck out already."),
    "fieldwork.not_closed": _("Weights are worked out after fieldwork was closed, and before the sample is finished."),
    "fieldwork.not_dwellings": _("Weights are worked out for dwellings, not for areas."),
    "fieldwork.no_interview": _("There is no interview yet."),
    "fieldwork.totals": _("Give one total above 0 for each area with an interview, and for no other."),
    "fieldwork.network_code": _("A network of that code stands already."),
    "fieldwork.network": _("There is no such network."),
    "fieldwork.coupon_column": _("This dataflow has no coupons."),
    "fieldwork.network_numbers": _("1 to 3 coupons each, good for 1 to 365 days, and one wave or more."),
    "fieldwork.network_closed": _("This network is not recruiting."),
    "fieldwork.coupon_number": _("Print 1 to 500 coupons at a time."),
    "fieldwork.participant": _("There is no participant of that number."),
    "fieldwork.no_participant": _("Nobody was recruited yet."),
    "fieldwork.purpose": _("Interviews and chains need the same purpose to be joined."),
    "coupon.mistyped": _("This is no number of a coupon. Compare it with the paper: four letters, six digits."),
    "coupon.unknown": _("No coupon of that number was printed here."),
    "coupon.not_issued": _("This coupon was printed and never given to anybody."),
    "coupon.used": _("This coupon was used already. It is good once."),
    "coupon.expired": _("The last day of this coupon has passed."),
    "coupon.void": _("This coupon was declared void."),
    "coupon.too_many": _("That is more than one person may give."),
    "coupon.last_wave": _("This is the last wave: no more coupons are given."),
    "coupon.not_printed": _("This coupon was given already, or belongs to a seed. Take another one."),
    "survey.strata": _("The frame holds nothing to draw from."),
    "survey.spread": _("Give a number above 0 for each stratum of the frame."),
    "survey.power": _("The power is between 0 (the same) and 1 (in proportion)."),
    "survey.sample_small": _("The sample is too small: each stratum needs two units, to know how sure the result is."),
    "survey.sample_large": _("The frame does not hold as many."),
    "survey.take": _("Take one dwelling of each block or more."),
    "survey.nested": _("A block stands in two strata."),
    "survey.seed": _("Give a seed of one line, 80 signs at most."),
    "survey.empty_class": _("A class has no interview at all. Take larger classes."),
    "rds.degree_unknown": _("Some people’s number of acquaintances is not known. Say what to take in its place."),
    "rds.empty": _("Nobody was recruited yet."),
    "rds.one_category": _("All belong to one category: there is nothing to compare."),
    "rds.disconnected_groups": _("Recruitment never passed between some of the groups: no equilibrium can be said."),
    "rds.periodic": _("Recruitment swings between groups without settling."),
    "rds.no_recruits": _("Nobody has recruited anybody yet."),
    "collection.authorisation": _(
        "This dataflow has no authorisation number yet (law 09-08): nothing is collected for it."
    ),
    "collection.dataflow": _("This dataflow is not in the city pack."),
    "collection.purpose": _("The rows were not collected for this use."),
    "fieldwork.no_snapshot": _("No snapshot of the interviews has this answer yet."),
    "access.role": _("This account may not read rows."),
}


def refusal_words(refusal: Refused) -> str:
    """What is refused, in the words of the reader."""
    return str(REFUSAL_LABELS.get(refusal.rule, _("This cannot be done: %(rule)s.") % {"rule": refusal.rule}))


SMALL_CATEGORIES: Final = _("answers of few people, together")
