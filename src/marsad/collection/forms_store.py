"""Forms of the store: a reason, a place among the rows, pseudonyms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marsad.collection.rules_store import MOST_ROWS_OF_A_LOOK, SHORTEST_REASON
from migstat.model.structure import Column, Kind


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


class PersonForm(forms.Form):
    """One field for each column that tells a person of a dataflow; what stands in it is never shown again."""

    def __init__(self, *args: Any, columns: Sequence[Column], language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for column in columns:
            label = column.label.in_language(language) if column.label is not None else column.name
            if column.kind is Kind.DATE:
                day = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
                self.fields[column.name] = forms.DateField(label=label, required=False, widget=day)
            else:
                self.fields[column.name] = forms.CharField(label=label, required=False, max_length=200)

    def said(self) -> dict[str, str]:
        """Column to text; a day as 1990-04-30."""
        return {name: str(value) for name, value in self.cleaned_data.items() if value}


class PseudonymsForm(forms.Form):
    pseudonyms = forms.CharField(
        label=_("Pseudonyms of the person"),
        help_text=_("One on each line, as the partner who knows the person gives them."),
        widget=forms.Textarea(attrs={"rows": 3, "dir": "ltr", "spellcheck": "false"}),
        max_length=2000,
    )

    def clean_pseudonyms(self) -> list[str]:
        return str(self.cleaned_data["pseudonyms"]).split()


class LogForm(forms.Form):
    """What the access log is narrowed by."""

    dataflow = forms.ChoiceField(label=_("Dataflow"), required=False)
    kind = forms.ChoiceField(
        label=_("What was done"), required=False,
        choices=[("", _("Everything")), ("look", _("Looks of persons")), ("read", _("Readings of the system’s work"))],
    )  # fmt: skip
    # By their codes: what is searched for stands in the address, where no name belongs.
    who = forms.ChoiceField(label=_("By whom"), required=False)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, dataflows: Sequence[str], readers: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dataflow: Any = self.fields["dataflow"]
        dataflow.choices = [("", _("Every dataflow")), *((one, one) for one in dataflows)]
        who: Any = self.fields["who"]
        who.choices = [("", _("Everybody")), *readers]
