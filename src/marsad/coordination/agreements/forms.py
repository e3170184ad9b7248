"""Forms of agreements: their terms, the reason of a step, a signature."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from marsad.accounts.labels import ROLE_LABELS
from marsad.accounts.rules import Role
from marsad.coordination.agreements import labels
from marsad.coordination.agreements.structure_text import EXAMPLE, read_structure, write_structure
from marsad.coordination.agreements.terms import LEAST_MINIMUM_CELL, Terms
from marsad.web.words import LANGUAGES, said
from migstat.model import Text
from migstat.model.refusals import Refused

if TYPE_CHECKING:
    from django.db.models import QuerySet

    _Choice = forms.ModelChoiceField[Any]
else:
    _Choice = forms.ModelChoiceField

_LARGEST_STRUCTURE = 200_000
_REVIEWERS = (Role.REVIEWER, Role.DATA_PROTECTION_OFFICER, Role.STATISTICIAN, Role.COORDINATOR, Role.PARTNER)
_IN = {"fr": _("in French"), "ar": _("in Arabic"), "en": _("in English")}
_LTR = {"dir": "ltr", "spellcheck": "false"}


def _options(words: labels.Words) -> list[tuple[str, Any]]:
    return [(str(code), label) for code, label in words.items()]


def _words(label: Any, *, lines: int = 2, longest: int = 1000) -> dict[str, forms.CharField]:
    """One field for each language."""
    return {
        language: forms.CharField(
            label=_("%(label)s (%(language)s)") % {"label": label, "language": _IN[language]},
            max_length=longest,
            widget=forms.Textarea(attrs={"rows": lines, "lang": language, "dir": "rtl" if language == "ar" else "ltr"}),
        )
        for language in LANGUAGES
    }


class _Codes(forms.CharField):
    """Codes separated by commas, spaces or lines, as a tuple without repetition."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, tuple | list) else value

    def clean(self, value: Any) -> tuple[str, ...]:
        words = super().clean(value)
        return tuple(dict.fromkeys(one for one in re.split(r"[,;،\s]+", words) if one))


def _day(label: Any, *, required: bool = True) -> forms.DateField:
    return forms.DateField(
        label=label, required=required, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class _OrganisationField(_Choice):
    def label_from_instance(self, organisation: Any) -> str:
        return said(organisation, "name")


class TermsForm(forms.Form):
    """The terms of a version. What keeps them from being agreed on is shown on the agreement, not refused here."""

    purpose = forms.ChoiceField(label=labels.FIELDS["purpose"], choices=_options(labels.PURPOSES))
    legal_basis = forms.ChoiceField(label=labels.FIELDS["legal_basis"], choices=_options(labels.LEGAL_BASES))
    authorisation_number = forms.CharField(
        label=labels.FIELDS["authorisation_number"],
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs=_LTR),
        help_text=_("Needed for records about persons; tables of counts need none."),
    )
    authorised_on = _day(labels.FIELDS["authorised_on"], required=False)
    partner_role = forms.ChoiceField(label=labels.FIELDS["partner_role"], choices=_options(labels.PARTY_ROLES))
    city_role = forms.ChoiceField(label=labels.FIELDS["city_role"], choices=_options(labels.PARTY_ROLES))
    recipient_classes = forms.MultipleChoiceField(
        label=labels.FIELDS["recipient_classes"],
        choices=_options(labels.RECIPIENTS),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    minimum_cell = forms.IntegerField(
        label=labels.FIELDS["minimum_cell"], min_value=LEAST_MINIMUM_CELL, max_value=1000, initial=5
    )
    onward_sharing = forms.BooleanField(label=labels.FIELDS["onward_sharing"], required=False)
    frequency = forms.ChoiceField(label=labels.FIELDS["frequency"], choices=_options(labels.FREQUENCIES))
    due_days = forms.IntegerField(label=labels.FIELDS["due_days"], min_value=0, max_value=730, initial=15)
    breakdowns = _Codes(
        label=labels.FIELDS["breakdowns"],
        required=False,
        max_length=2000,
        widget=forms.TextInput(attrs=_LTR),
        help_text=_("Names of columns of the structure, separated by commas."),
    )
    areas = _Codes(
        label=labels.FIELDS["areas"],
        required=False,
        max_length=2000,
        widget=forms.TextInput(attrs=_LTR),
        help_text=_("Codes of areas, separated by commas; empty: all."),
    )
    covers = forms.CharField(
        label=labels.FIELDS["covers"],
        required=False,
        max_length=24,
        widget=forms.TextInput(attrs=_LTR),
        help_text=_("2014, 2014-Q3, 2014-09 or 2014/2024; empty: the life of the agreement."),
    )
    quality_tests = _Codes(
        label=labels.FIELDS["quality_tests"],
        required=False,
        max_length=2000,
        widget=forms.TextInput(attrs=_LTR),
        help_text=_("Codes of the tests that each delivery passes, separated by commas."),
    )
    retention_days = forms.IntegerField(
        label=labels.FIELDS["retention_days"], min_value=1, max_value=36500, initial=365
    )
    keeps_original = forms.BooleanField(label=labels.FIELDS["keeps_original"], required=False)
    reviewers = forms.MultipleChoiceField(
        label=labels.FIELDS["reviewers"],
        choices=[(str(role), ROLE_LABELS[role]) for role in _REVIEWERS],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    starts_on = _day(labels.FIELDS["starts_on"])
    ends_on = _day(labels.FIELDS["ends_on"])
    structure_text = forms.CharField(
        label=labels.FIELDS["structure"],
        required=False,
        initial=EXAMPLE,
        max_length=_LARGEST_STRUCTURE,
        widget=forms.Textarea(attrs={"rows": 14, "class": "font-monospace", **_LTR}),
        help_text=_("TOML or JSON: code, version, unit (what one record stands for), then the columns in their order."),
    )
    structure_file = forms.FileField(
        label=_("Or upload the structure (TOML or JSON)"), required=False, max_length=200, allow_empty_file=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("purpose_words", "basis_words"):
            for language, field in _words(labels.FIELDS[name]).items():
                self.fields[f"{name}_{language}"] = field

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        uploaded = cleaned.get("structure_file")
        text = cleaned.get("structure_text", "")
        if uploaded is not None:
            text = uploaded.read(_LARGEST_STRUCTURE + 1)[:_LARGEST_STRUCTURE].decode("utf-8-sig", errors="replace")
        try:
            cleaned["structure"] = read_structure(text)
        except Refused as refusal:
            place = "structure_file" if uploaded is not None else "structure_text"
            self.add_error(place, _structure_words(refusal))
        return cleaned

    def terms(self, *, code: str, organisation: str, dataflow: str, version: int = 1) -> Terms:
        """The terms that were written. Only for a form that is valid."""
        given = self.cleaned_data
        plain = {name: given[name] for name in _PLAIN}
        plain |= {
            name: {language: given[f"{name}_{language}"] for language in LANGUAGES}
            for name in ("purpose_words", "basis_words")
        }
        plain |= {name: given[name].isoformat() for name in ("starts_on", "ends_on")}
        plain["authorised_on"] = given["authorised_on"].isoformat() if given["authorised_on"] else None
        plain["structure"] = given["structure"].to_mapping()
        fixed = {"code": code, "organisation": organisation, "dataflow": dataflow, "version": version}
        return Terms.from_mapping(plain | fixed)


_PLAIN = (
    "purpose",
    "legal_basis",
    "authorisation_number",
    "partner_role",
    "city_role",
    "recipient_classes",
    "minimum_cell",
    "onward_sharing",
    "frequency",
    "due_days",
    "breakdowns",
    "areas",
    "covers",
    "quality_tests",
    "retention_days",
    "keeps_original",
    "reviewers",
)


def _structure_words(refusal: Refused) -> str:
    words = labels.RULES.get(refusal.rule, labels.RULES["agreements.terms"])
    return _now("%(rule)s Found: %(found)s.") % {"rule": words, "found": refusal.found}


def initial_of(terms: Terms) -> dict[str, Any]:
    """What a form shows of terms that exist."""
    initial = {name: getattr(terms, name) for name in (*_PLAIN, "authorised_on", "starts_on", "ends_on")}
    initial["recipient_classes"] = [str(one) for one in sorted(terms.recipient_classes)]
    initial["reviewers"] = list(terms.reviewers)
    initial["structure_text"] = write_structure(terms.structure)
    for name in ("purpose_words", "basis_words"):
        words: Text | None = getattr(terms, name)
        initial |= {f"{name}_{language}": words.in_language(language) if words else "" for language in LANGUAGES}
    return initial


class NewAgreementForm(TermsForm):
    """A new agreement: its code, its partner and its dataflow, then its terms."""

    organisation = _OrganisationField(label=labels.FIELDS["organisation"], queryset=None, to_field_name="code")
    code = forms.SlugField(
        label=labels.FIELDS["code"],
        max_length=60,
        widget=forms.TextInput(attrs=_LTR),
        help_text=_("Small letters, digits and hyphens; it stands on every page and paper."),
    )
    dataflow = forms.SlugField(label=labels.FIELDS["dataflow"], max_length=60, widget=forms.TextInput(attrs=_LTR))
    field_order = ("organisation", "code", "dataflow", "title_fr", "title_ar", "title_en")

    def __init__(self, *args: Any, organisations: QuerySet[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["organisation"]
        chosen.queryset = organisations
        for language, field in _words(_("Title"), lines=1, longest=200).items():
            self.fields[f"title_{language}"] = field
        self.order_fields(self.field_order)

    def clean_code(self) -> str:
        """The code stands in the address of the agreement, where one word is taken by the page of a new one."""
        code = str(self.cleaned_data["code"]).lower()
        if code == "new":
            raise forms.ValidationError(labels.RULES["agreements.taken"])
        return code

    @property
    def title(self) -> Text:
        return Text(**{language: self.cleaned_data[f"title_{language}"] for language in LANGUAGES})


class ReasonForm(forms.Form):
    """Why a step is made."""

    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Needed to negotiate again, to suspend, to end and to withdraw. The other side reads it."),
    )


class SignForm(forms.Form):
    """A signature: by this act, or with the signed paper."""

    checksum = forms.CharField(widget=forms.HiddenInput, max_length=64)
    document = forms.FileField(
        label=_("The signed paper (PDF, at most 5 MB)"),
        required=False,
        max_length=200,
        widget=forms.ClearableFileInput(attrs={"accept": "application/pdf"}),
        help_text=_("Leave empty to sign by confirming on this page."),
    )
    confirmed = forms.BooleanField(label=_("I have read this version and I may sign for my side"))
