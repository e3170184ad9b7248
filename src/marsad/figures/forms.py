"""Forms of the ledger: what a proposer fills in, and the answer of the person who decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from marsad.catalogue.queries import areas, indicators, units
from marsad.figures.queries import case_figures, cases
from marsad.figures.rules import Fault, Quantifier, Reason, Reliability, faults
from marsad.figures.templatetags.ledger import printed
from marsad.figures.words import BASES, KINDS, QUANTIFIERS, REASONS, RELIABILITIES
from marsad.web.words import LANGUAGES, said
from migstat.model import MeasureKind, Period, PopulationBase, Refused

_FAULTS = {
    Fault.NO_SOURCE: _(
        "Say where the figure was read: an address or a document. A figure without a source is not kept."
    ),
    Fault.STOCK_FOR_FLOW: _(
        "A stock cannot stand for a flow indicator, nor a flow for a stock: correct one of the two."
    ),
}


if TYPE_CHECKING:
    _Choice = forms.ModelChoiceField[Any]
else:
    _Choice = forms.ModelChoiceField


class _Named(_Choice):
    """A choice of records shown by their name in the page's language."""

    def __init__(self, *, words: str = "name", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.words = words

    def label_from_instance(self, record: Any) -> str:
        return said(record, self.words)


class _PrintedFigure(_Choice):
    """A choice among the figures of a case: they count the same thing, so each is told by its value and where it was read."""

    def label_from_instance(self, record: Any) -> str:
        read_in = f"{record.publisher}, {record.document}" if record.document else record.publisher
        return format_html("<span>{} <bdi>({})</bdi></span>", printed(record), read_in)


def _trilingual(label: Any, *, required: bool = True, lines: int = 1) -> dict[str, forms.CharField]:
    names = {"fr": _("in French"), "ar": _("in Arabic"), "en": _("in English")}
    return {
        language: forms.CharField(
            label=f"{label} ({names[language]})",
            required=required,
            max_length=300 if lines == 1 else 4000,
            widget=forms.TextInput(attrs=_direction(language))
            if lines == 1
            else forms.Textarea(attrs={"rows": lines, **_direction(language)}),
        )
        for language in LANGUAGES
    }


def _direction(language: str) -> dict[str, str]:
    return {"lang": language, "dir": "rtl" if language == "ar" else "ltr"}


class FigureForm(forms.Form):
    """A figure read in a document."""

    indicator = _Named(label=_("Indicator"), queryset=None, required=False)
    area = _Named(label=_("Place"), queryset=None, required=False)
    period = forms.CharField(label=_("Period"), max_length=24, help_text=_("2014, 2014-09, 2014-09-01 or 2014/2024"))
    value = forms.DecimalField(label=_("Value as printed"), max_digits=18, decimal_places=4)
    quantifier = forms.ChoiceField(label=_("Printed as"), choices=[(q.value, QUANTIFIERS[q]) for q in Quantifier])
    unit = _Named(label=_("Unit"), queryset=None)
    kind = forms.ChoiceField(label=_("Stock or flow"), choices=[(k.value, KINDS[k]) for k in MeasureKind])
    base = forms.ChoiceField(
        label=_("Who is counted"),
        required=False,
        choices=[("", _("not said")), *((b.value, BASES[b]) for b in PopulationBase)],
    )
    publisher = forms.CharField(label=_("Published by"), max_length=300)
    document = forms.CharField(label=_("Document"), max_length=300, required=False)
    url = forms.URLField(label=_("Address"), max_length=600, required=False, assume_scheme="https")
    excerpt = forms.CharField(
        label=_("The words around the figure"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Copy the sentence: it is what lets the next reader check."),
    )
    read_on = forms.DateField(label=_("Read on"), widget=forms.DateInput(attrs={"type": "date"}))
    vintage = forms.CharField(label=_("Vintage of the document"), max_length=120, required=False)
    reliability = forms.ChoiceField(label=_("Reliability"), choices=[(r.value, RELIABILITIES[r]) for r in Reliability])
    case = _Named(label=_("Same fact as"), queryset=None, required=False, words="title")
    why = forms.CharField(label=_("Why it belongs in the ledger"), widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, queryset in (
            ("indicator", indicators()),
            ("area", areas()),
            ("unit", units()),
            ("case", cases()),
        ):
            field = self.fields[name]
            assert isinstance(field, _Named)
            field.queryset = queryset
        for language, words in _trilingual(_("What it counts")).items():
            self.fields[f"concept_{language}"] = words
        for language, words in _trilingual(_("Group"), required=False).items():
            self.fields[f"group_{language}"] = words
        for language, words in _trilingual(_("Note"), required=False, lines=2).items():
            self.fields[f"note_{language}"] = words

    def clean_period(self) -> str:
        try:
            return Period.parse(self.cleaned_data["period"].strip()).text
        except Refused:
            raise forms.ValidationError(_("Write 2014, 2014-Q3, 2014-09, 2014-09-01 or START/END.")) from None

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        indicator = cleaned.get("indicator")
        for fault in faults(
            url=cleaned.get("url", ""),
            document=cleaned.get("document", ""),
            kind=cleaned.get("kind", ""),
            indicator_kind=indicator.kind if indicator else None,
        ):
            self.add_error("url" if fault is Fault.NO_SOURCE else "kind", _FAULTS[fault])
        return cleaned

    @property
    def content(self) -> dict[str, Any]:
        """The columns of the proposed figure, as plain values."""
        content = {name: value for name, value in self.cleaned_data.items() if name != "why"}
        for name in ("indicator", "area", "unit", "case"):
            chosen = content.pop(name)
            content[f"{name}_id"] = chosen.pk if chosen else None
        return content | {"value": str(content["value"])}


class SettlementForm(forms.Form):
    """Which figure of a case to recommend, and why the others differ."""

    recommended = _PrintedFigure(label=_("Recommended figure"), queryset=None, widget=forms.RadioSelect)
    reasons = forms.MultipleChoiceField(
        label=_("Why the figures differ"),
        choices=[(r.value, REASONS[r]) for r in Reason],
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, case: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["recommended"]
        assert isinstance(field, _PrintedFigure)
        field.queryset = case_figures(case)
        field.empty_label = None
        for name, label in (("explanation", _("Explanation")), ("why", _("Why this figure"))):
            for language, words in _trilingual(label, lines=3).items():
                self.fields[f"{name}_{language}"] = words

    @property
    def content(self) -> dict[str, Any]:
        content = dict(self.cleaned_data)
        content["recommended_id"] = content.pop("recommended").pk
        return content


class AnswerForm(forms.Form):
    """The decision on a proposal, with its reason."""

    answer = forms.CharField(label=_("Reason"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
