"""Input of fieldwork's pages, checked and converted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from marsad.collection.fieldwork.dispositions import OUTCOMES
from marsad.collection.fieldwork.drawing import Method, Plan
from marsad.collection.fieldwork.labels import (
    ALLOCATION_LABELS,
    CLASSES_LABELS,
    COUPON_MOVE_LABELS,
    DISPOSITION_LABELS,
    KIND_LABELS,
    METHOD_LABELS,
)
from marsad.collection.fieldwork.rules import MOST_BYTES, MOST_COUPONS, MOST_UNITS, CouponMove, UnitKind
from marsad.collection.fieldwork.weighting import Classes
from migstat.estimation.survey_allocation import Allocation

_LINE: Final = re.compile(r"\s*([\w.-]{1,60})\s*[;:=\t]\s*([0-9][0-9\s\u202f\u00a0]*(?:[.,][0-9]+)?)\s*")


def _choices(labels: Mapping[str, Any], wanted: Sequence[str] = ()) -> list[tuple[str, Any]]:
    return [(code, labels[code]) for code in wanted or labels]


def _lines(text: str) -> dict[str, float]:
    """``code; number`` on each line, as numbers. Raises ``ValidationError``."""
    found: dict[str, float] = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        read = _LINE.fullmatch(line)
        if read is None or read[1] in found:
            raise forms.ValidationError(_("Write one code and one number on each line, such as: 04.421.01.05; 1200"))
        found[read[1]] = float(re.sub(r"[\s\u202f\u00a0]", "", read[2]).replace(",", "."))
    return found


class FrameForm(forms.Form):
    code = forms.SlugField(label=_("Code"), max_length=60, help_text=_("The same code again gives the next version."))
    title = forms.CharField(label=_("Title"), max_length=160)
    kind = forms.TypedChoiceField(label=_("What it lists"), choices=_choices(KIND_LABELS), coerce=UnitKind)
    file = forms.FileField(label=_("File"), help_text=_("CSV in UTF-8."))
    is_synthetic = forms.BooleanField(label=_("The units are invented (demonstration)"), required=False)

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 40 MB."))
        return file


class DrawForm(forms.Form):
    code = forms.SlugField(label=_("Code"), max_length=60)
    title = forms.CharField(label=_("Title"), max_length=160)
    dataflow = forms.ChoiceField(
        label=_("Interviews go into"),
        required=False,
        help_text=_("Visits are then noted by themselves when questionnaires come in, and rows get their weight."),
    )
    method = forms.TypedChoiceField(label=_("What is drawn"), coerce=Method)
    size = forms.IntegerField(
        label=_("How many"),
        min_value=1,
        max_value=MOST_UNITS,
        help_text=_("Dwellings; or blocks, where blocks are drawn first; or areas."),
    )
    take = forms.IntegerField(
        label=_("Dwellings in each block"),
        min_value=1,
        max_value=MOST_UNITS,
        required=False,
        help_text=_("Only where blocks come first."),
    )
    equal_areas = forms.BooleanField(
        label=_("Blocks and areas with equal chances, instead of in proportion to their size"), required=False
    )
    allocation = forms.TypedChoiceField(
        label=_("How many in each stratum"), choices=_choices(ALLOCATION_LABELS), coerce=Allocation
    )
    power = forms.FloatField(label=_("Power"), min_value=0, max_value=1, initial=0.5, required=False)
    spread = forms.CharField(
        label=_("How much answers differ in each stratum"),
        help_text=_("Standard deviation of an earlier survey, one stratum a line, such as: 04.421.01.05; 12.5"),
        widget=forms.Textarea(attrs={"rows": 3, "dir": "ltr"}),
        required=False,
    )
    reserve = forms.IntegerField(
        label=_("Reserve, in % of the sample"), min_value=0, max_value=100, initial=0, required=False
    )
    most_visits = forms.IntegerField(label=_("Visits at most"), min_value=1, max_value=10, initial=4)
    seed = forms.CharField(
        label=_("Seed"),
        max_length=80,
        help_text=_("Kept with the sample: whoever has it and the frame can draw the same again."),
        widget=forms.TextInput(attrs={"dir": "ltr"}),
    )

    def __init__(self, *args: Any, kind: str, dataflows: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        wanted = (Method.AREAS,) if kind == UnitKind.AREA else (Method.STRATIFIED, Method.TWO_STAGE)
        method: Any = self.fields["method"]
        method.choices = _choices(METHOD_LABELS, wanted)
        dataflow: Any = self.fields["dataflow"]
        dataflow.choices = [("", _("no dataflow")), *dataflows]
        if kind == UnitKind.AREA:
            for name in ("dataflow", "take", "reserve"):
                del self.fields[name]

    def clean_spread(self) -> dict[str, float]:
        return _lines(self.cleaned_data["spread"])

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("method") is Method.TWO_STAGE and not said.get("take"):
            self.add_error("take", _("Say how many dwellings are drawn in each block."))
        return said

    def plan(self) -> Plan:
        said = self.cleaned_data
        return Plan(
            said["method"],
            said["size"],
            said["allocation"],
            take=said.get("take") or 0,
            power=0.5 if said["power"] is None else said["power"],
            spread=said["spread"],
            reserve=(said.get("reserve") or 0) / 100,
            equal_areas=said["equal_areas"],
        )


class AgentForm(forms.Form):
    code = forms.SlugField(
        label=_("Code"),
        max_length=20,
        help_text=_("Such as a-07; no name."),
        widget=forms.TextInput(attrs={"dir": "ltr"}),
    )
    person = forms.ChoiceField(label=_("Account"), required=False)

    def __init__(self, *args: Any, people: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        person: Any = self.fields["person"]
        person.choices = [("", _("none: works on paper")), *people]


class VisitForm(forms.Form):
    on = forms.DateField(label=_("Day of the visit"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    disposition = forms.ChoiceField(label=_("Outcome"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        disposition: Any = self.fields["disposition"]
        disposition.choices = [(code, f"{code} · {DISPOSITION_LABELS[code]}") for code in OUTCOMES]


class WeightsForm(forms.Form):
    classes = forms.TypedChoiceField(
        label=_("Those who did not answer are like the others"), choices=_choices(CLASSES_LABELS), coerce=Classes
    )
    totals = forms.CharField(
        label=_("Known totals of households, by area"),
        help_text=_("One area a line, such as: 04.421.01.05; 31 200. Empty: weights are not calibrated."),
        widget=forms.Textarea(attrs={"rows": 5, "dir": "ltr"}),
        required=False,
    )

    def clean_totals(self) -> dict[str, float] | None:
        return _lines(self.cleaned_data["totals"]) or None


class NetworkForm(forms.Form):
    code = forms.SlugField(label=_("Code"), max_length=60)
    title = forms.CharField(label=_("Title"), max_length=160)
    dataflow = forms.ChoiceField(label=_("Interviews go into"))
    coupons_each = forms.IntegerField(label=_("Coupons each person may give"), min_value=1, max_value=3, initial=3)
    valid_days = forms.IntegerField(label=_("Days for which a coupon is good"), min_value=1, max_value=365, initial=30)
    last_wave = forms.IntegerField(
        label=_("Last wave"),
        min_value=1,
        max_value=1000,
        required=False,
        help_text=_("Empty: chains grow as long as they do."),
    )
    place_fr = forms.CharField(
        label=_("Where to come, in French"), max_length=160, help_text=_("Printed on each coupon.")
    )
    place_ar = forms.CharField(label=_("Where to come, in Arabic"), max_length=160)

    def __init__(self, *args: Any, dataflows: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dataflow: Any = self.fields["dataflow"]
        dataflow.choices = dataflows


class PrintForm(forms.Form):
    number = forms.IntegerField(label=_("How many coupons"), min_value=1, max_value=MOST_COUPONS, initial=24)
    seeds = forms.BooleanField(label=_("For seeds: given by the team, good from today"), required=False)
    sheet = forms.ChoiceField(
        label=_("Sheet of paper"), choices=[("a4", _("A4, eight on a sheet")), ("a6", _("A6, one each"))]
    )


class CouponForm(forms.Form):
    coupon = forms.CharField(
        label=_("Number of the coupon"),
        max_length=40,
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off", "autocapitalize": "characters"}),
    )
    site = forms.RegexField(
        r"[\w.-]{1,40}", label=_("Place of reception (code)"), required=False,
        help_text=_("Letters, digits and hyphens."),
    )  # fmt: skip


class GiveForm(forms.Form):
    degree = forms.IntegerField(
        label=_("How many others of the population the person knows"), min_value=1, max_value=99_999, required=False
    )
    coupons = forms.CharField(
        label=_("Numbers of the coupons given"),
        help_text=_("One a line."),
        widget=forms.Textarea(attrs={"rows": 3, "dir": "ltr", "autocomplete": "off"}),
        required=False,
    )

    def clean_coupons(self) -> list[str]:
        return [line for line in self.cleaned_data["coupons"].splitlines() if line.strip()]


class MoveCouponForm(forms.Form):
    coupon = CouponForm.base_fields["coupon"]
    move = forms.TypedChoiceField(
        label=_("What happens with it"), choices=_choices(COUPON_MOVE_LABELS), coerce=CouponMove
    )


class DiagnosticsForm(forms.Form):
    column = forms.ChoiceField(label=_("Compare people by"))
    unknown = forms.IntegerField(
        label=_("Where the number of acquaintances is not known, take"), min_value=1, max_value=99_999, required=False
    )

    def __init__(self, *args: Any, columns: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        column: Any = self.fields["column"]
        column.choices = columns
