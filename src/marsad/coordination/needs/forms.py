"""Forms of needs and requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marsad.actors.queries import organisations_of
from marsad.catalogue import queries as catalogue
from marsad.coordination.needs import labels
from marsad.coordination.needs.queries import ASSESS, needs_for
from marsad.coordination.needs.rules import LARGEST, NeedContent, RequestContent, RequestKind, Subject
from marsad.dissemination import queries as dissemination
from marsad.web.words import said
from migstat.model import Period
from migstat.model.refusals import Refused

if TYPE_CHECKING:
    _Choice = forms.ModelChoiceField[Any]
else:
    _Choice = forms.ModelChoiceField


class _EditionField(_Choice):
    def label_from_instance(self, edition: Any) -> str:
        return f"{said(edition.dataflow, 'title')} · {edition.number} · {edition.published_on.isoformat()}"


class _SubjectForm(forms.Form):
    """What data are asked about, and for whom one asks."""

    indicator = forms.ChoiceField(label=_("Indicator"), required=False)
    area = forms.ChoiceField(label=_("Place"), required=False)
    group = forms.CharField(
        label=_("Group"),
        required=False,
        max_length=200,
        help_text=_("The dimensions wanted (sex;age), or one group of them (sex=F). Leave it empty for everybody."),
        widget=forms.TextInput(attrs={"dir": "ltr", "spellcheck": "false"}),
    )
    period = forms.CharField(
        label=_("Period"),
        required=False,
        max_length=24,
        help_text=_("A year (2024), a quarter (2024-Q1) or a month (2024-03)."),
    )
    organisation = forms.ChoiceField(label=_("On behalf of"), required=False)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        indicators = [(one.code, f"{one.code} · {said(one, 'name')}") for one in catalogue.indicators()]
        self._choices("indicator", [("", _("None of the catalogue")), *indicators])
        self._choices("area", [("", _("Not one place")), *((one.code, said(one, "name")) for one in catalogue.areas())])
        mine = [(one.code, said(one, "name")) for one in organisations_of(user)]
        self._choices("organisation", [*mine, ("", _("Myself"))])
        if mine and "organisation" not in self.initial:
            self.initial["organisation"] = mine[0][0]

    def _choices(self, name: str, choices: list[Any]) -> None:
        field: Any = self.fields[name]
        field.choices = choices

    def clean_period(self) -> str:
        text = str(self.cleaned_data["period"]).strip()
        try:
            return text and str(Period.parse(text).text)
        except Refused as refused:
            raise forms.ValidationError(_("This is no period.")) from refused

    def fixed_organisation(self) -> None:
        """What was asked for an organisation stays asked for it."""
        del self.fields["organisation"]

    @property
    def subject(self) -> Subject:
        given = self.cleaned_data
        return Subject(given["indicator"], given["area"], given["group"].strip(), given["period"])


class NeedForm(_SubjectForm):
    question = forms.CharField(label=_("Question"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))
    decision = forms.CharField(label=_("Decision it serves"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))
    half_width = forms.FloatField(
        label=_("Error it can bear"),
        required=False,
        min_value=0.000001,
        max_value=LARGEST,
        help_text=_("Half of the widest interval that still lets you decide, in the unit of the indicator."),
    )
    threshold = forms.FloatField(
        label=_("Threshold"),
        required=False,
        min_value=-LARGEST,
        max_value=LARGEST,
        help_text=_("The value against which you decide, where there is one."),
    )
    needed_by = forms.DateField(
        label=_("Needed by"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    is_public = forms.BooleanField(
        label=_("Public: everybody may read this need, with the name of the organisation and nobody’s"), required=False
    )
    field_order = (
        "question",
        "decision",
        "indicator",
        "area",
        "group",
        "period",
        "half_width",
        "threshold",
        "needed_by",
    )

    @property
    def content(self) -> NeedContent:
        given = self.cleaned_data
        plain = ("question", "decision", "half_width", "threshold", "needed_by", "is_public")
        return NeedContent(subject=self.subject, **{name: given[name] for name in plain})


class RequestForm(_SubjectForm):
    kind = forms.ChoiceField(
        label=_("What is asked for"), choices=[(str(code), words) for code, words in labels.KINDS.items()]
    )
    title = forms.CharField(label=_("In a few words"), max_length=200)
    text = forms.CharField(
        label=_("What exactly, and what for"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Do not write about a person."),
    )
    need = forms.ChoiceField(label=_("Need behind it"), required=False)
    is_public = forms.BooleanField(
        label=_("Public: everybody may read this request, with the name of the organisation and nobody’s"),
        required=False,
        initial=True,
    )
    field_order = ("kind", "title", "text", "indicator", "area", "group", "period", "need")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        open_ones = needs_for(self.user).filter(state="open")[:200]
        self._choices(
            "need", [("", _("None")), *((str(one.pk), f"{one.pk} · {one.question[:80]}") for one in open_ones)]
        )

    @property
    def content(self) -> RequestContent:
        given = self.cleaned_data
        return RequestContent(
            RequestKind(given["kind"]),
            given["title"],
            given["text"],
            self.subject,
            given["is_public"],
            int(given["need"]) if given["need"] else None,
        )


class MoveForm(forms.Form):
    """What comes with a move; the rules say what each demands."""

    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Shown with the request to everybody who may read it."),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if user.has_perm(ASSESS):
            self.fields["planned_for"] = forms.DateField(
                label=_("Planned for"), required=False, widget=forms.DateInput(attrs={"type": "date"})
            )
            self.fields["edition"] = edition_field()


def edition_field() -> Any:
    editions = dissemination.every_edition().filter(tombstone=None).order_by("-published_on", "dataflow__sort")
    return _EditionField(label=_("Edition that answers it"), required=False, queryset=editions)


class AnswerForm(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["edition"] = edition_field()
        self.fields["edition"].required = True
