"""Forms of linkages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marsad.collection.models import Snapshot
from marsad.production.linkage.labels import VERDICTS
from marsad.production.linkage.rules import MOST_REVIEWED, Verdict
from marsad.web.dates import day
from marsad.web.words import current_language


class LinkageForm(forms.Form):
    """Which snapshots, in which lists nobody stands twice, how many pairs people review."""

    snapshots = forms.MultipleChoiceField(
        label=_("Lists"),
        help_text=_("One snapshot of each list. All must have been collected for the same purpose."),
        widget=forms.CheckboxSelectMultiple,
    )
    one_record_each = forms.MultipleChoiceField(
        label=_("Lists in which nobody stands twice"),
        help_text=_("Only where the partner says so: a list of visits holds a person many times."),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    review_size = forms.IntegerField(
        label=_("Pairs to review"),
        help_text=_("Mostly doubtful ones. Every fifth is given to two reviewers."),
        min_value=0,
        max_value=MOST_REVIEWED,
        initial=200,
    )
    seed = forms.IntegerField(
        label=_("Seed"), help_text=_("The same seed draws the same pairs."), min_value=0, max_value=2**31 - 1, initial=1
    )

    def __init__(self, *given: Any, lists: Sequence[Snapshot], **more: Any) -> None:
        super().__init__(*given, **more)
        title = f"title_{current_language()}"
        named = {one.dataflow_id: getattr(one.dataflow, title) for one in lists}
        snapshots: Any = self.fields["snapshots"]
        snapshots.choices = [
            (str(one.pk), f"{named[one.dataflow_id]} · {day(one.created_at.date(), current_language())} ({one.rows})")
            for one in lists
        ]
        each: Any = self.fields["one_record_each"]
        each.choices = list(named.items())


class VerdictForm(forms.Form):
    number = forms.IntegerField(min_value=0)
    verdict = forms.TypedChoiceField(choices=[(one.value, VERDICTS[one]) for one in Verdict], coerce=Verdict)
