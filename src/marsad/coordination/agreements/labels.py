"""The words of an agreement's closed vocabularies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy as pgettext

from marsad.coordination.agreements.rules import (
    AgreementState,
    DeliveryState,
    Hat,
    Move,
    Refusal,
    Side,
)
from marsad.coordination.agreements.terms import (
    Frequency,
    LegalBasis,
    PartyRole,
    Purpose,
    RecipientClass,
    TermsFault,
)
from migstat.model.structure import Kind, Role

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Words = Mapping[str, "str | _StrPromise"]

STATES: Words = {
    AgreementState.DRAFT: pgettext("agreement", "Draft"),
    AgreementState.NEGOTIATED: pgettext("agreement", "Negotiated"),
    AgreementState.SIGNED: pgettext("agreement", "Signed"),
    AgreementState.IN_FORCE: pgettext("agreement", "In force"),
    AgreementState.SUSPENDED: pgettext("agreement", "Suspended"),
    AgreementState.EXPIRED: pgettext("agreement", "Expired"),
    AgreementState.ENDED: pgettext("agreement", "Ended"),
    AgreementState.WITHDRAWN: pgettext("agreement", "Withdrawn"),
}
MOVES: Words = {
    Move.EDIT: pgettext("agreement", "Change the terms"),
    Move.AGREE: pgettext("agreement", "Agree to these terms"),
    Move.REOPEN: pgettext("agreement", "Take up the negotiation again"),
    Move.REVIEW: pgettext("agreement", "Reviewed: no objection"),
    Move.SIGN: pgettext("agreement", "Sign"),
    Move.ENFORCE: pgettext("agreement", "Bring into force"),
    Move.SUSPEND: pgettext("agreement", "Suspend"),
    Move.RESUME: pgettext("agreement", "Lift the suspension"),
    Move.EXPIRE: pgettext("agreement", "Mark as expired"),
    Move.END: pgettext("agreement", "End"),
    Move.REPLACE: pgettext("agreement", "Replaced by the next version"),
    Move.WITHDRAW: pgettext("agreement", "Withdraw"),
}
HATS: Words = {
    Hat.DRAFTER: _("the city’s data team"),
    Hat.COORDINATOR: _("the coordinator"),
    Hat.PARTNER: _("the partner organisation"),
    Hat.PROTECTION: _("the data protection officer"),
    Hat.CLOCK: _("the calendar"),
}
SIDES: Words = {Side.PARTNER: _("for the partner organisation"), Side.CITY: _("for the municipality")}
REFUSALS: Words = {
    Refusal.NOT_OPEN: _("This step is not open in the present state."),
    Refusal.NOT_YOURS: _("This step belongs to somebody else."),
    Refusal.NO_REASON: _("Give the reason."),
    Refusal.FAULTY_TERMS: _("The terms are not complete: see what is missing."),
    Refusal.NOT_REVIEWED: _("The data protection officer has not reviewed it yet."),
    Refusal.ALREADY_REVIEWED: _("The data protection officer has already reviewed it."),
    Refusal.ALREADY_SIGNED: _("Your side has already signed."),
    Refusal.SIGNED_FOR_OTHER_SIDE: _("You signed for the other side: another person signs for this one."),
    Refusal.NOT_STARTED: _("Its first day has not come yet."),
    Refusal.PAST_END: _("Its last day has passed."),
    Refusal.NOT_PAST_END: _("Its last day has not passed."),
    Refusal.OTHER_IN_FORCE: _("Another agreement stands with this organisation on this dataflow: end it first."),
    Refusal.SUSPENDED_BY_OTHERS: _("Whoever suspended it lifts the suspension."),
}
FAULTS: Words = {
    TermsFault.NO_AUTHORISATION: _("Records about persons need the number of the CNDP’s authorisation (law 09-08)."),
    TermsFault.NO_AUTHORISATION_DAY: _("Give the day of the authorisation."),
    TermsFault.NO_RECIPIENTS: _("Choose at least one class of recipients."),
    TermsFault.ENFORCEMENT_MIXED: _("Enforcement stands alone: what serves it serves nothing else."),
    TermsFault.MINIMUM_CELL: _("The smallest count shown is at least 3."),
    TermsFault.DATES: _("The last day is before the first."),
    TermsFault.DUE_DAYS: _("The days to deliver cannot be negative."),
    TermsFault.RETENTION: _("Records are kept at least one day, and not for ever: give a number of days."),
    TermsFault.BREAKDOWN: _("A promised breakdown is not a column of the structure."),
    TermsFault.NO_REVIEWERS: _("Say who reviews what comes out."),
    TermsFault.COVERS: _("Write the period as 2014, 2014-Q3, 2014-09, 2014-09-01 or START/END."),
    TermsFault.NO_WORDS: _("Write the purpose and the legal basis in all three languages."),
}
PURPOSES: Words = {
    Purpose.STATISTICS: _("statistics"),
    Purpose.PLANNING: _("planning of the city"),
    Purpose.SERVICES: _("organisation of services"),
    Purpose.PROTECTION: _("protection of persons"),
    Purpose.RESEARCH: _("research"),
    Purpose.COORDINATION: _("coordination of partners"),
}
LEGAL_BASES: Words = {
    LegalBasis.CONSENT: _("consent of the persons"),
    LegalBasis.LEGAL_OBLIGATION: _("legal obligation"),
    LegalBasis.CONTRACT: _("contract with the person"),
    LegalBasis.VITAL_INTERESTS: _("vital interests of the person"),
    LegalBasis.PUBLIC_TASK: _("task in the public interest"),
    LegalBasis.LEGITIMATE_INTEREST: _("legitimate interest"),
}
RECIPIENTS: Words = {
    RecipientClass.MUNICIPALITY: _("the municipality"),
    RecipientClass.PARTNER: _("partner organisations"),
    RecipientClass.RESEARCH: _("research"),
    RecipientClass.PUBLIC: _("the public"),
    RecipientClass.ENFORCEMENT: _("law enforcement"),
}
PARTY_ROLES: Words = {
    PartyRole.CONTROLLER: pgettext("agreement", "controller"),
    PartyRole.JOINT_CONTROLLER: pgettext("agreement", "joint controller"),
    PartyRole.PROCESSOR: pgettext("agreement", "processor"),
    PartyRole.RECIPIENT: pgettext("agreement", "recipient"),
}
FREQUENCIES: Words = {
    Frequency.ONCE: _("once"),
    Frequency.WEEKLY: _("every week"),
    Frequency.MONTHLY: _("every month"),
    Frequency.QUARTERLY: _("every quarter"),
    Frequency.HALF_YEARLY: _("every half-year"),
    Frequency.YEARLY: _("every year"),
    Frequency.ON_REQUEST: _("on request"),
}
DELIVERY_STATES: Words = {
    DeliveryState.RECEIVED: pgettext("agreement", "received"),
    DeliveryState.RETURNED: pgettext("agreement", "returned for correction"),
    DeliveryState.ACCEPTED: pgettext("agreement", "accepted"),
    DeliveryState.ACCEPTED_WITH_RESERVATIONS: pgettext("agreement", "accepted with reservations"),
    DeliveryState.REFUSED: pgettext("agreement", "refused"),
}
COLUMN_ROLES: Words = {
    Role.DIRECT_IDENTIFIER: pgettext("agreement", "direct identifier, replaced by a pseudonym"),
    Role.QUASI_IDENTIFIER: pgettext("agreement", "quasi-identifier"),
    Role.ATTRIBUTE: pgettext("agreement", "attribute"),
    Role.MEASURE: pgettext("agreement", "measure"),
    Role.AREA: pgettext("agreement", "area"),
    Role.PERIOD: pgettext("agreement", "period"),
    Role.WEIGHT: pgettext("agreement", "weight"),
}
COLUMN_KINDS: Words = {
    Kind.TEXT: pgettext("agreement", "text"),
    Kind.CODE: pgettext("agreement", "code"),
    Kind.INTEGER: pgettext("agreement", "whole number"),
    Kind.NUMBER: pgettext("agreement", "number"),
    Kind.DATE: pgettext("agreement", "date"),
    Kind.BOOLEAN: pgettext("agreement", "yes or no"),
}
FIELDS: Words = {
    "code": _("Code"),
    "organisation": _("Partner organisation"),
    "dataflow": _("Dataflow"),
    "structure": _("Structure"),
    "purpose": _("Purpose"),
    "legal_basis": _("Legal basis"),
    "authorisation_number": _("Number of the authorisation (law 09-08)"),
    "authorised_on": _("Day of the authorisation"),
    "recipient_classes": _("Recipients"),
    "minimum_cell": _("Smallest count shown"),
    "frequency": _("Frequency"),
    "due_days": _("Days to deliver after the end of a period"),
    "breakdowns": _("Breakdowns promised"),
    "quality_tests": _("Quality tests"),
    "retention_days": _("Retention, in days"),
    "keeps_original": _("The original file is kept"),
    "onward_sharing": _("Records may be passed on"),
    "starts_on": _("First day"),
    "ends_on": _("Last day"),
    "reviewers": _("Who reviews what comes out"),
    "partner_role": _("Role of the partner"),
    "city_role": _("Role of the municipality"),
    "areas": _("Areas covered"),
    "covers": _("Period covered"),
    "purpose_words": _("Purpose, in words"),
    "basis_words": _("Legal basis, in words"),
}
REFUSAL_KINDS: Words = {
    "firewall": _("stopped by the firewall"),
    "expired": _("the agreement had expired"),
    "suspended": _("the agreement was suspended"),
    "no_agreement": _("no agreement was in force"),
    "structure": _("the file did not have the agreed structure"),
    # As the door of deliveries names them.
    "deliveries.not_in_force": _("the agreement was not in force"),
    "deliveries.not_party": _("the sender was not a party to the agreement"),
    "deliveries.no_agreement": _("no agreement was in force"),
}
OTHER_REFUSAL = _("another reason")
RULES: Words = {
    "agreements.taken": _("Another agreement has this code."),
    "agreements.open_version": _("A version is still open: finish or withdraw it first."),
    "agreements.checksum": _("The text has changed since you read it: read it again, then sign."),
    "agreements.document": _("Give the signed agreement as a PDF of at most 5 MB."),
    "agreements.unknown": _("There is no such agreement."),
    "agreements.terms": _("The terms cannot be read."),
    "agreements.structure_text": _("The text is neither TOML nor JSON."),
    "structure.fields": _("A field of the structure is missing or unknown."),
    "structure.vocabulary": _("A role or a kind of a column is not one of the list."),
    "structure.name": _("A column name is no plain word: small letters, digits, single underscores."),
    "structure.codelist": _("A code needs its code list, and only a code has one."),
    "structure.bounds": _("The bounds of a column are wrong: the smaller first, and only for numbers."),
    "structure.numeric": _("A weight or a measure is a number."),
    "structure.columns": _("Give at least one column, and each name once."),
    "structure.weight": _("Keep one weight."),
}
