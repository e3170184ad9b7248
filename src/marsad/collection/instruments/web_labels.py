"""The words of what the forms on the web refuse."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from marsad.collection.instruments.labels import Words, refusal_words
from migstat.model.refusals import Refused

SEALED_LABELS: Words = {
    "instruments.form_key": _("The server's own key for the forms cannot be read. Tell the administrator."),
    "instruments.part_number": _("A part of this record does not belong to it."),
    "instruments.part_size": _("A part of this record is larger than this server accepts."),
    "instruments.parts_many": _("Too many records were begun and not finished. They are sent first."),
    "instruments.sealed_changed": _("This record was changed or cut off after it was sealed; it cannot be opened."),
    "instruments.sealed_content": _("What this sealed record holds is no filled questionnaire."),
    "instruments.sealed_key": _("This record was sealed for another server, or for a key that is no longer kept."),
    "instruments.sealed_owner": _("This record was filled by somebody else: only they can send it."),
    "instruments.sealed_shape": _("This is no whole sealed record."),
    "instruments.sealed_size": _("This record is larger than this server accepts."),
}


def sealed_words(refusal: Refused) -> str:
    """The reader's words for a refusal of a record that came from a browser."""
    said = SEALED_LABELS.get(refusal.rule)
    return str(said) if said is not None else refusal_words(refusal)
