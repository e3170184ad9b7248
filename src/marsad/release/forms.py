"""Forms of the release desk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from marsad.catalogue.queries import sources
from marsad.release.labels import VERDICTS
from marsad.release.rules import Verdict
from marsad.web.words import current_language
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


class DossierForm(forms.Form):
    """The words of an edition to be, in three languages."""

    dataflow = forms.SlugField(
        label=_("Dataflow"), help_text=_("The code under which editions follow one another."), max_length=60
    )
    source = forms.ChoiceField(label=_("Source that pages name"))
    vintage = forms.SlugField(
        label=_("Vintage"),
        help_text=_("For revised values alone: it keeps the revised population apart from the first one."),
        max_length=60,
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["source"]
        chosen.choices = [(one.code, getattr(one, f"title_{current_language()}")) for one in sources()]
        for name, label in (
            ("title", _("Title")),
            ("description", _("Description")),
            ("reason", _("Reason of the edition")),
        ):
            for language, spoken in (("fr", _("in French")), ("ar", _("in Arabic")), ("en", _("in English"))):
                direction = {"dir": "rtl", "lang": "ar"} if language == "ar" else {"dir": "ltr", "lang": language}
                self.fields[f"{name}_{language}"] = forms.CharField(
                    label=format_lazy("{} {}", label, spoken), max_length=300 if name == "title" else 2000,
                    widget=forms.Textarea(attrs={"rows": 2, **direction}),
                )  # fmt: skip

    def text(self, name: str) -> Text:
        said = self.cleaned_data
        return Text(said[f"{name}_fr"], said[f"{name}_ar"], said[f"{name}_en"])
