"""The words of states, channels, rules and refusals of deliveries."""

from __future__ import annotations

import re

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from marsad.collection.deliveries.rules import Move, State
from migstat.model.refusals import Refused
from migstat.quality.codes import CodeSystem
from migstat.quality.marks import Mark

Words = Promise | str
STATE_LABELS: dict[str, Words] = {
    State.ARRIVING: _("On its way"),
    State.RECEIVED: _("Received, being read"),
    State.READ: _("To be confirmed by the partner"),
    State.MAPPED: _("Being checked"),
    State.CHECKED: _("Checked, to be decided"),
    State.STORING: _("Being stored"),
    State.STORING_WITH_RESERVATIONS: _("Being stored, with reservations"),
    State.ACCEPTED: _("Accepted"),
    State.ACCEPTED_WITH_RESERVATIONS: _("Accepted with reservations"),
    State.RETURNED: _("Returned, to be corrected"),
    State.REFUSED: _("Refused"),
    State.WITHDRAWN: _("Withdrawn"),
}
NEXT_STEPS: dict[str, Words] = {
    State.RECEIVED: _("Nothing to do: the file is being read. You can leave this page."),
    State.READ: _("See what was recognised, correct it where needed, and confirm which column holds what."),
    State.MAPPED: _("Nothing to do: the rows are being checked. You can leave this page."),
    State.CHECKED: _("The data officer decides. You can still correct how the file is read."),
    State.STORING: _("Nothing to do: the rows are being stored without names."),
    State.STORING_WITH_RESERVATIONS: _("Nothing to do: the rows are being stored without names."),
    State.ACCEPTED: _("Nothing to do. The rows are stored; your file was destroyed unless the agreement keeps it."),
    State.ACCEPTED_WITH_RESERVATIONS: _("Nothing to do. Read the reservations before the next delivery."),
    State.RETURNED: _("Download the report, correct your file, and send it again."),
    State.REFUSED: _("Nothing was kept. The reason stands below."),
    State.WITHDRAWN: _("Nothing was kept."),
}
MOVE_LABELS: dict[str, Words] = {
    Move.ACCEPT: _("Accept"),
    Move.RESERVE: _("Accept with reservations"),
    Move.RETURN: _("Return to the partner"),
    Move.REFUSE: _("Refuse"),
    Move.WITHDRAW: _("Withdraw"),
}
MARK_LABELS: dict[str, Words] = {
    Mark.MISSING: _("not known"),
    Mark.SUPPRESSED: _("withheld by the producer"),
    Mark.NOT_APPLICABLE: _("does not apply"),
}
SYSTEM_LABELS: dict[str, Words] = {
    CodeSystem.CODE: _("the codes of the list"),
    CodeSystem.ISO2: _("two-letter ISO codes"),
    CodeSystem.UNHCR: _("UNHCR codes"),
    CodeSystem.NUMBER: _("HCP numbers"),
    CodeSystem.NAME: _("names"),
}
SEVERITY_LABELS: dict[str, Words] = {"error": _("Error"), "question": _("Question"), "warning": _("To look at")}
ROW_LABELS: dict[str, Words] = {
    "total": _("total"),
    "subtotal": _("subtotal"),
    "note": _("note"),
}
ROLE_LABELS: dict[str, Words] = {
    "direct_identifier": _("names a person: stored as a pseudonym"),
    "quasi_identifier": _("describes a person"),
    "attribute": _("describes the record"),
    "measure": _("is counted or measured"),
    "area": _("place"),
    "period": _("time"),
    "weight": _("weight"),
}

# Each rule of quality: what is wrong, and what to do.
RULE_LABELS: dict[str, tuple[Words, Words]] = {
    "quality.ragged": (
        _("The row has another number of cells than the heading"),
        _("Put texts that contain the separator in quotation marks, or send a workbook."),
    ),
    "quality.no_rows": (
        _("No record stands below the titles"),
        _("Check that the right sheet and the right row of titles were read, or send the file that holds the records."),
    ),
    "quality.required": (_("A value is needed here"), _("Fill the cell, or delete the row if it is no record.")),
    "quality.number": (_("This is no number"), _("Write a number, or leave the cell empty if it is not known.")),
    "quality.integer": (_("This is no whole number"), _("Write a whole number.")),
    "quality.date": (_("This is no date"), _("Write the date as 2026-01-31.")),
    "quality.date_order": (
        _("Day and month cannot be told apart"),
        _("Say on the page which comes first, or write dates as 2026-01-31."),
    ),
    "quality.boolean": (_("This is neither yes nor no"), _("Write yes or no.")),
    "quality.bounds": (_("The value is impossible"), _("Correct it, or leave the cell empty if it is not known.")),
    "quality.future": (_("The date lies in the future"), _("Correct the date.")),
    "quality.period": (
        _("This is no period"),
        _("Write a year, a quarter such as 2026-Q1, or a month such as 2026-01."),
    ),
    "quality.outside_period": (
        _("This lies outside the period of the delivery"),
        _("Deliver it with its own period, or correct it."),
    ),
    "quality.unknown_code": (_("The code is not on the list"), _("Choose on the page what it means, or correct it.")),
    "quality.ambiguous_code": (_("This could mean several codes"), _("Choose on the page which one is meant.")),
    "quality.short_code": (
        _("The code has lost its leading zeros; they were put back"),
        _("Format the column as text before you type the codes."),
    ),
    "quality.duplicate_row": (_("The row stands twice"), _("Delete the repetition, or say why it is right.")),
    "quality.same_person": (
        _("The same person stands here again"),
        _("Nothing to do if it is another visit; otherwise delete one."),
    ),
    "quality.same_cell": (_("The same place, time and group stand twice"), _("Keep one row for each combination.")),
    "quality.total": (_("The total is not the sum of its rows"), _("Correct the total or the rows.")),
    "quality.row_total": (_("The total is not the sum of its columns"), _("Correct the total or its parts.")),
    "quality.drop": (
        _("Much less than in the delivery before"),
        _("Check that nothing is missing, or say why it fell."),
    ),
    "quality.jump": (
        _("Much more than in the delivery before"),
        _("Check that nothing is counted twice, or say why it rose."),
    ),
    "quality.breakdown": (_("A column that the agreement promises is missing or empty"), _("Add the column.")),
    "quality.area_missing": (
        _("A place that the agreement promises is missing"),
        _("Add its rows, with zero where there was nobody."),
    ),
    "quality.period_missing": (
        _("There is no row of this part of the period that was promised"),
        _("Add its rows, or say that there was nothing to count then."),
    ),
    "quality.formula": (
        _("The text begins like a formula"),
        _("It is kept as text and never run. Write it without the sign at its beginning."),
    ),
    "quality.hijri": (
        _("The date was converted from the Hijri calendar and may be a day or two off"),
        _("Give the Gregorian date if you have it."),
    ),
    "quality.disputed_mark": (
        _("Offices use this mark with different meanings"),
        _("Check on the page how it was read."),
    ),
    "quality.set_aside": (
        _("The row is no record and was set aside"),
        _("Nothing to do. Next time deliver without totals and notes."),
    ),
    "quality.cell_error": (
        _("The workbook shows an error here instead of a value"),
        _("Mend the formula, or leave the cell empty if the value is not known."),
    ),
    "quality.too_long": (_("The text is too long"), _("Shorten it.")),
    "quality.unmapped": (_("No column holds this"), _("Say which column holds it.")),
}

REFUSAL_LABELS: dict[str, Words] = {
    "deliveries.already": _(
        "This very file was received before for the same period. Here it is; nothing was stored twice."
    ),
    "deliveries.same_file": _("The same file was delivered before. If it is meant, tick the box and send it again."),
    "deliveries.no_agreement": _("There is no agreement of this code."),
    "deliveries.not_party": _("The agreement is another organisation’s."),
    "deliveries.not_in_force": _("The agreement is not in force today: nothing can be delivered under it."),
    "deliveries.empty": _("The file is empty."),
    "deliveries.format": _("The file is no table. Save it as .xlsx or .csv and send that."),
    "deliveries.binary": _("The file is no text and no workbook. Save it as .xlsx or .csv and send that."),
    "deliveries.locked": _("The workbook is locked with a password. Send it without one."),
    "deliveries.broken": _("The workbook cannot be read. Open it, save it again, and send that."),
    "deliveries.uncalculated": _(
        "The formulas of the workbook were never calculated. Open it in a spreadsheet program, save it there, and send that."
    ),
    "deliveries.harmful": _("The file is built so that reading it would do harm. Save the sheet again and send that."),
    "deliveries.too_large": _("The file is too large. Save the sheet as .csv, or send it in parts."),
    "deliveries.too_wide": _("The table has too many columns, or a line without an end."),
    "deliveries.one_column": _("No separator was recognised. Choose one below."),
    "deliveries.no_heading": _("No row of titles was recognised. Say below in which row they stand."),
    "deliveries.encoding": _("Some letters are not in the encoding that was recognised. Choose another one below."),
    "deliveries.quotes": _(
        "A quotation mark is never closed, or is closed in the midst of a cell. Correct the file, or choose another separator."
    ),
    "deliveries.crashed": _("The work on this file broke off each time. Send it as .csv, or in parts."),
    "deliveries.erased": _("The file held a row about a person who has asked to be erased. Send it without that row."),
    "deliveries.retention": _(
        "Nobody decided on the file as long as its rows may be kept, so it was destroyed. Send it again if it is needed."
    ),
    "deliveries.unmapped": _("A column that is needed has no place in the file. Choose it below."),
    "deliveries.position": _("A column of the file was chosen twice."),
    "deliveries.doubtful": _("A column can be read in two ways. Say first how it is written."),
    "deliveries.codelist": _("Choose a code of the list."),
    "deliveries.move": _("The delivery has moved on meanwhile: this step is not open any more."),
    "deliveries.reason": _("Say why."),
    "deliveries.questions": _("Some values could mean two things. The partner answers first."),
    "deliveries.errors": _("There are errors: return it, or accept it with reservations."),
    "deliveries.spool": _("The file that waited is gone. Send it again."),
    "deliveries.no_file": _("Choose a file."),
    "deliveries.offset": _("This part does not begin where the last one ended."),
    "deliveries.piece": _("A part is at most 16 MiB."),
    "deliveries.digest": _("What arrived is not what was announced. Begin a new upload."),
    "deliveries.token": _("The token is unknown, ended or expired."),
    "deliveries.request": _("The request cannot be understood."),
    "deliveries.unknown": _("There is no such delivery."),
    "period.form": _("Write the period as 2026, 2026-Q1, 2026-01 or 2026-01-31."),
    "period.order": _("The period ends before it begins."),
    "collection.dataflow": _("The city does not collect these data yet: they are not described in its pack."),
    "collection.authorisation": _("These data may not be collected before the CNDP has authorised it."),
    "keys.erased": _("The file was destroyed."),
}

RECOGNITION_LABELS: dict[str, Words] = {
    "encoding": _("Encoding"),
    "separator": _("Separator"),
    "sheet": _("Sheet"),
    "heading": _("Row of titles"),
    "lines_above": _("Lines above the titles, not used"),
    "units_row": _("Row of units, not used"),
    "rows_total": _("Rows of totals, set aside and checked"),
    "rows_subtotal": _("Rows of subtotals, set aside and checked"),
    "rows_note": _("Notes, set aside"),
    "rows_repeated_heading": _("Repeated headings, set aside"),
    "repeated_title": _("Title of several columns"),
    "mark": _("Mark"),
    "decimal": _("Decimal mark"),
    "date_order": _("Order of day and month"),
    "hijri": _("Hijri dates"),
}
WHY_LABELS: dict[str, Words] = {
    "byte_order_mark": _("the file says so in its first bytes"),
    "zero_bytes": _("every second byte is zero"),
    "valid_utf8": _("every letter is valid"),
    "ascii": _("only plain letters"),
    "arabic_runs": _("runs of letters as in Arabic words"),
    "western_letters": _("single letters with accents"),
    "same_width": _("it cuts the lines into the same number of cells"),
    "only_sheet": _("the only filled sheet"),
    "most_rows": _("the sheet with most rows: check it"),
    "chosen": _("you said so"),
    "texts_above_values": _("texts above values"),
    "before_heading": _("they stand before the titles"),
    "only_units": _("it holds units only"),
    "set_aside": _("they are no records"),
    "mark_missing": _("read as: not known"),
    "mark_suppressed": _("read as: withheld by the producer"),
    "mark_not_applicable": _("read as: does not apply"),
    "both_marks_fit": _("point and comma both fit: say which"),
    "decimal_comma": _("decimal comma"),
    "both_orders_fit": _("day and month both fit: say which comes first"),
    "stands_again": _("it stands above several columns: say which one is meant"),
    "converted": _("converted by rule, give or take two days"),
    "name": _("same name"),
    "synonym": _("usual other name"),
    "similar": _("similar name"),
    "contents": _("by its contents"),
}


_ROW = re.compile(r"\brow (\d+)$")


def row_of(found: str) -> str:
    """The row of the file that a problem names at its end, in words of the reader's language; empty where it names none."""
    match = _ROW.search(found)
    return str(_("Row %(row)s of the file.") % {"row": match[1]}) if match else ""


def words_of(problem: Refused | str) -> str:
    """The words of a refusal, or of its rule, in the reader's language."""
    rule = problem if isinstance(problem, str) else problem.rule
    return str(REFUSAL_LABELS.get(rule, _("This cannot be done (%(rule)s).") % {"rule": rule}))
