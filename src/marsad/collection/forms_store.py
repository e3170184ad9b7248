"""Forms of the store: a reason, a place among the rows, pseudonyms."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from marsad.collection.rules_store import MOST_ROWS_OF_A_LOOK, SHORTEST_REASON


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Why must rows be seen?"),
        help_text=_("It stands in the access log. Name no person."),
        min_length=SHORTEST_REASON,
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class RowsForm(forms.Form):
    first = forms.IntegerField(label=_("First row"), min_value=1, initial=1)
    count = forms.IntegerField(label=_("How many rows"), min_value=1, max_value=MOST_ROWS_OF_A_LOOK, initial=1)


class PseudonymsForm(forms.Form):
    pseudonyms = forms.CharField(
        label=_("Pseudonyms of the person"),
        help_text=_("One on each line, as the partner who knows the person gives them."),
        widget=forms.Textarea(attrs={"rows": 3, "dir": "ltr", "spellcheck": "false"}),
        max_length=2000,
    )

    def clean_pseudonyms(self) -> list[str]:
        return str(self.cleaned_data["pseudonyms"]).split()
