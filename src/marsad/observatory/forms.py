"""Forms of the public pages: questions asked with GET, never saved."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from marsad.catalogue import queries as catalogue
from marsad.coordination.needs.rules import LARGEST
from marsad.observatory.fitness_question import Asked, Question
from marsad.web.words import said

QUESTIONS = (
    (Question.THRESHOLD.value, _("Is the value above a threshold?")),
    (Question.PRECISION.value, _("Is the value known closely enough?")),
    (Question.PLACES.value, _("Do two places differ?")),
    (Question.CHANGE.value, _("Did it change between two periods?")),
)


class FitnessForm(forms.Form):
    """What is to be decided, and the error that the decision can bear."""

    question = forms.ChoiceField(label=_("Question"), choices=QUESTIONS)
    indicator = forms.ChoiceField(label=_("Indicator"))
    area = forms.ChoiceField(label=_("Place"))
    other = forms.ChoiceField(label=_("The other place"), required=False)
    first = forms.CharField(label=_("From the period"), required=False, max_length=24)
    last = forms.CharField(label=_("To the period"), required=False, max_length=24)
    threshold = forms.FloatField(
        label=_("Threshold"),
        required=False,
        min_value=-LARGEST,
        max_value=LARGEST,
        help_text=_("In the unit of the indicator: 20 for 20 per cent."),
    )
    margin = forms.FloatField(
        label=_("Error it can bear"),
        required=False,
        min_value=0.000001,
        max_value=LARGEST,
        help_text=_(
            "Half-width of the interval, or the smallest difference that matters, in the unit of the indicator."
        ),
    )
    deff = forms.FloatField(
        label=_("Design effect"),
        required=False,
        min_value=0.1,
        max_value=100,
        help_text=_("1 for simple random sampling; 1.5 to 2 is usual where households are drawn in clusters."),
    )
    population = forms.IntegerField(label=_("People in the group"), required=False, min_value=2, max_value=10**10)
    response = forms.FloatField(label=_("Response expected, in per cent"), required=False, min_value=1, max_value=100)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        areas = [(one.code, said(one, "name")) for one in catalogue.areas()]
        indicators = [(one.code, f"{one.code} · {said(one, 'name')}") for one in catalogue.indicators()]
        choices: dict[str, list[Any]] = {"indicator": indicators, "area": areas, "other": [("", "—"), *areas]}
        for name, found in choices.items():
            field: Any = self.fields[name]
            field.choices = found

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        needed = {"threshold": "threshold", "precision": "margin", "places": "other"}.get(given.get("question", ""))
        if needed and given.get(needed) in (None, "") and needed not in self.errors:
            self.add_error(needed, _now("This question needs it."))
        return given

    @property
    def asked(self) -> Asked:
        given = self.cleaned_data
        return Asked(
            Question(given["question"]),
            given["indicator"],
            given["area"],
            other=given["other"],
            first=given["first"],
            last=given["last"],
            threshold=given["threshold"],
            margin=given["margin"],
            design_effect=given["deff"] or 1.0,
            population=given["population"],
            response=(given["response"] or 100) / 100,
        )
