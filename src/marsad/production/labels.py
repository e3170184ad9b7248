"""The words of runs, studies, methods, facts, and of what is refused."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from marsad.production.comparing import NEW_DATA, NEW_METHOD, REVISED_DATA
from marsad.production.rules import RunState, StepKind, StepState

Words = dict[str, Promise | str]

STATES: Words = {
    RunState.WAITING: _("Waiting"),
    RunState.RUNNING: _("Under way"),
    RunState.DONE: _("Done"),
    RunState.FAILED: _("Refused"),
    RunState.CANCELLED: _("Taken back"),
}
STEP_KINDS: Words = {
    StepKind.READ: _("Read a snapshot"),
    StepKind.EVALUATE: _("Compute a definition"),
    StepKind.ESTIMATE: _("Estimate"),
}
STEP_STATES: Words = {
    StepState.WAITING: _("waiting"),
    StepState.DONE: _("done"),
    StepState.REUSED: _("unchanged: the result of an earlier run stands"),
    StepState.FAILED: _("refused"),
}
STUDIES: Words = {
    "survey": _("Survey"),
    "rds": _("Respondent-driven sample"),
    "mse": _("Multiple systems"),
    "sae": _("Small areas"),
    "flows": _("Flows and rests"),
    "index": _("Composite index"),
}
STUDY_WORDS: Words = {
    "survey": _("Shares and means of a survey, with intervals that follow from how the sample was drawn."),
    "rds": _("A share among people whom no list reaches, from who recruited whom and how many each one knows."),
    "mse": _("How many people there are in all, from how much several lists overlap."),
    "sae": _("The value of every area, from a survey that is thin in each and from what the census knows of all."),
    "flows": _("What no register counts: people without papers as a rest, net migration as a difference."),
    "index": _("Several definitions by area in one number, with its weights, its doubt and its ranks."),
}
METHODS: Words = {
    "survey_share": _("Share of a survey"),
    "survey_mean": _("Mean of a survey"),
    "rds_ii": _("RDS-II (Volz and Heckathorn)"),
    "rds_successive_sampling": _("Successive sampling (Gile)"),
    "mse_multimodel": _("All log-linear models"),
    "mse_linkage": _("All log-linear models, over draws of a linkage"),
    "mse_chapman": _("Chapman, two lists"),
    "mse_chao": _("Chao’s lower bound"),
    "fay_herriot": _("Fay and Herriot"),
    "residual": _("People without papers as a rest"),
    "net_vital_statistics": _("Net migration as a difference"),
    "composite_uncertainty": _("Index with its uncertainty"),
}
CAUSES: Words = {
    NEW_DATA: _("New data: a period or a dataflow that the edition did not have"),
    REVISED_DATA: _("Data revised: another snapshot of the same dataflow and period"),
    NEW_METHOD: _("New method: the definition or the estimator is another one"),
}
FACTS: Words = {
    "rows": _("Rows"),
    "left_out": _("Rows without a weight, left out"),
    "unknown": _("Most rows left out of a cell because an answer is not known"),
    "undated": _("Rows without a period"),
    "seeds": _("Seeds"),
    "waves": _("Waves"),
    "observed": _("Different people on the lists"),
    "unnamed": _("Rows that lack a part of the key"),
    "draws": _("Draws of the linkage"),
    "models_tried": _("Models tried"),
    "areas": _("Areas"),
    "unsampled": _("Areas without answers, from the model alone"),
    "model_variance": _("Variance of the area effects"),
    "design_effect": _("Design effect, pooled over areas"),
    "homophily": _("Recruitments among their like over those of chance (from 1.3: tree bootstrap)"),
    "silent": _("Households that did not say their citizenship or size; the others stand for them"),
    "counted": _("People counted by the survey"),
    "registered": _("People on the register"),
    "answers": _("Answers behind the count"),
    "start": _("People at the start"),
    "end": _("People at the end"),
    "births": _("Births"),
    "deaths": _("Deaths"),
    "parts": _("Parts of the index"),
    "weight_spread": _("By how much weights are drawn around their own"),
}
LINES: Words = {
    "design.as_chosen": _("As chosen"),
    "design.simple": _("As if every row had been drawn by itself"),
    "interval.logit": _("Interval on the logit scale"),
    "interval.beta": _("Interval of Korn and Graubard"),
    "rds.unweighted": _("Plain share of the sample"),
    "rds.ii": _("RDS-II"),
    "rds.population": _("Successive sampling, population of"),
    "mse.aic": _("All models, by AIC"),
    "mse.bic": _("All models, by BIC"),
    "mse.chao": _("Chao’s lower bound"),
    "mse.without": _("Without the list"),
    "sae.REML": _("Mean of the areas, restricted maximum likelihood"),
    "sae.ML": _("Mean of the areas, maximum likelihood"),
    "sae.no_covariate": _("Mean of the areas, without what is known of them"),
    "flows.missed": _("Share missed by the count"),
    "flows.deaths": _("Deaths"),
    "index.without": _("First place without"),
}
PICTURES: Words = {
    "": _("Estimates and their intervals"),
    "sae.direct": _("What the survey alone says"),
    "rds.convergence": _("How the estimate settles as the sample grows"),
}
RULES: Words = {
    "production.name": _("Give the run a name."),
    "production.mixed": _("Real and made-up records are never in one run. Choose one of the two."),
    "production.plan": _("Choose at least one thing to compute, and what it is computed from."),
    "production.no_snapshot": _("A dataflow that is needed has no snapshot among those chosen."),
    "production.definition": _("The city pack has no such definition."),
    "production.indicator": _("The indicator of the catalogue has another unit than the estimate."),
    "production.assumptions": _("Confirm every assumption of the method, or choose another one."),
    "production.statistic": _("Choose a definition of a share or a mean."),
    "production.weight": _("The definition has no survey weights."),
    "production.no_estimate": _("Too few people answered for an estimate with its interval."),
    "production.areas": _("Choose definitions by area, with three areas or more that all of them have."),
    "production.covariate": _("A known value lacks an area, or is alike everywhere."),
    "production.key": _("A list does not have the key that tells one person."),
    "production.draws": _("Choose a linkage: the method draws from it."),
    "linkage.not_linked": _("The linkage has no pairs yet, or not any more."),
    "production.recruitment": _("The sample has neither recruiters nor coupons given."),
    "production.negative": _(
        "The result is below nothing: a net departure, which a table does not hold. Say it in a note."
    ),
    "production.setting": _("Something that the study needs was not given."),
    "production.unknown_codes": _(
        "Rows without a code would be given away by the whole. Have the definition leave them out."
    ),
    "production.changed": _("The snapshot is not what the run was asked for."),
    "production.crashed": _("The work broke off each time it was begun."),
    "production.not_done": _("The run is not done."),
    "production.no_lineage": _("A snapshot of this run is gone. Ask for a new run."),
    "production.checksum": _("A result was altered in the store. Compute it again."),
    "production.not_same": _("The same step gave another result: this is a fault, report it."),
    "production.origin": _("Real and made-up figures are never released together."),
    "production.move": _("This step is not open in the state the run is in."),
    "snapshot.unknown": _("There is no such snapshot."),
    "snapshot.erased": _("The snapshot was erased. Use the one that replaces it."),
    "snapshot.missing": _("The files of the snapshot are not there."),
    "snapshot.changed": _("The files of the snapshot are not what was frozen."),
    "indicator.code": _("The rows hold a code that its list does not have at this level."),
    "indicator.column": _("The rows lack a column that the definition needs."),
    "indicator.type": _("The rows hold values of another kind than the definition compares them with."),
    "indicator.amount": _("The rows hold an amount below nothing."),
    "engine.lacks": _("The engine of this installation cannot compute this definition."),
    "period.form": _("Write periods as 2026, 2026-Q1, 2026-03 or 2025/2026."),
    "survey.lonely_unit": _("A stratum has one unit alone."),
    "rds.one_category": _("Everybody gave the same answer: there is no share to estimate."),
    "rds.category": _("Nobody gave this answer."),
    "rds.degree_unknown": _("Some people did not say how many others they know."),
    "rds.recruiter_unknown": _("Some recruiters are not in the sample."),
    "mse.no_model": _("No model has an estimate: the lists overlap too little."),
    "mse.few_lists": _("Choose two lists or more."),
    "mse.empty_list": _("One of the lists is empty."),
    "sae.too_few_areas": _("There are too few areas for so many known values."),
    "residual.negative": _("The register holds more people than were counted."),
    "keys.master_lost": _("The master key is not there: the snapshots are closed."),
    "production.other_period": _(
        "The snapshot is of another period. Choose the snapshot of the period, or the period of the snapshot."
    ),
    "production.unknown": _("There is no such run."),
    "indicator.periods": _("The periods overlap: give each day to one period."),
    "indicator.stock_dates": _(
        "The rows count the same stock at two dates of one period. Choose the snapshot of one date."
    ),
    "period.order": _("Give the earlier period first."),
    "input.not_finite": _("A number is missing or too large to be reckoned with."),
    "survey.weights": _("Some survey weights are missing or below nothing."),
    "survey.domain_empty": _("Nobody in the survey belongs to this group."),
    "rds.population_below_sample": _("The population given is smaller than the sample."),
    "rds.empty": _("The sample is empty."),
    "rds.no_recruits": _("Nobody in the sample was recruited by another: the chains are missing."),
    "rds.coupon_given_twice": _("A coupon was given out twice. Correct the coupons and freeze the sample anew."),
    "rds.coupon_used_twice": _("A coupon was used by two people. Correct the coupons and freeze the sample anew."),
    "rds.cycle": _("Recruiters recruit one another in a circle. Correct the coupons and freeze the sample anew."),
    "rds.replicates_failed": _("The sample is too small for an interval."),
    "mse.which_lists": _("The method takes two lists."),
    "mse.many_lists": _("Choose two to six lists."),
    "mse.nobody": _("Nobody is on the lists."),
    "production.few_common": _("Fewer than seven people are on two lists or more: no size can be told from so few."),
    "mse.no_overlap": _("Nobody is on two of the lists: a size cannot be estimated from them."),
    "mse.not_estimable": _("The lists overlap too little for this estimate."),
    "sae.one_answer": _("Everybody gave the same answer everywhere: publish the share of the whole sample."),
    "sae.collinear": _("The known values repeat one another: choose fewer."),
    "sae.sampling_variance": _("An area lacks the error of its survey value."),
    "composite.constant": _("A part is alike in every area: it cannot rank them."),
    "composite.normalisation_undefined": _("A part is alike in every area: it cannot rank them."),
    "composite.weight": _("Give at least one part a weight above 0."),
    "composite.no_doubt": _(
        "Neither errors nor weights in doubt: choose by how much weights are drawn around their own."
    ),
}


def words_of(table: Words, code: str) -> str:
    """The words of a code; the code itself where nobody gave it any."""
    return str(table.get(code, code))


def refusal_words(rule: str) -> str:
    """What a refusal means to whoever asked; of a rule without words of its own, where to read on."""
    return str(RULES.get(rule) or _("The method cannot work with these inputs. What it found stands below."))


def line_words(label: str) -> str:
    """The words of a line of sensitivity: a code, and what follows it as it is."""
    code, _space, rest = label.partition(" ")
    return f"{words_of(LINES, code)} {rest}".strip()
