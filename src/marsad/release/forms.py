"""Forms of the release desk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marsad.release.labels import VERDICTS
from marsad.release.rules import Verdict
from migstat.model import Text


class SignatureForm(forms.Form):
    verdict = forms.TypedChoiceField(
        label=_("Verdict"),
        choices=[(one.value, VERDICTS[one]) for one in Verdict],
        coerce=Verdict,
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("The other reviewer reads it after signing too, and the author when both have signed."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=4000,
    )


class EmbargoForm(forms.Form):
    until = forms.DateTimeField(
        label=_("Publish not before"),
        help_text=_("Empty: as soon as it is approved, by hand. With a time: by itself, at that time."),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )


class WithdrawalForm(forms.Form):
    reason_fr = forms.CharField(label=_("Why, in French"), widget=forms.Textarea(attrs={"rows": 2}), max_length=1000)
    reason_ar = forms.CharField(
        label=_("Why, in Arabic"), widget=forms.Textarea(attrs={"rows": 2, "dir": "rtl", "lang": "ar"}), max_length=1000
    )
    reason_en = forms.CharField(label=_("Why, in English"), widget=forms.Textarea(attrs={"rows": 2}), max_length=1000)

    @property
    def reason(self) -> Text:
        said = self.cleaned_data
        return Text(said["reason_fr"], said["reason_ar"], said["reason_en"])


class CompetenceForm(forms.Form):
    person = forms.ChoiceField(label=_("Reviewer"))
    expires_on = forms.DateField(label=_("Until"), widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("Which training, which test, when."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, people: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["person"]
        chosen.choices = list(people.items())
