"""The public page on fitness for decision: a question, what the evidence says to it, and which sample would say more."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from marsad.catalogue import queries as catalogue
from marsad.coordination.needs import labels
from marsad.observatory.city import city
from marsad.observatory.fitness_question import CONFIDENCE, POWER, Judgement, Question, judge
from marsad.observatory.forms import FitnessForm
from marsad.observatory.page_cache import public_page
from marsad.observatory.publications import publication_of
from migstat.quality.fitness import Verdict

RULES: Final = {
    "fitness.nothing": _("Nothing is published that speaks to it: there is no value here to judge."),
    "fitness.full_count": _(
        "The value is a full count: it has no sampling error, and nobody measured its others. The counts may be compared as"
        " they stand; how many people they missed is not known."
    ),
    "fitness.quota": _("The value comes from a quota sample: its design gives no interval, and none is invented here."),
    "fitness.no_interval": _("The value was estimated, but published without its interval: its error is not known."),
    "fitness.break": _("The series breaks between the two periods: the values do not compare."),
    "fitness.bases": _("The two values count different populations: they do not compare."),
    "fitness.one_period": _("Only one period is published: there is no change to judge."),
}
NO_SAMPLE: Final = {
    "fitness.equal": _(
        "The two shares are equal as far as is known: no sample tells equal things apart."
        " Say the smallest difference that matters."
    ),
    "fitness.population_small": _(
        "Even everybody who would answer is not enough: count everybody, bear a larger error, or raise the response."
    ),
}
NO_SAMPLE_OTHER: Final = _(
    "No sample size can be worked out from these values: shares must lie between 0 and 100 per cent."
)


@public_page
def fitness(request: HttpRequest) -> HttpResponse:
    asked = "question" in request.GET
    start = {"area": city()["home_area"], "question": Question.THRESHOLD.value, **request.GET.dict()}
    form = FitnessForm(request.GET if asked else None, initial=start)
    judged = None
    if asked and form.is_valid():
        judged = judge(form.asked, publication_of(request), today=timezone.localdate())
    return render(request, "observatory/fitness.html", {"form": form, **(_shown(form, judged) if judged else {})})


def _publishers(judged: Judgement) -> list[Any]:
    """Who published what was judged: whose next delivery could say more."""
    wanted = {point.source for point in judged.points if point is not None}
    found = {one.publisher.code: one.publisher for one in catalogue.sources() if one.code in wanted}
    return list(found.values())


def _shown(form: FitnessForm, judged: Judgement) -> dict[str, Any]:
    indicator = catalogue.indicator(form.asked.indicator)
    areas = {one.code: one for one in catalogue.areas()}
    percent = indicator is not None and indicator.unit_id == "percent"
    scale = 100 if percent else 1
    gap = judged.gap
    return {
        "judged": judged,
        "asked": form.asked,
        "indicator": indicator,
        "points": [(point, areas[point.area]) for point in judged.points if point is not None],
        "publishers": _publishers(judged) if judged.verdict is None or judged.verdict is Verdict.CANNOT_TELL else [],
        "verdict": labels.VERDICTS[judged.verdict] if judged.verdict else None,
        "why_not": RULES.get(judged.rule, ""),
        "gap": gap and [None if one is None else one * scale for one in (gap.value, gap.low, gap.high)],
        "counted_gap": None if judged.counted_gap is None else judged.counted_gap * scale,
        "no_sample": judged.refused_sample and NO_SAMPLE.get(judged.refused_sample, NO_SAMPLE_OTHER),
        "sample_share": judged.sample and judged.sample.share * 100,
        "sample_against": judged.sample and judged.sample.against and judged.sample.against * 100,
        "percent": percent,
        "confidence": round(100 * CONFIDENCE),
        "power": round(100 * POWER),
    }
