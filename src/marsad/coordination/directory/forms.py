"""Forms of the directory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marsad.actors.rules import ConsentScope, ServiceKind, Subject
from marsad.coordination.directory.words import COLUMNS, LANGUAGE_NAMES, SCOPES, SERVICE_KINDS, column_words
from marsad.web.words import LANGUAGES

_ORGANISATION = ("name", "produces", "rhythm", "basis", "needs")
_LONG = frozenset({"produces", "basis", "needs", "access"})


def _trilingual(names: Sequence[str], *, required: frozenset[str]) -> dict[str, forms.Field]:
    return {
        f"{name}_{language}": forms.CharField(
            label=column_words(f"{name}_{language}"),
            required=name in required,
            max_length=300 if name not in _LONG else 2000,
            widget=_widget(name, language),
        )
        for name in names
        for language in LANGUAGES
    }


def _widget(name: str, language: str) -> forms.Widget:
    direction = {"lang": language, "dir": "rtl" if language == "ar" else "ltr"}
    return forms.Textarea(attrs={"rows": 2, **direction}) if name in _LONG else forms.TextInput(attrs=direction)


def _day(name: str) -> forms.DateField:
    return forms.DateField(label=COLUMNS[name], required=False, widget=forms.DateInput(attrs={"type": "date"}))


class EntryForm(forms.Form):
    """The columns of an entry; ``content`` holds those that differ from what stands."""

    def __init__(self, *args: Any, standing: Mapping[str, Any], **kwargs: Any) -> None:
        kwargs["initial"] = dict(standing)
        super().__init__(*args, **kwargs)
        self.standing = standing
        self.fields.update(self.columns())

    def columns(self) -> dict[str, forms.Field]:
        return {
            "acronym": forms.CharField(label=COLUMNS["acronym"], max_length=40, required=False),
            **_trilingual(_ORGANISATION, required=frozenset({"name"})),
            "source_url": forms.URLField(
                label=COLUMNS["source_url"], required=False, max_length=500, assume_scheme="https"
            ),
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in {field.rsplit("_", 1)[0] for field in self.fields if field.rsplit("_", 1)[-1] in LANGUAGES}:
            said = [language for language in LANGUAGES if cleaned.get(f"{name}_{language}")]
            if said and len(said) < len(LANGUAGES):
                for language in set(LANGUAGES) - set(said):
                    self.add_error(f"{name}_{language}", _("Write it in all three languages, or in none."))
        return cleaned

    @property
    def content(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if value != self.standing.get(name)}


class ServiceForm(EntryForm):
    """A service; ``places`` are the codes and names of areas."""

    def __init__(self, *args: Any, places: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        self.places = places
        super().__init__(*args, **kwargs)

    def columns(self) -> dict[str, forms.Field]:
        return {
            "kind": forms.ChoiceField(
                label=COLUMNS["kind"], choices=[(k.value, SERVICE_KINDS[k]) for k in ServiceKind]
            ),
            "area": forms.ChoiceField(label=COLUMNS["area"], choices=self.places),
            **_trilingual(("title", "audience", "access"), required=frozenset({"title", "audience"})),
            "lat": forms.FloatField(label=COLUMNS["lat"], required=False, min_value=-90, max_value=90),
            "lon": forms.FloatField(label=COLUMNS["lon"], required=False, min_value=-180, max_value=180),
            "since": _day("since"),
            "until": _day("until"),
            "source_url": forms.URLField(
                label=COLUMNS["source_url"], required=False, max_length=500, assume_scheme="https"
            ),
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if (cleaned.get("lon") is None) != (cleaned.get("lat") is None):
            self.add_error("lon", _("Give both coordinates of a public place, or neither."))
        if cleaned.get("since") and cleaned.get("until") and cleaned["until"] < cleaned["since"]:
            self.add_error("until", _("The end lies before the beginning."))
        return cleaned


class MandateForm(EntryForm):
    def columns(self) -> dict[str, forms.Field]:
        return {
            **_trilingual(("title", "basis"), required=frozenset({"title", "basis"})),
            "since": _day("since"),
            "until": _day("until"),
            "source_url": forms.URLField(
                label=COLUMNS["source_url"], required=False, max_length=500, assume_scheme="https"
            ),
        }


def form_of(subject: Subject, places: Sequence[tuple[str, str]]) -> Any:
    """The form of what a change is about, still to be given its values."""
    if subject is Subject.SERVICE:
        return lambda *args, **kwargs: ServiceForm(*args, places=places, **kwargs)
    return {Subject.ORGANISATION: EntryForm, Subject.MANDATE: MandateForm}[subject]


class AnswerForm(forms.Form):
    answer = forms.CharField(
        label=_("Answer"), widget=forms.Textarea(attrs={"rows": 3}), max_length=2000, required=False
    )


class ContactForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)
    function = forms.CharField(label=_("Function"), max_length=120)
    email = forms.EmailField(label=_("E-mail address"), required=False)
    phone = forms.CharField(label=_("Telephone"), max_length=40, required=False)
    scope = forms.TypedChoiceField(
        label=_("Who may see it"), coerce=ConsentScope, choices=[(scope.value, SCOPES[scope]) for scope in ConsentScope]
    )
    consented_on = forms.DateField(label=_("The person consented on"), widget=forms.DateInput(attrs={"type": "date"}))


class MemberForm(forms.Form):
    email = forms.EmailField(label=_("E-mail address of an account"))
    function = forms.CharField(label=_("Function"), max_length=120, required=False)


class AliasForm(forms.Form):
    name = forms.CharField(label=_("Another name"), max_length=300)
    language = forms.ChoiceField(
        label=_("Language"), required=False, choices=[("", _("none")), *LANGUAGE_NAMES.items()]
    )


class IdentifierForm(forms.Form):
    scheme = forms.CharField(label=_("Register"), max_length=40)
    value = forms.CharField(label=_("Identifier"), max_length=120)


class MergeForm(forms.Form):
    kept = forms.ChoiceField(label=_("Keep"))
    merged = forms.ChoiceField(label=_("Merge into it"))

    def __init__(self, *args: Any, entries: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("kept", "merged"):
            choice: Any = self.fields[name]
            choice.choices = entries
