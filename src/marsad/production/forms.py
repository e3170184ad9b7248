"""Forms of production: a run of definitions, and one form for each family of studies."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from marsad.production import inputs
from marsad.production.labels import METHODS, words_of
from marsad.production.rules import Plan
from marsad.production.studies.catalogue import assumptions_of, study
from marsad.production.studies.multiple_systems import LINKED
from marsad.web.words import current_language
from migstat.indicators.vocabulary import Statistic
from migstat.model import Refused

BLOCK: Final = ("block_latitude", "block_longitude")
SUCCESSIVE: Final = "rds_successive_sampling"
TWO_LISTS: Final = "mse_chapman"
LISTS: Final = ("caritas-services", "foo-services", "gadem-cases", "municipal-desk")


def _snapshot_words(snapshot: Any) -> str:
    made_up = f" · {_('synthetic')}" if snapshot.is_synthetic else ""
    return (
        f"{snapshot.dataflow_id} · {snapshot.period or '-'} · {snapshot.rows} · {snapshot.created_at:%Y-%m-%d}{made_up}"
    )


def snapshot_choices(dataflows: Sequence[str] = ()) -> list[tuple[str, str]]:
    found = inputs.snapshots_of(dataflows) if dataflows else inputs.every_snapshot()
    return [(str(one.pk), _snapshot_words(one)) for one in found]


def _indicator_choices(*units: str) -> list[tuple[str, str]]:
    language = current_language()
    return [(one.pk, f"{one.pk} {getattr(one, f'name_{language}')}") for one in inputs.indicators_of(units)]


def _choose(form: forms.Form, name: str, choices: Sequence[tuple[str, str]]) -> None:
    field: Any = form.fields[name]
    field.choices = list(choices)


class PeriodsField(forms.CharField):
    """Periods separated by commas."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return [one.strip() for one in re.split(r"[,;\s]+", text or "") if one.strip()]

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value


class NamedRun(forms.Form):
    name = forms.CharField(label=_("Name of the run"), max_length=120)


class DefinitionsForm(NamedRun):
    """Definitions, the periods, and the snapshots that they are computed from."""

    definitions = forms.MultipleChoiceField(label=_("Definitions"), widget=forms.CheckboxSelectMultiple)
    periods = PeriodsField(label=_("Periods"), help_text=_("Such as 2026, or 2026-Q1, 2026-Q2."))
    snapshots = forms.MultipleChoiceField(label=_("Snapshots"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = inputs.definitions()
        said = [(one.code, f"{one.code} · {', '.join(one.indicator.dataflows)}") for one in found]
        _choose(self, "definitions", said)
        dataflows = sorted({flow for one in found for flow in one.indicator.dataflows})
        _choose(self, "snapshots", snapshot_choices(dataflows) if dataflows else [])

    def plan(self) -> Plan:
        given = self.cleaned_data
        return inputs.plan_of_definitions(given["definitions"], given["periods"], given["snapshots"])


class StudyForm(NamedRun):
    """What every study asks: the method, and each of its assumptions, confirmed by a person one by one."""

    code = ""
    method = forms.ChoiceField(label=_("Method"))
    confirmed = forms.MultipleChoiceField(
        label=_("Assumptions: tick each one that you hold to be true here"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        methods = study(self.code).methods
        _choose(self, "method", [(one, words_of(METHODS, one)) for one in methods])
        _choose(self, "confirmed", self._assumptions(methods))
        self.order_fields([*(name for name in self.fields if name != "confirmed"), "confirmed"])

    def _assumptions(self, methods: Sequence[str]) -> list[tuple[str, str]]:
        """Every assumption of the family; those that not all of its methods make, with the methods that do."""
        language = current_language()
        found: dict[str, str] = {}
        made_by: dict[str, list[str]] = {}
        for method in methods:
            for one in assumptions_of(method):
                statement, broken = one.statement.in_language(language), one.when_broken.in_language(language)
                found.setdefault(one.id, f"{statement} {broken}")
                made_by.setdefault(one.id, []).append(words_of(METHODS, method))
        return [
            (id, words if len(made_by[id]) == len(methods) else f"{words} [{' · '.join(made_by[id])}]")
            for id, words in found.items()
        ]

    def clean(self) -> dict[str, Any]:
        """Every assumption of the chosen method is ticked, or the study does not run."""
        given: dict[str, Any] = super().clean() or {}
        wanted = {one.id for one in assumptions_of(given["method"])} if given.get("method") else set()
        if wanted - set(given.get("confirmed", ())):
            self.add_error("confirmed", _("Confirm every assumption of the method, or choose another one."))
        return given

    def plan(self) -> Plan:
        """The plan of the study. Raises Refused as ``production.inputs`` does."""
        given = self.cleaned_data
        chosen, sources = self.chosen(given)
        return inputs.plan_of_study(
            self.code, {"method": given["method"], "confirmed": sorted(given["confirmed"]), **chosen}, sources
        )

    def chosen(self, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
        """The settings that are this study's own, and the snapshot of each of its parts."""
        raise NotImplementedError


def _sample(*dataflows: str) -> Callable[[forms.Form, str], None]:
    return lambda form, name: _choose(form, name, snapshot_choices(dataflows))


class _OfASurvey(StudyForm):
    """The studies that start from the household survey: its snapshot, its period, how it was drawn."""

    sample = forms.ChoiceField(label=_("Snapshot of the survey"))
    periods = PeriodsField(label=_("Period"), help_text=_("Such as 2026."))
    clusters = forms.BooleanField(label=_("The sample was drawn by blocks"), required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _sample("household-survey")(self, "sample")

    def _demand_one_period(self, given: Mapping[str, Any]) -> None:
        if len(given.get("periods") or ()) > 1:
            self.add_error("periods", _("Give one period."))

    def _design(self, given: Mapping[str, Any]) -> dict[str, Any]:
        return {"strata": "area", "units": list(BLOCK) if given["clusters"] else [], "sample": "sample"}

    def _definitions(self, *, by_area: bool) -> list[tuple[str, str]]:
        wanted = (Statistic.SHARE, Statistic.MEAN)
        return [
            (one.code, f"{one.code} · {', '.join(axis.id for axis in one.indicator.by)}")
            for one in inputs.definitions()
            if one.indicator.statistic in wanted and one.indicator.rows.weight
            and (not by_area or [axis.id for axis in one.indicator.by] == ["area"])
        ]  # fmt: skip


class SurveyForm(_OfASurvey):
    code = "survey"
    definition = forms.ChoiceField(label=_("Definition"))
    interval = forms.ChoiceField(
        label=_("Interval of a share"),
        choices=[("logit", _("on the logit scale")), ("beta", _("Korn and Graubard, for rare answers"))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "definition", self._definitions(by_area=False))

    def chosen(self, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
        settings = inputs.definition_settings(given["definition"], given["periods"])
        return settings | self._design(given) | {"interval": given["interval"]}, {"sample": given["sample"]}


class RdsForm(StudyForm):
    code = "rds"
    sample = forms.ChoiceField(label=_("Snapshot of the sample"))
    period = forms.CharField(label=_("Period"), max_length=24)
    indicator = forms.ChoiceField(label=_("Indicator"))
    trait = forms.ChoiceField(label=_("Question"))
    category = forms.CharField(
        label=_("Answer whose share is estimated"), help_text=_("yes or no, or a code of the question.")
    )
    by_sex = forms.BooleanField(label=_("By sex too"), required=False)
    population = forms.IntegerField(
        label=_("Size of the population"),
        help_text=_("For successive sampling alone."),
        required=False,
        min_value=1,
        max_value=10**9,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _sample("rds-survey")(self, "sample")
        _choose(self, "indicator", _indicator_choices("percent"))
        _choose(self, "trait", inputs.attributes("rds-survey", current_language()))

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if given.get("method") == SUCCESSIVE and given.get("population") is None and "population" not in self.errors:
            self.add_error("population", _("The method needs it."))
        return given

    def chosen(self, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
        settings = {
            "indicator": inputs.indicator_settings(given["indicator"], "percent"),
            "period": inputs.one_period(given["period"]),
            "sample": "sample", "trait": given["trait"], "category": given["category"].strip(),
            "by": "sex" if given["by_sex"] else "", "population": given["population"], "replicates": 500,
        }  # fmt: skip
        return settings, {"sample": given["sample"]}


class MultipleSystemsForm(StudyForm):
    code = "mse"
    lists = forms.MultipleChoiceField(
        label=_("Lists"),
        help_text=_("Two to six lists of the same people, of one period. They meet by pseudonyms, never by names."),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    linkage = forms.ChoiceField(
        label=_("Linkage"),
        help_text=_("For the method over draws: its lists are those of the linkage."),
        required=False,
    )
    period = forms.CharField(label=_("Period"), max_length=24)
    indicator = forms.ChoiceField(label=_("Indicator"))
    criterion = forms.ChoiceField(label=_("Criterion"), choices=[("bic", "BIC"), ("aic", "AIC")])
    by_sex = forms.BooleanField(label=_("By sex too"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "lists", snapshot_choices(LISTS))
        _choose(self, "linkage", [("", "-"), *inputs.linkages()])
        _choose(self, "indicator", _indicator_choices("persons"))

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        wanted = "linkage" if given.get("method") == LINKED else "lists"
        if not given.get(wanted):
            self.add_error(wanted, _("The method needs it."))
        elif wanted == "lists":
            self._demand_different(given["method"], given["lists"])
        return given

    def _demand_different(self, method: str, lists: Sequence[str]) -> None:
        """One list twice would count everybody on it as found twice."""
        names = inputs.dataflows_of(lists)
        if method == TWO_LISTS and len(names) != 2:
            self.add_error("lists", _("The method takes two lists."))
        elif not 2 <= len(names) <= 6:
            self.add_error("lists", _("Choose two to six lists."))
        if len(set(names)) < len(names):
            self.add_error("lists", _("Choose each list once: these are several snapshots of the same one."))

    def chosen(self, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
        drawn: dict[str, Any] = {}
        if given["method"] == LINKED:
            drawn, given_lists = inputs.linkage_settings(given["linkage"])
        else:
            given_lists = given["lists"]
        sources = {f"list-{number}": one for number, one in enumerate(given_lists, 1)}
        names = inputs.dataflows_of(sources.values())
        settings = {
            "indicator": inputs.indicator_settings(given["indicator"], "persons"),
            "period": inputs.one_period(given["period"]),
            "lists": [{"step": step, "name": name} for step, name in zip(sources, names, strict=True)],
            "key": [] if drawn else inputs.key_of(names), "criterion": given["criterion"],
            "by": "sex" if given["by_sex"] else "", **drawn,
        }  # fmt: skip
        return settings, sources


class SmallAreasForm(_OfASurvey):
    code = "sae"
    definition = forms.ChoiceField(label=_("Definition by area"))
    covariates = forms.MultipleChoiceField(
        label=_("Known of every area"),
        help_text=_("At most one or two, for so few areas: published values of the census."),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "definition", self._definitions(by_area=True))
        language = current_language()
        known = inputs.indicators_by_area()
        _choose(self, "covariates", [(one.pk, f"{one.pk} {getattr(one, f'name_{language}')}") for one in known])

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        self._demand_one_period(given)
        return given

    def chosen(self, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
        settings = inputs.definition_settings(given["definition"], given["periods"])
        known = inputs.covariates_of(given["covariates"])
        return settings | self._design(given) | {"covariates": known}, {"sample": given["sample"]}


class FlowsForm(StudyForm):
    code = "flows"
    period = forms.CharField(label=_("Period"), max_length=24)
    indicator = forms.ChoiceField(label=_("Indicator"))
    sample = forms.ChoiceField(label=_("Survey that counts people"))
    register = forms.ChoiceField(label=_("Register of people with papers"), required=False)
    missed = forms.FloatField(
        label=_("Share of people without papers whom the survey missed"), min_value=0, max_value=0.95, initial=0.1
    )
    missed_error = forms.FloatField(label=_("Error of that share"), min_value=0, max_value=0.5, initial=0.05)
    earlier = forms.ChoiceField(label=_("Earlier survey, for net migration"), required=False)
    births = forms.ChoiceField(label=_("Births, for net migration"), required=False)
    deaths = forms.FloatField(label=_("Deaths, for net migration"), min_value=0, max_value=10_000_000, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        none = [("", "-")]
        _choose(self, "sample", snapshot_choices(["household-survey"]))
        _choose(self, "earlier", none + snapshot_choices(["household-survey"]))
        _choose(self, "register", none + snapshot_choices(["municipal-desk"]))
        _choose(self, "births", none + snapshot_choices(["civil-status-births"]))
        _choose(self, "indicator", _indicator_choices("persons"))

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        wanted = ("register",) if given.get("method") == "residual" else ("earlier", "births", "deaths")
        for name in wanted:
            if given.get(name) in (None, ""):
                self.add_error(name, _("The method needs it."))
        if given.get("method") != "residual" and given.get("earlier") and given["earlier"] == given.get("sample"):
            self.add_error("earlier", _("Choose an earlier survey than the other one."))
        return given

    def chosen(self, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
        settings: dict[str, Any] = {
            "indicator": inputs.indicator_settings(given["indicator"], "persons"),
            "period": inputs.one_period(given["period"]),
            "strata": "area", "units": list(BLOCK),
        }  # fmt: skip
        if given["method"] == "residual":
            own = {"sample": "sample", "register": "register", "missed": given["missed"],
                   "missed_error": given["missed_error"], "statuses": ["REG", "RES", "EXC14", "EXC17", "REF"],
                   "key": inputs.key_of(inputs.dataflows_of([given["register"]]))}  # fmt: skip
            return settings | own, {"sample": given["sample"], "register": given["register"]}
        own = {"start": inputs.EARLIER, "end": "end", "births": "births", "deaths": given["deaths"]}
        return settings | own, {inputs.EARLIER: given["earlier"], "end": given["sample"], "births": given["births"]}


class IndexForm(_OfASurvey):
    code = "index"
    definitions = forms.MultipleChoiceField(label=_("Parts, by area"), widget=forms.CheckboxSelectMultiple)
    weights = forms.CharField(
        label=_("Weights"), required=False, help_text=_("Such as HOU-03=2 HOU-04=1; a part that is not named weighs 1.")
    )
    weight_spread = forms.FloatField(
        label=_("By how much weights are drawn around their own"), min_value=0, max_value=1, initial=0.25
    )
    indicator = forms.ChoiceField(label=_("Indicator"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "definitions", self._definitions(by_area=True))
        _choose(self, "indicator", _indicator_choices("index_0_1"))

    def clean_weights(self) -> dict[str, float]:
        found = {}
        for one in self.cleaned_data["weights"].split():
            code, equals, weight = one.partition("=")
            if not equals or not re.fullmatch(r"\d+(\.\d+)?", weight):
                raise forms.ValidationError(_("Write CODE=weight, separated by spaces."))
            found[code] = float(weight)
        return found

    def clean(self) -> dict[str, Any]:
        """Two parts or more of one period; the weights are those of parts that were chosen, and not all are nothing."""
        given = super().clean()
        self._demand_one_period(given)
        parts, weights = given.get("definitions", ()), given.get("weights", {})
        if len(parts) == 1:
            self.add_error("definitions", _("Choose two parts or more."))
        unknown = [code for code in weights if code not in parts]
        if parts and unknown:
            self.add_error("weights", format_lazy("{} {}", _("No part that was chosen:"), ", ".join(unknown)))
        if parts and all(weights.get(code, 1.0) == 0 for code in parts):
            self.add_error("weights", _("Give at least one part a weight above 0."))
        return given

    def chosen(self, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
        parts = [
            inputs.definition_settings(code, given["periods"]) | {"weight": given["weights"].get(code, 1.0)}
            for code in given["definitions"]
        ]
        settings = {
            "indicator": inputs.indicator_settings(given["indicator"], "index_0_1"),
            "period": inputs.one_period(given["periods"][0]) if given["periods"] else "",
            "parts": parts, "weight_spread": given["weight_spread"], "scale": 1.0,
        }  # fmt: skip
        return settings | self._design(given), {"sample": given["sample"]}


FORMS: Final[Mapping[str, type[StudyForm]]] = {
    form.code: form for form in (SurveyForm, RdsForm, MultipleSystemsForm, SmallAreasForm, FlowsForm, IndexForm)
}


def form_of(code: str) -> type[StudyForm]:
    """Raises ``Refused("production.study")`` for a study that is none."""
    if code not in FORMS:
        raise Refused("production.study", found="no such study", remedy="open the list of studies")
    return FORMS[code]
